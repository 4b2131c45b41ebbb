import { describe, expect, test } from 'vitest'
import { parseQuery, parseQueryText } from '../../dsl/parse.js'
import type { Filter, Query } from '../../dsl/query.js'
import { COLUMNS, parseAggregate, queryWith } from './helpers.js'

const parse = (keys: Record<string, unknown>): Query => parseAggregate(queryWith(keys), COLUMNS)
const filterOf = (filters: unknown): Filter => parse({ filters }).filter
const quantile = (keys: object) => parse({ aggregations: [{ type: 'quantile', fields: ['session_duration_secs'], ...keys }] }).aggregations
const period = (text: string, timeZone = 'UTC', origin: number | null = null) => ({ type: 'period', period: text, timeZone, origin })

describe('a query', () => {
  test('of giosg\'s documents becomes plain data', () => {
    const text = JSON.stringify({
      interval: { start: '2019-01-01T00:00:00.000+02:00', end: '2019-01-01T23:59:59.999+02:00', time_zone: 'Europe/Helsinki' },
      granularity: 'all',
      group_by: [],
      aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'] }],
      filters: {
        type: 'and',
        fields: [{ type: 'selector', dimension: 'country', value: 'Finland' }, { type: 'selector', dimension: 'city', value: 'Helsinki' }]
      }
    })
    expect(parseQueryText(text, COLUMNS)).toEqual({
      kind: 'aggregate',
      interval: { start: Date.UTC(2018, 11, 31, 22), end: Date.UTC(2019, 0, 1, 21, 59, 59, 999), timeZone: 'Europe/Helsinki' },
      granularity: { type: 'all' },
      groupBy: [],
      aggregations: [{ type: 'hyperUnique', field: 'visitor_id', name: 'visitor_id_hyper_unique' }],
      filter: {
        type: 'and',
        fields: [{ type: 'selector', dimension: 'country', value: 'Finland' }, { type: 'selector', dimension: 'city', value: 'Helsinki' }]
      },
      postAggregations: [],
      having: { type: 'true' },
      orderBy: [],
      limit: null,
      offset: 0,
      limitPerBucket: null,
      others: null,
      totals: false,
      subtotals: null,
      fill: 'zero'
    })
  })

  test('has defaults for what it leaves out', () => {
    expect(parse({})).toMatchObject({ interval: { timeZone: 'UTC' }, groupBy: [], filter: { type: 'true' }, orderBy: [], limit: null, fill: 'zero' })
    expect(parse({ group_by: ['city'] }).fill).toBe('none')
    expect(parse({ group_by: ['city'], fill: 'zero' }).fill).toBe('zero')
    expect(parse({ granularity: 'day', fill: 'none' }).fill).toBe('none')
  })

  test('may name its schema and hold undefined', () => {
    expect(parseAggregate({ ...queryWith({}), $schema: './query.schema.json', limit: undefined }, COLUMNS).limit).toBeNull()
  })

  test('may have an empty interval', () => {
    const start = Date.UTC(2019, 0, 1)
    expect(parse({ interval: { start: '2019-01-01', end: '2019-01-01' } }).interval).toEqual({ start, end: start, timeZone: 'UTC' })
  })

  test('without known columns is taken at its word', () => {
    const filters = [
      { type: 'selector', dimension: 'x', value: 5 }, { type: 'in', dimension: 'x', values: ['5', true, null] },
      { type: 'bound', dimension: 'x', lower: 5 }, { type: 'bound', dimension: 'x', upper: '5' }
    ]
    expect(parseQuery(queryWith({ aggregations: [{ type: 'avg', fields: ['x'] }], filters })).filter).toEqual({
      type: 'and',
      fields: [
        { type: 'selector', dimension: 'x', value: 5 },
        { type: 'in', dimension: 'x', values: ['5', 'true', null] },
        { type: 'bound', dimension: 'x', lower: 5, upper: null, lowerStrict: false, upperStrict: false, ordering: 'numeric' },
        { type: 'bound', dimension: 'x', lower: null, upper: '5', lowerStrict: false, upperStrict: false, ordering: 'lexicographic' }
      ]
    })
  })
})

