import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compare } from '../../bench/compare.js'
import { open as openDuckDB } from '../../bench/contenders/duckdb.js'
import { toSql, ways } from '../../bench/contenders/duckdb-sql.js'
import type { Contender } from '../../bench/contenders/contender.js'
import { open as openObjects } from '../../bench/contenders/objects.js'
import { writeDataset } from '../../bench/generate.js'
import { COLUMNS, questions } from '../../bench/suite.js'
import { parseAggregate } from '../dsl/helpers.js'

const ROWS = 5000
const folder = mkdtempSync(join(tmpdir(), 'sessionql-bench-'))
const { asked } = questions([])
let duckdb: Contender
let objects: Contender

beforeAll(async () => {
  const path = join(folder, 'sessions.ndjson')
  await writeDataset(path, { rows: ROWS, seed: 11 })
  duckdb = await openDuckDB()
  objects = await openObjects()
  expect(await duckdb.load(path)).toBe(ROWS)
  expect(await objects.load(path)).toBe(ROWS)
  await duckdb.prepare!()
})

afterAll(async () => {
  await duckdb.close()
  rmSync(folder, { recursive: true })
})

describe('the suite', () => {
  test('asks every question by name', () => {
    expect(asked.length).toBeGreaterThanOrEqual(14)
    expect(questions(['q01', 'q03']).asked.map(({ name }) => name)).toEqual(['q01-everything', 'q03-helsinki-days'])
  })

  test.each(asked)('DuckDB and the answer by hand agree on $name, in every way', async question => {
    const byHand = await (await objects.run(question))()
    const exact = await duckdb.exact!(question)
    const comparison = compare(question.query, exact, byHand)
    expect(comparison.differences).toEqual([])
    expect(comparison.distinct?.max ?? 0).toBe(0)
    expect(byHand.length).toBeGreaterThan(0)
    await duckdb.choose!(question)
    expect(compare(question.query, exact, await (await duckdb.run(question))()).differences).toEqual([])
  })
})

