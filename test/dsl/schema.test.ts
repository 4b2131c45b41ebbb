import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { NAMED_PERIODS } from '../../dsl/period.js'
import { parseQuery } from '../../dsl/parse.js'
import { QUERY_SCHEMA } from '../../dsl/schema.js'
import { issuesOf, queryWith } from './helpers.js'

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const accepts = new Ajv({ strictTypes: true, allowUnionTypes: true }).compile(read('dsl/query.schema.json') as object)

/** Faults of shape, which the schema must find too; others lie in names, values and what goes together. */
const SHAPE_CODES = ['missing', 'unknown_key', 'wrong_type', 'unknown_type']

const QUERIES = [
  'q01-everything', 'q02-helsinki-day', 'q03-helsinki-days', 'q04-month-country', 'q05-country-city', 'q06-rooms-day', 'q07-room-hours',
  'q08-organizations', 'q09-top-visitors', 'q10-mixed-filters', 'q11-sessions-day', 'q12-minutes', 'q13-quantiles', 'q14-exact-unique'
]

const quantile = (quantiles: unknown) => queryWith({ aggregations: [{ type: 'quantile', fields: ['a'], quantiles }] })

describe('query.schema.json', () => {
  test('is the schema that queries are checked by', () => {
    expect(read('dsl/query.schema.json')).toEqual(JSON.parse(JSON.stringify(QUERY_SCHEMA)))
  })

  test.each(QUERIES)('accepts %s', name => {
    const query = read(`bench/queries/${name}.json`)
    expect(accepts(query)).toBe(true)
    expect(parseQuery(query)).toBeTypeOf('object')
  })

  test('refuses what is not there yet', () => {
    const query = queryWith({ aggregations: [{ type: 'variance', fields: ['session_duration_secs'] }] })
    expect(accepts(query)).toBe(false)
    expect(issuesOf(() => parseQuery(query)).map(({ code, pointer }) => [code, pointer])).toEqual([['unknown_type', '/aggregations/0/type']])
  })

  test('has the limits of a quantile', () => {
    for (const sound of [[0], [1], [0.5, 0.999]]) expect(accepts(quantile(sound))).toBe(true)
    for (const faulty of [[], [1.5], [-0.1], ['0.5'], 0.5, Array.from({ length: 101 }, (_, i) => i / 101)]) {
      expect(accepts(quantile(faulty))).toBe(false)
      expect(issuesOf(() => parseQuery(quantile(faulty)))).toHaveLength(1)
    }
  })

  test('describes every key and filter, for an editor', () => {
    const undescribed: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { properties } = node as { properties?: Record<string, { const?: string, $ref?: string, description?: string }> }
      for (const [key, property] of Object.entries(properties ?? {})) {
        if (property.const === undefined && property.$ref === undefined && !property.description) undescribed.push(`${path}/${key}`)
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${path}/${key}`)
    }
    visit(QUERY_SCHEMA, '')
    expect(undescribed).toEqual([])
    for (const name of NAMED_PERIODS.keys()) expect(accepts(queryWith({ granularity: name }))).toBe(true)
  })

  test('agrees with Ajv on every mutation of a query', () => {
    const seeds = QUERIES.map(name => read(`bench/queries/${name}.json`))
    const values = fc.constantFrom<unknown>(
      null, 0, 1, -1, 1.5, true, '', 'all', 'day', 'count', 'and', 'selector', [], ['a'], [1], [null], {},
      { type: 'true' }, { type: 'in', dimension: 'a', values: [] },
      { type: 'selector', dimension: 'a', value: null }, { type: 'period', period: 'P1D' }, { type: 'duration', duration: 0 }, { dimension: 'a', name: '' },
      { column: 'a', direction: 'up' }, { type: 'like', dimension: 'a', pattern: 'a', escape: '' }, { type: 'count', name: 5 }, { type: 'sum', fields: [] }
    )
    const keys = fc.constantFrom(
      'type', 'fields', 'field', 'value', 'values', 'dimension', 'name', 'lower', 'extra', 'granularity', 'filters', 'order_by', 'limit', 'fill', 'group_by'
    )
    let refused = 0
    fc.assert(fc.property(fc.constantFrom(...seeds), fc.nat(), keys, values, fc.boolean(), (seed, at, key, value, isRemoval) => {
      const query = structuredClone(seed)
      const objects: Record<string, unknown>[] = []
      const collect = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return
        if (!Array.isArray(node)) objects.push(node as Record<string, unknown>)
        for (const child of Object.values(node)) collect(child)
      }
      collect(query)
      const target = objects[at % objects.length]!
      if (isRemoval) delete target[Object.keys(target)[at % Object.keys(target).length]!]
      else target[key] = value
      const issues = issuesOf(() => parseQuery(query))
      if (accepts(query)) expect(issues.filter(({ code }) => SHAPE_CODES.includes(code))).toEqual([])
      else {
        refused++
        expect(issues.length).toBeGreaterThan(0)
      }
    }), { seed: 42, numRuns: 4000 })
    expect(refused).toBeGreaterThan(1000)
  })
})
