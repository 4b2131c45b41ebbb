import * as fc from 'fast-check'
import { DateTime, type DateTimeUnit } from 'luxon'
import { describe, expect, test } from 'vitest'
import { bucketStarts, bucketer } from '../../dsl/buckets.js'
import { LimitError } from '../../dsl/errors.js'
import { NAMED_PERIODS, parsePeriod } from '../../dsl/period.js'
import type { Granularity, Interval } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import { zoneOf } from '../../dsl/zone.js'
import { ZONES } from './zones.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const period = (text: string, timeZone = 'UTC', origin: number | null = null): Granularity => ({ type: 'period', period: text, timeZone, origin })
const between = (start: string, end: string, timeZone = 'UTC'): Interval => ({ start: Date.parse(start), end: Date.parse(end), timeZone })

function luxonOffset(zone: string, t: number): number {
  return Math.round(DateTime.fromMillis(t, { zone }).offset * 60_000)
}

function stamps(granularity: Granularity, interval: Interval): string[] {
  return Array.from(bucketStarts(granularity, interval, 10_000), stampFormatter(interval.timeZone))
}

describe('bucket starts', () => {
  test('of all are the start of the interval, also of an empty one', () => {
    const interval = between('2019-01-01T00:00:07Z', '2019-01-01T00:00:07Z')
    expect(stamps({ type: 'all' }, interval)).toEqual(['2019-01-01T00:00:07.000Z'])
    expect(stamps(period('P1D'), interval)).toEqual([])
    const { floor, next } = bucketer({ type: 'all' }, { ...interval, end: interval.start + 5 })
    expect([floor(interval.start + 3), next(interval.start)]).toEqual([interval.start, interval.start + 5])
    expect(bucketer({ type: 'all' }, interval).next(interval.start)).toBe(interval.start + 1)
  })

  test('of none are all milliseconds', () => {
    expect([...bucketStarts({ type: 'none' }, { start: 5, end: 8, timeZone: 'Europe/Helsinki' }, 3)]).toEqual([5, 6, 7])
  })

  test('of a duration count from its origin, before and after', () => {
    const granularity: Granularity = { type: 'duration', duration: 25 * HOUR, origin: Date.parse('2019-03-31T06:00Z') }
    expect(stamps(granularity, between('2019-03-30T12:00Z', '2019-04-01T08:00Z', 'Europe/Helsinki'))).toEqual([
      '2019-03-30T07:00:00.000+02:00', '2019-03-31T09:00:00.000+03:00', '2019-04-01T10:00:00.000+03:00'
    ])
  })

  test('of days follow 23 and 25 hours, and of six hours the local clock', () => {
    const interval = between('2019-10-26T21:00Z', '2019-10-28T22:00Z', 'Europe/Helsinki')
    expect(stamps(period('P1D', 'Europe/Helsinki'), interval)).toEqual(['2019-10-27T00:00:00.000+03:00', '2019-10-28T00:00:00.000+02:00'])
    expect(stamps(period('PT6H', 'Europe/Helsinki'), interval).slice(0, 3)).toEqual([
      '2019-10-27T00:00:00.000+03:00', '2019-10-27T06:00:00.000+02:00', '2019-10-27T12:00:00.000+02:00'
    ])
  })

  test('skip a day that a zone never had', () => {
    const interval = between('2011-12-29T10:00Z', '2011-12-31T10:01Z', 'Pacific/Apia')
    expect(stamps(period('P1D', 'Pacific/Apia'), interval)).toEqual([
      '2011-12-29T00:00:00.000-10:00', '2011-12-31T00:00:00.000+14:00', '2012-01-01T00:00:00.000+14:00'
    ])
  })

  test('of a day whose midnight comes twice are the first', () => {
    const interval = between('2010-11-06T12:00Z', '2010-11-08T12:00Z', 'America/St_Johns')
    expect(stamps(period('P1D', 'America/St_Johns'), interval)).toEqual([
      '2010-11-06T00:00:00.000-02:30', '2010-11-07T00:00:00.000-02:30', '2010-11-08T00:00:00.000-03:30'
    ])
  })

  test('of a half-hour shift keep the two clocks apart', () => {
    const interval = between('2019-04-06T14:00Z', '2019-04-06T16:30Z', 'Australia/Lord_Howe')
    expect(stamps(period('PT1H', 'Australia/Lord_Howe'), interval)).toEqual([
      '2019-04-07T01:00:00.000+11:00', '2019-04-07T01:30:00.000+10:30', '2019-04-07T02:00:00.000+10:30'
    ])
  })

  test('of several units count from 1970-01-01, of one week from a Monday', () => {
    const interval = between('2019-01-07T00:00Z', '2019-01-08T00:00Z')
    expect(stamps(period('P1W'), interval)).toEqual(['2019-01-07T00:00:00.000Z'])
    expect(stamps(period('P7D'), interval)).toEqual(['2019-01-03T00:00:00.000Z'])
    expect(stamps(period('P2W'), interval)).toEqual(['2018-12-27T00:00:00.000Z'])
    expect(stamps(period('P5M'), interval)).toEqual(['2018-10-01T00:00:00.000Z'])
    expect(stamps(period('P4Y'), interval)).toEqual(['2018-01-01T00:00:00.000Z'])
  })

  test('with an origin begin there: a Sunday week, a fiscal year, the last of each month', () => {
    const interval = between('2019-01-30T00:00Z', '2019-03-31T00:00Z')
    expect(stamps(period('P1W', 'UTC', Date.parse('2025-01-05T00:00Z')), interval)[0]).toBe('2019-01-27T00:00:00.000Z')
    expect(stamps(period('P1Y', 'UTC', Date.parse('2020-04-01T00:00Z')), interval)).toEqual(['2018-04-01T00:00:00.000Z'])
    expect(stamps(period('P1M', 'UTC', Date.parse('2019-01-31T06:00Z')), interval)).toEqual([
      '2018-12-31T06:00:00.000Z', '2019-01-31T06:00:00.000Z', '2019-02-28T06:00:00.000Z'
    ])
    expect(stamps(period('P1M1D', 'UTC', Date.parse('2019-01-01T00:00Z')), interval)).toEqual([
      '2019-01-01T00:00:00.000Z', '2019-02-02T00:00:00.000Z', '2019-03-03T00:00:00.000Z'
    ])
  })

  test('over the limit are refused without being made', () => {
    const ever = between('0001-01-01T00:00Z', '9999-01-01T00:00Z', 'Europe/Helsinki')
    for (const granularity of [{ type: 'none' } as const, period('PT1S', 'Europe/Helsinki'), period('PT6H', 'Europe/Helsinki')]) {
      expect(() => bucketStarts(granularity, ever, 100_000)).toThrow(LimitError)
    }
    const week = between('2019-01-01T00:00Z', '2019-01-08T00:00Z')
    expect(bucketStarts(period('P1D'), week, 7).length).toBe(7)
    expect(() => bucketStarts(period('P1D'), week, 6)).toThrow('max_buckets: needs 7, the limit is 6. Use a coarser granularity or a shorter interval.')
  })

  test('of an unknown zone are an error', () => {
    expect(() => bucketStarts(period('P1D', 'Mars/Phobos'), between('2019-01-01T00:00Z', '2019-01-02T00:00Z'), 5)).toThrow('unknown time zone: "Mars/Phobos"')
  })

  test('reach to the ends of the calendar', () => {
    const starts = stamps(period('P1Y', 'Asia/Gaza'), between('0001-01-01T00:00Z', '9999-12-31T00:00Z', 'Asia/Gaza'))
    expect(starts.length).toBe(9999)
    expect(starts.every(stamp => stamp.slice(4, 19) === '-01-01T00:00:00')).toBe(true)
  })
})

