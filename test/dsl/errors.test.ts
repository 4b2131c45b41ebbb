import { describe, expect, test } from 'vitest'
import { parseQuery, parseQueryText } from '../../dsl/parse.js'
import { COLUMNS, faults, issuesOf, queryWith } from './helpers.js'

const textFaults = (text: string) => issuesOf(() => parseQueryText(text)).map(({ code, message }) => `${code} ${message}`)
const interval = (start: unknown, end: unknown, time_zone = 'UTC') => faults({ interval: { start, end, time_zone } })
const aggregation = (value: unknown) => faults({ aggregations: [value] })
const filterFaults = (filters: unknown) => faults({ filters })

const histogram = (options: object) => aggregation({ type: 'histogram', fields: ['session_duration_secs'], ...options })

const TYPES = 'count, hyperUnique, exactUnique, avg, sum, min, max, first, last, any, quantile, histogram, hyperUniqueSketch, uniqueIntersection, filtered'

describe('each fault says what was got and what is expected', () => {
  test('what is no query', () => {
    expect(issuesOf(() => parseQuery(5)).map(({ message }) => message)).toContain('got the number 5, expected an object.')
    expect(issuesOf(() => parseQuery({})).map(({ message }) => message)).toEqual([
      'the key "interval" is missing, expected an object, a string or an array (which sessions: those that started within it).',
      'the key "granularity" is missing, expected a string or an object (how long a bucket of time is).',
      'the key "aggregations" is missing, expected an array (the columns to compute, in their order).'
    ])
  })

  test('unknown keys', () => {
    expect(faults({ filter: {} })).toEqual([
      'unknown_key /filter unknown key "filter", expected interval, granularity, group_by, aggregations, post_aggregations,'
      + ' filters, having, order_by, limit, offset, limit_per_bucket,'
      + ' others, totals, subtotals, fill, compare or context; did you mean "filters"?'
    ])
    expect(faults({ 'a/b~c': 1 })[0]).toMatch(/^unknown_key \/a~1b~0c unknown key "a\/b~c", expected .* or \w+\.$/)
    expect(filterFaults({ type: 'selector', dimension: 'city', value: 'a', values: [] })).toEqual([
      'unknown_key /filters/values unknown key "values", expected type, dimension or value; did you mean "value"?'
    ])
  })

  test('unknown granularities', () => {
    expect(faults({ granularity: 'hours' })).toEqual([
      'invalid_value /granularity got the string "hours", expected one of all, none, second, minute, five_minute, ten_minute, fifteen_minute, thirty_minute,'
      + ' hour, six_hour, eight_hour, day, week, month, quarter, year; did you mean "hour"?'
    ])
    expect(faults({ granularity: 'Day' })[0]).toMatch(/did you mean "day"\?$/)
    expect(faults({ granularity: 5 })).toEqual(['wrong_type /granularity got the number 5, expected a string or an object.'])
    expect(faults({ granularity: { type: 'periods' } })).toEqual([
      'unknown_type /granularity/type unknown type "periods", expected one of period, duration; did you mean "period"?'
    ])
    expect(faults({ granularity: { type: 'duration', duration: 0 } })).toEqual(['invalid_value /granularity/duration got the number 0, expected more than 0.'])
    expect(faults({ granularity: { type: 'duration', duration: 1.5 } })).toEqual([
      'wrong_type /granularity/duration got the number 1.5, expected a whole number.'
    ])
    for (const period of ['PT0S', 'P', '1D', 'P1DT', 'P-1D', 'P99999Y']) {
      expect(faults({ granularity: { type: 'period', period } })).toEqual([
        `invalid_period /granularity/period got "${period}", expected an ISO-8601 period above zero such as "PT15M", "P1D" or "P2W".`
      ])
    }
    expect(faults({ granularity: { type: 'period', period: 'P1D', time_zone: 'UCT+2', origin: 'now' } })).toEqual([
      'unknown_time_zone /granularity/time_zone the tz database has no time zone "UCT+2", expected for example "Europe/Helsinki".',
      'invalid_interval /granularity/origin "now" is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00".'
    ])
  })

  test('intervals', () => {
    expect(interval('2019-02-30', '2019-03-01')).toEqual(['invalid_interval /interval/start "2019-02-30" is a date that does not exist.'])
    expect(interval('2019-02-01', '2019')).toEqual([
      'invalid_interval /interval/end "2019" is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00".'
    ])
    expect(interval('2019-02-01T25:00', '2019-03-01')).toEqual(['invalid_interval /interval/start "2019-02-01T25:00" is a time of day that does not exist.'])
    expect(interval('2019-02-01T00:00+25:00', '2019-03-01')).toEqual([
      'invalid_interval /interval/start "2019-02-01T00:00+25:00" has an offset that does not exist.'
    ])
    expect(interval('2019-02-02', '2019-02-01')).toEqual([
      'invalid_interval /interval the end "2019-02-01" lies before the start "2019-02-02", expected it at or after.'
    ])
    expect(interval('2019-02-01', '2019-02-02', 'Europe/Helsinky')).toEqual([
      'unknown_time_zone /interval/time_zone the tz database has no time zone "Europe/Helsinky",'
      + ' expected for example "Europe/Helsinki"; did you mean "Europe/Helsinki"?'
    ])
    expect(interval('2019-02-01', '2019-02-02', '+02:00')[0]).toMatch(/^unknown_time_zone/)
    expect(interval('2019-03-31T03:30', '2019-04-01', 'Europe/Helsinki')).toEqual([
      'invalid_interval /interval/start "2019-03-31T03:30" does not exist in Europe/Helsinki, where the clocks jump over it; write a later time or an offset.'
    ])
    expect(interval(5, null)).toEqual([
      'wrong_type /interval/start got the number 5, expected a string such as "2019-01-01T00:00:00Z".',
      'wrong_type /interval/end got null, expected a string.'
    ])
  })

  test('unknown dimensions', () => {
    const known = 'country, city, visitor_id, rooms, session_duration_secs or distinct_visited_urls_count'
    expect(faults({ group_by: ['contry'] })).toEqual([
      `unknown_dimension /group_by/0 no source provides a dimension "contry", expected ${known}; did you mean "country"?`
    ])
    expect(faults({ group_by: [{ dimension: 'constructor', name: 'a' }] })).toEqual([
      `unknown_dimension /group_by/0/dimension no source provides a dimension "constructor", expected ${known}.`
    ])
    const leaves = [
      { type: 'selector', value: 1 }, { type: 'in', values: [] }, { type: 'bound', lower: 1 }, { type: 'like', pattern: '' }, { type: 'regex', pattern: '' }
    ]
    for (const filter of leaves) {
      expect(filterFaults({ type: 'not', field: { ...filter, dimension: 'nope' } })[0]).toMatch(/^unknown_dimension \/filters\/field\/dimension /)
    }
    const many = new Map(Array.from({ length: 50 }, (_, i) => [`dimension_${i}`, 'string' as const]))
    expect(faults({ group_by: ['dimensoin_7'] }, many)).toEqual([
      'unknown_dimension /group_by/0 no source provides a dimension "dimensoin_7"; did you mean "dimension_7"?'
    ])
  })

  test('aggregations', () => {
    expect(aggregation({ type: 'hyperunique', fields: ['city'] })).toEqual([
      `unknown_type /aggregations/0/type unknown type "hyperunique", expected one of ${TYPES}; did you mean "hyperUnique"?`
    ])
    expect(aggregation({})).toEqual([`missing /aggregations/0 the key "type" is missing, expected one of ${TYPES}.`])
    expect(aggregation({ type: 5 })).toEqual([
      `wrong_type /aggregations/0/type got the number 5, expected one of ${TYPES}.`
    ])
    expect(aggregation({ type: 'sum' })).toEqual(['missing /aggregations/0 the key "fields" is missing, expected an array (the dimensions).'])
    expect(aggregation({ type: 'sum', fields: [] })).toEqual(['invalid_value /aggregations/0/fields got an empty array, expected at least one item.'])
    expect(aggregation({ type: 'avg', fields: ['session_duration_secs', 'city'] })).toEqual([
      'not_numeric /aggregations/0/fields/1 "city" is a string, avg expects a number such as session_duration_secs or distinct_visited_urls_count.'
    ])
    expect(aggregation({ type: 'max', fields: ['rooms'] })).toEqual([
      'not_numeric /aggregations/0/fields/0 "rooms" is an array of strings, max expects a number such as session_duration_secs or distinct_visited_urls_count.'
    ])
    expect(faults({ aggregations: [{ type: 'min', fields: ['a'] }] }, new Map([['a', 'string']]))).toEqual([
      'not_numeric /aggregations/0/fields/0 "a" is a string, min expects a number.'
    ])
    expect(aggregation({ type: 'hyperUnique', fields: ['city', 'rooms'], name: 'x' })).toEqual([
      'invalid_value /aggregations/0/name got one name for 2 fields, expected a single field or no name.'
    ])
    expect(aggregation({ type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.5, 1.5, -0.1, '0.9'] })).toEqual([
      'invalid_value /aggregations/0/quantiles/1 got the number 1.5, expected a number from 0 to 1.',
      'invalid_value /aggregations/0/quantiles/2 got the number -0.1, expected a number from 0 to 1.',
      'wrong_type /aggregations/0/quantiles/3 got the string "0.9", expected a number, without quotes.'
    ])
    expect(aggregation({ type: 'quantile', fields: ['session_duration_secs'] })).toEqual([
      'missing /aggregations/0 the key "quantiles" is missing, expected an array (the quantiles).'
    ])
    expect(aggregation({ type: 'quantile', fields: ['city'], quantiles: [0.5, 0.95] })).toEqual([
      'not_numeric /aggregations/0/fields/0 "city" is a string, quantile expects a number such as session_duration_secs or distinct_visited_urls_count.'
    ])
    expect(aggregation({ type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.5, 0.5] })).toEqual([
      'duplicate_name /aggregations/0/quantiles/1 there is another output column "session_duration_secs_p50", expected a "name" of its own.'
    ])
    expect(aggregation({ type: 'first', fields: ['city', 'rooms'] })).toEqual([
      'invalid_value /aggregations/0/fields/1 "rooms" is an array of strings, first expects a string or a number.'
    ])
    expect(aggregation({ type: 'hyperUnique', fields: ['city'], with_error: 'yes' })).toEqual([
      'wrong_type /aggregations/0/with_error got the string "yes", expected true or false.'
    ])
    expect(aggregation({ type: 'sum', fields: ['session_duration_secs'], with_error: true })).toEqual([
      'unknown_key /aggregations/0/with_error unknown key "with_error", expected type, fields or name.'
    ])
    expect(aggregation({ type: 'count', name: '' })).toEqual(['invalid_value /aggregations/0/name got the string "", expected a string that is not empty.'])
  })

  test('histograms', () => {
    expect(histogram({ bins: 10, edges: [1] })).toEqual(['invalid_value /aggregations/0/bins got bins and edges, expected one of the two.'])
    expect(histogram({ edges: [1, 2, 2] })).toEqual(['invalid_value /aggregations/0/edges/2 got 2 after 2, expected ascending numbers.'])
    expect(histogram({ edges: [] })).toEqual(['invalid_value /aggregations/0/edges got an empty array, expected at least one item.'])
    expect(histogram({ bins: 0 })).toEqual(['invalid_value /aggregations/0/bins got the number 0, expected a number from 1 to 1000.'])
    expect(histogram({ bins: 1001 })).toEqual(['invalid_value /aggregations/0/bins got the number 1001, expected a number from 1 to 1000.'])
    expect(faults({ aggregations: [{ type: 'filtered', filter: { type: 'true' }, aggregator: { type: 'histogram', fields: ['session_duration_secs'], name: 'h' } }], order_by: ['h'] }))
      .toEqual(['invalid_value /order_by/0 "h" is a histogram, expected a column of numbers or strings.'])
  })

  test('intersections', () => {
    expect(aggregation({ type: 'uniqueIntersection', filters: [], fields: ['visitor_id'] })).toEqual([
      'invalid_value /aggregations/0/filters got an empty array, expected at least one item.',
      'unknown_key /aggregations/0/fields unknown key "fields", expected type, filters, field or name; did you mean "field"?',
      'missing /aggregations/0 the key "field" is missing, expected a string (name of a dimension).'
    ])
    expect(aggregation({ type: 'uniqueIntersection', filters: [{ type: 'selector', dimension: 'land', value: 'x' }], field: 'who' })).toHaveLength(2)
  })

  test('filtered aggregations', () => {
    const isFinnish = { type: 'selector', dimension: 'country', value: 'Finland' }
    expect(aggregation({ type: 'filtered' })).toEqual([
      'missing /aggregations/0 the key "filter" is missing, expected an object (which sessions are counted).',
      'missing /aggregations/0 the key "aggregator" is missing, expected an object (what is computed for each row of the answer).'
    ])
    expect(aggregation({ type: 'filtered', filter: { ...isFinnish, dimension: 'land' }, aggregator: { type: 'sum', fields: ['city'] } })).toEqual([
      'unknown_dimension /aggregations/0/filter/dimension no source provides a dimension "land",'
      + ' expected country, city, visitor_id, rooms, session_duration_secs or distinct_visited_urls_count',
      'not_numeric /aggregations/0/aggregator/fields/0 "city" is a string, sum expects a number such as session_duration_secs or distinct_visited_urls_count.'
    ].map((fault, at) => at === 0 ? `${fault}.` : fault))
    expect(aggregation({ type: 'filtered', name: 'x', filter: isFinnish, aggregator: { type: 'exactUnique', fields: ['city', 'country'] } })).toEqual([
      'invalid_value /aggregations/0/name got one name for 2 fields, expected a single field or no name.'
    ])
    expect(faults({ aggregations: [{ type: 'count' }, { type: 'filtered', filter: isFinnish, aggregator: { type: 'count' } }] })).toEqual([
      'duplicate_name /aggregations/1/aggregator there is another output column "count", expected a "name" of its own.'
    ])
  })

  test('two columns of one name', () => {
    expect(faults({ aggregations: [{ type: 'count' }, { type: 'count' }] })).toEqual([
      'duplicate_name /aggregations/1 there is another output column "count", expected a "name" of its own.'
    ])
    expect(faults({ aggregations: [{ type: 'hyperUnique', fields: ['city', 'city'] }] })).toEqual([
      'duplicate_name /aggregations/0/fields/1 there is another output column "city_hyper_unique", expected a "name" of its own.'
    ])
    const taken = [{ type: 'count', name: 'city' }, { type: 'max', fields: ['session_duration_secs'], name: 'timestamp' }]
    expect(faults({ group_by: ['city'], aggregations: taken })).toEqual([
      'duplicate_name /aggregations/0/name there is another output column "city", expected a "name" of its own.',
      'duplicate_name /aggregations/1/name there is another output column "timestamp", expected a "name" of its own.'
    ])
    expect(faults({ group_by: [{ dimension: 'city', name: 'timestamp' }] })).toEqual([
      'duplicate_name /group_by/0/name the name "timestamp" is that of the first column, expected another, as in {"dimension": "timestamp", "name": "time"}.'
    ])
  })

  test('filters: only the faults of the filter that it says it is', () => {
    expect(filterFaults(7)).toEqual(['wrong_type /filters got the number 7, expected an object, an array or null.'])
    const types = 'and, or, not, selector, in, bound, like, regex, range, equals, arrayContainsElement, null, search, interval, columnComparison, true, false'
    expect(filterFaults([{}])).toEqual([`missing /filters/0 the key "type" is missing, expected one of ${types}.`])
    expect(filterFaults({ type: 'selektor' })).toEqual([
      `unknown_type /filters/type unknown type "selektor", expected one of ${types}; did you mean "selector"?`
    ])
    expect(filterFaults({ type: 'selector', dimension: 'city' })).toEqual([
      'missing /filters the key "value" is missing, expected a string, a number, true or false or null (the value to match).'
    ])
    expect(filterFaults({ type: 'selector', dimension: 'city', value: [] })).toEqual([
      'wrong_type /filters/value got an array, expected a string, a number, true or false or null; the filter "in" takes several values.'
    ])
    expect(filterFaults({ type: 'and', fields: {} })).toEqual(['wrong_type /filters/fields got an object, expected an array: put it in [ ].'])
    expect(filterFaults({ type: 'and', fields: [[]] })).toEqual(['wrong_type /filters/fields/0 got an array, expected an object.'])
    expect(filterFaults({ type: 'not' })).toEqual(['missing /filters the key "field" is missing, expected an object (which sessions are counted).'])
    expect(filterFaults({ type: 'like', dimension: 'city', pattern: 'a', escape: '!!' })).toEqual([
      'invalid_value /filters/escape got the string "!!", expected one character.'
    ])
  })

  test('values that the column cannot have', () => {
    const what = 'expected a number, since the dimension is one.'
    expect(filterFaults({ type: 'selector', dimension: 'session_duration_secs', value: 'ten' })).toEqual([
      `invalid_value /filters/value got the string "ten", ${what}`
    ])
    expect(filterFaults({ type: 'in', dimension: 'session_duration_secs', values: [1, true, '0x10'] })).toEqual([
      `invalid_value /filters/values/1 got true, ${what}`, `invalid_value /filters/values/2 got the string "0x10", ${what}`
    ])
    expect(filterFaults({ type: 'bound', dimension: 'session_duration_secs', upper: '' })).toEqual([`invalid_value /filters/upper got the string "", ${what}`])
    expect(filterFaults({ type: 'bound', dimension: 'city', upper: 'a', ordering: 'numeric' })).toEqual([
      'invalid_value /filters/upper got the string "a", expected a number, since the ordering is numeric.'
    ])
    expect(filterFaults({ type: 'bound', dimension: 'city', lower: null })).toEqual([
      'missing /filters the filter has neither "lower" nor "upper", expected at least one.'
    ])
    expect(filterFaults({ type: 'bound', dimension: 'city', lower: {} })).toEqual([
      'wrong_type /filters/lower got an object, expected a string, a number or null.'
    ])
    expect(filterFaults({ type: 'selector', dimension: 'session_duration_secs', value: Infinity })).toEqual([
      'wrong_type /filters/value got the number Infinity, expected a string, a number, true or false or null.'
    ])
  })

  test('regular expressions', () => {
    expect(filterFaults({ type: 'regex', dimension: 'city', pattern: '(' })).toEqual([
      'invalid_pattern /filters/pattern got "(", expected a regular expression in RE2 syntax (error parsing regexp: missing closing ): `(`).'
    ])
    expect(filterFaults({ type: 'regex', dimension: 'city', pattern: '(?=a)' })[0]).toMatch(/^invalid_pattern /)
  })

  test('order and limit', () => {
    expect(faults({ group_by: ['city'], order_by: ['cuont', { column: 'country', direction: 'down' }], limit: 0, fill: 'null' })).toEqual([
      'invalid_value /order_by/1/direction got the string "down", expected one of ascending, descending, asc, desc.',
      'invalid_value /limit got the number 0, expected more than 0.',
      'invalid_value /fill got the string "null", expected one of none, zero.',
      'invalid_value /order_by/0 the answer has no column "cuont", expected timestamp, city or count; did you mean "count"?',
      'invalid_value /order_by/1/column the answer has no column "country", expected timestamp, city or count; did you mean "count"?'
    ])
    expect(faults({ limit: 1.5 })).toEqual(['wrong_type /limit got the number 1.5, expected a whole number.'])
  })

  test('a column is not called unknown where what makes it is at fault', () => {
    const aggregations = [{ type: 'count', name: 7 }, { type: 'mean', fields: ['x'] }]
    expect(faults({ aggregations, order_by: ['x_mean'] }).map(fault => fault.split(' ')[1])).toEqual([
      '/aggregations/0/name', '/aggregations/1/type'
    ])
    expect(faults({ aggregations: undefined, order_by: ['count'] }).length).toBe(1)
  })

  test('all faults come at once', () => {
    const codes = faults({
      interval: { start: '2019-13-01', end: '2019-01-02', time_zone: 'Mars' },
      granularity: 'fortnight',
      group_by: ['nope', 5],
      aggregations: [{ type: 'avg', fields: ['city'] }, { type: 'mean' }, { type: 'count' }, { type: 'count' }],
      filters: { type: 'or', fields: [{ type: 'selector', dimension: 'nope', values: 1 }, { type: 'regex', dimension: 'city', pattern: '[' }] },
      order: []
    }).map(fault => fault.split(' ').slice(0, 2).join(' '))
    expect(codes.sort()).toEqual([
      'duplicate_name /aggregations/3', 'invalid_interval /interval/start', 'invalid_pattern /filters/fields/1/pattern', 'invalid_value /granularity',
      'missing /filters/fields/0', 'not_numeric /aggregations/0/fields/0', 'unknown_dimension /filters/fields/0/dimension', 'unknown_dimension /group_by/0',
      'unknown_key /filters/fields/0/values', 'unknown_key /order', 'unknown_time_zone /interval/time_zone', 'unknown_type /aggregations/1/type',
      'wrong_type /group_by/1'
    ])
  })

  test('the message of the error lists all of them', () => {
    expect(() => parseQuery(queryWith({ limit: 0, fill: 1 }), COLUMNS)).toThrow(
      '/limit: got the number 0, expected more than 0.\n/fill: got the number 1, expected a string.'
    )
  })
})

