import { describe, expect, test } from 'vitest'
import { faults, parseAggregate, queryWith } from './helpers.js'

const before = (interval: unknown, to: unknown = 'previous_period') => {
  const { compare } = parseAggregate(queryWith({ interval, compare: { to } }))
  return `${new Date(compare!.interval.start).toISOString()}/${new Date(compare!.interval.end).toISOString()}`
}
const helsinki = (start: string, end: string) => ({ start, end, time_zone: 'Europe/Helsinki' })

describe('the interval that is compared with', () => {
  test.each([
    ['a month', '2019-03-01/2019-04-01', '2019-02-01T00:00:00.000Z/2019-03-01T00:00:00.000Z'],
    ['a quarter', '2019-04-01/2019-07-01', '2019-01-01T00:00:00.000Z/2019-04-01T00:00:00.000Z'],
    ['a leap year', '2020-01-01/2021-01-01', '2019-01-01T00:00:00.000Z/2020-01-01T00:00:00.000Z'],
    ['a week', '2019-01-07/2019-01-14', '2018-12-31T00:00:00.000Z/2019-01-07T00:00:00.000Z'],
    ['days', '2019-01-01/2019-01-31', '2018-12-02T00:00:00.000Z/2019-01-01T00:00:00.000Z'],
    ['hours', '2019-01-01T10:00/2019-01-01T16:00', '2019-01-01T04:00:00.000Z/2019-01-01T10:00:00.000Z'],
    ['nothing', '2019-01-01/2019-01-01', '2019-01-01T00:00:00.000Z/2019-01-01T00:00:00.000Z'],
    // The 31st had 23 hours in Helsinki.
    ['a day after the clocks changed', helsinki('2019-04-01', '2019-04-02'), '2019-03-30T22:00:00.000Z/2019-03-31T21:00:00.000Z'],
    ['a month of a zone', helsinki('2019-04-01', '2019-05-01'), '2019-02-28T22:00:00.000Z/2019-03-31T21:00:00.000Z'],
    ['days of another zone', { ...helsinki('2019-04-01T00:00Z', '2019-04-02T00:00Z') }, '2019-03-31T00:00:00.000Z/2019-04-01T00:00:00.000Z']
  ])('before %s', (_name, interval, expected) => {
    expect(before(interval)).toBe(expected)
  })

  test('is of the year before, or one of its own', () => {
    expect(before('2020-02-29/2020-03-01', 'previous_year')).toBe('2019-02-28T00:00:00.000Z/2019-03-01T00:00:00.000Z')
    expect(before(helsinki('2019-01-01', '2019-01-02'), '2018-06-01/P2D')).toBe('2018-05-31T21:00:00.000Z/2018-06-02T21:00:00.000Z')
    expect(before('2019-01-01/P1D', { start: '2018-01-01', end: '2018-01-02', time_zone: 'Asia/Kathmandu' })).toBe('2017-12-31T18:15:00.000Z/2018-01-01T18:15:00.000Z')
  })

  test('is told its faults', () => {
    expect(faults({ compare: { to: 'previous_peroid' } })).toEqual([
      'invalid_value /compare/to got "previous_peroid", expected previous_period, previous_year or an interval; did you mean "previous_period"?'
    ])
    expect(faults({ compare: {} })[0]).toMatch(/^missing \/compare the key "to" is missing, expected a string or an object/)
    expect(faults({ interval: ['2019-01-01/P1D', '2019-02-01/P1D'], compare: { to: 'previous_period' } })).toEqual([
      'invalid_value /compare/to a list of intervals has no previous_period, expected one interval, or another to compare with.'
    ])
    expect(faults({ aggregations: [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'], name: 'count_change' }], compare: { to: 'previous_year' } })).toEqual([
      'duplicate_name /compare there is another output column "count_change", expected a "name" of its own.'
    ])
  })
})
