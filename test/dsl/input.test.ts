import { describe, expectTypeOf, test } from 'vitest'
import type { AggregationInput, HistogramBin, QueryInput, QueryResult, ResultOf } from '../../dsl/input.js'

/** As `Engine.query` is declared. */
declare function query<const Q extends QueryInput>(query: Q): ResultOf<Q>

const interval = { start: '2019-01-01T00:00:00Z', end: '2019-01-02T00:00:00Z' }

/** The result type of a call that is compiled and never made. */
function typeOf<Result>(_call: () => Result): { readonly data: Result } {
  return {} as { readonly data: Result }
}

describe('the type of a result', () => {
  test('a row is the timestamp, the dimensions and a metric for each field', () => {
    const { data } = typeOf(() => query({
      interval,
      granularity: 'day',
      group_by: ['country', { dimension: 'city', name: 'town' }],
      aggregations: [{ type: 'count' }, { type: 'avg', fields: ['session_duration_secs', 'x'] }, { type: 'hyperUnique', fields: ['visitor_id'] }]
    }))
    type Row = [timestamp: string, string | number | null, string | number | null, number, number | null, number | null, number]
    expectTypeOf(data).toEqualTypeOf<QueryResult<Row>>()
  })

  test('without group_by there are no dimensions, and fields of count give no column', () => {
    const { data } = typeOf(() => query({
      interval, granularity: 'all', aggregations: [{ type: 'count', fields: ['a', 'b'] }, { type: 'max', fields: ['x'] }]
    }))
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, number, number | null]>>()
  })

  test('a quantile gives a value for each field and quantile', () => {
    const { data } = typeOf(() => query({
      interval, granularity: 'all', aggregations: [{ type: 'quantile', fields: ['x', 'y'], quantiles: [0.5, 0.95] }, { type: 'count' }]
    }))
    type Median = number | null
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, Median, Median, Median, Median, number]>>()
    const quantiles = [0.5] as [number, ...number[]]
    const some = typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'quantile', fields: ['x'], quantiles }] }))
    expectTypeOf(some.data).toEqualTypeOf<QueryResult>()
  })

  test('the first value is one of the column', () => {
    const { data } = typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'first', fields: ['x'] }, { type: 'any', fields: ['y'] }] }))
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, string | number | null, string | number | null]>>()
  })

  test('a column with its error is two, and what is filtered is as what is inside', () => {
    const { data } = typeOf(() => query({
      interval, granularity: 'all', aggregations: [
        { type: 'hyperUnique', fields: ['x', 'y'], with_error: true }, { type: 'hyperUnique', fields: ['z'], with_error: false },
        { type: 'filtered', filter: { type: 'true' }, aggregator: { type: 'quantile', fields: ['x'], quantiles: [0.5, 0.9], with_error: true } },
        { type: 'filtered', filter: { type: 'true' }, aggregator: { type: 'filtered', filter: { type: 'true' }, aggregator: { type: 'count' } } }
      ]
    }))
    type Value = number | null
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, number, number, number, number, number, Value, Value, Value, Value, number]>>()
    const maybe = true as boolean
    const errors = typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'hyperUnique', fields: ['x'], with_error: maybe }] }))
    expectTypeOf(errors.data).toEqualTypeOf<QueryResult>()
    const aggregator = { type: 'count' } as AggregationInput
    const some = typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'filtered', filter: { type: 'true' }, aggregator }] }))
    expectTypeOf(some.data).toEqualTypeOf<QueryResult>()
  })

  test('a dimension of a kind has its values', () => {
    const { data } = typeOf(() => query({
      interval: '2019-01-01/P1M', granularity: 'all', aggregations: [{ type: 'count' }],
      group_by: [{ type: 'time', unit: 'hour_of_day' }, { type: 'bucket', dimension: 'x', width: 5 }, { type: 'whole', dimension: 'y' }, { type: 'prefixFiltered', dimension: 'z', prefix: 'a' }]
    }))
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, number, number | null, string | null, string | number | null, number]>>()
  })

  test('a comparison gives two values more for each', () => {
    const { data } = typeOf(() => query({
      interval: { last: 'P7D' }, granularity: 'day', aggregations: [{ type: 'count' }, { type: 'first', fields: ['x'] }], compare: { to: 'previous_period' }
    }))
    type Row = [timestamp: string, number, string | number | null, number | null, number | null, string | number | null, number | null]
    expectTypeOf(data).toEqualTypeOf<QueryResult<Row>>()
  })

  test('a histogram is a list of bins, an intersection a number, a sketch a text', () => {
    const { data } = typeOf(() => query({
      interval, granularity: 'all', aggregations: [
        { type: 'histogram', fields: ['x', 'y'], edges: [1, 2] }, { type: 'uniqueIntersection', filters: [{ type: 'true' }], field: 'z' },
        { type: 'hyperUniqueSketch', fields: ['z'] }
      ]
    }))
    expectTypeOf(data).toEqualTypeOf<QueryResult<[timestamp: string, readonly HistogramBin[], readonly HistogramBin[], number, string]>>()
  })

  test('a post-aggregation is a number or null; others, totals and subtotals let a group be a text or null', () => {
    const each = { type: 'arithmetic', name: 'x', fn: '/', fields: [{ type: 'fieldAccess', fieldName: 'count' }, { type: 'constant', value: 2 }] } as const
    const base = { interval, granularity: 'all', group_by: [{ type: 'time', unit: 'hour_of_day' }], aggregations: [{ type: 'count' }], post_aggregations: [each] } as const
    expectTypeOf(typeOf(() => query(base)).data).toEqualTypeOf<QueryResult<[timestamp: string, number, number, number | null]>>()
    type Loose = QueryResult<[timestamp: string, string | number | null, number, number | null]>
    expectTypeOf(typeOf(() => query({ ...base, limit: 1, others: 'Other' })).data).toEqualTypeOf<Loose>()
    expectTypeOf(typeOf(() => query({ ...base, totals: true })).data).toEqualTypeOf<Loose>()
    expectTypeOf(typeOf(() => query({ ...base, subtotals: [[]] })).data).toEqualTypeOf<Loose>()
  })

  test('a query that is no literal has general rows', () => {
    const { data } = typeOf(() => query({} as QueryInput))
    expectTypeOf(data).toEqualTypeOf<QueryResult>()
    const names = typeOf(() => query({ interval, granularity: 'all', group_by: [] as string[], aggregations: [{ type: 'count' }] }))
    expectTypeOf(names.data).toEqualTypeOf<QueryResult>()
    const fields = ['x'] as [string, ...string[]]
    const metrics = typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'max', fields }] }))
    expectTypeOf(metrics.data).toEqualTypeOf<QueryResult>()
  })

  test('the compiler refuses what the language does not have', () => {
    // @ts-expect-error: no such granularity
    typeOf(() => query({ interval, granularity: 'hours', aggregations: [{ type: 'count' }] }))
    // @ts-expect-error: no such aggregation
    typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'average', fields: ['x'] }] }))
    // @ts-expect-error: avg needs a field
    typeOf(() => query({ interval, granularity: 'all', aggregations: [{ type: 'avg', fields: [] }] }))
    // @ts-expect-error: a selector has no values
    typeOf(() => query({ interval, granularity: 'all', aggregations: [], filters: { type: 'selector', dimension: 'a', values: ['x'] } }))
    // @ts-expect-error: the interval is missing
    typeOf(() => query({ granularity: 'all', aggregations: [] }))
  })
})
