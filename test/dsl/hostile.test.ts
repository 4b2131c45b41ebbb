import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QueryError, SessionqlError } from '../../dsl/errors.js'
import { parseQuery, parseQueryText } from '../../dsl/parse.js'
import type { AnyInput, Engine } from '../../index.js'
import { fuzzEngine } from '../fuzz/fuzz.js'
import { COLUMNS, faults, issuesOf, parseAggregate, queryWith } from './helpers.js'
import { hostileQueries } from './hostile-queries.js'

const tooDeep = 'too_deep  the query is nested deeper than 100 levels, expected fewer.'
const tooLarge = 'too_large  the query has more than 200,000 values, expected fewer.'

function nested(levels: number): unknown {
  let filter: unknown = { type: 'selector', dimension: 'city', value: 'a' }
  for (let i = 0; i < levels; i++) filter = { type: 'not', field: filter }
  return filter
}

describe('hostile queries', () => {
  test('are refused when they are too deep', () => {
    expect(faults({ filters: nested(98) })).toEqual([])
    expect(faults({ filters: nested(99) })).toEqual([tooDeep])
    expect(faults({ filters: nested(1000) })).toEqual([tooDeep])
    const circular: Record<string, unknown> = queryWith({})
    circular.filters = circular
    expect(issuesOf(() => parseQuery(circular)).map(({ code }) => code)).toEqual(['too_deep'])
  })

  test('are refused as text before it is parsed', () => {
    expect(issuesOf(() => parseQueryText('['.repeat(1_000_000))).map(({ code }) => code)).toEqual(['too_deep'])
    expect(issuesOf(() => parseQueryText('{"a":'.repeat(101))).map(({ code }) => code)).toEqual(['too_deep'])
    expect(issuesOf(() => parseQueryText(`"${'x'.repeat(4 * 1024 * 1024)}"`)).map(({ message }) => message)).toEqual([
      'the query has 4,194,306 characters, expected at most 4,194,304.'
    ])
    const brackets = { type: 'selector', dimension: 'city', value: `${'['.repeat(200)}"\\${'{'.repeat(200)}` }
    expect(parseQueryText(JSON.stringify(queryWith({ filters: brackets }))).filter).toEqual(brackets)
  })

  test('are refused when they have too many values', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => `visitor ${i}`)
    const query = parseQuery(queryWith({ filters: { type: 'in', dimension: 'visitor_id', values } }), COLUMNS)
    expect(query.filter).toEqual({ type: 'in', dimension: 'visitor_id', values })
    expect(faults({ filters: { type: 'in', dimension: 'visitor_id', values: [...values, ...values] } })).toEqual([tooLarge])
    let shared: unknown[] = []
    for (let i = 0; i < 50; i++) shared = [shared, shared, shared]
    expect(faults({ filters: shared })).toEqual([tooLarge])
    expect(faults({ group_by: values })).toEqual(['too_large /group_by got 100,000 items, expected at most 100.'])
    expect(faults({ order_by: values })).toEqual(['too_large /order_by got 100,000 items, expected at most 100.'])
  })

  test('are told their first hundred faults', () => {
    const values = Array.from({ length: 100_000 }, () => 'x')
    const found = faults({ filters: { type: 'in', dimension: 'session_duration_secs', values } })
    expect(found.length).toBe(101)
    expect(found[99]).toMatch(/^invalid_value \/filters\/values\/99 /)
    expect(found[100]).toBe('too_large  There are more than 100 faults; these are the first.')
  })

  test('cannot spend time on regular expressions', () => {
    expect(faults({ filters: { type: 'regex', dimension: 'city', pattern: 'a'.repeat(20_000) } })).toEqual([])
    const limit = 'the regular expressions of the query have together more than 20,000 characters, expected fewer.'
    expect(faults({ filters: ['a'.repeat(20_000), 'b'].map(pattern => ({ type: 'regex', dimension: 'city', pattern })) })).toEqual([
      `too_large /filters/1/pattern ${limit}`
    ])
  })

  test('are quoted in part', () => {
    expect(faults({ granularity: 'x'.repeat(100_000) })[0]).toContain(`got the string "${'x'.repeat(60)}…", expected`)
  })

  test('may use any name and value', () => {
    const names = ['__proto__', 'constructor', 'toString', '', 'null', 'a/b']
    const columns = new Map(names.map(name => [name, 'string' as const]))
    for (const name of names) {
      const query = parseAggregate(JSON.parse(JSON.stringify(queryWith({
        group_by: [name], aggregations: [{ type: 'hyperUnique', fields: [name] }], filters: { type: 'selector', dimension: name, value: name }, order_by: [name]
      }))), columns)
      expect(query.groupBy).toEqual([{ dimension: name, name }])
      expect(query.aggregations).toEqual([{ type: 'hyperUnique', field: name, name: `${name}_hyper_unique` }])
      expect(query.filter).toEqual({ type: 'selector', dimension: name, value: name })
      expect(query.orderBy[0]!.index).toBe(1)
    }
  })

  test('cannot pass inherited keys off as their own', () => {
    const text = '{"__proto__": {"granularity": "all"}, "interval": {"start": "2019-01-01", "end": "2019-01-02"}, "aggregations": [{"type": "__proto__"}]}'
    expect(issuesOf(() => parseQueryText(text)).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'unknown_key /__proto__', 'unknown_type /aggregations/0/type', 'missing '
    ])
    expect(issuesOf(() => parseQuery(Object.create(queryWith({})))).length).toBe(3)
  })

  test('give a query or a QueryError, whatever they are', () => {
    const word = fc.constantFrom(
      'type', 'fields', 'field', 'dimension', 'value', 'and', 'not', 'selector', 'bound', 'lower', 'all', 'day', 'city', '2019-01-01', '__proto__'
    )
    const value = fc.letrec<{ any: unknown }>(tie => ({
      any: fc.oneof({ maxDepth: 4 }, word, fc.constant(null), fc.double(), fc.boolean(), fc.string(),
        fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.oneof(word, fc.string()), tie('any'), { maxKeys: 5 }))
    })).any
    const part = fc.constantFrom('interval', 'granularity', 'group_by', 'aggregations', 'filters', 'order_by', 'limit', 'fill')
    fc.assert(fc.property(part, value, (key, faulty) => {
      try {
        parseQuery(queryWith({ [key]: faulty }), COLUMNS)
      } catch (error) {
        expect(error).toBeInstanceOf(QueryError)
      }
    }), { seed: 20250601, numRuns: 3000 })
  })

  test('give the same fault of JSON that JSON.parse finds', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-0.5e3', 'true', 'null', ' ', '\n', '"', '\\', '01', 'x')
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const text = pieces.join('')
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      expect(issuesOf(() => parseQueryText(text)).some(({ code }) => code === 'invalid_json')).toBe(!isJson)
    }), { seed: 7, numRuns: 3000 })
  })
})

describe('hostile queries that are run', () => {
  let engine: Engine

  beforeAll(async () => {
    engine = await fuzzEngine(1)
  })

  afterAll(() => engine.close())

  const names = Object.keys(hostileQueries([]))
  const answered = [
    'as many nested nots as are allowed', 'a hundred thousand values', 'a regular expression that explodes', 'a pattern of many wildcards',
    'a group_by of every dimension', 'a thousand aggregations', 'names of JavaScript', 'a Druid query of the same names'
  ]

  test.each(names)('%s: a result or a typed error', async name => {
    const query = hostileQueries([...engine.columns.keys()])[name]! as unknown as AnyInput
    const outcome: unknown = await engine.query(query).catch((error: unknown) => error)
    expect(outcome instanceof SessionqlError ? 'refused' : outcome instanceof Error ? outcome : 'answered').toBe(answered.includes(name) ? 'answered' : 'refused')
  })
})
