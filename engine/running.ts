import type { ColumnInfo } from './column/derived.js'
import type { Workers } from './parallel/workers.js'
import type { Snapshot } from './table/table.js'

/** What a query runs over, and within which bounds. A query may be run in several passes over the same. */
export interface Running {
  readonly snapshot: Snapshot
  readonly columns: ReadonlyMap<string, ColumnInfo>
  /** Bytes that it may take. */
  readonly memory: number
  readonly maxGroups: number
  readonly maxBuckets: number
  readonly signal: AbortSignal | undefined
  /** Threads that help; null where there are none. */
  readonly workers: Workers | null
}
