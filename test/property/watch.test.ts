/** The frames of a standing query, folded, are what the query answers at once: whatever comes, comes late, comes again or is dropped. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine, foldFrame, type Frame, type QueryResult, type Session, type Watch } from '../../index.js'
import type { AggregationJson, QueryJson } from '../support/query-json.js'
import { queriesOf } from '../support/queries.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'

const PARAMETERS = { seed: 31, numRuns: 10, endOnFailure: true }
const seeds = fc.integer({ min: 1, max: 1_000_000 })
const QUERIES = 10
const PATIENCE_MS = 20_000

/** Takes the frames of a watch and folds them as they come. */
class Follower {
  readonly query: QueryJson
  readonly watch: Watch
  answer: QueryResult | null = null
  frames = 0
  error: unknown = null

  constructor(engine: Engine, query: QueryJson) {
    this.query = query
    this.watch = engine.watch(query as Parameters<Engine['watch']>[0])
    void this.follow()
  }

  private async follow(): Promise<void> {
    try {
      for await (const frame of this.watch) {
        this.answer = foldFrame(this.answer, frame)
        this.frames++
      }
    } catch (error) {
      this.error = error
    }
  }

  /** Waits until the folded frames are what the engine answers. */
  async expectCurrent(engine: Engine): Promise<void> {
    const wanted = JSON.stringify(await engine.query(this.query))
    const until = Date.now() + PATIENCE_MS
    while (JSON.stringify(this.answer) !== wanted && this.error === null && Date.now() < until) await new Promise(resolve => { setTimeout(resolve, 2) })
    if (this.error !== null) throw this.error
    const { data, ...others } = JSON.parse(wanted) as QueryResult
    const { data: folded, ...othersFolded } = this.answer!
    const differ = [...data.keys()].filter(i => JSON.stringify(folded[i]) !== JSON.stringify(data[i]))
    // Rows that are as they should be say nothing of what went wrong.
    expect({ query: this.query, rows: folded.length, some: differ.map(i => folded[i]), others: othersFolded })
      .toEqual({ query: this.query, rows: data.length, some: differ.map(i => data[i]), others })
  }
}

/** Sessions of few keys in a random order: most replace one, some with little change. */
function arrivals(seed: number): { sessions: Session[], columns: ReturnType<typeof randomDataset>['columns'], queries: QueryJson[] } {
  const dataset = randomDataset(seed, 160)
  const random = new Random(seed)
  const keys = random.pick([3, 40, 1000])
  const sessions: Session[] = []
  for (const session of dataset.sessions) {
    const keyed = Object.assign(Object.create(null) as Session, session, { session_id: `k${random.between(1, keys)}` })
    sessions.push(keyed)
    // The usual update: the same session, longer.
    if (random.chance(0.3)) sessions.push(Object.assign(Object.create(null) as Session, keyed, { session_duration_secs: random.between(0, 5000) }))
  }
  return { sessions, columns: dataset.columns, queries: [...queriesOf(dataset, QUERIES)] }
}

describe('the frames of a watch', () => {
  it('are folded what the query answers, at every stop', async () => {
    await fc.assert(fc.asyncProperty(seeds, fc.constantFrom(7, 64, 1000), async (seed, segmentRows) => {
      const { sessions, columns, queries } = arrivals(seed)
      const engine = await Engine.open({ segmentRows, columns })
      const random = new Random(seed)
      const chunks = random.chunks(sessions, 60)
      await engine.ingest(chunks[0] ?? [])
      const followers = queries.map(query => new Follower(engine, query))
      for (const chunk of chunks.slice(1)) {
        await engine.ingest(chunk)
        if (random.chance(0.6)) for (const follower of followers) await follower.expectCurrent(engine)
      }
      for (const follower of followers) await follower.expectCurrent(engine)
      await engine.close()
    }), PARAMETERS)
  })
})

const LONG = { type: 'bound', dimension: 'session_duration_secs', lower: 400 } as const
const NEW_CITY = { type: 'like', dimension: 'city', pattern: 'new%' } as const

