import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../dsl/parse.js'
import type { Columns, Filter } from '../../dsl/query.js'
import { COLUMNS, faults, queryWith } from './helpers.js'

const filterOf = (filters: unknown, columns: Columns | undefined = COLUMNS): Filter => parseQuery(queryWith({ filters }), columns).filter
const untyped = (filters: unknown): Filter => parseQuery(queryWith({ filters })).filter
const filterFaults = (filters: unknown) => faults({ filters })
const equals = (column: string, matchValue: unknown, matchValueType?: string) => ({ type: 'equals', column, matchValue, matchValueType })
const selector = (dimension: string, value: unknown) => ({ type: 'selector', dimension, value })
const search = (query: unknown) => ({ type: 'search', dimension: 'city', query })
const within = (intervals: unknown, dimension = '__time') => ({ type: 'interval', dimension, intervals })
const compare = (dimensions: unknown) => filterFaults({ type: 'columnComparison', dimensions })
const span = (start: number, end: number) => ({
  type: 'bound', dimension: 'started_at', lower: start, upper: end, lowerStrict: false, upperStrict: true, ordering: 'numeric'
})

describe('equals', () => {
  test('is a selector whose value has the type that is stated', () => {
    expect(filterOf(equals('city', 'Espoo', 'STRING'))).toEqual(selector('city', 'Espoo'))
    expect(filterOf(equals('city', 5))).toEqual(selector('city', '5'))
    expect(filterOf(equals('city', ' 010', 'LONG'))).toEqual(selector('city', '10'))
    expect(filterOf(equals('rooms', '1.50', 'DOUBLE'))).toEqual(selector('rooms', '1.5'))
    expect(filterOf(equals('city', true))).toEqual(selector('city', 'true'))
    expect(filterOf(equals('session_duration_secs', '10', 'LONG'))).toEqual(selector('session_duration_secs', 10))
    expect(filterOf(equals('session_duration_secs', '10', 'STRING'))).toEqual(selector('session_duration_secs', 10))
    expect(filterOf(equals('session_duration_secs', 0.5, 'FLOAT'))).toEqual(selector('session_duration_secs', 0.5))
  })

  test('keeps the digits of a whole number that no double can hold', () => {
    expect(filterOf(equals('visitor_id', '9007199254740993', 'LONG'))).toEqual(selector('visitor_id', '9007199254740993'))
  })

  test('without known columns has the type that is stated', () => {
    expect(untyped(equals('x', 5, 'STRING'))).toEqual(selector('x', '5'))
    expect(untyped(equals('x', '5', 'LONG'))).toEqual(selector('x', 5))
    expect(untyped(equals('x', '5'))).toEqual(selector('x', '5'))
  })

  test('says what is wrong with it', () => {
    expect(filterFaults(equals('city', 'ten', 'LONG'))).toEqual([
      'invalid_value /filters/matchValue got the string "ten", expected a whole number, since its type is LONG.'
    ])
    expect(filterFaults(equals('city', 1.5, 'LONG'))).toEqual([
      'invalid_value /filters/matchValue got the number 1.5, expected a whole number, since its type is LONG.'
    ])
    expect(filterFaults(equals('city', true, 'DOUBLE'))).toEqual(['invalid_value /filters/matchValue got true, expected a number, since its type is DOUBLE.'])
    expect(filterFaults(equals('session_duration_secs', 'ten', 'STRING'))).toEqual([
      'invalid_value /filters/matchValue got the string "ten", expected a number, since the dimension is one.'
    ])
    expect(filterFaults(equals('city', null))).toEqual([
      'wrong_type /filters/matchValue got null, expected a string, a number or true or false.'
    ])
    expect(filterFaults(equals('city', 'a', 'ARRAY<STRING>'))).toEqual([
      'invalid_value /filters/matchValueType got the string "ARRAY<STRING>", expected one of STRING, LONG, DOUBLE, FLOAT.'
    ])
    expect(filterFaults(equals('city', ['a'], 'ARRAY<STRING>'))).toContain(
      'wrong_type /filters/matchValue got an array, expected a string, a number or true or false.'
    )
    expect(filterFaults(equals('city', 'a', 'string'))[0]).toMatch(/did you mean "STRING"\?$/)
    expect(filterFaults(equals('contry', 'a'))[0]).toMatch(/^unknown_dimension \/filters\/column .* did you mean "country"\?$/)
    expect(filterFaults({ type: 'equals', dimension: 'city', value: 'a' }).map(fault => fault.split(' ').slice(0, 2).join(' '))).toEqual([
      'unknown_key /filters/dimension', 'unknown_key /filters/value', 'missing /filters', 'missing /filters'
    ])
    expect(filterFaults({ type: 'equals', column: 'city' })).toEqual([
      'missing /filters the key "matchValue" is missing, expected a string, a number or true or false (the value to match).'
    ])
    expect(filterFaults({ type: 'eqauls', column: 'city', matchValue: 'a' })[0]).toMatch(/did you mean "equals"\?$/)
  })
})

