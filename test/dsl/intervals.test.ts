import { describe, expect, test } from 'vitest'
import { bucketStarts } from '../../dsl/buckets.js'
import { shift } from '../../dsl/intervals.js'
import { parseQuery } from '../../dsl/parse.js'
import { faults, issuesOf, queryWith } from './helpers.js'

const NOW = Date.parse('2025-03-31T10:20:30.400Z')

const read = (interval: unknown) => parseQuery(queryWith({ interval }), undefined, () => NOW).interval
const times = (interval: unknown) => {
  const { start, end, spans } = read(interval)
  return (spans ?? [{ start, end }]).map(span => `${new Date(span.start).toISOString()}/${new Date(span.end).toISOString()}`)
}

const at = (text: string) => Date.parse(text)

/** Every second hour. */
const hourly = (count: number) => Array.from({ length: count }, (_, i) => `${new Date(i * 7_200_000).toISOString()}/${new Date(i * 7_200_000 + 3_600_000).toISOString()}`)

/** Starts of the buckets. */
const hours = (interval: unknown, granularity: string) => {
  const query = parseQuery(queryWith({ interval, granularity }))
  if (query.kind !== 'aggregate') throw new Error('no aggregate')
  return [...bucketStarts(query.granularity, query.interval, 100)].map(start => new Date(start).toISOString().slice(5, 16))
}

describe('an interval as one text', () => {
  test.each([
    ['2019-01-01/2019-02-01', '2019-01-01T00:00:00.000Z/2019-02-01T00:00:00.000Z'],
    ['2019-01-01T00:00:00+02:00/2019-01-02', '2018-12-31T22:00:00.000Z/2019-01-02T00:00:00.000Z'],
    ['2019-01-31/P1M', '2019-01-31T00:00:00.000Z/2019-02-28T00:00:00.000Z'],
    ['P1Y2M/2019-03-01T12:00', '2018-01-01T12:00:00.000Z/2019-03-01T12:00:00.000Z'],
    ['2019-01-01/P1DT90M', '2019-01-01T00:00:00.000Z/2019-01-02T01:30:00.000Z']
  ])('%s', (text, expected) => {
    expect(times(text)).toEqual([expected])
    expect(read(text).timeZone).toBe('UTC')
  })

  test.each([
    ['2019-01-01', 'invalid_interval /interval got "2019-01-01", expected two timestamps as in "2019-01-01/2019-02-01".'],
    ['a/b/c', 'invalid_interval /interval got "a/b/c", expected two timestamps as in "2019-01-01/2019-02-01".'],
    ['2019-01-01/P0D', 'invalid_period /interval got "P0D", expected an ISO-8601 period above zero such as "PT24H", "P7D" or "P1M".'],
    ['P1D/P1D', 'invalid_interval /interval "P1D" is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00".'],
    ['2019-02-01/2019-01-01', 'invalid_interval /interval the end "2019-01-01" lies before the start "2019-02-01", expected it at or after.']
  ])('%s is told its fault', (text, expected) => {
    expect(faults({ interval: text })).toEqual([expected])
  })
})

test('a timestamp that is none is told so in every time zone', () => {
  for (const text of ['P1D/2019', '2019/P1D']) {
    const interval = [{ start: '2019-01-01', end: '2019-01-02', time_zone: 'Asia/Kathmandu' }, text]
    expect(faults({ interval })).toEqual(['invalid_interval /interval/1 "2019" is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00".'])
  }
})

describe('the time until now', () => {
  test.each([
    [{ last: 'PT24H' }, '2025-03-30T10:20:30.400Z/2025-03-31T10:20:30.400Z'],
    [{ last: 'P7D' }, '2025-03-24T10:20:30.400Z/2025-03-31T10:20:30.400Z'],
    [{ last: 'P1M' }, '2025-02-28T10:20:30.400Z/2025-03-31T10:20:30.400Z'],
    // The clocks of Helsinki went forward on the 30th: its day has 23 hours.
    [{ last: 'P2D', time_zone: 'Europe/Helsinki' }, '2025-03-29T11:20:30.400Z/2025-03-31T10:20:30.400Z'],
    [{ last: 'PT48H', time_zone: 'Europe/Helsinki' }, '2025-03-29T10:20:30.400Z/2025-03-31T10:20:30.400Z'],
    [{ last: 'P2D', align: 'day', time_zone: 'Europe/Helsinki' }, '2025-03-28T22:00:00.000Z/2025-03-30T21:00:00.000Z'],
    [{ last: 'P1W', align: 'week' }, '2025-03-24T00:00:00.000Z/2025-03-31T00:00:00.000Z'],
    [{ last: 'P1M', align: 'month' }, '2025-02-01T00:00:00.000Z/2025-03-01T00:00:00.000Z'],
    [{ last: 'PT1H', align: 'hour' }, '2025-03-31T09:00:00.000Z/2025-03-31T10:00:00.000Z']
  ])('%j', (interval, expected) => {
    expect(times(interval)).toEqual([expected])
  })

  test('is that of the machine without a clock', () => {
    const before = Date.now()
    const { end } = parseQuery(queryWith({ interval: { last: 'P1D' } })).interval
    expect(end >= before && end <= Date.now()).toBe(true)
  })

  test('is told its faults', () => {
    expect(faults({ interval: { last: '7 days', time_zone: 'Mars', align: 'noon' } }).map(fault => fault.slice(0, 60))).toEqual([
      'invalid_value /interval/align got the string "noon", expecte',
      'unknown_time_zone /interval/time_zone the tz database has no',
      'invalid_period /interval/last got "7 days", expected an ISO-'
    ])
    expect(faults({ interval: { last: 'P1D', start: '2019-01-01' } })).toEqual([
      'unknown_key /interval/last unknown key "last", expected start, end or time_zone.',
      'missing /interval the key "end" is missing, expected a string (an ISO-8601 timestamp).'
    ])
  })
})

