/** An engine from open to close: what it knows, what it says it would do, what it answers. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { Engine, QueryError, SessionqlError, type QueryInput, type QueryResult } from '../../index.js'
import { ask, DAY, EVER, HOUR } from './ask.js'

const START = Date.UTC(2025, 0, 1)
const VISITS = [
  { session_id: 'a', started_at: START, city: 'Turku', country: 'Finland', session_duration_secs: 10, rooms: ['x', 'y'], own: true },
  { session_id: 'b', started_at: START + HOUR, city: '', session_duration_secs: 0, rooms: [] },
  { session_id: 'c', started_at: new Date(START + 2 * DAY), city: 'Oulu', country: 'Finland', session_duration_secs: -2.5, rooms: ['y'] },
  { session_id: 'd', started_at: '2025-01-04T02:00:00+02:00', country: 'Finland' }
]
const GIOSG = ['started_at', 'source', 'session_id', 'visitor_id', 'browser_name', 'browser_version', 'city', 'country', 'device_type', 'ip_organization', 'os_name',
  'session_duration_secs', 'distinct_visited_urls_count', 'distinct_visited_urls', 'distinct_landing_urls', 'distinct_referrer_urls', 'distinct_search_terms', 'rooms']

async function visits(segmentRows?: number): Promise<Engine> {
  const engine = await Engine.open(segmentRows === undefined ? {} : { segmentRows })
  await engine.ingest(VISITS)
  return engine
}

describe('columns', () => {
  it('are giosg\'s before anything came', async () => {
    const engine = await Engine.open()
    expect([...engine.columns.keys()]).toEqual(GIOSG)
    expect(await ask(engine, { aggregations: [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id', 'rooms'] }, { type: 'avg', fields: ['session_duration_secs'] }] })).toEqual([[0, 0, 0, null]])
    await engine.close()
  })

  it('may be told, as an object or a Map, and hold to their types', async () => {
    for (const columns of [{ price: 'number', tags: 'strings', code: 'string' } as const, new Map([['price', 'number'], ['tags', 'strings'], ['code', 'string']] as const)]) {
      const engine = await Engine.open({ columns })
      expect(['price', 'tags', 'code'].map(name => engine.columns.get(name))).toEqual(['number', 'strings', 'string'])
      await engine.ingest([{ session_id: '1', started_at: 0, price: '9.5', tags: 'one', code: 7 }])
      expect(await ask(engine, { group_by: ['tags', 'code'], aggregations: [{ type: 'sum', fields: ['price'] }] })).toEqual([['one', '7', 9.5]])
      await engine.close()
    }
  })

  it('may be told under any name, and giosg\'s keep their types', async () => {
    const engine = await Engine.open({ columns: new Map([['__proto__', 'number'], ['', 'string'], ['rooms', 'number']] as const) })
    expect(['__proto__', '', 'rooms'].map(name => engine.columns.get(name))).toEqual(['number', 'string', 'strings'])
    await engine.close()
  })

  it('come with the sessions that have them', async () => {
    const engine = await visits()
    expect(engine.columns.get('own')).toBe('string')
    expect(() => engine.explain({ interval: EVER, granularity: 'all', aggregations: [{ type: 'avg', fields: ['other'] }] })).toThrow(QueryError)
    await engine.ingest([{ session_id: 'e', started_at: 0, other: 1 }])
    expect(engine.columns.get('other')).toBe('number')
    await engine.close()
  })
})

describe('the schema', () => {
  it.each([2, undefined])('sums up each column, in segments of %s', async segmentRows => {
    const engine = await visits(segmentRows)
    await engine.ingest([{ ...VISITS[0], city: 'Vaasa', rooms: ['z'] }])
    const schema = engine.schema()
    expect(schema).toMatchObject({ sessions: 4, range: { start: START, end: START + 3 * DAY } })
    expect(schema.bytes).toBeGreaterThan(0)
    expect(schema.segments).toBeGreaterThan(0)
    const summaries = new Map(schema.columns.map(({ name, ...summary }) => [name, summary]))
    expect([...summaries.keys()]).toEqual([...GIOSG, 'own'])
    expect(summaries.get('city')).toEqual({ type: 'string', present: 3, distinct: 3, min: null, max: null })
    expect(summaries.get('country')).toEqual({ type: 'string', present: 3, distinct: 1, min: null, max: null })
    expect(summaries.get('rooms')).toEqual({ type: 'strings', present: 2, distinct: 2, min: null, max: null })
    expect(summaries.get('session_duration_secs')).toEqual({ type: 'number', present: 3, distinct: null, min: -2.5, max: 10 })
    expect(summaries.get('started_at')).toEqual({ type: 'number', present: 4, distinct: null, min: START, max: START + 3 * DAY })
    expect(summaries.get('visitor_id')).toEqual({ type: 'string', present: 0, distinct: 0, min: null, max: null })
    expect(summaries.get('distinct_visited_urls_count')).toEqual({ type: 'number', present: 0, distinct: null, min: null, max: null })
    await engine.close()
  })

  it('of nothing has no range', async () => {
    const engine = await Engine.open()
    expect(engine.schema()).toMatchObject({ sessions: 0, segments: 0, range: null })
    await engine.close()
  })
})

describe('explain', () => {
  const query: QueryInput = { interval: { start: '2025-01-01', end: '2025-01-04' }, granularity: 'day', aggregations: [{ type: 'avg', fields: ['session_duration_secs'] }] }

  it('says which segments, rows, buckets and columns a query would read', async () => {
    const engine = await visits(1)
    expect(engine.explain(query)).toMatchObject({
      segments: { read: 3, skipped: 1 }, rows: 3, buckets: { count: 3, first: '2025-01-01T00:00:00.000Z', last: '2025-01-03T00:00:00.000Z' },
      grouping: { kind: 'buckets', groups: 3 }, columns: [{ name: 'session_duration_secs' }]
    })
    expect(engine.explain({ ...query, group_by: ['city'], filters: { type: 'selector', dimension: 'country', value: 'Finland' } })).toMatchObject({
      grouping: { kind: 'dense' }, columns: [{ name: 'country' }, { name: 'city' }, { name: 'session_duration_secs' }]
    })
    expect(engine.explain({ ...query, group_by: ['session_duration_secs'] }).grouping).toEqual({ kind: 'hash', groups: null })
    await engine.close()
  })

  it('adds up the bytes of the rows that are read', async () => {
    const engine = await visits()
    const { bytes, columns } = engine.explain({ ...query, interval: EVER, granularity: 'all', aggregations: [{ type: 'sum', fields: ['started_at'] }, { type: 'count' }] })
    expect([bytes, columns]).toEqual([4 * 8, [{ name: 'started_at', bytes: 4 * 8 }]])
    await engine.close()
  })

  it('is JSON, of no rows too', async () => {
    const engine = await Engine.open()
    const explanation = engine.explain({ ...query, fill: 'none' })
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
    expect(explanation).toMatchObject({ segments: { read: 0, skipped: 0 }, rows: 0, buckets: { count: 0, first: null, last: null }, bytes: 0 })
    await engine.close()
  })
})

describe('a query', () => {
  it('with faults is refused with all of them, before anything runs', async () => {
    const engine = await visits()
    const faulty = { interval: { start: '2025-01-02', end: '2025-01-01' }, granularity: 'dayly', aggregations: [{ type: 'avg', fields: ['city'] }] }
    const error: unknown = await engine.query(faulty as never).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(QueryError)
    expect((error as QueryError).issues.map(({ pointer }) => pointer).sort()).toEqual(['/aggregations/0/fields/0', '/granularity', '/interval'])
    await engine.close()
  })

  it('written in the code has rows of known types', async () => {
    const engine = await visits()
    const result = await engine.query({
      interval: EVER, granularity: 'all', group_by: ['country'],
      aggregations: [{ type: 'count' }, { type: 'avg', fields: ['session_duration_secs'] }, { type: 'hyperUnique', fields: ['city', 'rooms'] }]
    })
    expectTypeOf(result.data).toEqualTypeOf<[timestamp: string, string | number | null, number, number | null, number, number][]>()
    expect(result).toEqual({
      fields: [
        { name: 'timestamp', type: 'dimension' }, { name: 'country', type: 'dimension' }, { name: 'count', type: 'metric' }, { name: 'session_duration_secs_avg', type: 'metric' },
        { name: 'city_hyper_unique', type: 'metric' }, { name: 'rooms_hyper_unique', type: 'metric' }
      ],
      data: [['1900-01-01T00:00:00.000Z', null, 1, 0, 1, 0], ['1900-01-01T00:00:00.000Z', 'Finland', 3, 3.75, 2, 2]]
    })
    const ungrouped = await engine.query({ interval: EVER, granularity: 'all', aggregations: [{ type: 'sum', fields: ['session_duration_secs'] }] })
    expectTypeOf(ungrouped.data).toEqualTypeOf<[timestamp: string, number | null][]>()
    const dynamic: QueryInput = { interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] }
    expectTypeOf(await engine.query(dynamic)).toEqualTypeOf<QueryResult>()
    await engine.close()
  })

  it('may run beside others', async () => {
    const engine = await visits(1)
    const queries = Array.from({ length: 20 }, (_, i) => ask(engine, { group_by: i % 2 === 0 ? ['city'] : ['rooms'], ...(i % 3 === 0 && { limit: 1 }) }))
    const answers = await Promise.all(queries)
    answers.forEach((answer, i) => expect(answer).toEqual(answers[i % 6]))
    await engine.close()
  })
})

describe('a closed engine', () => {
  it('says so to every call, and can be closed again', async () => {
    const engine = await visits()
    await engine.close()
    const query: QueryInput = { interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] }
    await expect(engine.query(query)).rejects.toMatchObject({ code: 'closed' })
    await expect(engine.ingest([])).rejects.toMatchObject({ code: 'closed' })
    expect(() => engine.explain(query)).toThrow(SessionqlError)
    expect(() => engine.schema()).toThrow(expect.objectContaining({ code: 'closed' }))
    await engine.close()
  })
})
