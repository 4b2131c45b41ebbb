/** Apache Druid's own cases, those that giosg's query language can say. Data and answers are Druid's (Apache-2.0). */
import { afterAll, describe, expect, it } from 'vitest'
import { DruidEngines, FLOAT_TOLERANCE, readCases, type DruidCase } from '../support/druid-cases.js'
import type { AggregationJson, QueryJson, Table, Value } from '../support/query-json.js'

interface Case extends DruidCase {
  readonly giosg: {
    readonly query: QueryJson
    readonly columns: readonly string[]
    readonly rows: readonly (readonly Value[])[]
    /** The answer with null and "" kept apart, where that differs. */
    readonly rows_sql_null_mode?: readonly (readonly Value[])[]
    readonly tags: readonly string[]
  }
}

const cases = (readCases() as Partial<Case>[]).filter((one): one is Case => one.giosg !== undefined)
const engines = new DruidEngines()

/** Each metric under the name of its column in Druid's answer, since the same one may be asked for twice. */
function named({ query, columns }: Case['giosg'], tags: readonly string[]): QueryJson {
  const first = 1 + query.group_by.length
  const aggregations = query.aggregations.map((one, at): AggregationJson => ({ ...one, name: columns[first + at] as string }))
  return { ...query, aggregations, ...(tags.includes('skip-empty-buckets') && { fill: 'none' as const }) }
}

function isZero(row: readonly Value[]): boolean {
  return row.slice(1).every(value => value === null || value === 0)
}

/** Druid fills from the first to the last bucket with data, we fill the interval: outside there must be nothing but zeros. */
function inside(table: Table, wanted: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  const first = wanted[0]?.[0]
  const last = wanted.at(-1)?.[0]
  const from = table.data.findIndex(row => row[0] === first)
  const to = table.data.findIndex(row => row[0] === last)
  const within = wanted.length === 0 ? [] : table.data.slice(from, to + 1)
  const outside = wanted.length === 0 ? table.data : [...table.data.slice(0, Math.max(0, from)), ...table.data.slice(to + 1)]
  expect(outside.filter(row => !isZero(row))).toEqual([])
  return within
}

/** Both sides in a form that is equal where the answers are: Druid's estimates rounded, its floats within their precision. */
function comparable(got: readonly (readonly Value[])[], wanted: readonly (readonly Value[])[], query: QueryJson): [unknown, unknown] {
  const first = 1 + query.group_by.length
  const isEstimate = (at: number): boolean => query.aggregations[at - first]?.type === 'hyperUnique'
  const rounded = (rows: readonly (readonly Value[])[]): Value[][] =>
    rows.map(row => row.map((value, at) => (typeof value === 'number' && isEstimate(at) ? Math.round(value) : value)))
  const left = rounded(got)
  const right = rounded(wanted)
  const near = left.map((row, y) => row.map((value, x) => {
    const other = right[y]?.[x]
    if (typeof value !== 'number' || typeof other !== 'number') return value
    return Math.abs(value - other) <= FLOAT_TOLERANCE * Math.abs(other) ? other : value
  }))
  return [near, right]
}

describe("Druid's cases", () => {
  afterAll(() => engines.close())

  it('are the 67 that the language can say', () => {
    expect(cases.length).toBe(67)
    expect(cases.flatMap(({ giosg }) => giosg.query.aggregations).every(one => !('fields' in one) || one.fields.length === 1)).toBe(true)
  })

  it.each(cases)('$id', async one => {
    const { giosg } = one
    const engine = await engines.of(one)
    const query = named(giosg, giosg.tags)
    const result = await engine.query(query)
    expect(result.fields.map(field => field.name)).toEqual(giosg.columns)
    const wanted = giosg.rows_sql_null_mode ?? giosg.rows
    const rows = giosg.tags.includes('zero-filled-interior') ? inside(result, wanted) : result.data
    const [got, expected] = comparable(rows, wanted, query)
    expect(got).toEqual(expected)
  })
})