describe('a list of intervals', () => {
  test('is sorted and merged; empty ones are left out', () => {
    const list = ['2019-01-05/2019-01-07', '2019-01-01/2019-01-02', { start: '2019-01-06', end: '2019-01-09' }, '2019-01-02/2019-01-03', '2019-02-01/2019-02-01']
    expect(times(list)).toEqual(['2019-01-01T00:00:00.000Z/2019-01-03T00:00:00.000Z', '2019-01-05T00:00:00.000Z/2019-01-09T00:00:00.000Z'])
    expect(read(list)).toMatchObject({ start: Date.parse('2019-01-01'), end: Date.parse('2019-01-09') })
    expect(read(['2019-01-01/2019-01-02', '2019-01-02/2019-01-03'])).toEqual({ start: Date.parse('2019-01-01'), end: Date.parse('2019-01-03'), timeZone: 'UTC' })
    expect(times(['2019-02-01/2019-02-01', '2019-01-01/2019-01-01'])).toEqual(['2019-01-01T00:00:00.000Z/2019-01-01T00:00:00.000Z'])
  })

  test('is in one zone, that of the first which names one', () => {
    const list = ['2019-01-01/2019-01-02', { start: '2019-01-03', end: '2019-01-04', time_zone: 'Europe/Helsinki' }]
    expect(read(list).timeZone).toBe('Europe/Helsinki')
    expect(times(list)[0]).toBe('2018-12-31T22:00:00.000Z/2019-01-01T22:00:00.000Z')
    expect(faults({ interval: [...list, { start: '2019-01-05', end: '2019-01-06', time_zone: 'UTC' }] })).toEqual([
      'invalid_value /interval/2/time_zone got "UTC" after "Europe/Helsinki", expected one time zone for all intervals.'
    ])
  })

  test('is told the faults of each', () => {
    expect(issuesOf(() => read([])).map(({ message }) => message)).toEqual(['got an empty array, expected at least one item.'])
    expect(issuesOf(() => read(['x', { start: '2019-01-01' }, 5, '2019-02-30/2019-03-01'])).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'missing /interval/1', 'wrong_type /interval/2', 'invalid_interval /interval/0', 'invalid_interval /interval/3'
    ])
  })

  test('may be long, and no longer', () => {
    expect(read(hourly(10_000)).spans).toHaveLength(10_000)
    expect(issuesOf(() => read(hourly(10_001))).map(({ code }) => code)).toEqual(['too_large'])
  })

  test('has the buckets of each, a shared one once', () => {
    const list = ['2019-01-01T10:30/2019-01-01T11:30', '2019-01-01T11:45/2019-01-01T12:01', '2019-01-03T00:00/2019-01-03T00:01']
    expect(hours(list, 'hour')).toEqual(['01-01T10:00', '01-01T11:00', '01-01T12:00', '01-03T00:00'])
    expect(hours(list, 'day')).toEqual(['01-01T00:00', '01-03T00:00'])
    expect(hours(list, 'month')).toEqual(['01-01T00:00'])
    expect(hours(list, 'all')).toEqual(['01-01T10:30'])
  })
})

test('a period of days follows the calendar, one of hours the time that passes', () => {
  expect(shift(at('2025-03-29T22:30:00Z'), 'P1D', 1, 'Europe/Helsinki')).toBe(at('2025-03-30T21:30:00Z'))
  expect(shift(at('2025-03-29T22:30:00Z'), 'PT24H', 1, 'Europe/Helsinki')).toBe(at('2025-03-30T22:30:00Z'))
  expect(shift(at('2024-03-31T00:00:00Z'), 'P1M', -1, 'UTC')).toBe(at('2024-02-29T00:00:00Z'))
})
