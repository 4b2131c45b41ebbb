/** The output columns of a query and their values over plain rows, in the most literal way. */
import type { Columns } from '../../dsl/query.js'
import type { Row } from './brute-force.js'
import { matches } from './brute-filter.js'
import { exactSum } from './exact-sum.js'
import { byCodePoint, natural } from './orderings.js'
import type { AggregationJson, FilterJson, QueryJson, Value } from './query-json.js'

/** One output column. */
export interface Metric {
  readonly type: Exclude<AggregationJson['type'], 'filtered'> | 'hyperUniqueError' | 'quantileError'
  readonly field: string
  readonly name: string
  /** Of at most three decimals. */
  readonly quantile?: number
  /** Of a histogram. */
  readonly edges?: readonly number[]
  /** Of a uniqueIntersection. */
  readonly all?: readonly FilterJson[]
  /** All of them must match: those of `filtered`, the outermost first. */
  readonly filters: readonly FilterJson[]
}

export function metricsOf(query: Pick<QueryJson, 'aggregations'>): Metric[] {
  return query.aggregations.flatMap(aggregation => columnsOf(aggregation, undefined, []))
}

function columnsOf(aggregation: AggregationJson, given: string | undefined, filters: readonly FilterJson[]): Metric[] {
  const name = given ?? aggregation.name
  if (aggregation.type === 'filtered') return columnsOf(aggregation.aggregator, name, [...filters, aggregation.filter])
  if (aggregation.type === 'count') return [{ type: 'count', field: '', name: name ?? 'count', filters }]
  if (aggregation.type === 'uniqueIntersection') {
    const { type, field, filters: all } = aggregation
    return [{ type, field, all, name: name ?? `${field}_unique_intersection`, filters }]
  }
  const { type, fields } = aggregation
  if (type === 'quantile') return quantilesOf(aggregation, name, filters)
  return fields.flatMap((field): Metric[] => {
    const edges = type === 'histogram' && aggregation.edges ? { edges: aggregation.edges } : {}
    const metric: Metric = { type, field, name: name ?? `${field}_${snake(type)}`, filters, ...edges }
    const hasError = type === 'hyperUnique' && aggregation.with_error
    return hasError ? [metric, { ...metric, type: 'hyperUniqueError', name: `${metric.name}_error` }] : [metric]
  })
}

function snake(type: string): string {
  return type.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

function quantilesOf(
  { fields, quantiles, with_error: withError }: Extract<AggregationJson, { type: 'quantile' }>, name: string | undefined, filters: readonly FilterJson[]
): Metric[] {
  return fields.flatMap(field => quantiles.flatMap((quantile): Metric[] => {
    const isWhole = name !== undefined && quantiles.length === 1
    const metric: Metric = { type: 'quantile', field, quantile, name: isWhole ? name : `${name ?? field}_${percentile(quantile)}`, filters }
    return withError ? [metric, { ...metric, type: 'quantileError', name: `${metric.name}_error` }] : [metric]
  }))
}

/** 0.5 is p50, 0.999 is p99_9. */
export function percentile(quantile: number): string {
  return `p${Math.round(quantile * 1000) / 10}`.replace('.', '_')
}

/** The value of nearest rank, counted in thousandths so that nothing is rounded. */
export function nearestRankValue(numbers: readonly number[], quantile: number): number {
  const rank = Math.max(1, Math.ceil(Math.round(quantile * 1000) * numbers.length / 1000))
  return [...numbers].sort((a, b) => a - b)[rank - 1] as number
}

/** Values in order of start, session_id and themselves: the first or last of them; or the least. */
function oneOf(type: 'first' | 'last' | 'any', field: string, rows: readonly Row[]): Value {
  const timed = rows.flatMap(row => row.values(field).map(value => ({ instant: row.instant, id: String(row.values('session_id')[0]), value })))
  timed.sort((a, b) => (type === 'any' ? 0 : a.instant - b.instant || byCodePoint(a.id, b.id)) || natural(a.value, b.value))
  return timed.at(type === 'last' ? -1 : 0)?.value ?? null
}

/** Rows of each range; without edges each value is a range of its own. */
function histogram(numbers: readonly number[], edges: readonly number[] | undefined): Value {
  const count = (lower: number, upper: number): number => numbers.filter(value => value >= lower && value < upper).length
  if (edges) return Array.from({ length: edges.length + 1 }, (_, i) => [edges[i - 1] ?? null, edges[i] ?? null, count(edges[i - 1] ?? -Infinity, edges[i] ?? Infinity)])
  return [...new Set(numbers)].sort((a, b) => a - b).map(value => [value, value, numbers.filter(other => other === value).length])
}

/** Distinct counts are exact, those of `hyperUnique` too, and so all errors are 0. */
export function measure(metric: Metric, all: readonly Row[], columns: Columns): Value {
  const rows = all.filter(row => metric.filters.every(filter => matches(filter, row, columns)))
  if (metric.type === 'count') return rows.length
  const values = rows.flatMap(row => row.values(metric.field))
  if (metric.type === 'hyperUnique' || metric.type === 'hyperUniqueSketch' || metric.type === 'exactUnique') return new Set(values).size
  if (metric.type === 'histogram') return histogram(values as number[], metric.edges)
  if (metric.type === 'uniqueIntersection') {
    const sets = metric.all!.map(filter => new Set(rows.filter(row => matches(filter, row, columns)).flatMap(row => row.values(metric.field))))
    return [...sets[0]!].filter(value => sets.every(set => set.has(value))).length
  }
  if (metric.type === 'hyperUniqueError') return 0
  if (metric.type === 'first' || metric.type === 'last' || metric.type === 'any') return oneOf(metric.type, metric.field, rows)
  const numbers = values as number[]
  if (numbers.length === 0) return null
  switch (metric.type) {
    case 'sum': return exactSum(numbers)
    case 'avg': return exactSum(numbers) / numbers.length
    case 'min': return numbers.reduce((least, value) => Math.min(least, value))
    case 'max': return numbers.reduce((most, value) => Math.max(most, value))
    case 'quantile': return nearestRankValue(numbers, metric.quantile as number)
    case 'quantileError': return 0
  }
}