describe('granularity', () => {
  test('names stand for periods in the zone of the interval', () => {
    const interval = { start: '2019-01-01', end: '2019-01-02', time_zone: 'Asia/Kathmandu' }
    expect(parse({ interval, granularity: 'fifteen_minute' }).granularity).toEqual(period('PT15M', 'Asia/Kathmandu'))
    expect(parse({ interval, granularity: 'week' }).granularity).toEqual(period('P1W', 'Asia/Kathmandu'))
    expect(parse({ interval, granularity: 'quarter' }).granularity).toEqual(period('P3M', 'Asia/Kathmandu'))
    expect(parse({ granularity: 'none' }).granularity).toEqual({ type: 'none' })
  })

  test('a period has a zone and an origin of its own', () => {
    const granularity = { type: 'period', period: 'P1W', time_zone: 'Europe/Helsinki', origin: '2019-01-06' }
    expect(parse({ granularity }).granularity).toEqual(period('P1W', 'Europe/Helsinki', Date.UTC(2019, 0, 5, 22)))
    expect(parse({ granularity: { type: 'period', period: 'P2D' } }).granularity).toEqual(period('P2D'))
  })

  test('a duration counts from 1970 or from its origin', () => {
    expect(parse({ granularity: { type: 'duration', duration: 90000 } }).granularity).toEqual({ type: 'duration', duration: 90000, origin: 0 })
    const granularity = { type: 'duration', duration: 90000, origin: '2019-01-01T00:00:30Z' }
    expect(parse({ granularity }).granularity).toEqual({ type: 'duration', duration: 90000, origin: Date.UTC(2019, 0, 1, 0, 0, 30) })
  })
})

describe('output columns', () => {
  test('are named after field and type, one for each field', () => {
    const aggregations = [
      { type: 'count', fields: ['ignored'] }, { type: 'hyperUnique', fields: ['visitor_id', 'rooms'] }, { type: 'exactUnique', fields: ['city'] },
      { type: 'avg', fields: ['session_duration_secs'] }, { type: 'sum', fields: ['session_duration_secs'] },
      { type: 'min', fields: ['session_duration_secs'] }, { type: 'max', fields: ['session_duration_secs'], name: 'longest' }
    ]
    expect(parse({ aggregations }).aggregations.map(({ name }) => name)).toEqual([
      'count', 'visitor_id_hyper_unique', 'rooms_hyper_unique', 'city_exact_unique',
      'session_duration_secs_avg', 'session_duration_secs_sum', 'session_duration_secs_min', 'longest'
    ])
  })

  test('of first, last and any may be strings or numbers', () => {
    expect(parse({ aggregations: ['first', 'last', 'any'].map(type => ({ type, fields: ['city', 'session_duration_secs'] })) }).aggregations.map(({ name }) => name)).toEqual([
      'city_first', 'session_duration_secs_first', 'city_last', 'session_duration_secs_last', 'city_any', 'session_duration_secs_any'
    ])
  })

  test('of quantiles are one for each of them and each field, told apart by the percentile', () => {
    expect(quantile({ quantiles: [0.5] })).toEqual([{ type: 'quantile', field: 'session_duration_secs', quantile: 0.5, name: 'session_duration_secs_p50' }])
    const names = (keys: object) => quantile(keys).map(({ name }) => name)
    expect(names({ fields: ['session_duration_secs', 'distinct_visited_urls_count'], quantiles: [0.95, 0.999] })).toEqual([
      'session_duration_secs_p95', 'session_duration_secs_p99_9', 'distinct_visited_urls_count_p95', 'distinct_visited_urls_count_p99_9'
    ])
    expect(names({ quantiles: [0, 0.07, 0.29, 1, 1e-8], name: 'x' })).toEqual(['x_p0', 'x_p7', 'x_p29', 'x_p100', 'x_p0_000001'])
    expect(names({ quantiles: [0.5], name: 'typical' })).toEqual(['typical'])
  })

  test('dimensions may be renamed and come twice', () => {
    expect(parse({ group_by: ['rooms', 'rooms', { dimension: 'city', name: 'town' }] }).groupBy).toEqual([
      { dimension: 'rooms', name: 'rooms' }, { dimension: 'rooms', name: 'rooms' }, { dimension: 'city', name: 'town' }
    ])
  })

  test('order_by finds them by name', () => {
    const query = parse({
      group_by: ['city'],
      order_by: ['timestamp', { column: 'count', direction: 'desc' }, { column: 'city', direction: 'ascending', ordering: 'alphanumeric' }],
      limit: 5
    })
    expect(query.orderBy).toEqual([
      { column: 'timestamp', index: 0, descending: false, ordering: 'natural' },
      { column: 'count', index: 2, descending: true, ordering: 'natural' },
      { column: 'city', index: 1, descending: false, ordering: 'alphanumeric' }
    ])
    expect(query.limit).toBe(5)
    expect(parse({ order_by: [{ column: 'count', direction: 'descending' }] }).orderBy[0]!.descending).toBe(true)
  })
})

