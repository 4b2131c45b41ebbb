import { describe, expect, test } from 'vitest'
import { LineWriter } from '../../bench/lines.js'
import { mulberry32 } from '../../bench/random.js'
import { COUNTRIES, drawer, sessions, YEAR_DAYS, YEAR_START, type DatasetOptions } from '../../bench/sessions.js'

/** The first four of the published generator with seed 1. */
const GOLDEN = [2693262067, 11749833, 2265367787, 4213581821]
const OPTIONS: DatasetOptions = { rows: 20_000, seed: 7 }
const YEAR_MS = YEAR_DAYS * 86_400_000

function lines(options: DatasetOptions): string[] {
  const next = drawer(options)
  const writer = new LineWriter()
  for (let row = 0; row < options.rows; row++) writer.add(next())
  return new TextDecoder().decode(writer.take()).split('\n').slice(0, -1)
}

const all = [...sessions(OPTIONS)]
const numbers = (column: string): number[] => all.map(session => Number(session[column]))
const distinct = (column: string): number => new Set(all.map(session => session[column])).size
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('the dataset', () => {
  test('is the same for the same seed and another one for another', () => {
    expect([...sessions({ rows: 50, seed: 7 })]).toEqual([...sessions({ rows: 50, seed: 7 })])
    expect([...sessions({ rows: 50, seed: 7 })]).not.toEqual([...sessions({ rows: 50, seed: 8 })])
  })

  test.each([false, true])('as lines is JSON.stringify of its objects (urls: %s)', urls => {
    const options = { rows: 2000, seed: 3, urls }
    expect(lines(options)).toEqual([...sessions(options)].map(session => JSON.stringify(session)))
  })

  test('is otherwise the same with and without URLs', () => {
    const bare = [...sessions({ rows: 500, seed: 5 })]
    expect([...sessions({ rows: 500, seed: 5, urls: true })]).toMatchObject(bare)
    expect(bare[0]).not.toHaveProperty('distinct_visited_urls')
  })

  test('has as many lines as asked for when they outgrow the writer', () => {
    expect(lines({ rows: 12_000, seed: 1, urls: true })).toHaveLength(12_000)
  })
})

test('random numbers are those of mulberry32, on every machine', () => {
  const uniform = mulberry32(1)
  expect(Array.from({ length: 4 }, () => Math.round(uniform() * 2 ** 32))).toEqual(GOLDEN)
})

describe('identifiers', () => {
  test('sessions have unique version 4 UUIDs', () => {
    expect(distinct('session_id')).toBe(OPTIONS.rows)
    for (const { session_id: id } of all.slice(0, 100)) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/u)
  })

  test('visitors are 32 hex digits, fewer than 30 % of the sessions, skewed as u^1.7', () => {
    for (const { visitor_id: id } of all.slice(0, 100)) expect(id).toMatch(/^[\da-f]{32}$/u)
    const visitors = OPTIONS.rows * 0.3
    // The expected number of distinct values: each value v has the probability ((v+1)^(1/1.7) - v^(1/1.7)) / visitors^(1/1.7).
    let expected = 0
    for (let v = 0; v < visitors; v++) {
      const share = ((v + 1) / visitors) ** (1 / 1.7) - (v / visitors) ** (1 / 1.7)
      expected += 1 - (1 - share) ** OPTIONS.rows
    }
    expect(distinct('visitor_id') / expected).toBeCloseTo(1, 1)
  })
})

describe('distributions', () => {
  test('starts are uniform over 2025, in no order', () => {
    const offsets = all.map(({ started_at: at }) => Date.parse(String(at)) - YEAR_START)
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...offsets)).toBeLessThan(YEAR_MS)
    expect(mean(offsets) / YEAR_MS).toBeCloseTo(0.5, 1)
    const ascending = offsets.filter((offset, i) => i > 0 && offset > offsets[i - 1]!).length
    expect(ascending / offsets.length).toBeCloseTo(0.5, 1)
  })

  test.each([
    ['country', 60, 3], ['city', 2000, 2.5], ['browser_name', 8, 2], ['browser_version', 80, 2], ['device_type', 3, 1.5], ['os_name', 6, 1.5],
    ['ip_organization', 50_000, 3]
  ])('%s has %i values of which the first has the share that u^%d gives it', (column, cardinality, exponent) => {
    const counts = new Map<unknown, number>()
    for (const session of all) counts.set(session[column], (counts.get(session[column]) ?? 0) + 1)
    expect(counts.size).toBeLessThanOrEqual(cardinality)
    const share = (1 / cardinality) ** (1 / exponent)
    const deviation = Math.sqrt(share * (1 - share) / OPTIONS.rows)
    expect(Math.abs(Math.max(...counts.values()) / OPTIONS.rows - share)).toBeLessThan(5 * deviation)
  })

  test('the most common country is the first', () => {
    const share = all.filter(({ country }) => country === COUNTRIES[0]).length / OPTIONS.rows
    expect(share).toBeGreaterThan(0.23)
    expect(share).toBeLessThan(0.28)
  })

  test('durations are log-normal with mu 3 and sigma 2, to the millisecond', () => {
    const durations = numbers('session_duration_secs')
    const logs = durations.filter(duration => duration > 0).map(Math.log)
    const mu = mean(logs)
    expect(mu).toBeCloseTo(3, 1)
    expect(Math.sqrt(mean(logs.map(log => (log - mu) ** 2)))).toBeCloseTo(2, 1)
    expect(durations.every(duration => Math.round(duration * 1000) / 1000 === duration)).toBe(true)
  })

  test('URL counts are 1 plus whole exponentials of mean 4', () => {
    const counts = numbers('distinct_visited_urls_count')
    expect(Math.min(...counts)).toBe(1)
    expect(mean(counts)).toBeGreaterThan(4.4)
    expect(mean(counts)).toBeLessThan(4.6)
  })

  test('rooms are 0 to 2 of 40, URLs 1 to 5 of 20,000, without repetition', () => {
    const withUrls = [...sessions({ rows: 5000, seed: 2, urls: true })]
    for (const [column, least, most, values] of [['rooms', 0, 2, 40], ['distinct_visited_urls', 1, 5, 20_000]] as const) {
      const lists = withUrls.map(session => session[column] as readonly string[])
      expect(new Set(lists.map(list => list.length))).toEqual(new Set(Array.from({ length: most - least + 1 }, (_, i) => least + i)))
      expect(lists.every(list => new Set(list).size === list.length)).toBe(true)
      expect(new Set(lists.flat()).size).toBeLessThanOrEqual(values)
    }
  })
})