describe('text that is no JSON', () => {
  test.each([
    ['', 'The query is empty, expected one JSON object.'],
    [' \n', 'The query is empty, expected one JSON object.'],
    ['{"a": 1,}', 'The text is not JSON: got "}" at line 1, column 9, expected a key in double quotes; JSON has no comma after the last item.'],
    ['{\n  "a": [1 2]\n}', 'The text is not JSON: got "2" at line 2, column 11, expected , or ].'],
    ['{"a" 5}', 'The text is not JSON: got "5" at line 1, column 6, expected : after the key.'],
    ['{"a": tru}', 'The text is not JSON: got "tru" at line 1, column 7, expected a value.'],
    ['{"a": 01}', 'The text is not JSON: got "01" at line 1, column 7, expected a value.'],
    ['{\'a\': 1}', 'The text is not JSON: got "\'" at line 1, column 2, expected a key in double quotes or }; keys and texts stand in double quotes.'],
    ['{"a": "x\ny"}', 'The text is not JSON: got a string that has no end or a character that must be escaped at line 1, column 7, expected a value.'],
    ['{"a": "\\x"}', 'The text is not JSON: got a string that has no end or a character that must be escaped at line 1, column 7, expected a value.'],
    ['{"a": [1,\r\n]}', 'The text is not JSON: got "]" at line 2, column 1, expected a value; JSON has no comma after the last item.'],
    ['[1, 2', 'The text is not JSON: it ends at line 1, column 6, expected , or ].'],
    ['[', 'The text is not JSON: it ends at line 1, column 2, expected a value or ].'],
    ['{"a": 1', 'The text is not JSON: it ends at line 1, column 8, expected , or }.'],
    ['{} {}', 'The text is not JSON: got "{" at line 1, column 4, expected nothing more.']
  ])('%j', (text, message) => {
    expect(textFaults(text)).toEqual([`invalid_json ${message}`])
  })

  test('values of all kinds before the fault are passed over', () => {
    expect(textFaults('{"a\\"\\u00e4": [true, false, null, -1.5e+3, {}, [], "\\n"], "b": ?}')).toEqual([
      'invalid_json The text is not JSON: got "?" at line 1, column 64, expected a value.'
    ])
  })
})
