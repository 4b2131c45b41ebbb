/** The rows of a segment that a query is about: those that were not replaced and pass its filter. */
import type { Filter } from '../../dsl/query.js'
import { hasBit } from '../column/bitset.js'
import type { Dictionary } from '../column/dictionary.js'
import { compactRows, type Rows } from '../kernels/select.js'
import { CompiledFilter } from './compiled-filter.js'
import type { ColumnReader } from './filter.js'
import { Scratch } from './scratch.js'

export class RowPicker {
  private readonly filter: CompiledFilter
  private readonly masks = new Scratch(Uint8Array)
  private readonly picked = new Scratch(Uint32Array)

  /** @param continues rows with texts that are not known yet will come. */
  constructor(filter: Filter, columns: ReadonlyMap<string, { readonly dictionary: Dictionary | null }>, continues = false) {
    this.filter = new CompiledFilter(filter, name => columns.get(name)!.dictionary, continues)
  }

  /** Rows of [from, to), until the next call; null where that is all of them. `deleted` has a bit for each row that was replaced. */
  pick(reader: ColumnReader, deleted: Uint32Array | null, from: number, to: number): Rows {
    const { test } = this.filter
    if (test === null && deleted === null) return null
    const n = to - from
    const mask = this.masks.of(n)
    if (test === null) mask.fill(1, 0, n)
    else test(reader, null, from, n, mask)
    if (deleted !== null) for (let i = 0; i < n; i++) if (hasBit(deleted, from + i)) mask[i] = 0
    const rows = this.picked.of(n)
    return rows.subarray(0, compactRows(mask, null, from, n, rows))
  }

  /** 1 for each of the first n rows that passes the filter; null where all do. */
  test(reader: ColumnReader, n: number): Uint8Array | null {
    const { test } = this.filter
    if (test === null) return null
    const mask = new Uint8Array(n)
    test(reader, null, 0, n, mask)
    return mask
  }
}
