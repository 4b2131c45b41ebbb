/** Whether two answers to one query are the same, and if not, in a sentence, where. */
import { HllSketch } from '../../index.js'
import { metricsOf, type Metric } from '../support/metrics.js'
import type { BinJson, QueryJson, Table, Value } from '../support/query-json.js'

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

function sameValue(got: Value, wanted: Value, metric: Metric | undefined): boolean {
  switch (metric?.type) {
    case 'hyperUnique': return isNear(got, wanted, DISTINCT_TOLERANCE)
    case 'hyperUniqueSketch': return isNear(typeof got === 'string' ? HllSketch.decode(got).estimate() : got, wanted, DISTINCT_TOLERANCE)
    case 'quantile': return isNear(got, wanted, QUANTILE_TOLERANCE)
    case 'hyperUniqueError':
    case 'quantileError': return wanted === null ? got === null : typeof got === 'number' && got >= 0 && got <= TOLD_ERRORS[metric.type]
    case 'histogram': return sameHistogram(got as readonly BinJson[], wanted as string | readonly BinJson[], metric.edges !== undefined)
    default: return Array.isArray(got) ? JSON.stringify(got) === JSON.stringify(wanted) : got === wanted
  }
}

/** `wanted` are the same ranges, or each value as a range of its own; or counts as text, of the ranges or of all. */
function sameHistogram(got: readonly BinJson[], wanted: string | readonly BinJson[], hasEdges: boolean): boolean {
  const counts = got.map(([, , count]) => count)
  const sum = counts.reduce((all, count) => all + count, 0)
  if (typeof wanted === 'string') return wanted === (hasEdges ? counts.join(',') : String(sum))
  if (hasEdges) return JSON.stringify(got) === JSON.stringify(wanted)
  const upTo = (edge: number): number => wanted.reduce((all, [value, , count]) => value! <= edge ? all + count : all, 0)
  const below = (edge: number): number => wanted.reduce((all, [value, , count]) => value! < edge ? all + count : all, 0)
  let before = 0
  return sum === upTo(Infinity) && got.every(([, upper, count], at) => {
    before += count
    const slack = Math.abs(upper!) * QUANTILE_TOLERANCE
    return at === got.length - 1 || (before >= below(upper! - slack) && before <= upTo(upper! + slack))
  })
}

/** Rows, order, names and values, all exact but for hyperUnique and quantile. */
export function differenceFromBruteForce(query: QueryJson, got: Table, wanted: Table): string | null {
  if (JSON.stringify(got.fields) !== JSON.stringify(wanted.fields)) return `fields ${JSON.stringify(got.fields)} instead of ${JSON.stringify(wanted.fields)}`
  if (got.data.length !== wanted.data.length) return `${got.data.length} rows instead of ${wanted.data.length}`
  const metrics = metricsOf(query)
  const first = 1 + query.group_by.length
  for (const [at, row] of got.data.entries()) {
    const other = wanted.data[at] as readonly Value[]
    const column = row.findIndex((value, index) => !sameValue(value, other[index] as Value, metrics[index - first]))
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
  const metrics = metricsOf(query)
  for (const [at, row] of got.data.entries()) {
    const place = places.get(keyOf(row, Date.parse(row[0] as string)))
    if (place === undefined) return `row ${at} is not in DuckDB's answer: ${JSON.stringify(row)}`
    if (isOrdered && place !== at) return `row ${at} is DuckDB's row ${place}: ${JSON.stringify(row)}`
    const other = rows[place] as readonly Value[]
    for (const [index, metric] of metrics.entries()) {
      const value = row[keys + index] as Value
      const wanted = other[keys + index] as Value
      const isRounded = metric.type === 'sum' || metric.type === 'avg'
      const isSame = isRounded ? isWithin(value, wanted, other[keys + metrics.length + index] as Value) : sameValue(value, wanted, metric)
      if (!isSame) return `row ${at}, column ${keys + index}: ${JSON.stringify(row)}, DuckDB says ${JSON.stringify(other)}`
    }
  }
  return null
}

function isWithin(got: Value, wanted: Value, magnitude: Value): boolean {
  if (typeof got !== 'number' || typeof wanted !== 'number') return got === wanted
  return Math.abs(got - wanted) <= SUM_TOLERANCE * Math.abs(magnitude as number)
}
