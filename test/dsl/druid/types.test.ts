import { describe, expectTypeOf, it } from 'vitest'
import type { Engine, GroupByEntry, QueryResult, TimeseriesEntry, TopNEntry } from '../../../index.js'

declare const engine: Engine

describe('the answer of a query', () => {
  it('has Druid\'s type where the query is Druid\'s', () => {
    const ask = {
      series: () => engine.query({ queryType: 'timeseries', intervals: '2024/2025', granularity: 'all' }),
      top: () => engine.query({ queryType: 'topN', dimension: 'country' }),
      groups: () => engine.query({ queryType: 'groupBy' }),
      own: () => engine.query({ interval: { start: '2024-01-01', end: '2025-01-01' }, granularity: 'all', aggregations: [{ type: 'count' }] })
    }
    expectTypeOf(ask.series).returns.resolves.toEqualTypeOf<TimeseriesEntry[]>()
    expectTypeOf(ask.top).returns.resolves.toEqualTypeOf<TopNEntry[]>()
    expectTypeOf(ask.groups).returns.resolves.toEqualTypeOf<GroupByEntry[]>()
    expectTypeOf(ask.own).returns.resolves.toEqualTypeOf<QueryResult<[timestamp: string, number]>>()
  })
})
