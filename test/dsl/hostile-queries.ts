/** Queries that are meant to cost time or memory. */
import { queryWith } from './helpers.js'

const interval = { start: '2024-03-01', end: '2024-05-01' }

function nested(levels: number): unknown {
  let filter: unknown = { type: 'selector', dimension: 'city', value: 'a' }
  for (let level = 0; level < levels; level++) filter = { type: 'not', field: filter }
  return filter
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `visitor ${i}`)

/** By name. `columns` are those of the table. */
export function hostileQueries(columns: readonly string[]): Readonly<Record<string, Record<string, unknown>>> {
  return {
    'a thousand nested nots': queryWith({ interval, filters: nested(1000) }),
    'as many nested nots as are allowed': queryWith({ interval, filters: nested(98) }),
    'a hundred thousand values': queryWith({ interval, filters: { type: 'in', dimension: 'visitor_id', values: texts(100_000) } }),
    'a hundred thousand values that are no numbers': queryWith({ interval, filters: { type: 'in', dimension: 'seconds', values: texts(100_000) } }),
    'a regular expression that explodes': queryWith({ interval, filters: { type: 'regex', dimension: 'city', pattern: '(a*)*(a|aa)+(.*)*b' } }),
    'a regular expression of many repetitions': queryWith({ interval, filters: { type: 'regex', dimension: 'city', pattern: '(((x{30}){30}){30}){30}' } }),
    'a pattern of many wildcards': queryWith({ interval, filters: { type: 'like', dimension: 'city', pattern: '%a'.repeat(2000) } }),
    'a group_by of every dimension': queryWith({ interval, granularity: 'hour', group_by: columns }),
    'a group_by of one array many times': queryWith({
      interval, group_by: Array.from({ length: 40 }, (_, i) => ({ dimension: 'rooms', name: `room ${i}` })), granularity: 'none'
    }),
    'billions of buckets': queryWith({ interval: { start: '0001-01-01', end: '9999-01-01' }, granularity: 'second' }),
    'billions of buckets of a millisecond': queryWith({ interval: { start: '0001-01-01', end: '9999-01-01' }, granularity: { type: 'duration', duration: 1 } }),
    'every bucket of every group': queryWith({ interval, granularity: 'second', group_by: ['visitor_id'], fill: 'zero' }),
    'a period of zero': queryWith({ interval, granularity: { type: 'period', period: 'PT0S' } }),
    'a quantile of 1.5': queryWith({ interval, aggregations: [{ type: 'quantile', fields: ['seconds'], quantiles: [1.5] }] }),
    'a thousand aggregations': queryWith({
      interval, group_by: ['visitor_id'], aggregations: Array.from({ length: 1000 }, (_, i) => ({ type: 'hyperUnique', fields: ['session_id'], name: `n${i}` }))
    }),
    'names of JavaScript': queryWith({
      interval, group_by: [{ dimension: '__proto__', name: 'constructor' }], aggregations: [{ type: 'hyperUnique', fields: ['__proto__'], name: '__proto__' }],
      filters: { type: 'not', field: { type: 'selector', dimension: '__proto__', value: 'hasOwnProperty' } }, order_by: ['__proto__', 'constructor']
    }),
    'a Druid query of the same names': {
      queryType: 'groupBy', intervals: '2024/2025', granularity: 'all', dimensions: [{ dimension: '__proto__', outputName: 'constructor' }],
      aggregations: [{ type: 'count', name: '__proto__' }], postAggregations: [{ type: 'fieldAccess', name: 'toString', fieldName: '__proto__' }]
    },
    'a Druid query over all time by the millisecond': { queryType: 'timeseries', intervals: '-9999-01-01/9999-01-01', granularity: { type: 'duration', duration: 1 } },
    'nested arrays': queryWith({ interval, filters: JSON.parse('['.repeat(90) + ']'.repeat(90)) as unknown })
  }
}