describe('buckets in any zone', () => {
  const zone = fc.constantFrom(...ZONES)
  const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2024, 0, 1) })

  /** A zone, and an instant of which every other lies within hours of a change of the clocks. */
  const place = fc.tuple(zone, instant, fc.boolean(), fc.integer({ min: -3 * HOUR, max: 3 * HOUR })).map(([timeZone, t, isNearChange, distance]) => {
    const change = zoneOf(timeZone)!.spanAt(t).end
    return { timeZone, t: isNearChange && Number.isFinite(change) ? change + distance : t }
  })
  const text = fc.constantFrom(...NAMED_PERIODS.values(), 'PT7M', 'PT45M', 'PT2H', 'PT90M', 'P2D', 'P10D', 'P2W', 'P5M', 'P2Y', 'P1M2W', 'P1DT12H', 'PT0.5S')
  const origin = fc.option(instant)

  test('hold their instants and follow on one another', () => {
    fc.assert(fc.property(place, text, origin, ({ timeZone, t }, length, from) => {
      const { floor, next } = bucketer(period(length, timeZone, from), { start: 0, end: 1, timeZone })
      const start = floor(t)
      const after = next(start)
      expect(start).toBeLessThanOrEqual(t)
      expect(after).toBeGreaterThan(t)
      expect(floor(start)).toBe(start)
      expect(floor(after - 1)).toBe(start)
      expect(floor(after)).toBe(after)
    }), { seed: 1, numRuns: 3000 })
  })

  test('cover the interval, each once', () => {
    fc.assert(fc.property(place, text, origin, fc.integer({ min: 1, max: 300 }), ({ timeZone, t: start }, length, from, buckets) => {
      const { months, ms } = parsePeriod(length)!
      const interval = { start, end: start + buckets * (months * 30 * DAY + ms), timeZone }
      const granularity = period(length, timeZone, from)
      const { floor, next } = bucketer(granularity, interval)
      const expected = [floor(start)]
      while (next(expected.at(-1)!) < interval.end) expected.push(next(expected.at(-1)!))
      expect([...bucketStarts(granularity, interval, 1000)]).toEqual(expected)
    }), { seed: 2, numRuns: 400 })
  })

  test('up to an hour hold one offset', () => {
    const short = fc.constantFrom('PT1M', 'PT7M', 'PT15M', 'PT30M', 'PT1H')
    fc.assert(fc.property(place, short, ({ timeZone, t }, length) => {
      const { floor, next } = bucketer(period(length, timeZone), { start: 0, end: 1, timeZone })
      const start = floor(t)
      const { offset } = zoneOf(timeZone)!.spanAt(start)
      expect(zoneOf(timeZone)!.spanAt(next(start) - 1).offset).toBe(offset)
      expect(next(start) - start).toBeLessThanOrEqual(parsePeriod(length)!.ms)
    }), { seed: 5, numRuns: 1500 })
  })

  test('above an hour begin when the local clock first reaches them', () => {
    const long = fc.constantFrom('PT2H', 'PT6H', 'P1D', 'P1W', 'P1M')
    fc.assert(fc.property(place, long, ({ timeZone, t }, length) => {
      const start = bucketer(period(length, timeZone), { start: 0, end: 1, timeZone }).floor(t)
      const local = (at: number) => at + zoneOf(timeZone)!.spanAt(at).offset
      const begin = bucketer(period(length), { start: 0, end: 1, timeZone }).floor(local(start))
      expect(local(start)).toBeGreaterThanOrEqual(begin)
      expect(local(start - 1)).toBeLessThan(begin)
    }), { seed: 6, numRuns: 1500 })
  })

  test.each([
    ['PT1H', 'hour'], ['P1D', 'day'], ['P1W', 'week'], ['P1M', 'month'], ['P3M', 'quarter'], ['P1Y', 'year']
  ] as const)('%s are Luxon\'s %s', (length, unit) => {
    fc.assert(fc.property(zone, instant, (timeZone, t) => {
      const local = DateTime.fromMillis(t, { zone: timeZone })
      const start = local.startOf(unit as DateTimeUnit)
      const isPlain = start.offset === DateTime.fromMillis(start.toMillis() - DAY, { zone: timeZone }).offset
        && start.offset === DateTime.fromMillis(start.toMillis() + DAY, { zone: timeZone }).offset
      fc.pre(isPlain)
      expect(bucketer(period(length, timeZone), { start: 0, end: 1, timeZone }).floor(t)).toBe(start.toMillis())
    }), { seed: 3, numRuns: 600 })
  })

  test('are listed as they follow each other, also where a local day comes twice or never', () => {
    // Juneau went from Asia's date to America's in 1867, Manila the other way in 1844, Kwajalein in 1993, Apia in 2011.
    const zones = [...ZONES, 'America/Juneau', 'Asia/Manila', 'Pacific/Kwajalein']
    const around = fc.constantFrom(...['1844-12-20', '1867-10-10', '1993-08-15', '2011-12-20', '2018-03-20', '2025-10-20'].map(date => Date.parse(date)))
    const length = fc.constantFrom('P1D', 'P2D', 'P1W', 'PT6H', 'PT8H', 'PT90M', 'P1M', 'P1M3D')
    fc.assert(fc.property(fc.constantFrom(...zones), around, fc.integer({ min: 0, max: 15 * 24 }), length, (timeZone, from, hours, each) => {
      const granularity = period(each, timeZone)
      const interval = { start: from + hours * HOUR, end: from + 30 * DAY, timeZone }
      const listed = [...bucketStarts(granularity, interval, 10_000)]
      expect(listed[0]).toBe(bucketer(granularity, interval).floor(interval.start))
      for (const [i, start] of listed.entries()) {
        expect(bucketer(granularity, interval).floor(start)).toBe(start)
        const next = bucketer(granularity, interval).next(start)
        if (i + 1 < listed.length) expect(next).toBe(listed[i + 1])
        else expect(next).toBeGreaterThanOrEqual(interval.end)
      }
    }), { seed: 17, numRuns: 600 })
  })
})

