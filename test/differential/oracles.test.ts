/** The oracles have to be right before the engine is measured by them: they are checked against each other and by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketer, bucketStarts as bucketStartsOfDsl } from '../../dsl/buckets.js'
import { bruteForce, MANY_BUCKETS } from '../support/brute-force.js'
import { exactMean, exactSum } from '../support/exact-sum.js'
import { instantOfText, nominalLength, ruleOf } from '../support/granularity.js'
import { alphanumeric, byCodePoint } from '../support/orderings.js'
import { queriesOf } from '../support/queries.js'
import type { QueryJson } from '../support/query-json.js'
import { randomDataset } from '../support/sessions.js'
import { bucketStart, bucketStarts, stamp } from '../support/wall-clock.js'
import { differenceFromDuckDB } from './compare.js'
import { Duck } from './duckdb.js'
import { translate } from './sql.js'
import { parseAggregate } from '../dsl/helpers.js'

describe('the oracles', () => {
  let duck: Duck
  beforeAll(async () => { duck = await Duck.open() })
  afterAll(() => duck.close())

  it.each([11, 12, 13, 14, 15, 16])('brute force and DuckDB agree on dataset %i', async seed => {
    const dataset = randomDataset(seed)
    await duck.load(dataset)
    for (const query of queriesOf(dataset, 30)) {
      const statement = translate(query, dataset.columns)
      if (!statement) continue
      const answer = bruteForce(dataset.sessions, dataset.columns, query)
      expect(differenceFromDuckDB(query, answer, await duck.run(statement), statement.isOrdered), JSON.stringify(query)).toBeNull()
    }
  })

  it('buckets cut on the wall clock are those of the language', () => {
    for (let seed = 0; seed < 40; seed++) {
      const dataset = randomDataset(seed, 5)
      for (const query of queriesOf(dataset, 25)) {
        if (query.granularity === 'all' || query.granularity === 'none') continue
        const zone = query.interval.time_zone ?? 'UTC'
        const [start, end] = [instantOfText(query.interval.start, zone), instantOfText(query.interval.end, zone)]
        if ((end - start) / nominalLength(query.granularity) > MANY_BUCKETS) continue
        const starts = bucketStarts(start, end, ruleOf(query))
        const { granularity, interval } = parseAggregate(query, dataset.columns)
        expect([...bucketStartsOfDsl(granularity, interval, 100_000)], JSON.stringify(query)).toEqual(starts)
      }
    }
  })

  it.each([
    ['Europe/Helsinki', '2025-03-30T01:00Z'], ['Europe/Helsinki', '2019-10-27T01:00Z'], ['America/New_York', '2025-11-02T06:00Z'],
    ['America/Sao_Paulo', '2017-10-15T03:00Z'], ['Australia/Lord_Howe', '2019-04-06T15:00Z'], ['Australia/Lord_Howe', '2019-10-05T15:30Z'],
    ['Pacific/Apia', '2011-12-30T10:00Z'], ['America/Havana', '2023-11-05T05:00Z'], ['Asia/Kathmandu', '1985-12-31T18:30Z']
  ])('buckets around the change of the clock in %s at %s are those of the language', (timeZone, change) => {
    const at = Date.parse(change)
    for (const period of ['PT1M', 'PT15M', 'PT20M', 'PT30M', 'PT1H', 'PT90M', 'PT2H', 'PT5H', 'PT6H', 'P1D', 'P2D', 'P1W', 'P2W', 'P1M', 'P1Y']) {
      for (const origin of [undefined, '2000-01-01T00:20:00Z', '2030-05-31T23:50:00Z']) {
        const around = period.startsWith('PT') ? 7 * 3_600_000 : 50 * 86_400_000
        const granularity = { type: 'period' as const, period, ...(origin && { origin }) }
        const interval = { start: new Date(at - around).toISOString(), end: new Date(at + around).toISOString(), time_zone: timeZone }
        const query: QueryJson = { interval, granularity, group_by: [], aggregations: [{ type: 'count' }] }
        const parsed = parseAggregate(query)
        expect([...bucketStartsOfDsl(parsed.granularity, parsed.interval, 10_000)], JSON.stringify(granularity)).toEqual(bucketStarts(at - around, at + around, ruleOf(query)))
        const { floor } = bucketer(parsed.granularity, parsed.interval)
        for (let instant = at - 7_200_000; instant <= at + 7_200_000; instant += 450_000) expect(floor(instant)).toBe(bucketStart(instant, ruleOf(query)))
      }
    }
  })

  it('days, hours and stamps are those of the tz database', () => {
    const day = { unit: 'wall' as const, count: 86_400_000, timeZone: 'America/Sao_Paulo', origin: 0 }
    const stamps = bucketStarts(Date.parse('2017-10-14T12:00:00Z'), Date.parse('2017-10-16T12:00:00Z'), day).map(start => stamp(start, 'America/Sao_Paulo'))
    expect(stamps).toEqual(['2017-10-14T00:00:00.000-03:00', '2017-10-15T01:00:00.000-02:00', '2017-10-16T00:00:00.000-02:00'])
    const hour = { unit: 'wall' as const, count: 3_600_000, timeZone: 'Europe/Oslo', origin: 0 }
    const hours = bucketStarts(Date.parse('2015-10-25T00:00:00Z'), Date.parse('2015-10-25T02:30:00Z'), hour).map(start => stamp(start, 'Europe/Oslo'))
    expect(hours).toEqual(['2015-10-25T02:00:00.000+02:00', '2015-10-25T02:00:00.000+01:00', '2015-10-25T03:00:00.000+01:00'])
  })

  it('sums are rounded once', () => {
    expect(exactSum([])).toBe(0)
    expect(exactSum([0.1, 0.2])).toBe(0.1 + 0.2)
    expect(exactSum([1e308, 1e308, -1e308])).toBe(1e308)
    expect(exactSum([1, 1e100, 1, -1e100])).toBe(2)
    expect(exactSum([5e-324, 5e-324])).toBe(1e-323)
    expect(exactSum([2 ** 53, 1])).toBe(2 ** 53)
    expect(exactSum([2 ** 53, 1, 5e-324])).toBe(2 ** 53 + 2)
    expect(exactSum([Number.MAX_VALUE, -5e-324])).toBe(Number.MAX_VALUE)
    expect(exactMean([1, 2])).toBe(1.5)
    expect(exactMean([1e308, 1e308, 1e308])).toBe(1e308)
    expect(exactMean([1, 1, 0])).toBe(2 / 3)
  })

  it('strings compare by code point, and as digits where asked', () => {
    expect(['\u{1f600}', '\uffee', 'a', '', 'B'].sort(byCodePoint)).toEqual(['', 'B', 'a', '\uffee', '\u{1f600}'])
    expect(['file12', 'file2', 'file02', 'x', '7', ''].sort(alphanumeric)).toEqual(['', '7', 'file2', 'file02', 'file12', 'x'])
  })
})
