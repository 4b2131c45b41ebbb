/** The keys of one dimension of group_by: dense numbers for its values, 0 for a missing one. One file per kind. */
import type { Codes } from '../../column/codes.js'
import type { StringsColumn } from '../../column/column.js'
import type { ColumnReader } from '../../filter/filter.js'
import type { Rows } from '../../kernels/select.js'
import type { DimensionValues } from '../dimension-values.js'

export interface Keys {
  readonly bytes: number
  /** What keys mean; complete once all rows are read. */
  readonly values: DimensionValues
  /** The segment that the next rows are of. */
  bind(reader: ColumnReader): void
  /** The array that gives a row several keys, in the segment that is bound: its items are keys by `keyOf`, those of key 0 none. */
  readonly array: StringsColumn | null
  /** Codes of the rows of the bound segment that are their keys as they are. */
  readonly codes: Codes | null
  /** Whether codes of `array` are keys as they are. */
  readonly plain: boolean
  /** Key of a code of `array`. */
  keyOf(code: number): number
  /** Keys of n rows (rows[i], or from + i), where there is no `array`. */
  read(rows: Rows, from: number, n: number, into: Uint32Array): void
  /** Where keys are numbered as their values come: the values, as plain data for another thread. */
  handOver?(): unknown
  /** The key here of each key of another thread. In steps. */
  takeOver?(values: unknown): Generator<void, Uint32Array, void>
}
