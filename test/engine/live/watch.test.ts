import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Engine, foldFrame, type AnyQueryInput, type EngineOptions, type Frame, type QueryResult, type Session, type Watch } from '../../../index.js'

const DAYS: AnyQueryInput = {
  interval: { start: '2025-01-01T00:00:00Z', end: '2025-01-04T00:00:00Z' }, granularity: 'day', group_by: ['country'],
  aggregations: [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'] }, { type: 'max', fields: ['session_duration_secs'] }]
}
const HOUR = 3_600_000
/** For a frame that leads to the present answer: it comes within a tenth of a second of the change. */
const MOST_WAIT_MS = 3000

const opened: Engine[] = []
const folders: string[] = []

afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close()
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true })
})

async function open(options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.open(options)
  opened.push(engine)
  return engine
}

function visit(id: number, day: number, extra: object = {}): Session {
  return { session_id: `s${id}`, visitor_id: `v${id}`, started_at: `2025-01-0${day}T10:00:00Z`, country: 'Finland', session_duration_secs: id, ...extra }
}

function timers(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
}

/** null where none comes. */
async function nextFrame(watch: Watch): Promise<Frame | null> {
  let timer: NodeJS.Timeout | undefined
  const none = new Promise<null>(resolve => { timer = setTimeout(resolve, MOST_WAIT_MS, null) })
  try {
    return (await Promise.race([watch.next(), none]))?.value ?? null
  } finally {
    clearTimeout(timer)
  }
}

/** Folds frames until they are what the engine answers. */
async function settle(engine: Engine, watch: Watch, query: AnyQueryInput, before: QueryResult | null): Promise<QueryResult> {
  for (let answer = before; ;) {
    const wanted = await engine.query(query) as QueryResult
    if (answer !== null && JSON.stringify(answer) === JSON.stringify(wanted)) return answer
    const frame = await nextFrame(watch)
    if (frame === null) expect(answer, 'where frames end').toEqual(wanted)
    answer = foldFrame(answer, frame!)
  }
}