const DASHBOARD: readonly AggregationJson[] = [
  { type: 'count' }, { type: 'sum', fields: ['session_duration_secs'] }, { type: 'avg', fields: ['session_duration_secs'] },
  { type: 'hyperUnique', fields: ['visitor_id'], with_error: true }, { type: 'exactUnique', fields: ['city', 'rooms'] },
  { type: 'hyperUniqueSketch', fields: ['city', 'distinct_visited_urls_count'] },
  { type: 'min', fields: ['distinct_visited_urls_count'] }, { type: 'max', fields: ['session_duration_secs'] },
  { type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.5, 0.9] },
  { type: 'histogram', fields: ['session_duration_secs'], bins: 4, name: 'bins' }, { type: 'histogram', fields: ['session_duration_secs'], name: 'all' },
  { type: 'histogram', fields: ['distinct_visited_urls_count'], edges: [2, 4], name: 'edges' },
  { type: 'first', fields: ['visitor_id'] }, { type: 'last', fields: ['city'] }, { type: 'any', fields: ['city'] },
  { type: 'filtered', filter: LONG, aggregator: { type: 'count' }, name: 'long' },
  { type: 'filtered', filter: LONG, aggregator: { type: 'sum', fields: ['distinct_visited_urls_count'] }, name: 'urls of long ones' },
  { type: 'filtered', filter: LONG, aggregator: { type: 'exactUnique', fields: ['visitor_id'] }, name: 'visitors of long ones' },
  { type: 'filtered', filter: NEW_CITY, aggregator: { type: 'max', fields: ['session_duration_secs'] }, name: 'longest of new ones' },
  { type: 'uniqueIntersection', filters: [LONG, NEW_CITY], field: 'visitor_id', name: 'both' }
]
const GROUPS: readonly QueryJson['group_by'][] = [
  [], [], ['country'], ['rooms'], ['country', 'rooms'], ['session_duration_secs'],
  [{ type: 'bucket', dimension: 'session_duration_secs', width: 250, name: 'length' }], [{ type: 'time', unit: 'hour_of_day', name: 'hour' }],
  [{ type: 'listFiltered', dimension: 'country', values: ['Sweden', 'new 7', 'new 8', 'new 9'], name: 'some' }],
  [{ type: 'prefixFiltered', dimension: 'city', prefix: 'new', name: 'new ones' }], [{ type: 'whole', dimension: 'rooms', name: 'set' }]
]

/** Sessions of three days: each comes open and comes again, longer; now and then one of a city or country that nobody had before. */
function someDays(random: Random): Session[] {
  return Array.from({ length: random.between(5, 60) }, () => ({
    session_id: `s${random.between(1, 80)}`,
    visitor_id: `v${random.between(1, 30)}`,
    started_at: Date.UTC(2025, 0, 1) + random.between(0, 3 * 86_400_000),
    country: random.pick(['Finland', 'Sweden', `new ${random.between(1, 500)}`]),
    city: random.pick(['Helsinki', 'Espoo', `new ${random.between(1, 500)}`]),
    rooms: random.pick([[], ['sales'], ['sales', 'support']]),
    session_duration_secs: random.between(0, 10_000) / 10,
    distinct_visited_urls_count: random.between(1, 9)
  }))
}

