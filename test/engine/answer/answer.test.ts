/** From groups to rows: order, limit, ties, and buckets filled in. */
import { describe, expect, it } from 'vitest'
import type { QueryInput } from '../../../dsl/input.js'
import { Engine, LimitError } from '../../../index.js'
import { Random } from '../../support/random.js'
import { ask, DAY } from '../ask.js'

const START = Date.UTC(2025, 0, 1)
const WEEK = { interval: { start: '2025-01-01', end: '2025-01-08' }, granularity: 'day' } as const

function keyed(sessions: readonly object[]): object[] {
  return sessions.map((session, i) => Object.assign({ session_id: `s${i}`, started_at: START }, session))
}

async function engineOf(sessions: readonly object[]): Promise<Engine> {
  const engine = await Engine.open({ segmentRows: 32 })
  await engine.ingest(keyed(sessions))
  return engine
}

describe('fill: zero with groups', () => {
  const sessions = [
    { started_at: START + DAY, city: 'a', own: 1, rooms: ['x', 'y'] }, { started_at: START + 5 * DAY, city: 'b', own: 2 },
    { started_at: START + 5 * DAY, own: 4 }, { started_at: START - DAY, city: 'before' }, { started_at: START + 7 * DAY, city: 'after' }
  ]
  const query: QueryInput = { ...WEEK, group_by: ['city'], fill: 'zero', aggregations: [{ type: 'count' }, { type: 'sum', fields: ['own'] }, { type: 'hyperUnique', fields: ['session_id'] }] }

  it('has every group of the answer in every bucket, with 0 sessions and no sum', async () => {
    const engine = await engineOf(sessions)
    const { data } = await engine.query(query)
    const cell = (day: number, city: string | null): unknown[] => {
      const found = sessions.filter(session => session.started_at === START + day * DAY && (session.city ?? null) === city)
      return [new Date(START + day * DAY).toISOString(), city, found.length, found[0]?.own ?? null, found.length]
    }
    expect(data).toEqual([0, 1, 2, 3, 4, 5, 6].flatMap(day => [null, 'a', 'b'].map(city => cell(day, city))))
    await engine.close()
  })

  it('knows the combinations that occur, not all that could', async () => {
    const engine = await engineOf(sessions)
    const { data } = await engine.query({ ...query, group_by: ['city', 'rooms', 'own'], filters: { type: 'in', dimension: 'city', values: ['a', 'b'] }, aggregations: [{ type: 'count' }] })
    expect(data).toHaveLength(7 * 3)
    expect(data.filter(row => row[4] === 1)).toEqual([
      ['2025-01-02T00:00:00.000Z', 'a', 'x', 1, 1], ['2025-01-02T00:00:00.000Z', 'a', 'y', 1, 1], ['2025-01-06T00:00:00.000Z', 'b', null, 2, 1]
    ])
    await engine.close()
  })

  it('orders and limits filled rows like any other', async () => {
    const engine = await engineOf(sessions)
    const { data } = await engine.query({ ...query, order_by: [{ column: 'count', direction: 'descending' }, { column: 'city', direction: 'descending' }], limit: 4 })
    expect(data.map(row => [row[0]?.toString().slice(8, 10), row[1], row[2]])).toEqual([['06', 'b', 1], ['02', 'a', 1], ['06', null, 1], ['01', 'b', 0]])
    await engine.close()
  })

  it('is nothing where there is no group, and refused where it is too much', async () => {
    const engine = await engineOf(sessions)
    expect((await engine.query({ ...query, filters: { type: 'selector', dimension: 'city', value: 'nowhere' } })).data).toEqual([])
    await engine.close()
    const small = await Engine.open({ maxGroups: 20 })
    await small.ingest(keyed(sessions))
    await expect(small.query(query)).rejects.toMatchObject({ code: 'limit_exceeded', limitName: 'max_groups', limit: 20, needed: 21 })
    await expect(small.query(query)).rejects.toThrow(LimitError)
    await small.close()
  })
})

describe('the best few', () => {
  const random = new Random(20)
  const sessions = Array.from({ length: 3000 }, (_, i) => ({ started_at: START + random.between(0, 6) * DAY, city: `c${random.between(0, 200)}`, own: random.between(0, 3), session_id: `s${i}` }))

  it.each([
    ['a metric', [{ column: 'count', direction: 'desc' }]], ['a metric with few values', ['own_max', 'city']], ['a metric as a text', [{ column: 'count', ordering: 'lexicographic' }]],
    ['a dimension', [{ column: 'city', direction: 'desc', ordering: 'alphanumeric' }]], ['time', [{ column: 'timestamp', direction: 'desc' }]], ['a nullable metric', [{ column: 'missing_sum' }, 'count']]
  ] satisfies [string, QueryInput['order_by']][])('by %s are the first rows of the whole answer', async (_, order_by) => {
    const engine = await Engine.open({ segmentRows: 500, columns: { missing: 'number' } })
    await engine.ingest(sessions)
    const query: QueryInput = { ...WEEK, group_by: ['city'], order_by, aggregations: [{ type: 'count' }, { type: 'max', fields: ['own'] }, { type: 'sum', fields: ['missing'] }] }
    const whole = await engine.query(query)
    for (const limit of [1, 2, 7, 100, whole.data.length - 1, whole.data.length, whole.data.length + 1]) {
      expect((await engine.query({ ...query, limit })).data).toEqual(whole.data.slice(0, limit))
    }
    await engine.close()
  })

  it('may be asked for out of more groups than an answer may have', async () => {
    const engine = await Engine.open({ maxGroups: 10 })
    await engine.ingest(sessions)
    await expect(ask(engine, { group_by: ['city'] })).rejects.toMatchObject({ limitName: 'max_groups', limit: 10 })
    expect(await ask(engine, { group_by: ['city'], order_by: [{ column: 'count', direction: 'desc' }], limit: 10 })).toHaveLength(10)
    await engine.close()
  })
})

it('rows come by time, then by group values: null first, numbers as numbers, texts by code point', async () => {
  const engine = await engineOf([
    { own: 10, city: '\u{1f600}' }, { own: 9, city: '\uffee' }, { city: 'b' }, { own: -1, city: '' }, { own: 9, city: 'a' }, { own: 9 }, { own: 2, city: 'B', started_at: START + DAY }
  ])
  const { data } = await engine.query({ ...WEEK, group_by: ['own', 'city'], aggregations: [{ type: 'count' }] })
  expect(data.map(row => row.slice(1, 3))).toEqual([[null, 'b'], [-1, ''], [9, null], [9, 'a'], [9, '\uffee'], [10, '\u{1f600}'], [2, 'B']])
  await engine.close()
})
