/** How many rows of each group are in each bin: the bins that occur, as lists. */
import { stretches } from '../steps.js'

export interface BinLists {
  /** Entries of group g, ascending by bin: [ends[g − 1], ends[g]). Groups beyond `ends` have none. */
  readonly ends: Uint32Array
  readonly bins: Uint32Array
  readonly tallies: Uint32Array
}

/** Entries that are merged between two steps. */
const STEP = 2 ** 18

function firstOf({ ends }: BinLists, group: number): number {
  return group === 0 ? 0 : endOf(ends, group - 1)
}

function endOf(ends: Uint32Array, group: number): number {
  return ends.length === 0 ? 0 : ends[Math.min(group, ends.length - 1)]
}

/** Lists of the counters counts[group · stride + bin − base]. */
export function listsOf(counts: Uint32Array, base: number, stride: number): BinLists {
  let entries = 0
  for (let i = 0; i < counts.length; i++) if (counts[i] > 0) entries++
  const groups = stride === 0 ? 0 : counts.length / stride
  const ends = new Uint32Array(Math.max(1, groups))
  const bins = new Uint32Array(entries)
  const tallies = new Uint32Array(entries)
  let at = 0
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < stride; i++) {
      const count = counts[group * stride + i]
      if (count === 0) continue
      bins[at] = base + i
      tallies[at++] = count
    }
    ends[group] = at
  }
  return { ends, bins, tallies }
}

/** The lists of both, of `groups` groups; groupOf[g] is the group of `other`'s group g, null where they agree. In steps. */
export function* mergedLists(own: BinLists, other: BinLists, groupOf: Uint32Array | null, groups: number): Generator<void, BinLists, void> {
  const otherOf = groupOf === null ? null : yield* inverse(groupOf, groups)
  const ends = new Uint32Array(Math.max(1, groups))
  const bins = new Uint32Array(own.bins.length + other.bins.length)
  const tallies = new Uint32Array(bins.length)
  let n = 0
  let worked = 0
  for (let group = 0; group < groups; group++) {
    const theirs = otherOf === null ? group : otherOf[group]
    let a = firstOf(own, group)
    const aEnd = endOf(own.ends, group)
    let b = theirs < 0 ? 0 : firstOf(other, theirs)
    const bEnd = theirs < 0 ? 0 : endOf(other.ends, theirs)
    worked += 1 + aEnd - a + bEnd - b
    while (a < aEnd || b < bEnd) {
      const bin = b === bEnd || (a < aEnd && own.bins[a] <= other.bins[b]) ? own.bins[a] : other.bins[b]
      bins[n] = bin
      if (a < aEnd && own.bins[a] === bin) tallies[n] += own.tallies[a++]
      if (b < bEnd && other.bins[b] === bin) tallies[n] += other.tallies[b++]
      n++
    }
    ends[group] = n
    if (worked < STEP) continue
    worked = 0
    yield
  }
  return { ends, bins: bins.slice(0, n), tallies: tallies.slice(0, n) }
}

/** Of each group the one of another thread that has its number in `groupOf`, or -1. In steps. */
export function* inverse(groupOf: Uint32Array, groups: number): Generator<void, Int32Array, void> {
  const of = new Int32Array(groups).fill(-1)
  for (const [from, to] of stretches(groupOf.length)) {
    for (let group = from; group < to; group++) of[groupOf[group]] = group
    yield
  }
  return of
}