describe('offsets of a zone', () => {
  test('are Luxon\'s at every instant, of the past and of the far future', () => {
    const instant = fc.oneof(
      fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2030, 0, 1) }), fc.integer({ min: Date.UTC(1750, 0, 1), max: Date.UTC(3500, 0, 1) })
    )
    fc.assert(fc.property(fc.constantFrom(...ZONES), instant, (name, t) => {
      const span = zoneOf(name)!.spanAt(t)
      expect(span.start <= t && t < span.end).toBe(true)
      expect(span.offset).toBe(luxonOffset(name, t))
    }), { seed: 4, numRuns: 800 })
  })

  test('change exactly where Luxon\'s do', () => {
    const zone = zoneOf('Africa/Casablanca')!
    let changes = 0
    for (let span = zone.spanAt(Date.UTC(2012, 0, 1)); span.end < Date.UTC(2016, 0, 1); span = zone.spanAt(span.end)) {
      expect(luxonOffset('Africa/Casablanca', span.end - 1)).toBe(span.offset)
      expect(luxonOffset('Africa/Casablanca', span.end)).toBe(zone.spanAt(span.end).offset)
      if (zone.spanAt(span.end).offset !== span.offset) changes++
    }
    expect(changes).toBe(16)
  })

  test('exist for names of the tz database only', () => {
    expect(zoneOf('europe/helsinki')!.spanAt(0).offset).toBe(2 * HOUR)
    for (const name of ['', '+02:00', 'Mars/Phobos', 'local', '__proto__']) expect(zoneOf(name)).toBeNull()
  })
})

describe('periods', () => {
  test('are read in every unit', () => {
    expect(parsePeriod('P1Y2M3W4DT5H6M7.089S')).toEqual({
      months: 14, ms: 25 * DAY + 5 * HOUR + 6 * 60_000 + 7089, isOneWeek: false
    })
    expect(parsePeriod('PT0.5S')!.ms).toBe(500)
    expect(parsePeriod('P1W')).toEqual({ months: 0, ms: 7 * DAY, isOneWeek: true })
  })

  test('above ten thousand years or of nothing are none', () => {
    for (const text of ['', 'P', 'PT', 'P1DT', 'P0D', 'PT0S', 'P1.5D', 'P10001Y', 'P99999999999W', 'p1d', 'P1D ']) expect(parsePeriod(text)).toBeNull()
  })
})
