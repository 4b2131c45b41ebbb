/** Rows to be ordered and cut, with the columns of theirs that were asked for: each is computed once, as a whole. */
import { LimitError } from '../../dsl/errors.js'
import type { Query } from '../../dsl/query.js'
import type { MetricValue } from '../aggregate/aggregator.js'
import { valueOfNothing } from '../aggregate/nothing.js'
import type { Grouped } from '../execute.js'
import { pickCandidates, type Candidates } from './candidates.js'
import { changeSince, withoutBuckets } from './comparison.js'
import { pickValues, type MetricColumn } from './metric-column.js'
import { STEP } from '../steps.js'
import { evaluate } from './post-aggregation.js'

/** Some aggregations take microseconds for a value. */
const VALUES_PER_STEP = 1024
/** Ranges of a column of histograms: as many as an answer may have rows. */
const MAX_BINS = 5_000_000

export class AnswerRows {
  readonly candidates: Candidates
  private readonly query: Query
  private readonly grouped: Grouped
  private readonly columns: (MetricColumn | undefined)[]
  /** The same rows over the interval that is compared with. */
  private readonly previous: AnswerRows | null

  constructor(
    query: Query, grouped: Grouped, candidates: Candidates, columns: (MetricColumn | undefined)[] = [], previous: AnswerRows | null = null
  ) {
    this.query = query
    this.grouped = grouped
    this.candidates = candidates
    this.columns = columns
    this.previous = previous
  }

  get count(): number {
    return this.candidates.count
  }

  /** `at` counts the aggregations, then the post-aggregations, then the comparisons. In steps. */
  *metric(at: number): Generator<void, MetricColumn, void> {
    return this.columns[at] ??= yield* this.compute(at)
  }

  /** Some of the rows, in the order of their numbers. In steps. */
  *pick(rows: Uint32Array): Generator<void, AnswerRows, void> {
    if (rows.length === this.count && isEveryRow(rows)) return this
    const columns: (MetricColumn | undefined)[] = []
    for (const column of this.columns) {
      columns.push(column === undefined ? undefined : pickValues(column, rows))
      yield
    }
    const previous = this.previous === null ? null : yield* this.previous.pick(rows)
    return new AnswerRows(this.query, this.grouped, yield* pickCandidates(this.candidates, rows), columns, previous)
  }

  private *compute(at: number): Generator<void, MetricColumn, void> {
    const { aggregations, postAggregations } = this.query
    if (at < aggregations.length) return yield* this.aggregation(at)
    const comparison = at - aggregations.length - postAggregations.length
    if (comparison >= 0) return yield* this.comparison(comparison)
    return yield* evaluate(postAggregations[at - aggregations.length].expression, this.count, metric => this.metric(metric))
  }

  /** Of each metric first its previous value, then the change. */
  private *comparison(at: number): Generator<void, MetricColumn, void> {
    const { previous } = this
    const { metric } = this.query.compare!.columns[at >> 1]
    if (previous === null) return new Float64Array(this.count).fill(NaN)
    const before = withoutBuckets(yield* previous.metric(metric), previous.candidates.groups)
    return at % 2 === 0 ? before : changeSince(before, yield* this.metric(metric))
  }

  private *aggregation(a: number): Generator<void, MetricColumn, void> {
    const { groups, count } = this.candidates
    const numbers = new Float64Array(count)
    const aggregator = this.grouped.aggregators[a]
    if (aggregator.readAll !== undefined) {
      for (let from = 0; from < count; from += STEP) {
        aggregator.readAll(groups.subarray(from, from + STEP), numbers.subarray(from, from + STEP))
        yield
      }
      return numbers
    }
    for (let i = 0; i < count; i++) {
      const value = this.valueOf(a, groups[i])
      if (value !== null && typeof value !== 'number') return yield* this.list(a)
      numbers[i] = value ?? NaN
      if (i % VALUES_PER_STEP === 0) yield
    }
    return numbers
  }

  private *list(a: number): Generator<void, MetricColumn, void> {
    const { groups, count } = this.candidates
    const values: MetricValue[] = []
    let bins = 0
    for (let i = 0; i < count; i++) {
      const value = this.valueOf(a, groups[i])
      if (typeof value === 'object' && value !== null) bins += value.length
      if (bins > MAX_BINS) throw new LimitError('max_bins', MAX_BINS, bins, 'Ask for fewer rows, or for a histogram with fewer bins or edges.')
      values.push(value)
      if (i % VALUES_PER_STEP === 0) yield
    }
    return values
  }

  private valueOf(a: number, group: number): MetricValue {
    return group < 0 ? valueOfNothing(this.query.aggregations[a]) : this.grouped.aggregators[a].value(group)
  }
}

/** 0, 1, 2 and so on. */
function isEveryRow(rows: Uint32Array): boolean {
  for (let i = 0; i < rows.length; i++) if (rows[i] !== i) return false
  return true
}
