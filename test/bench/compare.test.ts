import { describe, expect, test } from 'vitest'
import { compare } from '../../bench/compare.js'
import { COLUMNS } from '../../bench/suite.js'
import { parseAggregate } from '../dsl/helpers.js'

const DAY = '2025-01-01T00:00:00.000Z'
const NEXT = '2025-01-02T00:00:00.000Z'

function query(more: object) {
  return parseAggregate({ interval: { start: DAY, end: '2025-01-03T00:00:00.000Z' }, granularity: 'day', group_by: [], aggregations: [{ type: 'count' }], ...more }, COLUMNS)
}

const counts = query({})
const distinct = query({ aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'] }] })
const average = query({ aggregations: [{ type: 'avg', fields: ['session_duration_secs'] }] })
const median = query({ aggregations: [{ type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.5] }] })
const both = query({ aggregations: [{ type: 'count' }, { type: 'avg', fields: ['session_duration_secs'] }] })
const top = query({ granularity: 'all', group_by: ['country'], order_by: [{ column: 'count', direction: 'descending' }], limit: 2 })

describe('answers', () => {
  test('agree whatever the order of rows, the form of stamps and the filling of empty buckets', () => {
    expect(compare(counts, [[DAY, 2], [NEXT, 0]], [[Date.parse(DAY), 2]])).toEqual({ differences: [], distinct: null })
    expect(compare(counts, [[DAY, 2], [NEXT, 1]], [[NEXT, 1], ['2025-01-01T02:00:00.000+02:00', 2]]).differences).toEqual([])
  })

  test('differ by a count, a missing row and a row too many', () => {
    expect(compare(counts, [[DAY, 2]], [[DAY, 3]]).differences).toEqual([`["${DAY}"] count: 3 instead of 2`])
    expect(compare(counts, [[DAY, 2]], []).differences).toEqual([`no row ["${DAY}"]`])
    expect(compare(counts, [], [[DAY, 2]]).differences).toEqual([`a row ["${DAY}"] too many`])
  })

  test('of averages agree within 1e-9', () => {
    expect(compare(average, [[DAY, 1]], [[DAY, 1 + 5e-10]]).differences).toEqual([])
    expect(compare(average, [[DAY, 1]], [[DAY, 1 + 2e-9]]).differences).toHaveLength(1)
    expect(compare(both, [[DAY, 3, 1]], [[DAY, 3, null]]).differences).toEqual([`["${DAY}"] session_duration_secs_avg: null instead of 1`])
  })

  test('of quantiles agree within 0.5 %', () => {
    expect(compare(median, [[DAY, 1000]], [[DAY, 1004.9]]).differences).toEqual([])
    expect(compare(median, [[DAY, 1000]], [[DAY, 994.9]]).differences).toHaveLength(1)
  })

  test('of counts agree exactly only', () => {
    expect(compare(counts, [[DAY, 1e12]], [[DAY, 1e12 + 1]]).differences).toHaveLength(1)
  })

  test('tell three differences and the number of the rest', () => {
    const exact = Array.from({ length: 10 }, (_, i) => [Date.parse(DAY) + i, 1])
    expect(compare(counts, exact, []).differences).toHaveLength(4)
    expect(compare(counts, exact, []).differences.at(-1)).toBe('and 7 more')
  })

  test('with one row twice are refused', () => {
    expect(() => compare(counts, [[DAY, 2]], [[DAY, 2], [DAY, 2]])).toThrow('two rows')
  })
})

describe('distinct counts', () => {
  test('are measured, not compared', () => {
    const { differences, distinct: error } = compare(distinct, [[DAY, 100], [NEXT, 200]], [[DAY, 103], [NEXT, 192]])
    expect(differences).toEqual([])
    expect(error!.max).toBeCloseTo(0.04)
    expect(error!.rms).toBeCloseTo(Math.sqrt((0.03 ** 2 + 0.04 ** 2) / 2))
  })
})

describe('a limit', () => {
  const exact = [[DAY, 'a', 9], [DAY, 'b', 5]]

  test('may cut either of two rows that tie at its edge', () => {
    expect(compare(top, exact, [[DAY, 'a', 9], [DAY, 'c', 5]]).differences).toEqual([])
  })

  test('does not excuse a row that is not at its edge', () => {
    expect(compare(top, exact, [[DAY, 'b', 5], [DAY, 'c', 5]]).differences).toEqual([`no row ["${DAY}","a"]`])
    expect(compare(top, exact, [[DAY, 'a', 9], [DAY, 'c', 6]]).differences).toEqual([`a row ["${DAY}","c"] too many`])
    expect(compare(top, exact, [[DAY, 'a', 9]]).differences).toHaveLength(1)
  })
})
