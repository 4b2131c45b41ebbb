/**
 * How many rows of each group are in each bin of a histogram. Few groups have a counter for every bin between the lowest and
 * the highest; where that is too many, (group, bin) pairs are gathered by group and folded into lists of the bins that occur.
 */
import type { BinnedRuns, GroupRuns } from '../kernels/contract.js'
import { MISSING_BIN, type BinRange } from '../sketch/histogram.js'
import { stretches } from '../steps.js'
import { listsOf, mergedLists, type BinLists } from './bin-lists.js'
import { BinTable } from './bin-table.js'
import type { GatheredPairs, PairRoom, Pairs } from './pair-runs.js'
import { pairsFor, pairsOf } from './pairs.js'

/** counts[group · stride + bin − base], or lists. */
export type GatheredBins =
  | { readonly counts: Uint32Array, readonly base: number, readonly stride: number }
  | { readonly counts: null, readonly lists: BinLists, readonly pairs: GatheredPairs | null }

/** 16 MB of counters: about what the cache of a server still helps with. */
const MAX_COUNTERS = 2 ** 22
/** The window of counters grows by whole octaves. */
const OCTAVE = 128
/** A round of pairs, of several fields at once as well. */
const ROUND_PAIRS = 2 ** 24
/** Pairs, entries or groups that are gone over between two steps, a few milliseconds' worth. */
const LOOP_STEP = 2 ** 18
const FIRST_ENTRIES = 2 ** 20

/** In the table of totals: not added up yet. */
const UNKNOWN = -1

/** Empty between two groups. */
let table: BinTable | null = null

export class GroupedBins {
  private readonly room: PairRoom
  private readonly step: number
  private groups = 0
  /** counts[group · stride + bin − base] while there are counters. */
  private counts: Uint32Array | null = new Uint32Array(0)
  private base = 0
  private stride = 0
  /** null before there is one, and where there are counters. */
  private pairs: Pairs | null = null
  /** Of each group, where they were asked for since the last change. */
  private totals: Float64Array | null = null
  /** Of each `step` counters of a group, beside its total. */
  private octaves: Float64Array | null = null
  /** Pairs there were at the last `settle`. */
  private settled = 0
  /** Entries of group g, ascending by bin: [ends[g − 1], ends[g]). Groups beyond `ends` have none. */
  ends: Uint32Array = new Uint32Array(0)
  bins: Uint32Array = new Uint32Array(0)
  tallies: Uint32Array = new Uint32Array(0)

  /**
   * @param room of pairs before they are folded.
   * @param step counters come in multiples of so many bins.
   */
  constructor(room: PairRoom, step = OCTAVE) {
    this.room = room
    this.step = step
  }

  get bytes(): number {
    const { counts, pairs, ends, bins, tallies, totals, octaves } = this
    return (counts?.byteLength ?? 0) + (pairs?.bytes ?? 0) + ends.byteLength + bins.byteLength + tallies.byteLength + (totals?.byteLength ?? 0) + (octaves?.byteLength ?? 0)
  }

  grow(groups: number): void {
    this.groups = groups
    this.changed()
    if (this.counts !== null && this.stride > 0) this.resize(this.base, this.stride)
  }

  /** Counts bins[i] for groups[i], or for the one group. MISSING_BIN counts nothing; all others are in the range. */
  add(groups: Uint32Array | number, bins: Uint32Array, n: number, range: BinRange): void {
    if (range.lowest > range.highest) return
    this.cover(range)
    this.changed()
    const { counts, stride, base } = this
    if (counts === null) {
      this.gather(groups, bins, n)
      return
    }
    if (typeof groups === 'number') {
      const at = groups * stride - base | 0
      for (let i = 0; i < n; i++) if (bins[i] !== MISSING_BIN) counts[at + bins[i] | 0]++
    } else {
      for (let i = 0; i < n; i++) if (bins[i] !== MISSING_BIN) counts[Math.imul(groups[i], stride) - base + bins[i] | 0]++
    }
  }

  /** The counters of each group: a bin for each of `stride` from `base` on. null where there are none, and bins are listed. */
  get window(): { readonly counts: Uint32Array, readonly base: number, readonly stride: number } | null {
    const { counts, base, stride } = this
    return counts === null ? null : { counts, base, stride }
  }

