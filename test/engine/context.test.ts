/** The bounds that a query sets itself, and what its answer says that it rests on. */
import { describe, expect, it } from 'vitest'
import { Engine, LimitError, QueryError, SessionqlError, type QueryInput } from '../../index.js'
import { parseQuery } from '../../dsl/parse.js'
import { faults, queryWith } from '../dsl/helpers.js'
import { EVER, HOUR } from './ask.js'

const COUNT = { interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] } as const

function list(prefix: string, i: number): string[] {
  return Array.from({ length: 100 }, (_, k) => `${prefix}${(i + k) % 300}`)
}

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => null, (error: unknown) => error)

describe('the context of a query', () => {
  it('has defaults, and no other keys', () => {
    expect(parseQuery(queryWith({})).context).toBeUndefined()
    expect(parseQuery(queryWith({ context: { query_id: 'a', use_cache: false } })).context).toEqual(
      { timeoutMs: null, queryId: 'a', maxGroups: Infinity, maxBytes: Infinity, meta: false })
    expect(faults({ context: { timeout: 5, timeout_ms: 0, max_groups: 0, max_bytes: 'x', meta: 1 } })).toEqual([
      'unknown_key /context/timeout unknown key "timeout", expected timeout_ms, query_id, max_groups, max_bytes, use_cache or meta.',
      'invalid_value /context/timeout_ms got the number 0, expected a number from 1 to 2147483647.',
      'invalid_value /context/max_groups got the number 0, expected more than 0.',
      'wrong_type /context/max_bytes got the string "x", expected a whole number.',
      'wrong_type /context/meta got the number 1, expected true or false.'
    ])
  })

  it('ends a query when its time is over, by its name; the engine goes on', async () => {
    const engine = await Engine.open({ segmentRows: 1500 })
    await engine.ingest(Array.from({ length: 3000 }, (_, i) => ({ session_id: `s${i}`, started_at: i, rooms: list('r', i), distinct_visited_urls: list('u', i * 7) })))
    const heavy: QueryInput = { ...COUNT, group_by: ['rooms', 'distinct_visited_urls'], aggregations: [{ type: 'exactUnique', fields: ['session_id'] }], context: { timeout_ms: 30, query_id: 'heavy' } }
    const error = await failure(engine.query(heavy)) as LimitError
    expect(error).toBeInstanceOf(LimitError)
    expect(error).toMatchObject({ code: 'limit_exceeded', limitName: 'timeout_ms', limit: 30, queryId: 'heavy' })
    expect(error.needed).toBeGreaterThan(30)
    expect(error.message).toMatch(/^timeout_ms: needs [\d,]+, the limit is 30\. Milliseconds/)
    expect((await engine.query({ ...COUNT, context: { timeout_ms: 60_000 } })).data[0]![1]).toBe(3000)
    const reason = new Error('no longer wanted')
    await expect(engine.query({ ...heavy, context: { timeout_ms: 60_000 } }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    setImmediate(() => controller.abort(reason))
    await expect(engine.query({ ...heavy, context: { timeout_ms: 60_000 } }, { signal: controller.signal })).rejects.toBe(reason)
    await engine.close()
  })

  it('bounds groups and bytes below the engine, never above', async () => {
    const engine = await Engine.open({ maxGroups: 100 })
    await engine.ingest(Array.from({ length: 200_000 }, (_, i) => ({ session_id: `${i}`, started_at: i, visitor_id: `v${i}`, city: `c${i % 50}` })))
    const cities = { ...COUNT, group_by: ['city'] } as const
    expect((await engine.query({ ...cities, context: { max_groups: 50 } })).data).toHaveLength(50)
    expect(await failure(engine.query({ ...cities, context: { max_groups: 49 } }))).toMatchObject({ limitName: 'max_groups', limit: 49, needed: 50 })
    expect(await failure(engine.query({ ...COUNT, group_by: ['visitor_id'], context: { max_groups: 1e6 } }))).toMatchObject({ limitName: 'max_groups', limit: 100 })
    const visitors = { ...COUNT, group_by: ['visitor_id'], limit: 1 } as const
    const error = await failure(engine.query({ ...visitors, context: { max_bytes: 100_000, query_id: 'big' } })) as LimitError
    expect(error).toMatchObject({ limitName: 'max_bytes', limit: 100_000, queryId: 'big' })
    expect(error.needed).toBeGreaterThan(100_000)
    expect((await engine.query({ ...visitors, context: { max_bytes: 1e9 } })).data).toHaveLength(1)
    await engine.close()
  })

  it('names the query in its faults too', async () => {
    const engine = await Engine.open()
    const error = await failure(engine.query({ ...COUNT, group_by: ['nothing'], context: { query_id: 'q 1' } }))
    expect(error).toBeInstanceOf(QueryError)
    expect((error as QueryError).queryId).toBe('q 1')
    expect((await failure(engine.query({ ...COUNT, group_by: ['nothing'] })) as SessionqlError).queryId).toBeUndefined()
    const faulty = { ...COUNT, context: { query_id: 5 } } as unknown as QueryInput
    expect((await failure(engine.query(faulty)) as SessionqlError).queryId).toBeUndefined()
    await engine.close()
  })
})

describe('the meta of an answer', () => {
  const start = Date.parse('2025-03-01T00:00:00Z')

  /** In Helsinki. */
  const local = (of: number) => new Date(start + (of + 2) * HOUR).toISOString().replace('Z', '+02:00')

  async function twoSources() {
    let now = start + 100 * HOUR
    const engine = await Engine.open({ clock: () => now, segmentRows: 32 })
    const session = (source: string, hour: number) => ({ session_id: `${source} ${hour}`, source, started_at: start + (hour + 0.5) * HOUR, visitor_id: `v${hour}`, city: hour % 2 === 0 ? 'Oslo' : 'Lund' })
    await engine.ingest(Array.from({ length: 72 }, (_, hour) => session('web', hour)).filter((_, hour) => hour < 20 || hour >= 44 || hour === 30), { source: 'web' })
    now += HOUR
    await engine.ingest([session('app', 10), session('app', 40)], { source: 'app' })
    return { engine, later: (ms: number) => { now += ms } }
  }

  it('is there only where it is asked for', async () => {
    const { engine } = await twoSources()
    expect(Object.keys(await engine.query(COUNT))).toEqual(['fields', 'data'])
    expect(Object.keys(await engine.query({ ...COUNT, context: { meta: false } }))).toEqual(['fields', 'data'])
    await engine.close()
  })

  it('tells sessions, range, gaps and freshness of each source', async () => {
    const { engine, later } = await twoSources()
    const interval = { start: '2025-03-01T12:00:00Z', end: '2025-03-03T12:00:00Z', time_zone: 'Europe/Helsinki' }
    const query = { ...COUNT, interval, filters: { type: 'selector', dimension: 'city', value: 'Oslo' }, context: { meta: true, query_id: 'x' } } as const
    const { data, meta } = await engine.query(query)
    expect(data[0]![1]).toBe(4 + 1 + 8 + 1)
    expect(meta).toMatchObject({ query_id: 'x', rows_scanned: 8 + 1 + 16 + 1, approximate: [] })
    expect(meta.elapsed_ms >= 0).toBe(true)
    expect(meta.sources).toEqual([
      {
        source: 'app', sessions: 1, range: { start: local(10.5), end: local(40.5) }, last_read: '2025-03-05T05:00:00.000Z',
        gaps: [{ start: local(12), end: local(40) }]
      },
      {
        source: 'web', sessions: 13, range: { start: local(0.5), end: local(71.5) }, last_read: '2025-03-05T04:00:00.000Z',
        gaps: [{ start: local(20), end: local(30) }, { start: local(31), end: local(44) }]
      }
    ])
    later(HOUR)
    await engine.ingest([], { source: 'web' })
    expect((await engine.query(query)).meta.sources[1]!.last_read).toBe('2025-03-05T06:00:00.000Z')
    await engine.close()
  })

  it('looks for gaps in whole days of a longer interval, and in each interval of a list', async () => {
    const engine = await Engine.open()
    await engine.ingest([0, 1, 5, 6, 20].map(day => ({ session_id: `${day}`, source: 'web', started_at: start + day * 24 * HOUR + HOUR })))
    const gaps = async (interval: QueryInput['interval']) => {
      const { meta } = await engine.query({ ...COUNT, interval, context: { meta: true } })
      return meta.sources[0]!.gaps!.map(gap => `${gap.start.slice(8, 10)}-${gap.end.slice(8, 10)}`)
    }
    expect(await gaps(EVER)).toEqual(['03-06', '08-21'])
    expect(await gaps(['2025-03-01/P4D', '2025-03-06/P3D', '2025-03-12/P1D', '2025-03-13T12:00/P3D'])).toEqual(['03-05', '08-09', '12-13', '14-16'])
    expect(await gaps('2030-01-01/P1Y')).toEqual([])
    await engine.close()
    const empty = await Engine.open()
    expect((await empty.query({ ...COUNT, context: { meta: true } })).meta.sources).toEqual([])
    await empty.close()
  })

  it('tells the errors of what is not exact', async () => {
    const { engine } = await twoSources()
    const { meta } = await engine.query({
      ...COUNT, group_by: ['city'], context: { meta: true },
      aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'exactUnique', fields: ['visitor_id'] }, { type: 'quantile', fields: ['started_at'], quantiles: [0.5] }]
    })
    expect(meta.approximate.map(({ column }) => column)).toEqual(['visitor_id_hyper_unique', 'started_at_p50'])
    expect(meta.approximate[0]!.relative_standard_error).toBeLessThan(0.0002)
    expect(meta.approximate[1]!.relative_standard_error).toBeCloseTo(0.00225, 4)
    await engine.ingest(Array.from({ length: 20_000 }, (_, i) => ({ session_id: `n${i}`, source: 'web', started_at: start + i, visitor_id: `n${i}` })))
    const many = await engine.query({ ...COUNT, granularity: 'hour', fill: 'none', aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'], name: 'visitors' }], context: { meta: true } })
    expect(many.meta.approximate).toEqual([{ column: 'visitors', relative_standard_error: expect.closeTo(0.0041, 3) as number }])
    await engine.close()
  })

  it('goes with a list of sessions', async () => {
    const { engine } = await twoSources()
    const { meta } = await engine.query({ interval: EVER, select: ['city'], limit: 1, context: { meta: true } })
    expect(meta.sources.map(({ sessions }) => sessions)).toEqual([2, 49])
    await engine.close()
  })
})
