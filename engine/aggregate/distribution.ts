import type { HistogramBin } from '../../dsl/input.js'
import type { NumberColumn } from '../column/column.js'
import { hasBit } from '../column/bitset.js'
import type { ColumnReader } from '../filter/filter.js'
import { CodeBins } from '../kernels/code-bins.js'
import { LEAST_RUN, MAX_SORTED, type BinnedRuns } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import type { Rows } from '../kernels/select.js'
import { binRows, boundsOfBin, errorOfBin, nearestRank, valueOfBin, type BinRange } from '../sketch/histogram.js'
import type { Gatherer, SortedRows } from './aggregator.js'
import { GroupedBins, type GatheredBins } from './grouped-bins.js'
import type { PairRoom } from './pair-runs.js'
import { blockValues } from './sorted-values.js'
import { blockByBlock } from './takers.js'
import { stretches } from '../steps.js'

interface GatheredValues {
  readonly bins: GatheredBins
  readonly least: Float64Array
  readonly largest: Float64Array
  readonly fractional: Uint32Array
}

/** Rows whose bins are worked out at a time; they stay in the cache. */
const BLOCK_ROWS = 16_384
/** Rows that are looked at where one has a bin without a counter. */
const SAMPLE = 1024

const MAX_RUNS = MAX_SORTED / LEAST_RUN
/** Of one block after the other. */
const binned: BinnedRuns = {
  bins: new Uint32Array(MAX_SORTED), least: new Float64Array(MAX_RUNS), largest: new Float64Array(MAX_RUNS), fractional: new Uint8Array(MAX_RUNS),
  lowest: 0, highest: 0
}

/**
 * The values of a number column, of each group: a histogram, the least and the largest. All quantiles of a column are read off one.
 * Counts alone decide, so the order of rows does not.
 */
export class Distribution implements Gatherer {
  private readonly field: string
  private readonly counts: GroupedBins
  private least = new Float64Array(0)
  private largest = new Float64Array(0)
  /** How many values of the group are not whole. */
  private fractional = new Uint32Array(0)
  private readonly bins = new Uint32Array(BLOCK_ROWS)
  private readonly range: BinRange = { lowest: 0, highest: 0 }
  private column: NumberColumn | null = null
  /** Counts rows whose groups are bytes, of the groups from `codesFrom` on; null where none were. */
  private codes: CodeBins | null = null
  private codesFrom = 0
  private areCodesOpen = false

  readonly inverse = blockByBlock(BLOCK_ROWS, (groups, rows, from, n) => { this.remove(groups, rows, from, n) })
  private readonly spoil: (group: number) => void

  /** @param spoil is told of groups whose rows are not counted one by one, or whose least or largest value was taken back */
  constructor(field: string, room: PairRoom, spoil: (group: number) => void) {
    this.field = field
    this.spoil = spoil
    this.counts = new GroupedBins(room)
  }

  get bytes(): number {
    return this.counts.bytes + this.least.byteLength + this.largest.byteLength + this.fractional.byteLength + this.bins.byteLength + (this.codes?.bytes ?? 0)
  }

  grow(groups: number): void {
    this.closeCodes()
    const least = new Float64Array(groups).fill(Infinity)
    const largest = new Float64Array(groups).fill(-Infinity)
    const fractional = new Uint32Array(groups)
    least.set(this.least)
    largest.set(this.largest)
    fractional.set(this.fractional)
    this.least = least
    this.largest = largest
    this.fractional = fractional
    this.counts.grow(groups)
  }

  bind(reader: ColumnReader): void {
    this.column = reader.column(this.field) as NumberColumn
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    this.closeCodes()
    for (let at = from; at < to; at += BLOCK_ROWS) {
      const n = Math.min(BLOCK_ROWS, to - at)
      this.add(group, rows === null ? null : rows.subarray(at, at + n), at, n)
    }
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    this.closeCodes()
    for (let at = 0; at < n; at += BLOCK_ROWS) {
      const length = Math.min(BLOCK_ROWS, n - at)
      this.add(groups.subarray(at, at + length), rows === null ? null : rows.subarray(at, at + length), from + at, length)
    }
  }