describe('filters', () => {
  test('none, null, {} and [] select all', () => {
    for (const filters of [undefined, null, {}, []]) expect(filterOf(filters)).toEqual({ type: 'true' })
  })

  test('an array is an implicit and', () => {
    const one = { type: 'selector', dimension: 'city', value: 'a' }
    expect(filterOf([one, one])).toEqual({ type: 'and', fields: [one, one] })
  })

  test('values take the type of the column', () => {
    const selector = (dimension: string, value: unknown) => (filterOf({ type: 'selector', dimension, value }) as { value: unknown }).value
    expect(selector('city', 5)).toBe('5')
    expect(selector('rooms', true)).toBe('true')
    expect(selector('city', null)).toBeNull()
    expect(selector('city', '')).toBe('')
    expect(selector('session_duration_secs', '5')).toBe(5)
    expect(selector('session_duration_secs', ' -1.5e1 ')).toBe(-15)
    expect(selector('session_duration_secs', null)).toBeNull()
    expect(filterOf({ type: 'in', dimension: 'session_duration_secs', values: ['1', 2, null] })).toMatchObject({ values: [1, 2, null] })
  })

  test('a bound compares as its column does', () => {
    expect(filterOf({ type: 'bound', dimension: 'session_duration_secs', lower: '10', upperStrict: true })).toEqual({
      type: 'bound', dimension: 'session_duration_secs', lower: 10, upper: null, lowerStrict: false, upperStrict: true, ordering: 'numeric'
    })
    expect(filterOf({ type: 'bound', dimension: 'city', upper: 10, lowerStrict: true })).toEqual({
      type: 'bound', dimension: 'city', lower: null, upper: '10', lowerStrict: true, upperStrict: false, ordering: 'lexicographic'
    })
    expect(filterOf({ type: 'bound', dimension: 'city', upper: '10', ordering: 'numeric' })).toMatchObject({ upper: '10', ordering: 'numeric' })
  })

  test('not, or, like and regex', () => {
    const like = { type: 'like', dimension: 'city', pattern: 'a!%%', escape: '!' }
    const regex = { type: 'regex', dimension: 'rooms', pattern: '^.p.*$' }
    expect(filterOf({ type: 'or', fields: [{ type: 'not', field: like }, regex] })).toEqual({ type: 'or', fields: [{ type: 'not', field: like }, regex] })
    expect(filterOf({ type: 'like', dimension: 'city', pattern: 'a%' })).toEqual({ type: 'like', dimension: 'city', pattern: 'a%', escape: null })
  })
})
