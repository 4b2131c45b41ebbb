/** Every filter of one condition, with every awkward value against every other, as the brute force says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../index.js'
import type { ColumnType } from '../../dsl/query.js'
import type { Session, SessionValue } from '../../engine/session.js'
import { bruteForce } from '../support/brute-force.js'
import { engineWith } from '../support/engine.js'
import { ESCAPED, PATTERNS, REGEXES } from '../support/filters.js'
import { numberOf } from '../support/orderings.js'
import type { FilterJson, Ordering, QueryJson } from '../support/query-json.js'
import { NUMBERS, TEXTS } from '../support/sessions.js'

const COLUMNS = new Map<string, ColumnType>([['source', 'string'], ['session_id', 'string'], ['city', 'string'], ['rooms', 'strings'], ['session_duration_secs', 'number']])
const ORDERINGS: readonly (Ordering | undefined)[] = [undefined, 'lexicographic', 'numeric', 'alphanumeric', 'strlen']

function sessions(): Session[] {
  const values: Record<string, SessionValue>[] = [
    ...TEXTS.map((city, at) => ({ city, rooms: [city, TEXTS[(at * 7 + 3) % TEXTS.length] as string] })),
    ...TEXTS.map(room => ({ rooms: [room] })),
    ...NUMBERS.map((session_duration_secs, at) => ({ session_duration_secs, rooms: [String(session_duration_secs)], city: at % 2 === 0 ? String(session_duration_secs) : '10' })),
    { rooms: [] }, {}
  ]
  return values.map((value, at) => Object.assign(value, { session_id: `s${at}`, source: 'a', started_at: at }))
}

/** Bounds of one side, strict and not, in every ordering that the limit has. */
function bounds(dimension: string, limits: readonly (string | number)[], orderings: readonly (Ordering | undefined)[]): FilterJson[] {
  return limits.flatMap(limit => orderings
    .filter(ordering => ordering !== 'numeric' || numberOf(String(limit)) !== null)
    .flatMap(ordering => [false, true].flatMap((strict): FilterJson[] => [
      { type: 'bound', dimension, lower: limit, lowerStrict: strict, ...(ordering && { ordering }) },
      { type: 'bound', dimension, upper: limit, upperStrict: strict, ...(ordering && { ordering }) }
    ])))
}

function likes(dimension: string): FilterJson[] {
  return [
    ...[...PATTERNS, ...TEXTS].map((pattern): FilterJson => ({ type: 'like', dimension, pattern })),
    ...ESCAPED.map(([pattern, escape]): FilterJson => ({ type: 'like', dimension, pattern, escape }))
  ]
}

const FILTERS: Record<string, FilterJson[]> = {
  'bounds of texts': bounds('city', TEXTS, ORDERINGS),
  'bounds of arrays': bounds('rooms', TEXTS, ORDERINGS),
  'bounds of numbers': bounds('session_duration_secs', NUMBERS, [undefined, 'numeric']),
  'bounds of numbers as texts': bounds('session_duration_secs', NUMBERS.map(String), [undefined]),
  'patterns of texts': likes('city'),
  'patterns of arrays': likes('rooms'),
  expressions: ['city', 'rooms'].flatMap(dimension => REGEXES.map((pattern): FilterJson => ({ type: 'regex', dimension, pattern }))),
  selectors: [
    ...['city', 'rooms'].flatMap(dimension => [...TEXTS, 'nobody', null].map((value): FilterJson => ({ type: 'selector', dimension, value }))),
    ...[...NUMBERS, ...NUMBERS.map(String), 77, null].map((value): FilterJson => ({ type: 'selector', dimension: 'session_duration_secs', value }))
  ],
  searches: ['city', 'rooms', 'session_duration_secs'].flatMap(dimension => [...TEXTS, 'E', '1', '.'].flatMap((value): FilterJson[] => [
    { type: 'search', dimension, query: { type: 'insensitive_contains', value } },
    { type: 'search', dimension, query: { type: 'fragment', values: [value, 'a'] } },
    { type: 'search', dimension, query: { type: 'contains', value: value.toUpperCase(), caseSensitive: true } }
  ])),
  ranges: [
    ...[...TEXTS, 7].map((lower): FilterJson => ({ type: 'range', column: 'rooms', lower, lowerOpen: true })),
    ...NUMBERS.map((upper): FilterJson => ({ type: 'range', column: 'city', matchValueType: 'DOUBLE', upper, upperOpen: true })),
    ...NUMBERS.map((upper): FilterJson => ({ type: 'range', column: 'session_duration_secs', matchValueType: 'STRING', lower: 1, upper }))
  ],
  'columns with each other': ['city', 'rooms', 'session_duration_secs', 'source', 'session_id'].flatMap((one, _, all) =>
    all.map((other): FilterJson => ({ type: 'columnComparison', dimensions: [one, other] }))),
  lists: [
    ...['city', 'rooms'].flatMap(dimension => TEXTS.map((one, at): FilterJson => ({ type: 'in', dimension, values: [one, TEXTS[(at + 5) % TEXTS.length] as string, at % 3 === 0 ? null : 'nobody'] }))),
    ...NUMBERS.map((one, at): FilterJson => ({ type: 'in', dimension: 'session_duration_secs', values: [one, String(-one), at % 3 === 0 ? null : 77] }))
  ]
}

describe('filters of one condition', () => {
  let engine: Engine
  beforeAll(async () => { engine = await engineWith(sessions(), { columns: COLUMNS, segmentRows: 32 }) })
  afterAll(() => engine.close())

  it.each(Object.entries(FILTERS).map(([name, filters]) => ({ name, filters })))('select the sessions that they should: $name', async ({ filters }) => {
    const all = sessions()
    for (const filter of filters.flatMap((one): FilterJson[] => [one, { type: 'not', field: one }])) {
      const query: QueryJson = {
        interval: { start: '1970-01-01T00:00:00Z', end: '1970-01-02T00:00:00Z' }, granularity: 'all', group_by: ['session_id'], aggregations: [{ type: 'count' }], filters: filter
      }
      expect((await engine.query(query)).data, JSON.stringify(filter)).toEqual(bruteForce(all, COLUMNS, query).data)
    }
  })
})