describe('a watch', () => {
  it('goes on over a store that seals, merges and checkpoints', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sessionql-live-'))
    folders.push(path)
    const engine = await open({ dataDir: path, segmentRows: 32 })
    const watch = engine.watch(DAYS)
    let answer: QueryResult | null = null
    for (let round = 0; round < 6; round++) {
      await engine.ingest(Array.from({ length: 30 }, (_, i) => visit(round * 20 + i, 1 + i % 3, { session_duration_secs: round + i / 8 })))
      if (round % 2 === 1) await engine.compact()
      answer = await settle(engine, watch, DAYS, answer)
    }
    expect(answer!.data.length).toBe(3)
  })

  it('looks only at the sessions of the days from which it cannot take back what they had', async () => {
    const engine = await open({ segmentRows: 16 })
    await engine.ingest(Array.from({ length: 90 }, (_, i) => visit(i, 1 + i % 3)))
    const watch = engine.watch(DAYS)
    let answer = await settle(engine, watch, DAYS, null)
    expect(answer.data.map(([, , , , max]) => max)).toEqual([87, 88, 89])
    // Neither the largest one of its day nor what becomes of it is.
    await engine.ingest([visit(4, 2, { session_duration_secs: 50 })])
    answer = await settle(engine, watch, DAYS, answer)
    expect([watch.rebuilds, watch.repairs]).toEqual([1, 0])
    await engine.ingest([visit(88, 2, { session_duration_secs: 1 })])
    answer = await settle(engine, watch, DAYS, answer)
    expect(answer.data.map(([, , , , max]) => max)).toEqual([87, 85, 89])
    expect([watch.rebuilds, watch.repairs]).toEqual([1, 1])
  })

  it('drops the empty rows of a group whose sessions lie beyond the limit', async () => {
    const engine = await open()
    const query: AnyQueryInput = { ...DAYS, aggregations: [{ type: 'count' }], fill: 'zero', limit: 1 }
    await engine.ingest([visit(1, 2)])
    const watch = engine.watch(query)
    const before = await settle(engine, watch, query, null)
    expect(before.data).toEqual([['2025-01-01T00:00:00.000Z', 'Finland', 0]])
    await engine.ingest([visit(1, 2, { started_at: '2026-01-01T00:00:00Z' })])
    expect((await settle(engine, watch, query, before)).data).toEqual([])
  })

  it('takes back what two aggregations with one filter read of different columns', async () => {
    const engine = await open()
    const some = { type: 'selector', dimension: 'country', value: 'Finland' } as const
    const query: AnyQueryInput = {
      ...DAYS, aggregations: [
        { type: 'filtered', filter: some, aggregator: { type: 'sum', fields: ['session_duration_secs'] }, name: 'a' },
        { type: 'filtered', filter: some, aggregator: { type: 'sum', fields: ['distinct_visited_urls_count'] }, name: 'b' }
      ]
    }
    await engine.ingest([visit(1, 1, { distinct_visited_urls_count: 5 })])
    const watch = engine.watch(query)
    const before = await settle(engine, watch, query, null)
    await engine.ingest([visit(1, 1, { distinct_visited_urls_count: 9 })])
    expect((await settle(engine, watch, query, before)).data[0]!.slice(2)).toEqual([1, 9])
    expect(watch.rebuilds).toBe(1)
  })

  it('lets go of what retention drops', async () => {
    let now = Date.parse('2025-01-03T00:00:00Z')
    const engine = await open({ retention: 'P2D', clock: () => now, segmentRows: 8 })
    await engine.ingest(Array.from({ length: 16 }, (_, i) => visit(i, 1 + i % 2)))
    const watch = engine.watch(DAYS)
    const before = await settle(engine, watch, DAYS, null)
    expect(before.data.length).toBe(2)
    now += 36 * HOUR
    await engine.ingest([visit(99, 3)])
    await engine.compact()
    const after = await settle(engine, watch, DAYS, before)
    expect(after.data.map(([stamp]) => stamp)).toEqual(['2025-01-03T00:00:00.000Z'])
  })

  it('moves the last hours with the clock', async () => {
    let now = Date.parse('2025-01-01T12:00:00Z')
    const engine = await open({ clock: () => now })
    const query: AnyQueryInput = { interval: { last: 'PT4H' }, granularity: 'all', aggregations: [{ type: 'count' }] }
    await engine.ingest([visit(1, 1)])
    const watch = engine.watch(query)
    const first = await settle(engine, watch, query, null)
    expect(first.data[0]![1]).toBe(1)
    now += 4 * HOUR
    await engine.ingest([visit(2, 1, { started_at: now - 1 })])
    const second = await settle(engine, watch, query, first)
    expect(second.data).toEqual([['2025-01-01T12:00:00.000Z', 1]])
  })

  it('goes on where a column becomes text, and ends with the faults of the query where it cannot', async () => {
    const engine = await open()
    await engine.ingest([visit(1, 1, { plan: 7 })])
    const grouped: AnyQueryInput = { ...DAYS, group_by: ['plan'] }
    const summed: AnyQueryInput = { ...DAYS, aggregations: [{ type: 'sum', fields: ['plan'] }] }
    const watches = [engine.watch(grouped), engine.watch(summed)] as const
    const before = await settle(engine, watches[0], grouped, null)
    await watches[1].next()
    await engine.ingest([visit(2, 1, { plan: 'gold' })])
    expect((await settle(engine, watches[0], grouped, before)).data.map(([, plan]) => plan)).toEqual(['7', 'gold'])
    await expect(watches[1].next()).rejects.toMatchObject({ code: 'invalid_query' })
    expect(await watches[1].next()).toEqual({ done: true, value: undefined })
  })

  it('finishes with the frame that leads to the present answer', async () => {
    const engine = await open()
    const watch = engine.watch(DAYS)
    let answer: QueryResult | null = null
    const taken = (async () => {
      for await (const frame of watch) answer = foldFrame(answer, frame)
    })()
    await engine.ingest([visit(1, 1), visit(2, 2)])
    watch.finish()
    await taken
    expect(answer).toEqual(await engine.query(DAYS))
    expect(engine.status().watches).toBe(0)
  })

  it('is refused to queries of Druid', async () => {
    const engine = await open()
    const druid = { queryType: 'timeBoundary', dataSource: 'visits' } as unknown as AnyQueryInput
    expect(() => engine.watch(druid)).toThrow('/queryType: queries of Druid are answered once')
  })

  it('is a stream that asks for a frame when its reader does', async () => {
    const engine = await open()
    const watch = engine.watch(DAYS)
    const reader = watch.stream().getReader()
    expect((await reader.read()).value).toMatchObject({ type: 'result', data: [] })
    for (let id = 0; id < 5; id++) {
      await engine.ingest([visit(id, 1)])
      await new Promise(resolve => { setTimeout(resolve, 20) })
    }
    expect((await reader.read()).value).toEqual({ type: 'change', changed: [{ at: 0, row: ['2025-01-01T00:00:00.000Z', 'Finland', 5, 10, 4] }], removed: [] })
    await engine.close()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  it('leaves no timer and no listener behind, a thousand times', async () => {
    const engine = await open()
    const abort = new AbortController()
    let listeners = 0
    const { signal } = abort
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.assign(signal, {
      addEventListener: (...given: Parameters<typeof add>) => { listeners++; add(...given) },
      removeEventListener: (...given: Parameters<typeof remove>) => { listeners--; remove(...given) }
    })
    const before = timers()
    for (let i = 0; i < 1000; i++) {
      const watch = engine.watch(DAYS, { signal })
      const waiting = (async () => {
        for await (const _ of watch) { /* until it is closed */ }
      })()
      if (i % 4 === 0) await engine.ingest([visit(i % 7, 1)])
      watch.close()
      await waiting
    }
    expect(engine.status().watches).toBe(0)
    expect(listeners).toBe(0)
    expect(timers()).toBeLessThanOrEqual(before)
  })
})
