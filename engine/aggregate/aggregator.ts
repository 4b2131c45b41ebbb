/** What every aggregation provides; one file per kind. A group is a dense number: a bucket, or a bucket with group values. */
import type { HistogramBin } from '../../dsl/input.js'
import type { ColumnType } from '../../dsl/query.js'
import type { Helpers } from './helpers.js'
import type { ColumnReader } from '../filter/filter.js'
import type { GroupRuns } from '../kernels/contract.js'
import type { Rows } from '../kernels/select.js'
import type { BucketRuns } from '../plan/bucket-runs.js'

/** Rows of a segment that was bound, group by group. */
export interface Taker {
  /** Rows [from, to) of the segment, or rows[from, to), all of one group. */
  addRun(group: number, rows: Rows, from: number, to: number): void
  /** Row i of n (rows[i], or from + i) belongs to groups[i]. */
  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void
  /** The same as `addRun` for each run, of which group g has at most partsOf[g], in as many calls: what is made of the last one is final. */
  addRuns?(runs: BucketRuns, rows: Rows, partsOf: Uint32Array): void
}

/** A block of rows with the runs of their groups: what several aggregations need is sorted once. */
export class SortedRows {
  readonly rows: Rows
  readonly from: number
  readonly n: number
  readonly runs: GroupRuns
  private known: Uint32Array | null

  /** @param groups of the rows, null where they are to be read off the runs when somebody asks. */
  constructor(groups: Uint32Array | null, rows: Rows, from: number, n: number, runs: GroupRuns) {
    this.known = groups
    this.rows = rows
    this.from = from
    this.n = n
    this.runs = runs
  }

  /** Row i of n (rows[i], or from + i) belongs to groups[i]. */
  get groups(): Uint32Array {
    return this.known ??= groupsOf(this.runs, this.n)
  }
}

function groupsOf({ runs, groups, ends, places }: GroupRuns, n: number): Uint32Array {
  const of = new Uint32Array(n)
  for (let run = 0, at = 0; run < runs; run++) for (; at < ends[run]; at++) of[places[at]] = groups[run]
  return of
}

/** Takes rows in, group by group. */
export interface Gatherer extends Taker {
  /** Bytes of state held. */
  readonly bytes: number
  /** Makes room for groups 0 … groups-1. */
  grow(groups: number): void
  /** The segment that the next rows are of. */
  bind(reader: ColumnReader): void
  /** Nothing is needed of a row but its group, which is counted anyway. */
  readonly rowless?: boolean
  /**
   * Every row comes by `addPairs` and is noted with its group, so that rows are counted with what is made of that, by the end of `finish`;
   * false where rows leave no trace. Asked before the first row.
   */
  countRows?(counts: GroupCounts, columns: ReadonlyMap<string, { readonly type: ColumnType }>): boolean
  /** Whether `addCodes` takes rows of the segment for so many groups. */
  takesCodes?(groups: number): boolean
  /** Rows [from, from + n) belong to the groups first + codes[row], of which there are so many. */
  addCodes?(codes: Uint8Array, groups: number, first: number, from: number, n: number): void
  /** The same as `addPairs`, where that is faster. */
  addSorted?(sorted: SortedRows): void
  /**
   * Takes rows back that were added before, to the bit; absent where all rows come once. Where what is kept of a group does not tell
   * what was without a row, the execution is told to gather the group anew.
   */
  readonly inverse?: Taker
  /** As if no row of some groups had come; absent where `inverse` is. */
  forget?(groups: ReadonlySet<number>): void
  /** Run to its end between blocks of rows: work that has piled up, so that none of it need be done in one go within a block. */
  settle?(): Generator<void, void, void>
  /** Exchanges with other threads what each knows of the only group, in registers that all of them see. */
  exchange?(registers: Uint8Array): void
  /** Does ahead of `finish` what that need not do again for groups of which no other thread has rows. In steps. */
  anticipate?(): Generator<void, void, void>
  /** Run to its end once after the last row; between two steps other work may go on. */
  finish(helpers?: Helpers | null): Generator<void, void, void>
  /** Everything gathered, as plain data for another thread, in the place of `finish`. Nothing more may be asked of this one. */
  handOver(): unknown
  /** Adds what one of the same kind handed over, before `finish`; groupOf[g] is the group here of its group g, null where they agree. In steps. */
  takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void>
  /** What was handed over is not used any more. */
  release?(): void
}

/** What most columns say of a group. */
export type ScalarValue = string | number | null

/** What a column says of a group. */
export type MetricValue = ScalarValue | readonly HistogramBin[]

/** One output column. */
export interface Aggregator extends Gatherer {
  /** null where no row of the group had a value, of most kinds. */
  value(group: number): MetricValue
  /** into[i] = value of groups[i], all at once, where all are numbers: there may be millions. */
  readAll?(groups: Int32Array, into: Float64Array): void
}

/** Rows per group, kept by the execution for all aggregations; a table has fewer than 2^32. */
export interface GroupCounts {
  rows: Uint32Array<ArrayBuffer>
}

/** Of what rows are ordered or picked by, where no list can be: the query is refused. */
export function scalarOf(value: MetricValue | readonly string[]): ScalarValue {
  return typeof value === 'object' ? null : value
}
