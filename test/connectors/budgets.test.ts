import { describe, expect, test } from 'vitest'
import { createSource } from '../../connectors/registry.js'
import { Budgets } from '../../connectors/http/budgets.js'
import type { Source } from '../../connectors/source.js'
import { eventClock } from '../sandbox/event-clock.js'
import { startGenesys } from '../sandbox/genesys.js'

const NOW = Date.UTC(2025, 0, 15, 12)
const MINUTE = 60_000

/** Sources of one server, read side by side; how many requests were under way at once at most, and when each began. */
async function readTogether(configs: readonly Record<string, unknown>[], budgets?: Budgets) {
  const clock = eventClock(NOW)
  const server = await startGenesys({ inProcess: clock, now: clock.now, sessions: 60 })
  const begun: number[] = []
  let running = 0
  let most = 0
  const watched: typeof fetch = async (...request) => {
    begun.push(clock.now())
    most = Math.max(most, ++running)
    await clock.sleep(100)
    const response = await server.fetch(...request)
    running--
    return response
  }
  const readAll = async (source: Source) => {
    for await (const _ of source.read({ clock, fetch: watched })) { /* only the requests count */ }
  }
  await Promise.all(configs.map((config, i) => readAll(createSource(`s${i}`, { ...server.config, ...config }, ...budgets ? [budgets] : []))))
  const perMinute = Math.max(...begun.map(from => begun.filter(at => at >= from && at < from + MINUTE).length))
  return { most, perMinute, requests: begun.length }
}

describe('a budget', () => {
  test('is shared by all sources of an account', async () => {
    expect((await readTogether([{}, {}, {}], new Budgets())).most).toBe(4)
    expect((await readTogether([{}, {}, {}])).most).toBeGreaterThan(4)
  })

  test('is the tightest that one of them asks for', async () => {
    const { most, perMinute, requests } = await readTogether([{ concurrency: 8 }, { concurrency: 2, requests_per_minute: 20 }], new Budgets())
    expect({ most, perMinute }).toEqual({ most: 2, perMinute: 20 })
    expect(requests).toBeGreaterThan(40)
  })

  test('of another account is another one', async () => {
    const { most } = await readTogether([{ concurrency: 1 }, { concurrency: 1, path_prefix: '/backend/data/../data' }], new Budgets())
    expect(most).toBe(2)
  })

  test.each([{ concurrency: 0 }, { concurrency: 1.5 }, { requests_per_minute: -1 }, { concurrency: 65 }])('%j is refused', config => {
    const genesys = { type: 'genesys', base_url: 'https://gwe.example', discover: true, ...config }
    expect(() => createSource('one', genesys)).toThrow(`"${Object.keys(config)[0]}" must be an integer from`)
  })
})
