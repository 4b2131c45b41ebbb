/** What every kind of kernels provides: pure functions over typed arrays. */
import type { Codes } from '../column/codes.js'
import type { CodeBins } from './code-bins.js'
import type { FixedSums } from './fixed-sums.js'

/** Most items of a run of which `distinctRuns` counts the distinct ones. */
export const MAX_RUN = 16_384

/** Most entries of a block that `sortGroups` sorts, */
export const MAX_SORTED = 32_768
/** least entries that a group of it has on average, */
export const LEAST_RUN = 16
/** and how far apart its groups are at most. */
export const MAX_SPAN = 16_384

/** Most groups that `partitionPairs` and `partitionGroups` take, */
export const MAX_PARTITIONED = 65_536
/** most that `sortPairs` sorts, */
export const MAX_SORTED_PAIRS = 131_072
/** and most groups, or ranges of groups, that either keeps apart. */
export const MAX_RANGES = 16_384

/** Of ranks up to the second nobody asks how many registers are of each (`sumRanks`); their weights fill two vectors of bytes. */
export const LOW_RANKS = 7
export const MID_RANKS = 15

/** Entries in the order of their groups: entries places[ends[r - 1], ends[r]) are the run of groups[r]. */
export interface GroupRuns {
  /** Another one each time that it was filled; 0 of what kernels did not fill. */
  stamp: number
  runs: number
  /** MAX_SORTED / LEAST_RUN of them and of their ends. */
  readonly groups: Uint32Array
  readonly ends: Uint32Array
  /** MAX_SORTED of them. */
  readonly places: Uint16Array
}

