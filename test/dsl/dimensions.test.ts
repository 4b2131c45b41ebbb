import { describe, expect, test } from 'vitest'
import { timeUnit } from '../../dsl/time-units.js'
import { COLUMNS, faults, parseAggregate, queryWith } from './helpers.js'

const read = (item: unknown) => parseAggregate(queryWith({ group_by: [item] }), COLUMNS).groupBy[0]

describe('dimensions', () => {
  test('filtered ones keep their filters in order, under the outermost name', () => {
    expect(read({ type: 'listFiltered', dimension: 'rooms', values: ['a', 5, true] })).toEqual(
      { dimension: 'rooms', name: 'rooms', transform: { type: 'keep', filters: [{ type: 'list', values: ['a', '5', 'true'], keeps: true }] } })
    const inner = { type: 'prefixFiltered', delegate: { dimension: 'rooms', name: 'inner' }, prefix: 's' }
    const filters = [{ type: 'prefix', prefix: 's' }, { type: 'regex', pattern: '.*s' }]
    expect(read({ type: 'regexFiltered', delegate: inner, pattern: '.*s' })).toEqual({ dimension: 'rooms', name: 'inner', transform: { type: 'keep', filters } })
    expect(read({ type: 'regexFiltered', delegate: inner, pattern: '.*s', name: 'outer' })!.name).toBe('outer')
    expect(read({ type: 'listFiltered', delegate: 'session_duration_secs', values: ['10', 20], is_whitelist: false })!.transform).toEqual(
      { type: 'keep', filters: [{ type: 'list', values: [10, 20], keeps: false }] })
  })

  test('buckets, times and whole arrays have defaults', () => {
    expect(read({ type: 'bucket', dimension: 'session_duration_secs', width: 10 })).toEqual(
      { dimension: 'session_duration_secs', name: 'session_duration_secs', transform: { type: 'bucket', width: 10, offset: 0 } })
    expect(read({ type: 'bucket', dimension: 'session_duration_secs', edges: [-0, 10], name: 'length' })).toEqual(
      { dimension: 'session_duration_secs', name: 'length', transform: { type: 'edges', edges: [0, 10] } })
    expect(read({ type: 'time', unit: 'hour_of_day' })).toEqual(
      { dimension: 'started_at', name: 'hour_of_day', transform: { type: 'time', unit: 'hour_of_day', timeZone: 'UTC' } })
    expect(read({ type: 'whole', dimension: 'rooms', name: 'all' })).toEqual({ dimension: 'rooms', name: 'all', transform: { type: 'whole' } })
  })

  test('the zone of a time is its own or that of the interval', () => {
    const interval = { start: '2019-01-01', end: '2019-01-02', time_zone: 'Asia/Kathmandu' }
    const { groupBy } = parseAggregate(queryWith({ interval, group_by: [{ type: 'time', unit: 'day_of_week' }, { type: 'time', unit: 'day_of_month', time_zone: 'Europe/Oslo' }] }))
    expect(groupBy.map(({ transform }) => transform?.type === 'time' && transform.timeZone)).toEqual(['Asia/Kathmandu', 'Europe/Oslo'])
  })

  test.each([
    [{ type: 'listFiltered', values: [] }, ['invalid_value /group_by/0 got neither "dimension" nor "delegate", expected one of them.']],
    [{ type: 'prefixFiltered', dimension: 'city', delegate: 'city', prefix: '' }, ['invalid_value /group_by/0 got both "dimension" and "delegate", expected one of them.']],
    [{ type: 'regexFiltered', dimension: 'citi', pattern: '(' }, [
      'unknown_dimension /group_by/0/dimension no source provides a dimension "citi", expected country, city, visitor_id, rooms, session_duration_secs or distinct_visited_urls_count; did you mean "city"?',
      'invalid_pattern /group_by/0/pattern got "(", expected a regular expression in RE2 syntax (error parsing regexp: missing closing ): `(`).'
    ]],
    [{ type: 'listFiltered', dimension: 'session_duration_secs', values: ['long'] }, ['invalid_value /group_by/0/values/0 got the string "long", expected a number, since the dimension is one.']],
    [{ type: 'bucket', dimension: 'session_duration_secs' }, ['invalid_value /group_by/0 got neither "width" nor "edges", expected one of them.']],
    [{ type: 'bucket', dimension: 'session_duration_secs', width: 1, edges: [1] }, ['invalid_value /group_by/0 got both "width" and "edges", expected one of them.']],
    [{ type: 'bucket', dimension: 'session_duration_secs', edges: [1], offset: 1 }, ['invalid_value /group_by/0/offset got an offset for edges, expected it only with "width".']],
    [{ type: 'bucket', dimension: 'session_duration_secs', edges: [1, 5, 5] }, ['invalid_value /group_by/0/edges/2 got 5 after 5, expected edges in ascending order.']],
    [{ type: 'bucket', dimension: 'session_duration_secs', width: 0 }, ['invalid_value /group_by/0/width got the number 0, expected more than 0.']],
    [{ type: 'bucket', dimension: 'city', width: 5 }, ['not_numeric /group_by/0/dimension "city" is a string, bucket expects a number.']],
    [{ type: 'whole', dimension: 'city' }, ['invalid_value /group_by/0/dimension "city" is a string, whole expects an array of strings.']],
    [{ type: 'time', unit: 'hour', time_zone: 'Mars' }, [
      'invalid_value /group_by/0/unit got the string "hour", expected one of minute_of_hour, hour_of_day, day_of_week, day_of_month, month_of_year, quarter_of_year.',
      'unknown_time_zone /group_by/0/time_zone the tz database has no time zone "Mars", expected for example "Europe/Helsinki".'
    ]],
    [{ type: 'buckets', dimension: 'city' }, [
      'unknown_type /group_by/0/type unknown type "buckets", expected one of listFiltered, regexFiltered, prefixFiltered, bucket, time, whole; did you mean "bucket"?'
    ]],
    [{ type: 'time', unit: 'hour_of_day', name: 'timestamp' }, [
      'duplicate_name /group_by/0/name the name "timestamp" is that of the first column, expected another, as in {"dimension": "timestamp", "name": "time"}.'
    ]]
  ])('%j is told its faults', (item, expected) => {
    expect(faults({ group_by: [item] })).toEqual(expected)
  })
})

