/** Which rows having keeps, and what comes before and after it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HavingInput, QueryInput } from '../../../dsl/input.js'
import { Engine } from '../../../index.js'
import { ask, DAY } from '../ask.js'

/** city, sessions, sum of own: a 1 null, b 2 5, c 3 -1, none 4 0. */
const SESSIONS = [
  { city: 'a' }, { city: 'b', own: 5 }, { city: 'b' }, { city: 'c', own: -3 }, { city: 'c', own: 2 }, { city: 'c' },
  { own: 0 }, { own: 0 }, { own: 0 }, { own: 0, label: 'last' }
]

let engine: Engine
beforeAll(async () => {
  engine = await Engine.open()
  await engine.ingest(SESSIONS.map((session, i) => Object.assign({ session_id: `s${i}`, started_at: i * DAY, label: session.city }, session)))
})
afterAll(() => engine.close())

/** Names of the cities that stay. */
async function kept(having: HavingInput, keys: Partial<QueryInput> = {}): Promise<string> {
  const rows = await ask(engine, {
    group_by: ['city'],
    aggregations: [{ type: 'count' }, { type: 'sum', fields: ['own'] }, { type: 'any', fields: ['label'] }],
    post_aggregations: [{ type: 'arithmetic', name: 'twice', fn: '*', fields: [{ type: 'fieldAccess', fieldName: 'count' }, { type: 'constant', value: 2 }] }],
    having,
    ...keys
  })
  return rows.map(row => row[0] ?? '-').join('')
}

describe('having', () => {
  it.each([
    [{ type: 'greaterThan', aggregation: 'count', value: 2 }, '-c'],
    [{ type: 'lessThan', aggregation: 'count', value: 2 }, 'a'],
    [{ type: 'equalTo', aggregation: 'count', value: '2' }, 'b'],
    [{ type: 'greaterThan', aggregation: 'twice', value: 5.9 }, '-c'],
    [{ type: 'lessThan', aggregation: 'own_sum', value: 100 }, '-bc'],
    [{ type: 'greaterThan', aggregation: 'own_sum', value: -100 }, '-bc'],
    [{ type: 'equalTo', aggregation: 'own_sum', value: 0 }, '-'],
    [{ type: 'equalTo', aggregation: 'own_sum', value: null }, 'a'],
    [{ type: 'not', havingSpec: { type: 'lessThan', aggregation: 'own_sum', value: 1 } }, 'ab'],
    [{ type: 'dimSelector', dimension: 'city', value: 'b' }, 'b'],
    [{ type: 'dimSelector', dimension: 'city', value: null }, '-'],
    [{ type: 'and', havingSpecs: [{ type: 'greaterThan', aggregation: 'count', value: 1 }, { type: 'lessThan', aggregation: 'count', value: 4 }] }, 'bc'],
    [{ type: 'or', havingSpecs: [{ type: 'dimSelector', dimension: 'city', value: 'a' }, { type: 'equalTo', aggregation: 'count', value: 4 }] }, '-a'],
    [{ type: 'and', havingSpecs: [] }, '-abc'],
    [{ type: 'or', havingSpecs: [] }, ''],
    [{ type: 'always' }, '-abc'],
    [{ type: 'never' }, ''],
    [{ type: 'filter', filter: { type: 'in', dimension: 'city', values: ['a', null] } }, '-a'],
    [{ type: 'filter', filter: { type: 'bound', dimension: 'count', lower: 2, upper: 3 } }, 'bc'],
    [{ type: 'filter', filter: { type: 'like', dimension: 'label_any', pattern: '_' } }, 'abc'],
    [{ type: 'filter', filter: { type: 'regex', dimension: 'label_any', pattern: '^l' } }, '-'],
    [{ type: 'filter', filter: { type: 'columnComparison', dimensions: ['city', 'label_any'] } }, 'abc'],
    [{ type: 'filter', filter: { type: 'null', column: 'own_sum' } }, 'a'],
    [{ type: 'filter', filter: { type: 'selector', dimension: 'timestamp', value: '1900-01-01T00:00:00.000Z' } }, '-abc'],
    [{ type: 'filter', filter: { type: 'not', field: { type: 'or', fields: [{ type: 'selector', dimension: 'count', value: 1 }, { type: 'false' }] } } }, '-bc']
  ] satisfies [HavingInput, string][])('%j keeps %s', async (having, expected) => {
    expect(await kept(having)).toBe(expected)
  })

  it('comes before the order and the limit', async () => {
    const order_by = [{ column: 'count', direction: 'descending' }] as const
    expect(await kept({ type: 'lessThan', aggregation: 'count', value: 4 }, { order_by, limit: 2 })).toBe('cb')
  })

  it('tests filled rows too, and times by the start of their bucket', async () => {
    const query: QueryInput = { interval: { start: '1970-01-01', end: '1970-01-11' }, granularity: { type: 'period', period: 'P2D' }, aggregations: [{ type: 'count', name: 'n' }, { type: 'sum', fields: ['own'] }] }
    const days = async (having: HavingInput): Promise<unknown[]> => (await engine.query({ ...query, having })).data.map(row => row[0]!.toString().slice(8, 10))
    expect(await days({ type: 'filter', filter: { type: 'interval', dimension: '__time', intervals: ['1970-01-02/1970-01-06'] } })).toEqual(['03', '05'])
    expect(await days({ type: 'greaterThan', aggregation: 'own_sum', value: 0 })).toEqual(['01', '05'])
  })
})
