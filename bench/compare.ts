/** Compares the answers of contenders, before any time is printed. */
import type { Aggregation, PlainAggregation, Query } from '../dsl/query.js'
import type { Rows } from './contenders/contender.js'

/** Sums of floats in different orders agree to this. */
export const FLOAT_TOLERANCE = 1e-9
/** The promise of quantile, as a share of the exact value. */
export const QUANTILE_TOLERANCE = 0.005
/** What hyperUnique promises; a distinct count of ours that is further off is a wrong answer. */
export const PROMISED_ERROR = 0.02
/** Differences told in full; the rest is counted. */
const SHOWN = 3

/** Relative error of distinct counts against the exact answer, over all rows. */
export interface DistinctError {
  readonly rms: number
  readonly max: number
}

export interface Comparison {
  /** One sentence per kind of difference; empty where the answers agree. */
  readonly differences: string[]
  /** Null where the question has no hyperUnique. */
  readonly distinct: DistinctError | null
}

type Row = Rows[number]

/** Counts, minima, maxima and exact distincts must be equal, averages and sums within FLOAT_TOLERANCE, quantiles within QUANTILE_TOLERANCE; hyperUnique is measured. */
export function compare(query: Query, exact: Rows, answer: Rows): Comparison {
  const expected = keyed(query, exact)
  const got = keyed(query, answer)
  const problems: string[] = []
  const errors: number[] = []
  for (const [key, row] of expected) {
    const other = got.get(key)
    if (other === undefined) {
      if (!mayBeCut(query, row, exact)) problems.push(`no row ${key}`)
      continue
    }
    for (const [i, asked] of query.aggregations.entries()) {
      const aggregation = innermost(asked)
      const at = 1 + query.groupBy.length + i
      const [want, have] = [row[at] ?? null, other[at] ?? null]
      if (aggregation.type === 'hyperUnique') errors.push(relativeError(want, have))
      else if (!agree(aggregation, want, have)) problems.push(`${key} ${asked.name}: ${have} instead of ${want}`)
    }
  }
  for (const [key, row] of got) if (!expected.has(key) && !mayBeCut(query, row, exact)) problems.push(`a row ${key} too many`)
  if (query.limit !== null && exact.length !== answer.length) problems.push(`${answer.length} rows instead of ${exact.length}`)
  return {
    differences: problems.length <= SHOWN ? problems : [...problems.slice(0, SHOWN), `and ${problems.length - SHOWN} more`],
    distinct: errors.length === 0 ? null : distinctError(errors)
  }
}

/** Rows by bucket instant and groups. Buckets without sessions are left out: peers are not asked to fill them in. */
function keyed(query: Query, rows: Rows): Map<string, Row> {
  const result = new Map<string, Row>()
  for (const row of rows) {
    const values = row.slice(1 + query.groupBy.length)
    if (values.every(value => value === 0 || value === null)) continue
    const stamp = typeof row[0] === 'string' ? Date.parse(row[0]) : row[0]!
    const key = JSON.stringify([new Date(Number(stamp)).toISOString(), ...row.slice(1, 1 + query.groupBy.length)])
    if (result.has(key)) throw new Error(`two rows ${key} in one answer`)
    result.set(key, row)
  }
  return result
}

/** Rows that tie with the last one under a limit: which of them is in the answer is open. */
function mayBeCut(query: Query, row: Row, exact: Rows): boolean {
  const first = query.orderBy[0]
  return query.limit !== null && first !== undefined && exact.length === query.limit && row[first.index] === exact.at(-1)![first.index]
}

function innermost(aggregation: Aggregation): PlainAggregation {
  return aggregation.type === 'filtered' ? aggregation.aggregator : aggregation
}

function agree({ type }: PlainAggregation, want: Row[number], have: Row[number]): boolean {
  if (want === have) return true
  const tolerance = type === 'quantile' ? QUANTILE_TOLERANCE : type === 'avg' || type === 'sum' ? FLOAT_TOLERANCE : 0
  if (typeof want !== 'number' || typeof have !== 'number') return false
  return Math.abs(have - want) <= tolerance * Math.abs(want)
}

function relativeError(want: Row[number], have: Row[number]): number {
  return Math.abs(Number(have) - Number(want)) / Math.max(1, Number(want))
}

function distinctError(errors: readonly number[]): DistinctError {
  const squares = errors.reduce((sum, error) => sum + error * error, 0)
  return { rms: Math.sqrt(squares / errors.length), max: errors.reduce((max, error) => Math.max(max, error), 0) }
}
