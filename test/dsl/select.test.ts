import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCursor, writeCursor } from '../../dsl/cursor.js'
import { parseQuery } from '../../dsl/parse.js'
import { COLUMNS, issuesOf } from './helpers.js'

const interval = { start: '2019-01-01', end: '2019-02-01' }
const after = { start: 1_546_300_800_000, source: 'web', sessionId: 'ä' }
const faultsOf = (query: unknown) => issuesOf(() => parseQuery(query, COLUMNS)).map(({ code, pointer, message }) => `${code} ${pointer} ${message}`)

describe('a query that lists sessions', () => {
  test('has its defaults filled in', () => {
    expect(parseQuery({ interval, select: ['city', { dimension: 'rooms', name: 'where' }] }, COLUMNS)).toEqual({
      kind: 'select',
      interval: { start: Date.UTC(2019, 0, 1), end: Date.UTC(2019, 1, 1), timeZone: 'UTC' },
      dimensions: [{ dimension: 'city', name: 'city' }, { dimension: 'rooms', name: 'where' }],
      filter: { type: 'true' }, descending: false, limit: 100, after: null
    })
  })

  test('goes on after a cursor of its order', () => {
    const cursor = writeCursor({ after, descending: true })
    expect(parseQuery({ interval, select: [], order: 'descending', after: cursor, limit: 1 }, COLUMNS)).toMatchObject({ descending: true, limit: 1, after })
    expect(faultsOf({ interval, select: [], after: cursor })).toEqual([
      'invalid_value /after the cursor is that of a list in "descending" order, expected the same order and not "ascending".'
    ])
    expect(faultsOf({ interval, select: [], after: 'WzFd' })).toEqual(['invalid_value /after got "WzFd", expected the "next" of the page before, unchanged.'])
  })

  test('is told its faults', () => {
    expect(faultsOf({ interval, select: ['ctiy'], limit: 0, order: 'desc', group_by: [] })).toEqual([
      'invalid_value /limit got the number 0, expected a number from 1 to 100000.',
      'invalid_value /order got the string "desc", expected one of ascending, descending.',
      'unknown_key /group_by unknown key "group_by", expected interval, select, filters, order, limit, after or context.',
      'unknown_dimension /select/0 no source provides a dimension "ctiy", expected country, city, visitor_id, rooms, session_duration_secs or'
      + ' distinct_visited_urls_count; did you mean "city"?'
    ])
  })

  test('is of one kind', () => {
    expect(faultsOf({ interval, granularity: 'all', aggregations: [], select: [] })).toEqual([
      'unknown_key /select aggregations and select make two different kinds of query, expected one of aggregations, select, funnel or retention.'
    ])
  })

  test('is known by a slip of its key', () => {
    expect(faultsOf({ interval, selct: [] })).toEqual([
      'unknown_key /selct unknown key "selct", expected interval, select, filters, order, limit, after or context; did you mean "select"?',
      'missing  the key "select" is missing, expected an array (the dimensions of a row, in their order, after the start of the session).'
    ])
  })
})

describe('a cursor', () => {
  test('gives back the place that it was written for', () => {
    const place = fc.record({ start: fc.maxSafeInteger(), source: fc.string({ unit: 'grapheme' }), sessionId: fc.string({ unit: 'grapheme' }) })
    fc.assert(fc.property(place, fc.boolean(), (at, descending) => {
      const text = writeCursor({ after: at, descending })
      expect(text).toMatch(/^[\w-]+$/)
      expect(readCursor(text)).toEqual({ after: at, descending })
    }), { seed: 5, numRuns: 500 })
  })

  test('is refused when a character of it was changed', () => {
    const text = writeCursor({ after, descending: false })
    for (let i = 0; i < text.length - 1; i++) {
      expect(readCursor(`${text.slice(0, i)}${text[i] === 'A' ? 'B' : 'A'}${text.slice(i + 1)}`), String(i)).toBeNull()
    }
    for (const other of ['', ' ', 'null', '5', '{}', '[]', btoa('[2,0]'), btoa('5'), 'é', `${text}A`]) expect(readCursor(other)).toBeNull()
  })
})
