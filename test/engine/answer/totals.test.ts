/** Rows of others, of all sessions, and of subsets of the dimensions: each computed from the sessions, never from rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryInput, QueryResult } from '../../../dsl/input.js'
import { Engine, QueryError, type Explanation } from '../../../index.js'
import { DAY } from '../ask.js'

const START = Date.UTC(2025, 0, 1)
const SESSIONS = [
  { day: 0, city: 'a', visitor_id: 'v1', own: 1, rooms: ['x', 'y'] },
  { day: 0, city: 'a', visitor_id: 'v2', own: 2, rooms: ['x'] },
  { day: 0, city: 'a', visitor_id: 'v3', own: 3, rooms: ['z', 'x'] },
  { day: 0, city: 'b', visitor_id: 'v1', own: 10, rooms: ['y', 'z'] },
  { day: 0, city: 'b', visitor_id: 'v4', own: 20, rooms: ['z', 'x'] },
  { day: 1, city: 'c', visitor_id: 'v1', own: 30, rooms: [] },
  { day: 1, visitor_id: 'v4', own: 40, rooms: ['y'] },
  { day: 2, city: 'a', visitor_id: 'v5', rooms: ['y'] }
]

let engine: Engine
beforeAll(async () => {
  engine = await Engine.open({ segmentRows: 32 })
  await engine.ingest(SESSIONS.map(({ day, ...session }, i) => Object.assign({ session_id: `s${i}`, started_at: START + day * DAY }, session)))
})
afterAll(() => engine.close())

const QUERY = {
  interval: { start: '2025-01-01', end: '2025-01-04' },
  granularity: 'all',
  group_by: ['city'],
  aggregations: [{ type: 'count' }, { type: 'exactUnique', fields: ['visitor_id'] }, { type: 'avg', fields: ['own'] }, { type: 'quantile', fields: ['own'], quantiles: [0.5] }],
  order_by: [{ column: 'count', direction: 'desc' }]
} as const satisfies QueryInput

async function rows(keys: Partial<QueryInput>): Promise<unknown[][]> {
  const { data } = await engine.query({ ...QUERY, ...keys } as QueryInput)
  return data.map(row => (row as unknown[]).with(0, String(row[0]).slice(8, 10)))
}

describe('others', () => {
  it('are one row of all groups that the limit cuts off, with the distinct values, means and quantiles of its sessions', async () => {
    expect(await rows({ limit: 1, others: 'Other' })).toEqual([['01', 'a', 4, 4, 2, 2], ['01', 'Other', 4, 2, 25, 20]])
    expect(await rows({ limit: 2, others: 'Other' })).toEqual([['01', 'a', 4, 4, 2, 2], ['01', 'b', 2, 2, 15, 10], ['01', 'Other', 2, 2, 35, 30]])
  })

  it('are not there where nothing was cut off', async () => {
    expect(await rows({ limit: 4, others: 'Other' })).toEqual(await rows({}))
  })

  it('are not what having removed', async () => {
    const having = { type: 'lessThan', aggregation: 'count', value: 4 } as const
    expect(await rows({ limit: 1, others: 'Other', having })).toEqual([['01', 'b', 2, 2, 15, 10], ['01', 'Other', 2, 2, 35, 30]])
  })

  it('have post-aggregations of their own', async () => {
    const post_aggregations = [{ type: 'arithmetic', name: 'each', fn: '/', fields: [{ type: 'fieldAccess', fieldName: 'count' }, { type: 'fieldAccess', fieldName: 'visitor_id_exact_unique' }] }] as const
    expect((await rows({ limit: 1, others: 'Other', post_aggregations })).map(row => row.at(-1))).toEqual([1, 2])
  })

  it('count a session once for each entry of an array, and its values once', async () => {
    const aggregations = [{ type: 'count' }, { type: 'exactUnique', fields: ['visitor_id'] }] as const
    expect(await rows({ group_by: ['rooms'], aggregations })).toEqual([['01', 'x', 4, 4], ['01', 'y', 4, 3], ['01', 'z', 3, 3], ['01', null, 1, 1]])
    expect(await rows({ group_by: ['rooms'], aggregations, limit: 1, others: 'Other' })).toEqual([['01', 'x', 4, 4], ['01', 'Other', 8, 4]])
  })

  it('have the name in every dimension', async () => {
    expect((await rows({ group_by: ['city', 'own'], order_by: [], limit: 2, others: '(rest)' })).map(row => row.slice(1, 4))).toEqual([
      [null, 40, 1], ['a', null, 1], ['(rest)', '(rest)', 6]
    ])
  })

  it('come in each bucket, after its rows where these come by time', async () => {
    const keys: Partial<QueryInput> = { granularity: 'day', aggregations: [{ type: 'count' }], limit_per_bucket: 1, others: 'Other' }
    const days = { one: [['01', 'a', 3], ['01', 'Other', 2]], two: [['02', null, 1], ['02', 'Other', 1]], three: [['03', 'a', 1]] }
    expect(await rows({ ...keys, order_by: ['timestamp', { column: 'count', direction: 'desc' }] })).toEqual([...days.one, ...days.two, ...days.three])
    expect(await rows({ ...keys, order_by: [{ column: 'timestamp', direction: 'desc' }] })).toEqual([...days.three, ...days.two, ...days.one])
    expect(await rows(keys)).toEqual([['01', 'a', 3], ['02', null, 1], ['03', 'a', 1], ['01', 'Other', 2], ['02', 'Other', 1]])
  })

  it('of a limit are of each bucket too, also of those that it cut off whole', async () => {
    const keys: Partial<QueryInput> = { granularity: 'day', aggregations: [{ type: 'count' }], order_by: [], limit: 1, others: 'Other' }
    expect(await rows(keys)).toEqual([['01', 'a', 3], ['01', 'Other', 2], ['02', 'Other', 2], ['03', 'Other', 1]])
  })

  it('of filled rows are 0 and null', async () => {
    const keys: Partial<QueryInput> = { granularity: 'day', fill: 'zero', aggregations: [{ type: 'count' }, { type: 'sum', fields: ['own'] }], order_by: ['timestamp'], limit_per_bucket: 3, others: 'Other' }
    expect(await rows({ ...keys, filters: { type: 'bound', dimension: 'own', upper: 30 } })).toEqual([
      ['01', 'a', 3, 6], ['01', 'b', 2, 30], ['01', 'c', 0, null], ['02', 'a', 0, null], ['02', 'b', 0, null], ['02', 'c', 1, 30],
      ['03', 'a', 0, null], ['03', 'b', 0, null], ['03', 'c', 0, null]
    ])
    expect((await rows({ ...keys, limit_per_bucket: 2, filters: { type: 'bound', dimension: 'own', upper: 30 } })).filter(row => row[1] === 'Other')).toEqual([
      ['01', 'Other', 0, null], ['02', 'Other', 1, 30], ['03', 'Other', 0, null]
    ])
  })

  it('are refused where a group of the answer has their name', async () => {
    await expect(engine.query({ ...QUERY, limit: 1, others: 'a' })).rejects.toThrow(QueryError)
    await expect(engine.query({ ...QUERY, limit: 1, others: 'a' })).rejects.toMatchObject({
      issues: [{ code: 'invalid_value', pointer: '/others', message: 'there is a group "a" among the sessions, expected a name that no group has, such as "(a)".' }]
    })
    expect(await rows({ limit: 1, others: 'b' })).toHaveLength(2)
    expect(await rows({ limit: 4, others: 'a' })).toHaveLength(4)
    expect(await rows({ group_by: ['city', 'own'], limit: 3, others: 'a' })).toHaveLength(4)
  })

  it('count as rows of the answer, and may not be more than an answer may have', async () => {
    const small = await Engine.open({ maxGroups: 2 })
    await small.ingest(SESSIONS.slice(0, 5).map(({ city }, i) => ({ session_id: `s${i}`, started_at: START, city: `${city}${i}` })))
    expect((await small.query({ ...QUERY, aggregations: [{ type: 'count' }], limit: 1, others: 'Other' })).data).toHaveLength(2)
    await expect(small.query({ ...QUERY, aggregations: [{ type: 'count' }], limit: 2, others: 'Other' })).rejects.toMatchObject({ limitName: 'max_groups', limit: 2, needed: 3 })
    await small.close()
  })
})

describe('totals', () => {
  it('are the row of all sessions, whatever rows there are', async () => {
    const total = ['2025-01-01T00:00:00.000Z', null, 8, 5, 106 / 7, 10]
    for (const keys of [{}, { limit: 1 }, { limit: 1, others: 'Other' }, { having: { type: 'never' } }, { granularity: 'day' }] satisfies Partial<QueryInput>[]) {
      const { totals } = await engine.query({ ...QUERY, ...keys, totals: true } as QueryInput)
      expect(totals).toEqual(total)
    }
  })

  it('count a session with an array once', async () => {
    const result: QueryResult = await engine.query({ ...QUERY, group_by: ['rooms', 'city'], totals: true })
    expect(result.totals!.slice(0, 5)).toEqual(['2025-01-01T00:00:00.000Z', null, null, 8, 5])
  })

  it('are of nothing 0 and null, and only there where they are asked for', async () => {
    const none = { ...QUERY, filters: { type: 'false' } } as const
    expect((await engine.query({ ...none, totals: true })).totals).toEqual(['2025-01-01T00:00:00.000Z', null, 0, 0, null, null])
    expect(Object.keys(await engine.query(none))).toEqual(['fields', 'data'])
    expect(Object.keys(await engine.query({ ...none, totals: false }))).toEqual(['fields', 'data'])
  })
})

describe('subtotals', () => {
  const sets = [['city'], ['own', 'city'], []]

  it('are the answers grouped by each set, one after the other, with null for the other dimensions', async () => {
    const query = { ...QUERY, group_by: ['city', 'own'], aggregations: [{ type: 'count' }, { type: 'exactUnique', fields: ['visitor_id'] }] } as const
    const { data, subtotals, fields } = await engine.query({ ...query, subtotals: sets })
    expect(fields.map(({ name }) => name)).toEqual(['timestamp', 'city', 'own', 'count', 'visitor_id_exact_unique'])
    expect(subtotals).toEqual([{ group_by: ['city'], rows: 4 }, { group_by: ['city', 'own'], rows: 8 }, { group_by: [], rows: 1 }])
    const byCity = await engine.query({ ...query, group_by: ['city'] })
    const whole = await engine.query(query)
    expect(data).toEqual([
      ...byCity.data.map(row => (row as unknown[]).toSpliced(2, 0, null)),
      ...whole.data,
      ['2025-01-01T00:00:00.000Z', null, null, 8, 5]
    ])
  })

  it('are each ordered, limited and tested by themselves', async () => {
    const query = { ...QUERY, group_by: ['city', 'rooms'], aggregations: [{ type: 'count' }], order_by: [{ column: 'count', direction: 'desc' }, 'rooms'], limit: 1, others: 'Other' } as const
    const { data, subtotals } = await engine.query({ ...query, subtotals: [['rooms'], ['city', 'rooms'], []], having: { type: 'greaterThan', aggregation: 'count', value: 1 } })
    expect(data.map(row => row.slice(1))).toEqual([
      [null, 'x', 4], [null, 'Other', 7], ['a', 'x', 3], ['Other', 'Other', 4], [null, null, 8]
    ])
    expect(subtotals!.map(({ rows: count }) => count)).toEqual([2, 2, 1])
  })

  it('may come with totals', async () => {
    const result: QueryResult = await engine.query({ ...QUERY, subtotals: [['city']], totals: true })
    expect([result.data.length, result.totals![2]]).toEqual([4, 8])
  })

  it('may not have more rows together than an answer may', async () => {
    const small = await Engine.open({ maxGroups: 3 })
    await small.ingest([1, 2].map(i => ({ session_id: `s${i}`, started_at: START, city: `c${i}` })))
    const query = { ...QUERY, aggregations: [{ type: 'count' }] } as const
    expect((await small.query({ ...query, subtotals: [['city'], []] })).data).toHaveLength(3)
    await expect(small.query({ ...query, group_by: ['city', 'session_id'], subtotals: [['city'], ['session_id']] })).rejects.toMatchObject({ limitName: 'max_groups', limit: 3, needed: 4 })
    await small.close()
  })
})

function passes(keys: Partial<QueryInput>): Explanation['passes'] {
  return engine.explain({ ...QUERY, ...keys } as QueryInput).passes
}

it('explain says for which rows the sessions are read', () => {
  expect(passes({})).toBeUndefined()
  expect(passes({ limit: 1, others: 'Other', totals: true })).toEqual([
    { rows: 'groups', group_by: ['city'] }, { rows: 'others', group_by: ['city'] }, { rows: 'totals', group_by: [] }
  ])
  expect(passes({ group_by: ['city', 'own'], subtotals: [['own'], []], limit: 1, others: 'Other' })).toEqual([
    { rows: 'groups', group_by: ['own'] }, { rows: 'others', group_by: ['own'] }, { rows: 'groups', group_by: [] }
  ])
})