describe('arrayContainsElement', () => {
  test('is a selector', () => {
    expect(filterOf({ type: 'arrayContainsElement', column: 'rooms', elementMatchValueType: 'STRING', elementMatchValue: 'chat' })).toEqual({
      type: 'selector', dimension: 'rooms', value: 'chat'
    })
    expect(filterOf({ type: 'arrayContainsElement', column: 'rooms', elementMatchValueType: 'LONG', elementMatchValue: '07' })).toMatchObject({ value: '7' })
  })

  test('says what is wrong with it', () => {
    expect(filterFaults({ type: 'arrayContainsElement', column: 'rooms', elementMatchValueType: 'LONG', elementMatchValue: 'x' })).toEqual([
      'invalid_value /filters/elementMatchValue got the string "x", expected a whole number, since its type is LONG.'
    ])
    expect(filterFaults({ type: 'arrayContainsElement', column: 'rooms', elementMatchValue: null })).toEqual([
      'wrong_type /filters/elementMatchValue got null, expected a string, a number or true or false.'
    ])
    expect(filterFaults({ type: 'arrayContainsElement', column: 'nope', elementMatchValue: 'x' })[0]).toMatch(/^unknown_dimension \/filters\/column /)
  })
})

describe('range', () => {
  const bound = { type: 'bound', dimension: 'city', lower: null, upper: null, lowerStrict: false, upperStrict: false, ordering: 'lexicographic' }

  test('is a bound that compares as its type says, or as its column does', () => {
    expect(filterOf({ type: 'range', column: 'city', matchValueType: 'STRING', lower: 'a', lowerOpen: true })).toEqual({
      ...bound, lower: 'a', lowerStrict: true
    })
    expect(filterOf({ type: 'range', column: 'city', upper: 'b', upperOpen: true })).toEqual({ ...bound, upper: 'b', upperStrict: true })
    expect(filterOf({ type: 'range', column: 'city', matchValueType: 'LONG', lower: '010', upper: null })).toEqual({
      ...bound, lower: '10', ordering: 'numeric'
    })
    expect(filterOf({ type: 'range', column: 'session_duration_secs', lower: '1.5', upper: 3 })).toEqual({
      ...bound, dimension: 'session_duration_secs', lower: 1.5, upper: 3, ordering: 'numeric'
    })
    expect(filterOf({ type: 'range', column: 'session_duration_secs', matchValueType: 'STRING', upper: '30' })).toMatchObject({
      upper: 30, ordering: 'lexicographic'
    })
    expect(untyped({ type: 'range', column: 'x', lower: 3 })).toMatchObject({ lower: 3, ordering: 'numeric' })
    expect(untyped({ type: 'range', column: 'x', lower: '3' })).toMatchObject({ lower: '3', ordering: 'lexicographic' })
  })

  test('says what is wrong with it', () => {
    expect(filterFaults({ type: 'range', column: 'city', upper: null })).toEqual([
      'missing /filters the filter has neither "lower" nor "upper", expected at least one.'
    ])
    expect(filterFaults({ type: 'range', column: 'city', matchValueType: 'LONG', lower: 'a', upper: 1.5 })).toEqual([
      'invalid_value /filters/lower got the string "a", expected a whole number, since its type is LONG.',
      'invalid_value /filters/upper got the number 1.5, expected a whole number, since its type is LONG.'
    ])
    expect(filterFaults({ type: 'range', column: 'session_duration_secs', lower: 'a' })).toEqual([
      'invalid_value /filters/lower got the string "a", expected a number, since the dimension is one.'
    ])
    expect(filterFaults({ type: 'range', column: 'city', lower: 'a', lowerStrict: true })).toEqual([
      'unknown_key /filters/lowerStrict unknown key "lowerStrict", expected type, column, matchValueType, lower, upper, lowerOpen or upperOpen.'
    ])
    expect(filterFaults({ type: 'range', column: 'nope', lower: 'a' })[0]).toMatch(/^unknown_dimension \/filters\/column /)
    expect(filterFaults({ type: 'range', column: 'city', matchValueType: 'ARRAY<LONG>', lower: 1 })).toEqual([
      'invalid_value /filters/matchValueType got the string "ARRAY<LONG>", expected one of STRING, LONG, DOUBLE, FLOAT.'
    ])
    expect(filterFaults({ type: 'range', lower: 'a' })[0]).toMatch(/^missing \/filters the key "column"/)
  })
})

