/** Pairs (group, item) gathered by group, and how they come out again: a run for each list, which is of neighbouring groups. */
import type { Memory } from '../column/memory.js'

/** Fewer items are copied one by one faster. */
const SHORT_COPY = 32

/** Room for pairs. */
export interface PairRoom {
  /** So many may be gathered, about, before something is made of them. */
  readonly maxPairs: number
  /** So many rows may come. */
  readonly rows: number
  /** Where they are. */
  readonly memory: Memory
}

/** Pairs of neighbouring groups: items[ends[i - 1], ends[i]) are of group first + i. The arrays are used again for the next ones. */
export interface Run {
  readonly first: number
  readonly groups: number
  readonly items: Uint32Array
  readonly ends: Uint32Array
  /** Distinct items of each group where they were counted, whose items are then only there of groups of more than MAX_RUN pairs. */
  readonly counts: Uint32Array | null
}

/** Lists of one thread, as plain data: one for each group. */
export interface GatheredLists {
  readonly kind: 'lists'
  /** Items of a chunk, base 2 logarithm. */
  readonly bits: number
  /** Chunks of items of one group. */
  readonly slots: Uint32Array
  /** Of each list the place behind its last item. */
  readonly places: Int32Array
  /** Of each chunk the one before it in its list, or -1. */
  readonly before: Int32Array
}

/** Pair k is pairs[2k], pairs[2k + 1]: a group and its item. Those of list l are [ends[l − 1], ends[l]); there may have been fewer lists then. */
export interface PairBlock {
  readonly pairs: Uint32Array
  readonly ends: Uint32Array
}

/** Blocks of one thread, as plain data: each list is of 2^shift neighbouring groups. */
export interface GatheredBlocks {
  readonly kind: 'blocks'
  readonly shift: number
  readonly blocks: readonly PairBlock[]
}

/** Pairs of one thread, as plain data. */
export type GatheredPairs = GatheredLists | GatheredBlocks

/** Pairs of each list, of several threads together. */
export interface RunReader {
  length(list: number): number
  /** The same arrays each time; null where other work may go on. */
  read(list: number): Generator<null, Run, void>
  /** The arrays are free for others. */
  drop(): void
}

/** Of few groups each has a list (pair-lists.ts); of many a list is of 2^shift neighbouring ones (pair-blocks.ts). */
export interface Pairs {
  readonly shift: number
  /** Lists there are. */
  readonly length: number
  /** Pairs that are held, about. */
  readonly used: number
  readonly bytes: number
  /** These pairs and those that joined. */
  readonly parts: readonly GatheredPairs[]
  /** There is for so many more pairs, whatever their groups are. */
  hasRoom(pairs: number): boolean
  /** Room for groups below `groups`; false where that takes other lists. */
  cover(groups: number): boolean
  /** Takes as many pairs as there is room for, from the first on, and returns their number. Items 0 may come along: they count nothing. */
  append(groups: Uint32Array, items: Uint32Array, n: number): number
  /** items[from, to) are of one group; false where there is no room for them. */
  appendAll(group: number, items: Uint32Array, from: number, to: number): boolean
  /** Takes the pairs out of all lists, or of those with `atLeast` of them, ascending; null where other work may go on. `counts`: that is all that is asked of them. */
  take(atLeast?: number, counts?: boolean): Generator<Run | null, void, void>
  /** Pairs of a list are there no more. */
  release(list: number): void
  /** They may be read by others until `drop`. */
  handOver(): GatheredPairs
  /** Their pairs come with those here from now on; false where they are kept by other groups. */
  join(pairs: GatheredPairs): boolean
  /** All arrays are free for others. */
  drop(): void
}

/** Writes items[from, to) to into[at, …); returns where they end. */
export function copyRange(items: Uint32Array, from: number, to: number, into: Uint32Array, at: number): number {
  const n = to - from
  if (n < SHORT_COPY) for (let i = 0; i < n; i++) into[at + i] = items[from + i]
  else into.set(items.subarray(from, to), at)
  return at + n
}

/** counts[group] += pairs of the group, for all groups of a run. */
export function addRows(counts: Uint32Array, { first, groups, ends }: Run): void {
  const n = Math.min(groups, counts.length - first)
  for (let i = 0, from = 0; i < n; from = ends[i++]) counts[first + i] += ends[i] - from
}
