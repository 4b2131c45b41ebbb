import { afterEach, describe, expect, test } from 'vitest'
import { createSource } from '../../connectors/registry.js'
import { startConviva } from '../sandbox/conviva.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import { startReader } from '../sandbox/reader.js'
import type { SandboxOptions, SandboxServer } from '../sandbox/server.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

type Start = (options: SandboxOptions) => Promise<SandboxServer & { readonly config: Record<string, unknown> }>

const SYSTEMS: readonly (readonly [type: string, secret: string, start: Start])[] = [
  ['conviva', 'client_secret', options => startConviva({ ...options, sessions: 5 })],
  ['genesys', 'password', options => startGenesys({ ...options, sessions: 5 })],
  ['giosg', 'api_key', options => startGiosg({ ...options, sessions: 5 })],
  ['publica-consumption', 'api_token', options => startPublica({ ...options, sessions: 5 })],
  ['publica-reader', 'access_token', options => startReader({ ...options, issues: 2 })]
]
/** All waits of one check together. */
const MAX_WAIT_MS = 300

const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function checkOf(start: Start, options: SandboxOptions, change: Record<string, unknown> = {}) {
  const clock = virtualClock()
  const server = await start({ ...options, now: clock.now })
  running.push(server)
  const result = await createSource('one', { ...server.config, ...change }).check({ clock })
  return { ...result, requests: server.requests().length, waited: clock.sleeps.reduce((sum, ms) => sum + ms, 0) }
}

describe.each(SYSTEMS)('a check of %s', (_, secret, start) => {
  const check = (options: SandboxOptions, change?: Record<string, unknown>) => checkOf(start, options, change)

  test('works with one request', async () => {
    expect(await check({})).toMatchObject({ ok: true, requests: 1, waited: 0 })
  })

  test('survives one fault', async () => {
    for (const kind of ['status', 'reset', 'cut'] as const) expect(await check({ faults: [{ kind }] })).toMatchObject({ ok: true, requests: 2 })
  })

  test('tells a system that keeps failing after one quick repetition', async () => {
    for (const kind of ['status', 'reset'] as const) {
      const { ok, requests, waited } = await check({ faults: [{ kind, times: 99 }] })
      expect({ ok, requests }).toEqual({ ok: false, requests: 2 })
      expect(waited).toBeLessThan(MAX_WAIT_MS)
    }
  })

  test('does not wait for a rate limit', async () => {
    for (const headers of [{}, { 'retry-after': '30' }] as Record<string, string>[]) {
      const result = await check({ faults: [{ kind: 'status', status: 429, times: 99, headers }] })
      expect(result).toMatchObject({ ok: false, requests: 1, waited: 0, message: expect.stringContaining('rate limit') })
    }
  })

  test('tells a wrong secret at once', async () => {
    const result = await check({}, { [secret]: 'canary-1' })
    expect(result).toMatchObject({ ok: false, requests: 1, waited: 0, message: expect.stringContaining(`"${secret}"`) })
    expect(result.message).not.toContain('canary')
  })

  test('tells a host that is not there', async () => {
    const clock = virtualClock()
    const server = await start({})
    await server.close()
    const { ok, message } = await createSource('one', server.config).check({ clock })
    expect({ ok, message }).toEqual({ ok: false, message: expect.stringContaining('connection refused') })
    expect(clock.sleeps.length).toBeLessThan(2)
  })
})

test('a check of any waits for no answer twice', async () => {
  await Promise.all(SYSTEMS.map(async ([type, , start]) => {
    expect(await checkOf(start, { faults: [{ kind: 'stall', times: 99 }] }), type).toMatchObject({ ok: false, requests: 1, message: expect.stringContaining('no answer within 2 s') })
  }))
})
