import { assert, date, property } from 'fast-check'
import { expect, it } from 'vitest'
import { parseTime } from '../../../connectors/record/time.js'

it.each([
  ['2025-06-01T12:34:56.789Z', Date.UTC(2025, 5, 1, 12, 34, 56, 789)],
  ['2025-06-01T12:34:56Z', Date.UTC(2025, 5, 1, 12, 34, 56)],
  ['2025-06-01T12:34:56.789+03:00', Date.UTC(2025, 5, 1, 9, 34, 56, 789)],
  ['2025-06-01T12:34:56-0330', Date.UTC(2025, 5, 1, 16, 4, 56)],
  ['2025-06-01T12:34+02', Date.UTC(2025, 5, 1, 10, 34)],
  ['2025-06-01 12:34:56', Date.UTC(2025, 5, 1, 12, 34, 56)],
  ['2025-06-01', Date.UTC(2025, 5, 1)],
  ['2024-02-29T24:00:00Z', Date.UTC(2024, 2, 1)],
  ['2025-06-01T12:34:56.123456789Z', Date.UTC(2025, 5, 1, 12, 34, 56, 123)],
  [1734446548, 1734446548000],
  [1734446548123, 1734446548123],
  ['1734446548', 1734446548000],
  ['1734446548.5', 1734446548500],
  [0, 0],
  [-86400, -86_400_000],
  [99_999_999_999, 99_999_999_999_000],
  [100_000_000_000, 100_000_000_000]
])('reads %s', (value, ms) => {
  expect(parseTime(value)).toBe(ms)
})

it.each([
  '2025-02-29', '2025-02-30T00:00:00Z', '2025-04-31T12:00:00.000Z', '2025-13-01',
  '2025-00-10', '2025-01-00T00:00:00Z', '2025-01-01T25:00:00Z', '2025-01-01T24:00:01Z',
  '2025-01-01T12:60:00Z', '2025-01-01T12:00:61Z', '2025-01-01T12:00:00+24:00',
  '2025-01-01T12:00:0xZ', 'yesterday', '', '12:00', 'Infinity', null, undefined, true, [], {},
  1734446548123456, Number.NaN, Number.POSITIVE_INFINITY
])('does not take %j for a time', value => {
  expect(parseTime(value)).toBeNull()
})

it('reads back every instant that can be written', () => {
  assert(property(date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), instant => {
    expect(parseTime(instant.toISOString())).toBe(instant.getTime())
    expect(parseTime(instant.toISOString().replace('T', ' ').replace('Z', ''))).toBe(instant.getTime())
  }), { seed: 11, numRuns: 500 })
})