  takesCodes(groups: number): boolean {
    const { window } = this.counts
    if (this.column!.valid !== null || window === null || !CodeBins.fits(groups, window.stride)) return false
    this.codes ??= kernels().codeBins()
    return this.codes !== null
  }

  addCodes(codes: Uint8Array, groups: number, first: number, from: number, n: number): void {
    const { values } = this.column!
    if (first !== this.codesFrom) this.closeCodes()
    for (let done = 0; done < n;) {
      if (!this.areCodesOpen && !this.openCodes(groups, first)) {
        this.addPairs(Uint32Array.from(codes.subarray(from + done, from + n), code => first + code), null, from + done, n - done)
        return
      }
      done += this.codes!.add(codes, values, from + done, n - done)
      if (done === n) return
      this.closeCodes()
      this.includeNext(from + done, Math.min(n - done, SAMPLE))
    }
  }

  /** Makes room for the bins of some rows: those after them mostly have the same. */
  private includeNext(from: number, n: number): void {
    binRows(this.column!.values, null, null, from, n, this.bins, this.range)
    this.counts.cover(this.range)
  }

  /** False where there are no counters any more. */
  private openCodes(groups: number, first: number): boolean {
    const { window } = this.counts
    if (window === null || !CodeBins.fits(groups, window.stride)) return false
    this.codes!.open(groups, window.base, window.stride)
    this.codesFrom = first
    this.areCodesOpen = true
    return true
  }

  /** What was counted by code comes to the rest. */
  private closeCodes(): void {
    if (!this.areCodesOpen) return
    const { least, largest, fractional } = this
    const { counts, stride } = this.counts.window!
    this.codes!.moveInto({ least, largest, fractional, counts }, stride, this.codesFrom)
    this.counts.changed()
    this.areCodesOpen = false
  }

  addSorted(sorted: SortedRows): void {
    this.closeCodes()
    const { runs } = sorted
    const { values, valid, exponents } = this.column!
    if (valid !== null) {
      this.addPairs(sorted.groups, sorted.rows, sorted.from, sorted.n)
      return
    }
    const { least, largest, fractional } = this
    const block = blockValues(values, sorted)
    kernels(block.values).binRuns(block.values, block.at, runs, binned)
    this.counts.addRuns(runs, binned)
    for (let run = 0; run < runs.runs; run++) {
      const group = runs.groups[run]
      if (binned.least[run] < least[group]) least[group] = binned.least[run]
      if (binned.largest[run] > largest[group]) largest[group] = binned.largest[run]
      if (exponents.bottom < 0) fractional[group] |= binned.fractional[run]
    }
  }

  /** Row i of n (rows[i], or from + i) belongs to groups[i], or to the one group. At most BLOCK_ROWS. */
  private add(groups: Uint32Array | number, rows: Rows, from: number, n: number): void {
    const { column, bins, range } = this
    const { values, valid, exponents } = column!
    binRows(values, valid, rows, from, n, bins, range)
    this.counts.add(groups, bins, n, range)
    if (typeof groups === 'number') this.widenOne(groups, rows, from, n)
    else this.widen(groups, rows, from, n)
    if (exponents.bottom < 0) this.countFractions(groups, rows, from, n, 1)
  }