describe('SQL in every way', () => {
  const sessions = [
    ['a', '2025-03-29T21:59:59.999Z', 'Finland', ['x', 'y'], 1.5],
    ['b', '2025-03-29T22:00:00.000Z', 'Finland', [], 2],
    ['a', '2025-03-30T20:59:59.999Z', null, ['x'], null],
    ['c', '2025-03-30T21:00:00.000Z', "O'Brien", null, 10],
    ['c', '2025-10-26T21:59:59.999Z', '__proto__', ['y'], 500],
    ['d', '2025-10-26T22:00:00.000Z', '', ['z', 'x'], 501]
  ] as const
  let instance: DuckDBInstance
  let connection: DuckDBConnection

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:')
    connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run('CREATE TABLE t (visitor_id VARCHAR, started_at TIMESTAMP, country VARCHAR, rooms VARCHAR[], session_duration_secs DOUBLE)')
    const sql = (value: unknown): string => value === null ? 'NULL' : typeof value === 'number' ? String(value)
      : Array.isArray(value) ? `[${value.map(sql).join(', ')}]` : `'${String(value).replace("'", "''")}'`
    for (const [visitor, at, ...rest] of sessions) {
      await connection.run(`INSERT INTO t VALUES (${[visitor, at.slice(0, -1), ...rest].map(sql).join(', ')})`)
    }
  })

  afterAll(() => {
    connection.closeSync()
    instance.closeSync()
  })

  async function answers(more: object): Promise<unknown[][][]> {
    const query = parseAggregate({
      interval: { start: '2025-01-01T00:00:00.000+02:00', end: '2026-01-01T00:00:00.000+02:00', time_zone: 'Europe/Helsinki' },
      granularity: 'all', group_by: [], aggregations: [{ type: 'count' }], ...more
    }, COLUMNS)
    const results: unknown[][][] = []
    for (const way of ways(query, COLUMNS)) {
      const { sql, stamp } = toSql(query, way, { columns: COLUMNS, table: 't', exact: true })
      const rows = (await connection.runAndReadAll(sql)).getRowsJS()
      if (query.granularity.type !== 'all') for (const row of rows) row[0] = new Date(stamp(Number(row[0]))).toISOString()
      results.push(rows)
    }
    return results
  }

  const expectAll = async (more: object, ways_: number, expected: unknown[][]): Promise<void> => {
    const results = await answers(more)
    expect(results).toHaveLength(ways_)
    for (const result of results) expect(result).toEqual(expected)
  }

  test('days of a zone are 23 and 25 hours long where its clock changes', () => expectAll({ granularity: 'day' }, 3, [
    ['2025-03-28T22:00:00.000Z', 1], ['2025-03-29T22:00:00.000Z', 2], ['2025-03-30T21:00:00.000Z', 1],
    ['2025-10-25T21:00:00.000Z', 1], ['2025-10-26T22:00:00.000Z', 1]
  ]))

  test('months and years of a zone', async () => {
    await expectAll({ granularity: 'month' }, 3, [['2025-02-28T22:00:00.000Z', 4], ['2025-09-30T21:00:00.000Z', 2]])
    await expectAll({ granularity: 'year' }, 3, [['2024-12-31T22:00:00.000Z', 6]])
  })

  test('a session at the start of the interval is in, one at its end is out', () => expectAll({
    interval: { start: '2025-03-29T22:00:00.000Z', end: '2025-10-26T22:00:00.000Z' }
  }, 1, [[4]]))

  test('arrays explode, and sessions without elements are the null group', () =>
    expectAll({ group_by: ['rooms'] }, 2, [[null, 2], ['x', 3], ['y', 2], ['z', 1]]))

  test.each<[string, object | null, number]>([
    ['a value', { type: 'selector', dimension: 'country', value: 'Finland' }, 2],
    ['a value with a quote', { type: 'selector', dimension: 'country', value: "O'Brien" }, 1],
    ['a missing value', { type: 'selector', dimension: 'country', value: null }, 1],
    ['not a value, with the missing ones', { type: 'not', field: { type: 'selector', dimension: 'country', value: 'Finland' } }, 4],
    ['an element', { type: 'selector', dimension: 'rooms', value: 'x' }, 3],
    ['no element', { type: 'selector', dimension: 'rooms', value: null }, 2],
    ['not an element', { type: 'not', field: { type: 'selector', dimension: 'rooms', value: 'x' } }, 3],
    ['one of several, or missing', { type: 'in', dimension: 'country', values: ['', '__proto__', null] }, 3],
    ['closed bounds', { type: 'bound', dimension: 'session_duration_secs', lower: '2', upper: '500', ordering: 'numeric' }, 3],
    ['open bounds', { type: 'bound', dimension: 'session_duration_secs', lower: '2', lowerStrict: true, upper: '500', upperStrict: true, ordering: 'numeric' }, 1],
    ['a pattern', { type: 'like', dimension: 'country', pattern: 'F%l_nd' }, 2],
    ['a pattern with an escape', { type: 'like', dimension: 'country', pattern: '!_!_%', escape: '!' }, 1],
    ['any of two', { type: 'or', fields: [{ type: 'selector', dimension: 'visitor_id', value: 'a' }, { type: 'selector', dimension: 'rooms', value: 'z' }] }, 3],
    ['nothing at all', null, 6]
  ])('a filter by %s', async (_, filters, count) => expectAll({ filters }, 1, [[count]]))

  test('aggregations leave missing values out', () => expectAll({
    aggregations: [{ type: 'avg', fields: ['session_duration_secs'] }, { type: 'exactUnique', fields: ['visitor_id'] }, { type: 'max', fields: ['session_duration_secs'] }],
    filters: { type: 'selector', dimension: 'visitor_id', value: 'a' }
  }, 1, [[1.5, 1, 1.5]]))

  test('quantiles are values of nearest rank', () => expectAll({
    aggregations: [{ type: 'quantile', fields: ['session_duration_secs'], quantiles: [0, 0.4, 0.41, 1] }, { type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.8] }]
  }, 1, [[1.5, 2, 10, 501, 500]]))

  test('an order and a limit', () => expectAll({
    group_by: ['visitor_id'], order_by: [{ column: 'count', direction: 'descending' }], limit: 2
  }, 1, [['a', 2], ['c', 2]]))

  test.each([
    ['a group_by of two arrays', { group_by: ['rooms', 'distinct_visited_urls'] }],
    ['hours in Europe/Helsinki', { granularity: 'hour' }],
    ['the granularity', { granularity: { type: 'duration', duration: 1000 } }],
    ['the ordering strlen', { filters: { type: 'bound', dimension: 'country', lower: '1', ordering: 'strlen' } }],
    ['the filter like of an array', { filters: { type: 'like', dimension: 'rooms', pattern: 'x' } }]
  ])('refuses %s instead of asking something else', async (_, more) => {
    await expect(answers(more)).rejects.toThrow('the bench')
  })
})