  /** What is known of the counts as they were may be wrong. */
  changed(): void {
    this.totals = null
    this.octaves = null
  }

  /** Counts the bins of runs of groups, none of which is missing. */
  addRuns({ runs, groups, ends }: GroupRuns, binned: BinnedRuns): void {
    this.cover(binned)
    this.changed()
    const { counts, stride, base } = this
    const { bins } = binned
    for (let run = 0, i = 0; run < runs; run++) {
      const end = ends[run]
      if (counts === null) this.gather(groups[run], bins.subarray(i, end), end - i)
      else {
        const at = groups[run] * stride - base | 0
        for (let k = i; k < end; k++) counts[at + bins[k] | 0]++
      }
      i = end
    }
  }

  /** Takes back what `add` counted. False where that is not known one by one. */
  remove(groups: Uint32Array | number, bins: Uint32Array, n: number): boolean {
    const { counts, stride, base } = this
    if (counts === null) return false
    this.changed()
    for (let i = 0; i < n; i++) if (bins[i] !== MISSING_BIN) counts[(typeof groups === 'number' ? groups : groups[i]) * stride - base + bins[i]]--
    return true
  }

  /** As if nothing had been counted for some groups. */
  forget(groups: ReadonlySet<number>): void {
    for (const _ of this.fold()) { /* pairs are not told apart by group */ }
    this.changed()
    const list = this.counts ?? this.tallies
    for (const group of groups) list.fill(0, this.start(group), this.end(group))
  }

  /** Folds what is gathered, if there might be no room for what another block of rows brings. In steps. */
  *settle(): Generator<void, void, void> {
    const { pairs } = this
    if (pairs === null) return
    if (!pairs.hasRoom(Math.max(0, pairs.used - this.settled) * 2)) yield* this.fold()
    this.settled = pairs.used
  }

  /** Folds what is still gathered. In steps. */
  *finish(): Generator<void, void, void> {
    if (this.counts !== null) return
    yield* this.fold()
    this.pairs?.drop()
    this.pairs = null
  }

  handOver(): GatheredBins {
    const { counts, base, stride, ends, bins, tallies, pairs } = this
    return counts === null ? { counts, lists: { ends, bins, tallies }, pairs: pairs?.handOver() ?? null } : { counts, base, stride }
  }

  /** What was handed over is read by others no more. */
  release(): void {
    this.pairs?.drop()
  }

  /** In steps. */
  *takeOver(gathered: GatheredBins, groupOf: Uint32Array | null): Generator<void, void, void> {
    this.changed()
    if (gathered.counts !== null) {
      if (gathered.stride === 0) return
      this.cover({ lowest: gathered.base, highest: gathered.base + gathered.stride - 1 })
    }
    if (this.counts !== null && gathered.counts !== null) {
      yield* this.addCounters(gathered.counts, gathered.base, gathered.stride, groupOf)
      return
    }
    if (this.counts !== null) this.becomeLists()
    if (gathered.counts === null && gathered.pairs !== null) yield* this.takePairs(gathered.pairs, groupOf)
    const theirs = gathered.counts === null ? gathered.lists : listsOf(gathered.counts, gathered.base, gathered.stride)
    if (theirs.bins.length === 0) return
    yield
    const { ends, bins, tallies } = yield* mergedLists(this, theirs, groupOf, this.groups)
    this.ends = ends
    this.bins = bins
    this.tallies = tallies
  }

  /** They stay where they are where they are kept by the same groups. */
  private *takePairs(pairs: GatheredPairs, groupOf: Uint32Array | null): Generator<void, void, void> {
    if (groupOf === null && this.pairsOfGroups().join(pairs)) return
    for (const [groups, bins] of pairsOf(pairs)) {
      if (groupOf !== null) for (let i = 0; i < groups.length; i++) groups[i] = groupOf[groups[i]]
      this.gather(groups, bins, bins.length)
      yield* this.settle()
      yield
    }
  }