  private remove(groups: Uint32Array | number, rows: Rows, from: number, n: number): void {
    const { column, bins, range, least, largest } = this
    const { values, valid, exponents } = column!
    binRows(values, valid, rows, from, n, bins, range)
    const isKnown = this.counts.remove(groups, bins, n)
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      if (valid !== null && !hasBit(valid, row)) continue
      const group = typeof groups === 'number' ? groups : groups[i]
      if (!isKnown || values[row] <= least[group] || values[row] >= largest[group]) this.spoil(group)
    }
    if (exponents.bottom < 0) this.countFractions(groups, rows, from, n, -1)
  }

  forget(groups: ReadonlySet<number>): void {
    this.counts.forget(groups)
    for (const group of groups) {
      this.least[group] = Infinity
      this.largest[group] = -Infinity
      this.fractional[group] = 0
    }
  }

  settle(): Generator<void, void, void> {
    return this.counts.settle()
  }

  finish(): Generator<void, void, void> {
    this.dropCodes()
    return this.counts.finish()
  }

  release(): void {
    this.counts.release()
  }

  handOver(): GatheredValues {
    this.dropCodes()
    const { least, largest, fractional } = this
    return { bins: this.counts.handOver(), least, largest, fractional }
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    this.dropCodes()
    const { bins, least, largest, fractional } = gathered as GatheredValues
    yield* this.counts.takeOver(bins, groupOf)
    for (const [from, to] of stretches(groupOf?.length ?? least.length)) {
      for (let group = from; group < to; group++) {
        const own = groupOf === null ? group : groupOf[group]
        if (least[group] < this.least[own]) this.least[own] = least[group]
        if (largest[group] > this.largest[own]) this.largest[own] = largest[group]
        this.fractional[own] += fractional[group]
      }
      yield
    }
  }

  /** The value of nearest rank ceil(q·n), within 0.39 %; null over no values. The lowest and the highest rank are exact. */
  quantile(group: number, quantile: number): number | null {
    const n = this.counts.total(group)
    if (n === 0) return null
    const rank = nearestRank(quantile, n)
    const least = this.least[group] + 0
    const largest = this.largest[group] + 0
    if (rank === 1) return least
    if (rank === n) return largest
    const value = valueOfBin(this.counts.binAt(group, rank), this.fractional[group] === 0)
    return Math.min(largest, Math.max(least, value))
  }

  /** Relative standard error of a quantile, 0 where it is exact; null over no values. */
  quantileError(group: number, quantile: number): number | null {
    const n = this.counts.total(group)
    if (n === 0) return null
    const rank = nearestRank(quantile, n)
    if (rank === 1 || rank === n || this.least[group] === this.largest[group]) return 0
    return errorOfBin(this.counts.binAt(group, rank), this.fractional[group] === 0)
  }

  /** Rows of each bin of the histogram that has any. */
  histogram(group: number): HistogramBin[] {
    const found: HistogramBin[] = []
    const integers = this.fractional[group] === 0
    this.counts.forEach(group, (bin, count) => found.push([...boundsOfBin(bin, integers), count]))
    return found
  }

  /** Rows of `n` bins of one width from the least to the largest value; a value within 0.39 % of an edge may count on its other side. */
  equalBins(group: number, n: number): HistogramBin[] {
    const total = this.counts.total(group)
    if (total === 0) return []
    const least = this.least[group] + 0
    const largest = this.largest[group] + 0
    if (least === largest) return [[least, largest, total]]
    const integers = this.fractional[group] === 0
    const edges = Float64Array.from({ length: n + 1 }, (_, i) => least * (1 - i / n) + largest * (i / n))
    const counts = new Array<number>(n).fill(0)
    // Ascending, as the bins come.
    let at = 0
    this.counts.forEach(group, (bin, count) => {
      const value = valueOfBin(bin, integers)
      while (at < n - 1 && value >= edges[at + 1]) at++
      counts[at] += count
    })
    return counts.map((count, i): HistogramBin => [edges[i], edges[i + 1], count])
  }

  private dropCodes(): void {
    this.closeCodes()
    if (this.codes !== null) CodeBins.giveBack(this.codes)
    this.codes = null
  }

  private widenOne(group: number, rows: Rows, from: number, n: number): void {
    const { values, valid } = this.column!
    let least = this.least[group]
    let largest = this.largest[group]
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      const value = values[row]
      if (value < least && (valid === null || hasBit(valid, row))) least = value
      if (value > largest && (valid === null || hasBit(valid, row))) largest = value
    }
    this.least[group] = least
    this.largest[group] = largest
  }

  private widen(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    const { least, largest } = this
    const { values, valid } = this.column!
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      const value = values[row]
      const group = groups[i]
      if (value < least[group] && (valid === null || hasBit(valid, row))) least[group] = value
      if (value > largest[group] && (valid === null || hasBit(valid, row))) largest[group] = value
    }
  }

  /** A missing value is 0 here, which is whole. */
  private countFractions(groups: Uint32Array | number, rows: Rows, from: number, n: number, step: 1 | -1): void {
    const { values } = this.column!
    const { fractional } = this
    for (let i = 0; i < n; i++) {
      const value = values[rows === null ? from + i : rows[i]]
      if (value !== Math.floor(value)) fractional[typeof groups === 'number' ? groups : groups[i]] += step
    }
  }
}