describe('a dashboard', () => {
  it('is kept up to date by the sessions that come, and by what changes of those that come again', async () => {
    await fc.assert(fc.asyncProperty(seeds, fc.constantFrom(16, 1000), async (seed, segmentRows) => {
      const random = new Random(seed)
      const longer = (session: Session): Session => Object.assign(Object.create(null) as Session, session, { session_duration_secs: random.between(0, 10_000) / 10 })
      const other = (session: Session): Session => {
        const [like] = someDays(random)
        const name = random.pick(['visitor_id', 'country', 'city', 'rooms', 'distinct_visited_urls_count', 'started_at', 'session_duration_secs'])
        return Object.assign(Object.create(null) as Session, session, { [name]: random.chance(0.1) ? null : like![name] }, name === 'started_at' && { [name]: like![name] })
      }
      const engine = await Engine.open({ segmentRows })
      const known = new Map<unknown, Session>()
      const queries = Array.from({ length: 10 }, (): QueryJson => ({
        interval: { start: '2025-01-01T00:00:00Z', end: '2025-01-04T00:00:00Z' },
        granularity: random.pick(['all', 'day', 'hour']),
        group_by: random.pick(GROUPS),
        aggregations: [{ type: 'count', name: 'sessions' }, ...random.shuffle(DASHBOARD).slice(0, random.between(1, 4))],
        filters: random.pick([null, null, NEW_CITY, { ...LONG, lower: 500 }]),
        fill: random.pick(['none', 'zero']),
        ...random.chance(0.2) && { having: { type: 'greaterThan', aggregation: 'sessions', value: 1 } },
        ...random.chance(0.5) && { order_by: [{ column: random.pick(['sessions', 'timestamp']), direction: random.pick(['ascending', 'descending']) }] },
        ...random.chance(0.5) && { limit: random.between(1, 20) }, ...random.chance(0.1) && { offset: 1 }
      }))
      const followers = queries.map(query => new Follower(engine, query))
      for (let step = 0; step < 6; step++) {
        const fresh = someDays(random).filter(({ session_id: id }) => !known.has(id))
        const again = random.shuffle([...known.values()]).slice(0, step === 0 ? 0 : random.between(0, 10))
          .map(random.chance(0.5) ? longer : other)
        for (const session of [...fresh, ...again]) known.set(session.session_id, session)
        // Some come twice at once: only the later one counts.
        await engine.ingest(random.chance(0.5) ? [...fresh, ...again, ...again.map(longer)] : [...fresh, ...again])
        for (const follower of followers) await follower.expectCurrent(engine)
      }
      // Whatever came again, it was taken back: all sessions were looked at once.
      for (const { query, watch } of followers) expect({ query, rebuilds: watch.rebuilds }).toEqual({ query, rebuilds: 1 })
      await engine.close()
    }), { ...PARAMETERS, numRuns: 12 })
  })
})

const QUERY: QueryJson = {
  interval: { start: '2025-01-01T00:00:00Z', end: '2025-01-03T00:00:00Z' },
  granularity: 'day',
  group_by: ['country'],
  aggregations: [{ type: 'count' }, { type: 'avg', fields: ['session_duration_secs'] }, { type: 'hyperUnique', fields: ['visitor_id'] }]
}

function visit(id: number, country: string, seconds: number, day = 1): Session {
  return { session_id: `s${id}`, visitor_id: `v${id % 5}`, started_at: `2025-01-0${day}T10:00:00Z`, country, session_duration_secs: seconds }
}

async function frameOf(watch: Watch): Promise<Frame> {
  const { value } = await watch.next()
  if (value === undefined) throw new Error('the watch has ended')
  return value
}