  /** The counters cover theirs. */
  private *addCounters(counts: Uint32Array, base: number, stride: number, groupOf: Uint32Array | null): Generator<void, void, void> {
    const own = this.counts!
    for (const [from, to] of stretches(groupOf?.length ?? counts.length / stride)) {
      for (let group = from; group < to; group++) {
        const at = (groupOf === null ? group : groupOf[group]) * this.stride + base - this.base
        for (let i = 0; i < stride; i++) own[at + i] += counts[group * stride + i]
      }
      yield
    }
  }

  total(group: number): number {
    const totals = this.totals ??= new Float64Array(this.groups).fill(UNKNOWN)
    if (totals[group] === UNKNOWN) totals[group] = this.counts === null ? this.sum(this.start(group), this.end(group)) : this.sumOctaves(this.counts, group)
    return totals[group]
  }

  private sum(from: number, to: number): number {
    const { tallies } = this
    let total = 0
    for (let i = from; i < to; i++) total += tallies[i]
    return total
  }

  /** Notes what the counters of each octave come to, so that no rank is looked for counter by counter. */
  private sumOctaves(counts: Uint32Array, group: number): number {
    const { step, stride } = this
    const each = stride / step
    const octaves = this.octaves ??= new Float64Array(this.groups * each)
    let total = 0
    for (let octave = 0, at = group * stride; octave < each; octave++) {
      let sum = 0
      for (const end = at + step; at < end; at++) sum += counts[at]
      octaves[group * each + octave] = sum
      total += sum
    }
    return total
  }

  /** Bin of the row of this rank, from 1 to the total; looked for from the nearer end. */
  binAt(group: number, rank: number): number {
    const above = this.total(group) - rank + 1
    return this.counts === null ? this.bins[this.tallyAt(group, rank, above)] : this.base + this.counterAt(this.counts, group, rank)
  }

  private tallyAt(group: number, rank: number, above: number): number {
    const { tallies } = this
    let at = this.start(group)
    if (rank <= above) for (let seen = tallies[at]; seen < rank; seen += tallies[at]) at++
    else {
      at = this.end(group) - 1
      for (let seen = tallies[at]; seen < above; seen += tallies[at]) at--
    }
    return at
  }

  /** The counter of the group in which a row is. */
  private counterAt(counts: Uint32Array, group: number, rank: number): number {
    const { step, stride } = this
    const octaves = this.octaves!
    let seen = 0
    let octave = group * stride / step
    while (seen + octaves[octave] < rank) seen += octaves[octave++]
    let at = octave * step
    for (seen += counts[at]; seen < rank; seen += counts[at]) at++
    return at - group * stride
  }

  /** The bins of a group that have rows, ascending. */
  forEach(group: number, visit: (bin: number, count: number) => void): void {
    const list = this.counts ?? this.tallies
    const first = this.start(group)
    const end = this.end(group)
    for (let at = first; at < end; at++) {
      if (list[at] > 0) visit(this.counts === null ? this.bins[at] : this.base + at - first, list[at])
    }
  }

  private start(group: number): number {
    if (this.counts !== null) return group * this.stride
    return group === 0 ? 0 : this.end(group - 1)
  }

  private end(group: number): number {
    if (this.counts !== null) return (group + 1) * this.stride
    return this.ends[Math.min(group, this.ends.length - 1)]
  }

  /** Has a counter for every bin of the range, or none at all. */
  cover({ lowest, highest }: BinRange): void {
    if (this.counts === null || (lowest >= this.base && highest < this.base + this.stride)) return
    const low = this.stride === 0 ? lowest : Math.min(lowest, this.base)
    const high = Math.max(highest + 1, this.base + this.stride)
    const base = low - low % this.step
    this.resize(base, Math.ceil((high - base) / this.step) * this.step)
  }

  private resize(base: number, stride: number): void {
    const { counts: old, stride: oldStride, base: oldBase } = this
    const isFirst = oldStride === 0
    if (this.groups * stride > MAX_COUNTERS) {
      this.becomeLists()
      return
    }
    const counts = new Uint32Array(this.groups * stride)
    const known = isFirst ? 0 : old!.length / oldStride
    for (let group = 0; group < known; group++) {
      counts.set(old!.subarray(group * oldStride, (group + 1) * oldStride), group * stride + oldBase - base)
    }
    this.counts = counts
    this.base = base
    this.stride = stride
  }

