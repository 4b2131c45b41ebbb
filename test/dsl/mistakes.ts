/** Typical mistakes of people who write queries, each as they write it. docs/mistakes.md is made of them. */

export interface Mistake {
  /** What went wrong, for the table. */
  readonly mistake: string
  /** The part that is shown: keys in place of those of a sound query, or a whole text. */
  readonly query: Readonly<Record<string, unknown>> | string
}

const INTERVAL = { start: '2024-03-01', end: '2024-04-01' }

export const MISTAKES: readonly Mistake[] = [
  { mistake: 'a comma after the last item', query: '{"granularity": "day", "aggregations": [{"type": "count"},]}' },
  { mistake: 'a comma after the last key', query: '{"granularity": "day",}' },
  { mistake: 'single quotes', query: "{'granularity': 'day'}" },
  { mistake: 'keys without quotes', query: '{granularity: "day"}' },
  { mistake: 'a comment', query: '{"granularity": "day" // per day\n}' },
  { mistake: 'NaN', query: '{"granularity": "day", "limit": NaN}' },
  { mistake: 'a bracket that is never closed', query: '{"granularity": "day", "filters": {"type": "and", "fields": [' },
  { mistake: 'a missing comma', query: '{"granularity": "day" "limit": 5}' },
  { mistake: 'SQL in place of JSON', query: 'SELECT country, COUNT(*) FROM sessions GROUP BY country' },
  { mistake: 'an array around the query', query: '[{"granularity": "day"}]' },
  { mistake: 'nothing to compute', query: { aggregations: undefined } },
  { mistake: 'groupBy, as in Druid and SQL', query: { groupBy: ['country'] } },
  { mistake: 'filter, as in Druid', query: { filter: { type: 'selector', dimension: 'country', value: 'Finland' } } },
  { mistake: 'where, as in SQL', query: { where: { country: 'Finland' } } },
  { mistake: 'intervals, as in Druid', query: { interval: undefined, intervals: ['2024-03-01/2024-04-01'] } },
  { mistake: 'the name of a dimension misspelt', query: { group_by: ['contry'] } },
  { mistake: 'a dimension in the wrong case', query: { group_by: ['Country'] } },
  { mistake: 'group_by without a list', query: { group_by: 'country' } },
  { mistake: 'COUNT in capitals', query: { aggregations: [{ type: 'COUNT' }] } },
  { mistake: 'a type of aggregation without an object', query: { aggregations: ['count'] } },
  { mistake: 'one aggregation without a list', query: { aggregations: { type: 'count' } } },
  { mistake: 'the mean of texts', query: { aggregations: [{ type: 'avg', fields: ['country'] }] } },
  { mistake: 'one field without a list', query: { aggregations: [{ type: 'sum', fields: 'session_duration_secs' }] } },
  { mistake: 'longSum with fieldName, as in Druid', query: { aggregations: [{ type: 'longSum', name: 'secs', fieldName: 'session_duration_secs' }] } },
  { mistake: 'countDistinct', query: { aggregations: [{ type: 'countDistinct', fields: ['visitor_id'] }] } },
  { mistake: 'a percentile in place of a share', query: { aggregations: [{ type: 'quantile', fields: ['session_duration_secs'], quantiles: [95] }] } },
  { mistake: 'one column twice', query: { aggregations: [{ type: 'count' }, { type: 'count' }] } },
  { mistake: 'AND in capitals', query: { filters: { type: 'AND', fields: [] } } },
  { mistake: 'a filter without a type', query: { filters: { country: 'Finland' } } },
  { mistake: 'a list of values in a selector', query: { filters: { type: 'selector', dimension: 'country', value: ['Finland', 'Sweden'] } } },
  { mistake: 'a list of filters in not', query: { filters: { type: 'not', field: [{ type: 'true' }] } } },
  { mistake: 'fields in not', query: { filters: { type: 'not', fields: [{ type: 'true' }] } } },
  { mistake: 'a text compared with a number', query: { filters: { type: 'bound', dimension: 'session_duration_secs', lower: 'ten' } } },
  { mistake: 'gt in place of lower', query: { filters: { type: 'bound', dimension: 'session_duration_secs', gt: 10 } } },
  { mistake: 'a regular expression that does not parse', query: { filters: { type: 'regex', dimension: 'city', pattern: '(Hel' } } },
  { mistake: 'a date in another form', query: { interval: { ...INTERVAL, start: '01.03.2024' } } },
  { mistake: 'a date that does not exist', query: { interval: { ...INTERVAL, start: '2023-02-29' } } },
  { mistake: 'epoch milliseconds for a time', query: { interval: { ...INTERVAL, start: 1709251200000 } } },
  { mistake: 'the end before the start', query: { interval: { start: '2024-04-01', end: '2024-03-01' } } },
  { mistake: 'a time zone that does not exist', query: { interval: { ...INTERVAL, time_zone: 'Europe/Helsinky' } } },
  { mistake: 'the abbreviation of a time zone', query: { interval: { ...INTERVAL, time_zone: 'EEST' } } },
  { mistake: 'an offset for a time zone', query: { interval: { ...INTERVAL, time_zone: '+02:00' } } },
  { mistake: 'timezone without an underscore', query: { interval: { ...INTERVAL, timezone: 'Europe/Helsinki' } } },
  { mistake: 'daily in place of day', query: { granularity: 'daily' } },
  { mistake: 'a granularity of 1d', query: { granularity: '1d' } },
  { mistake: 'a period of zero', query: { granularity: { type: 'period', period: 'P0D' } } },
  { mistake: 'a limit of 0', query: { limit: 0 } },
  { mistake: 'a limit as a text', query: { limit: '10' } },
  { mistake: 'order_by a dimension that is no column', query: { group_by: ['country'], order_by: [{ column: 'city' }] } },
  { mistake: 'DESC in capitals', query: { order_by: [{ column: 'count', direction: 'DESC' }] } },
  { mistake: 'having with a column that is not there', query: { having: { type: 'greaterThan', aggregation: 'visitors', value: 10 } } }
]
