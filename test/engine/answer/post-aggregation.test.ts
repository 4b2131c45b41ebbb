/** Columns computed from aggregations, by Druid's rules. */
import { describe, expect, it } from 'vitest'
import type { OperandInput, QueryInput } from '../../../dsl/input.js'
import { Engine } from '../../../index.js'
import { ask } from '../ask.js'

const a = { type: 'fieldAccess', fieldName: 'a_sum' } as const
const b = { type: 'fieldAccess', fieldName: 'b_sum' } as const
const number = (value: number): OperandInput => ({ type: 'constant', value })

/** a_sum and b_sum of one session, then what `operand` is. */
async function computed(operand: OperandInput, values: { a?: number, b?: number } = {}): Promise<unknown> {
  const engine = await Engine.open({ columns: { a: 'number', b: 'number' } })
  await engine.ingest([{ session_id: 's', started_at: 0, ...values }])
  const [row] = await ask(engine, { aggregations: [{ type: 'sum', fields: ['a', 'b'] }], post_aggregations: [{ ...operand, name: 'x' }] })
  await engine.close()
  return row![2]
}

describe('arithmetic', () => {
  it.each([
    ['+', 7, 2, 9], ['-', 7, 2, 5], ['*', 7, 2, 14], ['/', 7, 2, 3.5], ['quotient', 7, 2, 3.5], ['pow', 7, 2, 49],
    ['/', 7, 0, 0], ['/', 0, 0, 0], ['/', 7, -0, 0], ['quotient', 7, 0, null], ['quotient', 0, 0, null],
    ['pow', 0, -1, null], ['pow', -1, 0.5, null], ['pow', 0, 0, 1], ['*', 1e308, 10, null], ['*', -1, 0, 0], ['-', -1e308, 1e308, null]
  ] as const)('%s of %f and %f', async (fn, x, y, expected) => {
    expect(await computed({ type: 'arithmetic', fn, fields: [a, b] }, { a: x, b: y })).toBe(expected)
  })

  it.each(['+', '-', '*', '/', 'quotient', 'pow'] as const)('%s of a missing value is missing', async fn => {
    expect(await computed({ type: 'arithmetic', fn, fields: [a, b] }, { a: 1 })).toBeNull()
    expect(await computed({ type: 'arithmetic', fn, fields: [a, b] }, { b: 1 })).toBeNull()
    expect(await computed({ type: 'arithmetic', fn, fields: [a, number(0)] })).toBeNull()
  })

  it('goes from left to right, and into nested operands', async () => {
    expect(await computed({ type: 'arithmetic', fn: '-', fields: [a, b, number(3)] }, { a: 10, b: 2 })).toBe(5)
    expect(await computed({ type: 'arithmetic', fn: 'pow', fields: [a, b, number(2)] }, { a: 2, b: 3 })).toBe(64)
    const inner: OperandInput = { type: 'arithmetic', fn: '-', fields: [b, number(3)] }
    expect(await computed({ type: 'arithmetic', fn: '-', fields: [a, inner] }, { a: 10, b: 2 })).toBe(11)
    const byZero: OperandInput = { type: 'arithmetic', fn: 'quotient', fields: [a, number(0)] }
    expect(await computed({ type: 'arithmetic', fn: '/', fields: [number(1), byZero] }, { a: 1 })).toBeNull()
  })
})

describe('greatest and least', () => {
  it.each([
    ['doubleGreatest', 1.5, 2.5, 2.5], ['doubleLeast', 1.5, 2.5, 1.5], ['longGreatest', 1.5, 2.9, 2], ['longLeast', -1.5, 2.5, -1],
    ['doubleGreatest', -3, -2, -2], ['doubleLeast', -3, -2, -3]
  ] as const)('%s of %f and %f', async (type, x, y, expected) => {
    expect(await computed({ type, fields: [a, b] }, { a: x, b: y })).toBe(expected)
    expect(await computed({ type, fields: [b, a] }, { a: x, b: y })).toBe(expected)
  })

  it.each(['doubleGreatest', 'doubleLeast', 'longGreatest', 'longLeast'] as const)('%s passes missing values over', async type => {
    expect(await computed({ type, fields: [a, b] }, { a: 4 })).toBe(4)
    expect(await computed({ type, fields: [a, b] }, { b: 4 })).toBe(4)
    expect(await computed({ type, fields: [a, b] })).toBeNull()
  })
})

it('a post-aggregation may use earlier ones, and is a column like any other', async () => {
  const engine = await Engine.open()
  await engine.ingest(Array.from({ length: 60 }, (_, i) => ({ session_id: `s${i}`, started_at: i, city: `c${i % 3}`, visitor_id: `v${i % (i % 3 === 0 ? 3 : 60)}` })))
  const query = {
    interval: { start: '1970-01-01', end: '1970-01-02' },
    granularity: 'all',
    group_by: ['city'],
    aggregations: [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }],
    post_aggregations: [
      { type: 'arithmetic', name: 'each', fn: '/', fields: [{ type: 'finalizingFieldAccess', fieldName: 'count' }, { type: 'hyperUniqueCardinality', fieldName: 'visitor_id_hyper_unique' }] },
      { type: 'arithmetic', name: 'double', fn: '*', fields: [{ type: 'fieldAccess', fieldName: 'each' }, { type: 'constant', value: 2 }] }
    ],
    order_by: [{ column: 'double', direction: 'descending' }]
  } as const satisfies QueryInput
  const { fields, data } = await engine.query(query)
  expect(fields.slice(2)).toEqual(['count', 'visitor_id_hyper_unique', 'each', 'double'].map(name => ({ name, type: 'metric' })))
  expect(data.map(row => [row[1], row[2], Math.round(row[3]), Math.round(row[4]!), Math.round(row[5]!)])).toEqual([
    ['c0', 20, 1, 20, 40], ['c1', 20, 20, 1, 2], ['c2', 20, 20, 1, 2]
  ])
  await engine.close()
})

it('empty buckets have what comes of 0 and null', async () => {
  const engine = await Engine.open({ columns: { a: 'number' } })
  const { data } = await engine.query({
    interval: { start: '2025-01-01', end: '2025-01-02' },
    granularity: 'day',
    aggregations: [{ type: 'count' }, { type: 'avg', fields: ['a'] }],
    post_aggregations: [
      { type: 'arithmetic', name: 'more', fn: '+', fields: [{ type: 'fieldAccess', fieldName: 'count' }, { type: 'constant', value: 1 }] },
      { type: 'fieldAccess', name: 'copy', fieldName: 'a_avg' }
    ]
  })
  expect(data).toEqual([['2025-01-01T00:00:00.000Z', 0, null, 1, null]])
  await engine.close()
})