  private becomeLists(): void {
    const { ends, bins, tallies } = listsOf(this.counts!, this.base, this.stride)
    this.ends = ends
    this.bins = bins
    this.tallies = tallies
    this.counts = null
  }

  /** MISSING_BIN may come along. */
  private gather(groups: Uint32Array | number, bins: Uint32Array, n: number): void {
    const pairs = this.pairsOfGroups()
    if (typeof groups === 'number') {
      while (!pairs.appendAll(groups, bins, 0, n)) this.foldNow()
      return
    }
    for (let at = pairs.append(groups, bins, n); at < n;) {
      this.foldNow()
      at += pairs.append(groups.subarray(at, n), bins.subarray(at, n), n - at)
    }
  }

  /** They have room for all groups there are. */
  private pairsOfGroups(): Pairs {
    if (this.pairs?.cover(this.groups)) return this.pairs
    this.foldNow()
    this.pairs?.drop()
    const { maxPairs, rows, memory } = this.room
    this.pairs = pairsFor(this.groups, rows, Math.min(maxPairs, ROUND_PAIRS), memory)
    this.settled = 0
    return this.pairs
  }

  /** In one go: the rows of a block cannot wait. */
  private foldNow(): void {
    for (const _ of this.fold()) { /* to the end */ }
  }

  /** Merges the pairs into the entries, group by group. */
  private *fold(): Generator<void, void, void> {
    const { pairs, groups } = this
    if (pairs === null || (pairs.used === 0 && pairs.parts.length === 1)) return
    this.changed()
    table ??= new BinTable()
    const merged = new Entries(groups, this.bins.length + Math.min(FIRST_ENTRIES, pairs.used))
    let worked = 0
    for (const run of pairs.take()) {
      if (run === null) {
        yield
        continue
      }
      merged.copy(this, run.first)
      for (let i = 0, from = 0; i < run.groups && run.first + i < groups; from = run.ends[i++]) {
        if (run.ends[i] === from) {
          merged.copy(this, run.first + i + 1)
          continue
        }
        const group = run.first + i
        table.addAll(run.items, from, run.ends[i])
        for (let at = this.start(group); at < this.end(group); at++) table.add(this.bins[at], this.tallies[at])
        merged.take(table)
      }
      worked += run.ends[run.groups - 1] + run.groups
      if (worked < LOOP_STEP) continue
      worked = 0
      yield
    }
    merged.copy(this, groups)
    this.ends = merged.ends
    this.bins = merged.bins.slice(0, merged.n)
    this.tallies = merged.tallies.slice(0, merged.n)
  }
}

/** Entries of one group after another. */
class Entries {
  readonly ends: Uint32Array
  bins: Uint32Array
  tallies: Uint32Array
  n = 0
  private groups = 0

  constructor(groups: number, room: number) {
    this.ends = new Uint32Array(groups)
    this.bins = new Uint32Array(room)
    this.tallies = new Uint32Array(room)
  }

  /** Those of the next groups below `end`, as they are in `lists`. */
  copy({ ends, bins, tallies }: BinLists, end: number): void {
    if (end <= this.groups) return
    const place = (group: number): number => group === 0 || ends.length === 0 ? 0 : ends[Math.min(group, ends.length) - 1]
    const from = place(this.groups)
    const to = place(end)
    this.reserve(to - from)
    this.bins.set(bins.subarray(from, to), this.n)
    this.tallies.set(tallies.subarray(from, to), this.n)
    for (let group = this.groups; group < end; group++) this.ends[group] = this.n + place(group + 1) - from
    this.n += to - from
    this.groups = end
  }

  /** Those of the next group. */
  take(counted: BinTable): void {
    this.reserve(counted.size)
    this.n = counted.drain(this.bins, this.tallies, this.n)
    this.ends[this.groups++] = this.n
  }

  private reserve(more: number): void {
    if (this.n + more <= this.bins.length) return
    const length = Math.max(this.n + more, this.bins.length * 2)
    this.bins = longer(this.bins, length)
    this.tallies = longer(this.tallies, length)
  }
}

function longer(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
