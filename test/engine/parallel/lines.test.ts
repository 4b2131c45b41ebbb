/** Lines that worker threads scan are put into the table as if one thread had scanned all of them. */
import { expect, it, vi } from 'vitest'
import type { Message, Sharing, Threads } from '../../../engine/parallel/workers.js'
import { ParcelReader } from '../../../engine/scan/parcel.js'
import type { Batch, SessionSource } from '../../../engine/session.js'
import { Engine, type EngineOptions } from '../../../index.js'
import { threadsOf } from '../../support/workers.js'
import { EVER } from '../ask.js'

const encoder = new TextEncoder()
const BLOCK_LINES = 3000

/** Few, some and many different texts, some of which come again after long; identifiers; numbers and lists that some lines lack. */
function line(i: number): string {
  const id = `${(i * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, '0')}-0000-4000-8000-${String(i).padStart(12, '0')}`
  const more = i % 3 === 0 ? '' : `,"tags":[${i % 7 === 0 ? '' : `"t${i % 90}","é${i % 40}"`}],"n":${i % 1000 / 8}`
  const odd = i % 1777 === 0 ? ',"odd":{"x":1}' : i % 1999 === 0 ? ',"city":"\\u0041"' : ''
  return `{"session_id":"${i % 11 === 10 ? id.slice(0, -1) + 'x' : id}","visitor_id":"v${i % 5003}","started_at":"2025-03-${String(i % 28 + 1).padStart(2, '0')}T10:00:00.000Z","country":"c${i % 60}"${more},"org":"organization ${i * 7919 % 9001}"${odd}}`
}

interface Log { odd: number, taken: number }

/** Lines 0, 1, …, some of which come twice, in blocks. */
function source(lines: number, log: Log, up: readonly Promise<void>[]): SessionSource {
  return {
    name: 'lines',
    async *read(): AsyncGenerator<Batch, void, void> {
      for (let first = 0; first < lines; first += BLOCK_LINES) {
        if (first > BLOCK_LINES) await Promise.all(up)
        const texts = Array.from({ length: BLOCK_LINES }, (_, i) => line((first + i) % (lines - 500)))
        yield {
          sessions: [], state: undefined,
          block: {
            bytes: encoder.encode(texts.join('\n')),
            record(from, end, index) {
              log.odd++
              const { odd: _, ...session } = JSON.parse(texts[index]!) as Record<string, string>
              expect(encoder.encode(texts[index]).length).toBe(end - from)
              return [session as never]
            },
            done(taken) { log.taken += taken }
          }
        }
      }
    }
  }
}

const LINES = 20 * BLOCK_LINES

async function loaded(options: EngineOptions, up: readonly Promise<void>[] = []): Promise<{ answers: unknown, log: Log, sessions: number }> {
  const engine = await Engine.open(options)
  const log = { odd: 0, taken: 0 }
  const report = await engine.ingest(source(LINES, log, up))
  expect(report).toMatchObject({ rows: LINES, inserted: LINES - 500, updated: 500, rejected: 0 })
  const answers: unknown[] = []
  for (const field of ['country', 'org', 'visitor_id', 'tags', 'city', 'session_id']) {
    answers.push(await engine.query({
      interval: EVER, granularity: 'all', group_by: [field], order_by: [{ column: field, direction: 'asc' }],
      aggregations: [{ type: 'count' }, { type: 'sum', fields: ['n'] }, { type: 'hyperUnique', fields: ['session_id'] }]
    } as never))
  }
  const { sessions } = engine.status()
  await engine.close()
  return { answers, log, sessions }
}

/** Real threads that get all blocks once they are up. */
function threads(count: number, sharing: Partial<Sharing> = {}): { threads: Threads, posted: () => number, up: Promise<void>[] } {
  const { open, ...rest } = threadsOf(count, { lines: 1000, load: 5000, ...sharing })
  let posted = 0
  const up: Promise<void>[] = []
  return {
    posted: () => posted,
    up,
    threads: {
      ...rest,
      open(listener) {
        let ready: () => void
        up.push(new Promise(resolve => { ready = resolve }))
        const port = open({
          ...listener,
          message(message) {
            listener.message(message)
            if ((message as Message).kind === 'ready') ready()
          }
        })
        return {
          ...port,
          post(message) {
            if ((message as { kind: string }).kind === 'lines') posted++
            port.post(message)
          }
        }
      }
    }
  }
}

it.each([2, 3])('with %i threads', async count => {
  const next = vi.spyOn(ParcelReader.prototype, 'next')
  const one = await loaded({ segmentRows: 7000 })
  expect(next).not.toHaveBeenCalled()
  for (const waits of [true, false]) {
    const { threads: some, posted, up } = threads(count, { waits })
    next.mockClear()
    expect(await loaded({ segmentRows: 7000, threads: some }, up)).toEqual(one)
    expect([up.length, posted()]).toEqual([count - 1, (count - 1) * (LINES / BLOCK_LINES - 2)])
    if (waits) expect(next.mock.results.filter(({ value }) => value !== null).length).toBeGreaterThan(LINES / 1024 / 2)
  }
  vi.restoreAllMocks()
}, 60_000)