describe('a watch', () => {
  it('tells the answer first, and then only rows that changed, with their places', async () => {
    const engine = await Engine.open()
    await engine.ingest([visit(1, 'Finland', 10), visit(2, 'Sweden', 20)])
    const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0])
    expect(await frameOf(watch)).toMatchObject({ type: 'result', data: [['2025-01-01T00:00:00.000Z', 'Finland', 1, 10, 1], ['2025-01-01T00:00:00.000Z', 'Sweden', 1, 20, 1]] })
    await engine.ingest([visit(3, 'Norway', 30)])
    expect(await frameOf(watch)).toEqual({ type: 'change', changed: [{ at: 1, row: ['2025-01-01T00:00:00.000Z', 'Norway', 1, 30, 1] }], removed: [] })
    await engine.ingest([visit(2, 'Sweden', 25)])
    expect(await frameOf(watch)).toEqual({ type: 'change', changed: [{ at: 2, row: ['2025-01-01T00:00:00.000Z', 'Sweden', 1, 25, 1] }], removed: [] })
    await engine.ingest([visit(2, 'Finland', 25)])
    expect(await frameOf(watch)).toEqual({
      type: 'change', changed: [{ at: 0, row: ['2025-01-01T00:00:00.000Z', 'Finland', 2, 17.5, 2] }], removed: [['2025-01-01T00:00:00.000Z', 'Sweden']]
    })
    await engine.close()
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })

  it('says nothing of sessions that change nothing of its answer', async () => {
    const engine = await Engine.open()
    await engine.ingest([visit(1, 'Finland', 10)])
    const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0])
    await frameOf(watch)
    const next = frameOf(watch)
    await engine.ingest([{ ...visit(1, 'Finland', 10), city: 'Helsinki' }, { ...visit(9, 'Finland', 1), started_at: '2026-01-01T00:00:00Z' }])
    await new Promise(resolve => { setTimeout(resolve, 60) })
    await engine.ingest([visit(4, 'Finland', 20)])
    expect(await next).toEqual({ type: 'change', changed: [{ at: 0, row: ['2025-01-01T00:00:00.000Z', 'Finland', 2, 15, 2] }], removed: [] })
    await engine.close()
  })

  it('gives a slow taker fewer and newer frames', async () => {
    const engine = await Engine.open()
    const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0])
    await frameOf(watch)
    for (let i = 0; i < 50; i++) {
      await engine.ingest([visit(i, 'Finland', 10)])
      if (i % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 25) })
    }
    await new Promise(resolve => { setTimeout(resolve, 60) })
    expect(await frameOf(watch)).toEqual({ type: 'change', changed: [{ at: 0, row: ['2025-01-01T00:00:00.000Z', 'Finland', 50, 10, 5] }], removed: [] })
    await engine.close()
  })

  it('says which buckets are final, keeps their rows, and counts what came too late', async () => {
    const engine = await Engine.open()
    await engine.ingest([visit(1, 'Finland', 10)])
    const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0], { lateness: 'PT2H' })
    expect((await frameOf(watch)).progress).toEqual({ watermarks: { default: '2025-01-01T08:00:00.000Z' }, final_until: '2025-01-01T00:00:00.000Z', late: 0 })
    await engine.ingest([visit(2, 'Finland', 10, 2)])
    expect(await frameOf(watch)).toMatchObject({ changed: [{ at: 1 }], progress: { final_until: '2025-01-02T00:00:00.000Z', late: 0 } })
    await engine.ingest([visit(3, 'Finland', 10, 1)])
    expect(await frameOf(watch)).toEqual({
      type: 'change', changed: [], removed: [],
      progress: { watermarks: { default: '2025-01-02T08:00:00.000Z' }, final_until: '2025-01-02T00:00:00.000Z', late: 1 }
    })
    await engine.close()
  })

  it('ends with the reason of its signal, and as a stream when that is cancelled', async () => {
    const engine = await Engine.open()
    const abort = new AbortController()
    const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0], { signal: abort.signal })
    await frameOf(watch)
    const waiting = watch.next()
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(await watch.next()).toEqual({ done: true, value: undefined })
    const reader = engine.watch(QUERY as Parameters<Engine['watch']>[0]).stream().getReader()
    expect((await reader.read()).value).toMatchObject({ type: 'result' })
    await reader.cancel()
    await engine.close()
  })

  it('refuses a faulty query and a faulty lateness at once', async () => {
    const engine = await Engine.open()
    expect(() => engine.watch({ ...QUERY, group_by: ['contry'] } as Parameters<Engine['watch']>[0])).toThrow('country')
    expect(() => engine.watch(QUERY as Parameters<Engine['watch']>[0], { lateness: 'P1M' })).toThrow('lateness is "P1M"')
    await engine.close()
  })

  it('leaves nothing behind, a thousand times', async () => {
    const engine = await Engine.open()
    for (let i = 0; i < 1000; i++) {
      const watch = engine.watch(QUERY as Parameters<Engine['watch']>[0])
      if (i % 3 === 0) await frameOf(watch)
      watch.close()
    }
    await engine.ingest([visit(1, 'Finland', 10)])
    expect(engine.status().watches).toBe(0)
    await engine.close()
  })
})
