/** Whether two answers to one query are the same, and if not, in a sentence, where. */
import { metricsOf, type Metric } from '../support/metrics.js'
import type { QueryJson, Table, Value } from '../support/query-json.js'

/** The promise of hyperUnique. */
export const DISTINCT_TOLERANCE = 0.02

/** The promise of quantile. */
export const QUANTILE_TOLERANCE = 0.005

/** DuckDB adds up doubles as they come; the error is relative to the sum of the magnitudes. */
export const SUM_TOLERANCE = 1e-12

/** Bounds of the errors that are told, as parts: those of so few values, and of a bin. */
export const TOLD_ERRORS = { hyperUniqueError: 0.0001, quantileError: 0.00226 }

function isNear(got: Value, wanted: Value, tolerance: number): boolean {
  if (typeof got !== 'number' || typeof wanted !== 'number') return got === wanted
  return Math.abs(got - wanted) <= tolerance * Math.abs(wanted)
}

function sameValue(got: Value, wanted: Value, type: Metric['type'] | undefined): boolean {
  switch (type) {
    case 'hyperUnique': return isNear(got, wanted, DISTINCT_TOLERANCE)
    case 'quantile': return isNear(got, wanted, QUANTILE_TOLERANCE)
    case 'hyperUniqueError':
    case 'quantileError': return wanted === null ? got === null : typeof got === 'number' && got >= 0 && got <= TOLD_ERRORS[type]
    default: return got === wanted
  }
}

/** Rows, order, names and values, all exact but for hyperUnique and quantile. */
export function differenceFromBruteForce(query: QueryJson, got: Table, wanted: Table): string | null {
  if (JSON.stringify(got.fields) !== JSON.stringify(wanted.fields)) return `fields ${JSON.stringify(got.fields)} instead of ${JSON.stringify(wanted.fields)}`
  if (got.data.length !== wanted.data.length) return `${got.data.length} rows instead of ${wanted.data.length}`
  const types = metricsOf(query).map(({ type }) => type)
  const first = 1 + query.group_by.length
  for (const [at, row] of got.data.entries()) {
    const other = wanted.data[at] as readonly Value[]
    const column = row.findIndex((value, index) => !sameValue(value, other[index] as Value, types[index - first]))
    if (column >= 0 || row.length !== other.length) return `row ${at}, column ${column}: ${JSON.stringify(row)} instead of ${JSON.stringify(other)}`
  }
  return null
}

/** `rows` are those of the statement of `sql.ts`, never limited. */
export function differenceFromDuckDB(query: QueryJson, got: Table, rows: readonly (readonly Value[])[], isOrdered: boolean): string | null {
  const expected = Math.min(rows.length, query.limit ?? Infinity)
  if (got.data.length !== expected) return `${got.data.length} rows instead of ${expected}`
  const keys = 1 + query.group_by.length
  const keyOf = (row: readonly Value[], instant: Value): string => JSON.stringify([instant, ...row.slice(1, keys)])
  const places = new Map(rows.map((row, at) => [keyOf(row, row[0] as Value), at]))
  const types = metricsOf(query).map(({ type }) => type)
  for (const [at, row] of got.data.entries()) {
    const place = places.get(keyOf(row, Date.parse(row[0] as string)))
    if (place === undefined) return `row ${at} is not in DuckDB's answer: ${JSON.stringify(row)}`
    if (isOrdered && place !== at) return `row ${at} is DuckDB's row ${place}: ${JSON.stringify(row)}`
    const other = rows[place] as readonly Value[]
    for (const [index, type] of types.entries()) {
      const value = row[keys + index] as Value
      const wanted = other[keys + index] as Value
      const isSame = type === 'sum' || type === 'avg' ? isWithin(value, wanted, other[keys + types.length + index] as Value) : sameValue(value, wanted, type)
      if (!isSame) return `row ${at}, column ${keys + index}: ${JSON.stringify(row)}, DuckDB says ${JSON.stringify(other)}`
    }
  }
  return null
}

function isWithin(got: Value, wanted: Value, magnitude: Value): boolean {
  if (typeof got !== 'number' || typeof wanted !== 'number') return got === wanted
  return Math.abs(got - wanted) <= SUM_TOLERANCE * Math.abs(magnitude as number)
}