describe('time units', () => {
  test.each([
    ['2019-10-27T00:30:00Z', 'Europe/Helsinki', [30, 3, 7, 27, 10, 4]],
    ['2019-10-27T01:30:00Z', 'Europe/Helsinki', [30, 3, 7, 27, 10, 4]],
    ['1969-12-31T23:59:59.999Z', 'UTC', [59, 23, 3, 31, 12, 4]],
    ['2024-02-29T18:15:00Z', 'Asia/Kathmandu', [0, 0, 5, 1, 3, 1]],
    ['0001-01-01T00:00:00Z', 'UTC', [0, 0, 1, 1, 1, 1]]
  ] as const)('at %s in %s', (instant, zone, expected) => {
    const units = ['minute_of_hour', 'hour_of_day', 'day_of_week', 'day_of_month', 'month_of_year', 'quarter_of_year'] as const
    const at = Date.parse(instant)
    expect(units.map(unit => timeUnit(unit, zone).at(at).value)).toEqual(expected)
    for (const unit of units) {
      const stretch = timeUnit(unit, zone).at(at)
      expect(stretch.from <= at && at < stretch.until).toBe(true)
    }
  })

  test('a stretch ends where the clocks change', () => {
    const change = Date.parse('2019-03-31T01:00:00Z')
    expect(timeUnit('hour_of_day', 'Europe/Helsinki').at(change - 1)).toEqual({ from: change - 3_600_000, until: change, value: 2 })
    expect(timeUnit('hour_of_day', 'Europe/Helsinki').at(change)).toEqual({ from: change, until: change + 3_600_000, value: 4 })
    expect(timeUnit('day_of_week', 'Europe/Helsinki').at(change).from).toBe(change)
  })
})
