import { DateTime } from 'luxon'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stampFormatter } from '../../dsl/stamp.js'
import { parseTimestamp } from '../../dsl/timestamp.js'
import { ZONES } from './zones.js'

describe('timestamps', () => {
  test.each([
    ['2019-01-01T00:00:00.000+02:00', '2018-12-31T22:00:00.000Z'],
    ['2019-01-01T00:00:00.000Z', '2019-01-01T00:00:00.000Z'],
    ['2019-01-01t00:00:00z', '2019-01-01T00:00:00.000Z'],
    ['2019-01-01 00:00', '2019-01-01T00:00:00.000Z'],
    ['2019-01-01', '2019-01-01T00:00:00.000Z'],
    ['2019-01-01T12:34:56.7', '2019-01-01T12:34:56.700Z'],
    ['2019-01-01T12:34:56,789999', '2019-01-01T12:34:56.789Z'],
    ['2019-01-01T00:00:00-0330', '2019-01-01T03:30:00.000Z'],
    ['2019-01-01T00:00:00+05', '2018-12-31T19:00:00.000Z'],
    ['2019-01-01T00:00:00+01:39:49', '2018-12-31T22:20:11.000Z'],
    ['2019-12-31T24:00', '2020-01-01T00:00:00.000Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z']
  ])('%s', (text, utc) => {
    expect(new Date(parseTimestamp(text, 'UTC') as number).toISOString()).toBe(utc)
  })

  test.each([
    '2019', '2019-1-1', '20190101', '12:00', '2019-02-29', '2019-00-01', '2019-01-32', '2019-01-01T24:00:01', '2019-01-01T12:60', '2019-01-01T12:00:60',
    '2019-01-01T', '2019-01-01Z', '2019-01-01T12:00+24:00', '2019-01-01T12:00+01:60', '2019-01-01T12:00 Helsinki', ' 2019-01-01', '', 'now'
  ])('%j is none', text => {
    expect(parseTimestamp(text, 'UTC')).toBeTypeOf('string')
  })

  test('without an offset are local', () => {
    expect(parseTimestamp('2019-01-01', 'Europe/Helsinki')).toBe(Date.UTC(2018, 11, 31, 22))
    expect(parseTimestamp('2019-07-01T12:00', 'Asia/Kathmandu')).toBe(Date.UTC(2019, 6, 1, 6, 15))
  })

  test('that occur twice are the first', () => {
    expect(parseTimestamp('2019-10-27T03:30', 'Europe/Helsinki')).toBe(Date.UTC(2019, 9, 27, 0, 30))
  })

  test('in a gap are refused, but a day whose midnight is missing begins after it', () => {
    expect(parseTimestamp('2017-10-15T00:00', 'America/Sao_Paulo')).toMatch(/does not exist in America\/Sao_Paulo/)
    expect(parseTimestamp('2017-10-15', 'America/Sao_Paulo')).toBe(Date.UTC(2017, 9, 15, 3))
  })
})

describe('the usual form', () => {
  test('is read like any other, sound or not', () => {
    const digits = fc.stringMatching(/^[0-9]{17}$/)
    const offset = fc.oneof(fc.constant('Z'), fc.tuple(fc.constantFrom('+', '-'), fc.stringMatching(/^[0-2][0-9]:[0-6][0-9]$/)).map(parts => parts.join('')))
    const soundDigits = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }).map(t => new Date(t).toISOString().replaceAll(/\D/g, ''))
    fc.assert(fc.property(fc.oneof(digits, soundDigits), offset, (d, zone) => {
      const date = `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)}`
      const time = `${d.slice(8, 10)}:${d.slice(10, 12)}:${d.slice(12, 14)}.${d.slice(14)}`
      expect(parseTimestamp(`${date}T${time}${zone}`, 'UTC')).toBe(parseTimestamp(`${date} ${time}${zone}`, 'UTC'))
    }), { seed: 12, numRuns: 3000 })
  })
})

describe('stamps', () => {
  test('have milliseconds and the offset of their instant', () => {
    const helsinki = stampFormatter('Europe/Helsinki')
    expect(helsinki(Date.UTC(2018, 11, 31, 22))).toBe('2019-01-01T00:00:00.000+02:00')
    expect(helsinki(Date.UTC(2019, 6, 1, 0, 0, 0, 7))).toBe('2019-07-01T03:00:00.007+03:00')
    expect(stampFormatter('America/St_Johns')(Date.UTC(2019, 0, 1))).toBe('2018-12-31T20:30:00.000-03:30')
  })

  test('end with Z in UTC, and only there', () => {
    for (const name of ['UTC', 'utc', 'Etc/UTC', 'Zulu']) expect(stampFormatter(name)(-1)).toBe('1969-12-31T23:59:59.999Z')
    expect(stampFormatter('Europe/London')(0)).toBe('1970-01-01T01:00:00.000+01:00')
    expect(stampFormatter('Europe/London')(Date.UTC(2019, 0, 1))).toBe('2019-01-01T00:00:00.000+00:00')
  })

  test('show the seconds of an offset that has some', () => {
    expect(stampFormatter('Africa/Monrovia')(0)).toBe('1969-12-31T23:15:30.000-00:44:30')
  })

  test('show the date that it is, of every day that there is', () => {
    const stamp = stampFormatter('UTC')
    const day = fc.oneof(fc.integer({ min: -100_000_000, max: 100_000_000 }), fc.integer({ min: -800_000, max: 3_000_000 }))
    fc.assert(fc.property(day, days => {
      expect(stamp(days * 86_400_000)).toBe(new Date(days * 86_400_000).toISOString())
    }), { seed: 13, numRuns: 3000, examples: [[-719_528], [-719_469], [-719_468], [-719_163], [11_016], [2_932_896], [2_932_897], [-100_000_000], [100_000_000]] })
  })

  test('of an unknown zone are an error', () => {
    expect(() => stampFormatter('Mars/Phobos')).toThrow('unknown time zone: "Mars/Phobos"')
  })

  test('are Luxon\'s, and read back as their instant', () => {
    const instant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2030, 0, 1) })
    fc.assert(fc.property(fc.constantFrom(...ZONES), instant, (zone, t) => {
      const stamp = stampFormatter(zone)(t)
      const luxon = DateTime.fromMillis(t, { zone }).toISO()
      expect(stamp).toBe(zone === 'UTC' ? luxon : luxon!.replace('Z', '+00:00'))
      expect(parseTimestamp(stamp, 'UTC')).toBe(t)
    }), { seed: 11, numRuns: 1500 })
  })
})