describe('null, true and false', () => {
  test('are plain', () => {
    expect(filterOf({ type: 'null', column: 'rooms' })).toEqual({ type: 'selector', dimension: 'rooms', value: null })
    expect(filterOf({ type: 'true' })).toEqual({ type: 'true' })
    expect(filterOf({ type: 'not', field: { type: 'false' } })).toEqual({ type: 'not', field: { type: 'false' } })
  })

  test('say what is wrong with them', () => {
    expect(filterFaults({ type: 'null', column: 'nope' })[0]).toMatch(/^unknown_dimension \/filters\/column /)
    expect(filterFaults({ type: 'null' })[0]).toMatch(/^missing \/filters the key "column"/)
    expect(filterFaults({ type: 'true', dimension: 'city' })).toEqual(['unknown_key /filters/dimension unknown key "dimension", expected type.'])
  })
})

describe('search', () => {
  test('ignores case where not told otherwise', () => {
    const found = { type: 'search', dimension: 'city', values: ['Hel'], caseSensitive: false }
    expect(filterOf(search({ type: 'contains', value: 'Hel' }))).toEqual(found)
    expect(filterOf(search({ type: 'insensitive_contains', value: 'Hel' }))).toEqual(found)
    expect(filterOf(search({ type: 'contains', value: 'Hel', caseSensitive: true }))).toEqual({ ...found, caseSensitive: true })
    expect(filterOf(search({ type: 'fragment', values: ['Hel', ''], caseSensitive: true }))).toEqual({ ...found, values: ['Hel', ''], caseSensitive: true })
    expect(filterOf(search({ type: 'fragment', values: ['Hel'] }))).toEqual(found)
  })

  test('says what is wrong with it', () => {
    expect(filterFaults(search({ type: 'containz', value: 'a' }))).toEqual([
      'unknown_type /filters/query/type unknown type "containz", expected one of contains, insensitive_contains, fragment; did you mean "contains"?'
    ])
    expect(filterFaults(search('Hel'))).toEqual(['wrong_type /filters/query got the string "Hel", expected an object.'])
    expect(filterFaults(search({ type: 'contains', value: 5 }))).toEqual(['wrong_type /filters/query/value got the number 5, expected a string.'])
    expect(filterFaults(search({ type: 'fragment', value: 'a' }))[0]).toMatch(/^unknown_key \/filters\/query\/value .* did you mean "values"\?$/)
    expect(filterFaults(search({ type: 'fragment', values: [] }))).toEqual([
      'invalid_value /filters/query/values got an empty array, expected at least one item.'
    ])
    expect(filterFaults(search({ type: 'fragment', values: Array.from({ length: 101 }, () => 'a') }))).toEqual([
      'too_large /filters/query/values got 101 items, expected at most 100.'
    ])
    expect(filterFaults(search({ type: 'insensitive_contains', value: 'a', caseSensitive: true }))[0]).toMatch(/^unknown_key \/filters\/query\/caseSensitive /)
    expect(filterFaults({ type: 'search', dimension: 'city' })).toEqual(['missing /filters the key "query" is missing, expected an object (what to look for).'])
    expect(filterFaults({ type: 'search', dimension: 'citty', query: { type: 'contains', value: 'a' } })[0]).toMatch(/did you mean "city"\?$/)
  })
})

