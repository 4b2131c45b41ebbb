import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FilterInput } from '../../../dsl/input.js'
import type { Engine } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { ask } from '../ask.js'

let engine: Engine
beforeAll(async () => {
  engine = await engineWith([
    { session_id: 'a', started_at: 1, city: 'x', country: 'x', os_name: '10', rooms: ['x', 'y'], distinct_search_terms: ['y', 'z'], session_duration_secs: 10 },
    { session_id: 'b', started_at: 2, city: 'x', country: 'y', os_name: '10.0', rooms: ['y'], distinct_search_terms: ['10'], session_duration_secs: 10 },
    { session_id: 'c', started_at: 3, city: '0.5', country: null, os_name: null, rooms: [], distinct_search_terms: ['0.5'], session_duration_secs: 0.5 },
    { session_id: 'd', started_at: 4, city: null, country: 'null', os_name: 'Infinity', rooms: ['null'], distinct_search_terms: [] },
    { session_id: 'e', started_at: 5 },
    { session_id: 'f', started_at: 6, city: 'only here', country: 'only there', rooms: ['only here'], distinct_search_terms: ['nowhere else'], os_name: 'NaN' },
    { session_id: 'g', started_at: 7, city: '0', country: '-0', rooms: ['0'], session_duration_secs: -0, distinct_visited_urls_count: 0, os_name: '1e21' }
  ], { segmentRows: 2 })
})
afterAll(() => engine.close())

async function ids(filters: FilterInput): Promise<string> {
  const rows = await ask(engine, { group_by: ['session_id'], filters })
  return rows.map(([id]) => id).join('')
}

function found(...dimensions: string[]): Promise<string> {
  return ids({ type: 'columnComparison', dimensions })
}

/** Both ways, since the two sides are not read in the same way. */
async function sameBothWays(a: string, b: string): Promise<string> {
  const one = await found(a, b)
  expect(await found(b, a)).toBe(one)
  return one
}

describe('two columns are equal', () => {
  test('of texts: by code point, and where both are missing', async () => {
    expect(await sameBothWays('city', 'country')).toBe('ae')
    expect(await found('city', 'city')).toBe('abcdefg')
  })

  test('of numbers', async () => {
    expect(await sameBothWays('session_duration_secs', 'distinct_visited_urls_count')).toBe('defg')
    expect(await found('session_duration_secs', 'session_duration_secs')).toBe('abcdefg')
  })

  test('of a number and a text that is written like it', async () => {
    expect(await sameBothWays('session_duration_secs', 'os_name')).toBe('ae')
    expect(await sameBothWays('session_duration_secs', 'city')).toBe('cdeg')
    expect(await sameBothWays('session_duration_secs', 'country')).toBe('e')
  })

  test('of arrays: where they share an element, or are empty both', async () => {
    expect(await sameBothWays('rooms', 'distinct_search_terms')).toBe('ae')
    expect(await found('rooms', 'rooms')).toBe('abcdefg')
  })

  test('of an array and one value: where it is an element', async () => {
    expect(await sameBothWays('rooms', 'city')).toBe('aefg')
    expect(await sameBothWays('rooms', 'country')).toBe('abcde')
    expect(await sameBothWays('distinct_search_terms', 'session_duration_secs')).toBe('bcde')
  })
})

test('of three columns each two have to be equal', async () => {
  expect(await found('rooms', 'city', 'country')).toBe('ae')
  expect(await found('city', 'city', 'country')).toBe('ae')
  expect(await found('rooms', 'distinct_search_terms', 'city')).toBe('e')
  expect(await found('city', 'rooms', 'distinct_search_terms')).toBe('e')
})

test('it stands in other filters like any other', async () => {
  const same: FilterInput = { type: 'columnComparison', dimensions: ['city', 'country'] }
  expect(await ids({ type: 'not', field: same })).toBe('bcdfg')
  expect(await ids({ type: 'and', fields: [{ type: 'equals', column: 'city', matchValue: 'x' }, same] })).toBe('a')
  expect(await ids({ type: 'or', fields: [{ type: 'equals', column: 'city', matchValue: '0' }, same] })).toBe('aeg')
})

test('explain names its columns', () => {
  const { columns } = engine.explain({
    interval: { start: '1900-01-01', end: '2200-01-01' }, granularity: 'all', aggregations: [{ type: 'count' }],
    filters: { type: 'columnComparison', dimensions: ['city', 'rooms'] }
  })
  expect(columns.map(({ name }) => name)).toEqual(['city', 'rooms'])
})