/** What `binRuns` finds: a bin for each place, in their order, and of each run its least and largest value and 1 where any is not whole. */
export interface BinnedRuns {
  readonly bins: Uint32Array
  readonly least: Float64Array
  readonly largest: Float64Array
  readonly fractional: Uint8Array
  lowest: number
  highest: number
}

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
  /** mask[i] &= other[i], i below n; returns how many are 1 then. */
  andMasks(mask: Uint8Array, other: Uint8Array, n: number): number
  /** mask[i] |= other[i], i below n. */
  orMasks(mask: Uint8Array, other: Uint8Array, n: number): void
  /** Writes from + i for every i below n whose mask is 1; returns their number. */
  compact(mask: Uint8Array, from: number, n: number, out: Uint32Array): number
  /** Registers (65,536 of them) take the largest rank of coupons[from, to) in their slot. Best where they are mostly full. */
  raiseRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): void
  /** They become those of coupons[from, to) alone; returns how many are filled. */
  startRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): number
  /** The sums of `sumRanks` of the registers that the coupons of all runs would make. */
  sumRanksOf(runs: readonly Uint32Array[], sums: Uint32Array): void
  /** Registers take those of `others` where these are larger. */
  joinRegisters(registers: Uint8Array, others: Uint8Array): void
  /**
   * What an estimate needs to know of registers, a power of two of them from 16 on, in 64 numbers: sums[0] = how many are of rank 0, sums[1] = the sum of
   * 2^(LOW_RANKS − rank) over those of ranks 1 to LOW_RANKS, sums[2] = that of 2^(MID_RANKS − rank) over those above, up to MID_RANKS, sums[rank] = how many are of
   * each rank above.
   */
  sumRanks(registers: Uint8Array, sums: Uint32Array): void
  /** Distinct values of input[from, to) but 0, in the order of their first appearance; `limit` + 1 of them where there are more. At most 16,384. */
  distinct(input: Uint32Array, from: number, to: number, limit: number, out: Uint32Array): number
  /** counts[g] = distinct values but 0 of the run items[ends[g - 1], ends[g]), g below `runs`; of runs above MAX_RUN nothing is written. */
  distinctRuns(items: Uint32Array, ends: Uint32Array, runs: number, counts: Uint32Array): void
  /**
   * Pairs of groups[i] and items[i], i below n ≤ MAX_PARTITIONED, by ranges of 2^shift groups: pair k is pairs[2k], pairs[2k + 1], and those of
   * range r are [ends[r − 1], ends[r]), in the order they come. There are ends.length ≤ MAX_RANGES ranges.
   */
  partitionPairs(groups: Uint32Array, items: Uint32Array, n: number, shift: number, pairs: Uint32Array, ends: Uint32Array): void
  /** The same of groups alone: those of range r are out[ends[r − 1], ends[r]). */
  partitionGroups(groups: Uint32Array, n: number, shift: number, out: Uint32Array, ends: Uint32Array): void
  /**
   * Items of the pairs (2^shift neighbouring groups) of several arrays, by group: items[ends[g − 1], ends[g]) are of the group whose last bits are g,
   * in the order they come. Of at most MAX_SORTED_PAIRS pairs and MAX_RANGES groups.
   */
  sortPairs(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array): void
  /** The same where the distinct values but 0 of each group are asked for, counts[g]; of groups of more than MAX_RUN pairs the items are written instead. */
  countPairs(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array, counts: Uint32Array): void
  /** out[at + i] = coupon (engine/sketch/hash.ts) of the text that ends at ends[i] of `bytes`, i below n; each begins where the one before it ends, the first at `first`. */
  couponsOfTexts(bytes: Uint8Array, first: number, ends: Uint32Array, n: number, out: Uint32Array, at: number): void
  /** The same for texts packed in `form` (engine/column/packed-text.ts). */
  couponsOfPacked(bytes: Uint8Array, form: number, n: number, out: Uint32Array, at: number): void
  /** out[p] += pieces of values[from, to) cut at magics[p], highest first; what is left goes into out[magics.length]. At most two magics. */
  sumPieces(values: Float64Array, from: number, to: number, magics: Float64Array, out: Float64Array): void
  /** For sums of many groups; null where cutting each value does. */
  fixedSums(): FixedSums | null
  /** For histograms of few groups; null where values are binned first and counted then. */
  codeBins(): CodeBins | null
  /**
   * Each item of row from + i gives an entry of group ids[i] · size + item, a row without items one with item 0. Writes groups and rows
   * of the entries, for which there is room, and returns their number.
   */
  explode(
    ids: Uint32Array, offsets: Uint32Array, items: Codes, from: number, n: number, size: number, outIds: Uint32Array, outRows: Uint32Array
  ): number
  /** ids[i] becomes ids[i] · size + codes[from + i], i below n. */
  combine(ids: Uint32Array, codes: Codes, from: number, n: number, size: number): void
  /** counts[at + code] += how often each of codes[from, to) comes, which are all below `size`. */
  countCodes(codes: Codes, from: number, to: number, size: number, counts: Uint32Array, at: number): void
  /** How many of rows [from, to) have no items: offsets[row] = offsets[row + 1]. */
  countEmpty(offsets: Uint32Array, from: number, to: number): number
  /** Sorts the first n ids, at most MAX_SORTED; false where they are of too many groups or too far apart. */
  sortGroups(ids: Uint32Array, n: number, into: GroupRuns): boolean
  /** The same where the group of entry i is base + codes[from + i]. */
  sortCodes(codes: Uint8Array, from: number, n: number, base: number, into: GroupRuns): boolean
  /** out[i] = items[from + place] of the i-th place of the runs. */
  pickItems(items: Uint32Array, from: number, runs: GroupRuns, out: Uint32Array): void
  /** out[r · (m + 1) + p] = pieces of values[from + place] of the places of run r, cut at m magics as by `sumPieces`. */
  sumRuns(values: Float64Array, from: number, runs: GroupRuns, magics: Float64Array, out: Float64Array): void
  /** Bins of values[from + place], which are all finite. */
  binRuns(values: Float64Array, from: number, runs: GroupRuns, into: BinnedRuns): void
}