describe('interval', () => {
  test('is a bound on the start of a session, or several', () => {
    const day = span(Date.UTC(2019, 0, 1), Date.UTC(2019, 0, 2))
    expect(filterOf(within(['2019-01-01/2019-01-02']))).toEqual(day)
    expect(filterOf(within(['2019-01-01T00:00:00Z/2019-01-02T02:00:00+02:00'], 'started_at'))).toEqual(day)
    const hour = span(Date.UTC(2019, 0, 1, 10), Date.UTC(2019, 0, 1, 11))
    expect(filterOf(within(['2019-01-01/2019-01-02', { start: '2019-01-01T10:00Z', end: '2019-01-01T11:00Z' }]))).toEqual({ type: 'or', fields: [day, hour] })
    expect(filterOf(within(['2019-01-01/2019-01-01']))).toEqual(span(Date.UTC(2019, 0, 1), Date.UTC(2019, 0, 1)))
  })

  test('reads local times in the zone of the query', () => {
    const interval = { start: '2019-01-01', end: '2019-01-02', time_zone: 'Europe/Helsinki' }
    const { filter } = parseQuery(queryWith({ interval, filters: within(['2019-01-01/2019-01-02']) }), COLUMNS)
    expect(filter).toEqual(span(Date.UTC(2018, 11, 31, 22), Date.UTC(2019, 0, 1, 22)))
  })

  test('says what is wrong with it', () => {
    expect(filterFaults(within(['2019-01-01']))).toEqual([
      'invalid_interval /filters/intervals/0 got "2019-01-01", expected two timestamps as in "2019-01-01/2019-01-02".'
    ])
    expect(filterFaults(within(['a/b/c']))[0]).toMatch(/^invalid_interval \/filters\/intervals\/0 got "a\/b\/c"/)
    expect(filterFaults(within(['2019-01-01/P1D', { start: '2019-02-30', end: '2019-03-01' }]))).toEqual([
      'invalid_interval /filters/intervals/0 "P1D" is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00".',
      'invalid_interval /filters/intervals/1/start "2019-02-30" is a date that does not exist.'
    ])
    const order = 'the end "2019-01-01" lies before the start "2019-01-02", expected it at or after.'
    expect(filterFaults(within(['2019-01-02/2019-01-01', { start: '2019-01-02', end: '2019-01-01' }]))).toEqual([
      `invalid_interval /filters/intervals/0 ${order}`, `invalid_interval /filters/intervals/1 ${order}`
    ])
    expect(filterFaults(within(['2019-01-01/2019-01-02'], 'city'))).toEqual([
      'invalid_value /filters/dimension got the string "city", expected one of __time, started_at.'
    ])
    expect(filterFaults(within(['2019-01-01/2019-01-02'], '_time'))[0]).toMatch(/did you mean "__time"\?$/)
    expect(filterFaults(within([]))).toEqual(['invalid_value /filters/intervals got an empty array, expected at least one item.'])
    expect(filterFaults(within('2019-01-01/2019-01-02'))).toEqual([
      'wrong_type /filters/intervals got the string "2019-01-01/2019-01-02", expected an array, as in ["2019-01-01/2019-01-02"].'
    ])
    expect(filterFaults(within([5, { start: '2019-01-01' }])).map(fault => fault.split(' ').slice(0, 2).join(' '))).toEqual([
      'wrong_type /filters/intervals/0', 'missing /filters/intervals/1'
    ])
    expect(filterFaults(within(Array.from({ length: 1001 }, () => '2019-01-01/2019-01-02')))).toEqual([
      'too_large /filters/intervals got 1,001 items, expected at most 1000.'
    ])
  })
})

describe('columnComparison', () => {
  test('takes two dimensions or more', () => {
    const filter = { type: 'columnComparison', dimensions: ['city', 'country', 'session_duration_secs'] }
    expect(filterOf(filter)).toEqual(filter)
  })

  test('says what is wrong with it', () => {
    expect(compare(['city'])).toEqual(['invalid_value /filters/dimensions got an array of 1, expected at least 2 items.'])
    expect(compare([])).toEqual(['invalid_value /filters/dimensions got an empty array, expected at least 2 items.'])
    expect(compare(['city', 'contry'])[0]).toMatch(/^unknown_dimension \/filters\/dimensions\/1 .* did you mean "country"\?$/)
    expect(compare(['city', 5])).toEqual(['wrong_type /filters/dimensions/1 got the number 5, expected a string.'])
    expect(compare(Array.from({ length: 11 }, () => 'city'))).toEqual(['too_large /filters/dimensions got 11 items, expected at most 10.'])
    expect(filterFaults({ type: 'columnComparison' })).toEqual([
      'missing /filters the key "dimensions" is missing, expected an array (the dimensions).'
    ])
  })
})

test('the new filters take names like any other', () => {
  const names = ['__proto__', 'constructor', 'null', '']
  const columns: Columns = new Map(names.map(name => [name, 'string']))
  for (const name of names) {
    expect(filterOf({ type: 'equals', column: name, matchValue: name }, columns)).toEqual({ type: 'selector', dimension: name, value: name })
    expect(filterOf({ type: 'columnComparison', dimensions: [name, name] }, columns)).toEqual({ type: 'columnComparison', dimensions: [name, name] })
  }
})
