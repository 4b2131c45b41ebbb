/** Start times in every form that a caller hands in. */
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { parseStart } from '../../../engine/table/start.js'
import { Random } from '../../support/random.js'

const LAST = 8.64e15

function luxon(text: string): number {
  return DateTime.fromISO(text, { zone: 'utc' }).toMillis()
}

describe('a start time', () => {
  it('in the form of Date.toISOString is that instant, in every year that a Date has', () => {
    const random = new Random(1)
    const instants = [0, -1, 1, LAST, -LAST, Date.UTC(0, 0, 1), -62_167_219_200_000, -62_167_219_200_001, 253_402_300_799_999, 253_402_300_800_000]
    for (let i = 0; i < 3000; i++) instants.push(random.between(-LAST, LAST), random.between(-1e13, 1e13))
    for (const instant of instants) expect(parseStart(new Date(instant).toISOString()), String(instant)).toBe(instant)
  })

  it.each([
    '2025-01-31', '2025-01-31T12:34', '2025-01-31T12:34Z', '2025-01-31T12:34:56', '2025-01-31T12:34:56Z', '2025-01-31T12:34:56.7Z', '2025-01-31T12:34:56,78Z',
    '2025-01-31T12:34:56.789Z', '2025-01-31T12:34:56.789', '2025-01-31T12:34:56.123456789Z', '2025-01-31T12:34:56.9999Z', '2025-01-31T12:34:56+02:00',
    '2025-01-31T12:34:56+0200', '2025-01-31T12:34:56+02', '2025-01-31T12:34:56-05:30', '2025-01-31T12:34:56.789+05:45', '2025-01-31T12:34:56-00:00',
    '2025-01-01T00:00:00+14:00', '2024-12-31T23:59:59-12:00', '2024-02-29', '2000-02-29T00:00:00Z', '0001-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '0000-02-29',
    '0999-12-31T23:59:59.999Z', '-000001-12-31T23:59:59.999Z', '-000004-02-29T00:00:00Z', '+002025-01-31T12:34:56Z', '+010000-01-01T00:00:00Z',
    '2024-12-31T24:00:00Z', '2024-12-31T24:00:00.000Z', '2024-12-31T24:00', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z'
  ])('%s is what Luxon says', text => {
    expect(luxon(text)).not.toBeNaN()
    expect(parseStart(text)).toBe(luxon(text))
  })

  it('may have a space for the T and before the offset, and small letters', () => {
    for (const text of ['2025-01-31 12:34:56', '2025-01-31 12:34:56Z', '2025-01-31t12:34:56z', '2025-01-31 12:34:56 Z', '2025-01-31 14:34:56 +0200', '2025-01-31T12:34:56 +00']) {
      expect(parseStart(text), text).toBe(Date.UTC(2025, 0, 31, 12, 34, 56))
    }
  })

  it('is any number of milliseconds that a Date can have, or a Date', () => {
    expect([0, -1, 1.5, 1e12, LAST, -LAST].map(parseStart)).toEqual([0, -1, 1, 1e12, LAST, -LAST])
    expect(parseStart(new Date(1234))).toBe(1234)
    expect(Object.is(parseStart(-0), 0)).toBe(true)
  })

  it.each([
    '2025-02-29', '2025-02-29T00:00:00.000Z', '1900-02-29', '2025-02-30', '2025-04-31T00:00:00.000Z', '2025-06-31', '2025-09-31', '2025-11-31', '2025-12-32', '2025-13-01', '2025-13-01T00:00:00.000Z',
    '2025-00-10', '2025-01-00', '2025-01-00T00:00:00.000Z', '2025-01-31T24:00:01Z', '2025-01-31T24:00:00.001Z', '2025-01-31T24:01:00.000Z', '2025-01-31T25:00:00.000Z', '2025-01-31T12:60:00.000Z',
    '2025-01-31T12:34:60.000Z', '2025-01-31T12:60', '2025-01-31T12:34:60Z', '2025-01-31T12:34:56+24:00', '2025-01-31T12:34:56+99:99', '2025-01-31T12:34:56+02:60', '2025-01-31T12:34:56-2359x',
    '-000000-01-01T00:00:00Z', '+275760-09-13T00:00:00.001Z', '-271821-04-19T23:59:59.999Z', '+999999-01-01', '-999999-01-01T00:00:00Z',
    '', ' ', 'x', '2025', '2025-01', '2025-1-1', '20250131', '2025-01-31T', '2025-01-31T12', '2025-01-31T12:3', '2025-01-31T12:34:56.', '2025-01-31T12:34:56.1234567890Z', '2025-01-31T12:34:56ZZ',
    '2025-01-31T12:34:56+2', '2025-01-31T12:34:56+02:0', ' 2025-01-31', '2025-01-31T12:34:56Z\n', '25-01-31', '12025-01-31', '1738326896000', '2025-01-31T12:34:56.7x9Z',
    '2025-01-31T1:034:56.789Z', '2025-01-31T12:34:5a.789Z', '2O25-01-31T12:34:56.789Z', 'now', 'Fri Jan 31 2025', '２０２５-01-31'
  ])('%j is none', text => {
    expect(parseStart(text)).toBeNaN()
  })

  it.each([[NaN], [Infinity], [-Infinity], [LAST + 1], [-LAST - 1], [1e300], [new Date(NaN)], [null], [undefined], [true], [{}], [[]], [[2025]], [10n], [Symbol('x')], [() => 0]])('%s is none', value => {
    expect(parseStart(value)).toBeNaN()
  })

  it('of random fields is a time exactly when Luxon says so', () => {
    const random = new Random(2)
    const two = (high: number): string => String(random.between(0, high)).padStart(2, '0')
    for (let i = 0; i < 5000; i++) {
      const date = `${String(random.between(0, 2100)).padStart(4, '0')}-${two(13)}-${two(32)}`
      const offset = random.pick(['', 'Z', `+${two(23)}:${two(59)}`, `-${two(23)}${two(59)}`, `-${two(23)}`])
      const text = `${date}T${two(25)}:${two(61)}${random.pick(['', `:${two(61)}`, `:${two(61)}.${random.between(100, 999)}`])}${offset}`
      const ours = parseStart(text)
      expect(ours, text).toBe(luxon(text))
    }
  })
})
