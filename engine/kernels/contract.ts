/** What every kind of kernels provides: pure functions over typed arrays. */
import type { Codes } from '../column/column.js'

/** Most items of a run of which `distinctRuns` counts the distinct ones. */
export const MAX_RUN = 16_384

export interface Kernels {
  readonly name: 'wasm' | 'plain'
  /** mask[i] = codes[from + i] is the code, i below n. */
  testCode(codes: Codes, code: number, from: number, n: number, mask: Uint8Array): void
  /** mask[i] = table[codes[from + i]]; the table holds 1 or 0 for every code. */
  testCodes(codes: Codes, table: Uint8Array, from: number, n: number, mask: Uint8Array): void
  /** mask[i] = any item of row from + i has a 1 in the table; `missing` for a row without items. */
  testItems(offsets: Uint32Array, items: Codes, table: Uint8Array, missing: number, from: number, n: number, mask: Uint8Array): void
  /** mask[i] = low ≤ values[from + i] ≤ high. */
  testRange(values: Float64Array, low: number, high: number, from: number, n: number, mask: Uint8Array): void
  /** Writes from + i for every i below n whose mask is 1; returns their number. */
  compact(mask: Uint8Array, from: number, n: number, out: Uint32Array): number
  /** Registers (65,536 of them) take the largest rank of coupons[from, to) in their slot. Best where they are mostly full. */
  raiseRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): void
  /** The same where they are mostly empty; returns how many were empty before and are not now. */
  fillRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): number
  /** counts[rank] = number of registers of that rank, 64 of them. */
  countRanks(registers: Uint8Array, counts: Uint32Array): void
  /** Distinct values of input[from, to) but 0, in the order of their first appearance; `limit` + 1 of them where there are more. At most 16,384. */
  distinct(input: Uint32Array, from: number, to: number, limit: number, out: Uint32Array): number
  /** counts[g] = distinct values but 0 of the run items[ends[g - 1], ends[g]), g below `runs`; of runs above MAX_RUN nothing is written. */
  distinctRuns(items: Uint32Array, ends: Uint32Array, runs: number, counts: Uint32Array): void
  /** out[p] += pieces of values[from, to) cut at magics[p], highest first; what is left goes into out[magics.length]. At most two magics. */
  sumPieces(values: Float64Array, from: number, to: number, magics: Float64Array, out: Float64Array): void
  /**
   * Each item of row from + i gives an entry of group ids[i] · size + item, a row without items one with item 0. Writes groups and rows
   * of the entries, for which there is room, and returns their number.
   */
  explode(
    ids: Uint32Array, offsets: Uint32Array, items: Codes, from: number, n: number, size: number, outIds: Uint32Array, outRows: Uint32Array
  ): number
}
