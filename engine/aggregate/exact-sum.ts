/**
 * Sums of doubles per group, exact until the one rounding at the end: no order of rows, no number of parts changes a bit.
 */
import type { Exponents } from '../column/column.js'
import { LEAST_RUN, MAX_SORTED } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import { addWords, fitFixed, type FixedSums } from '../kernels/fixed-sums.js'
import { addPieces, halvingOf, KERNEL_CUTS, sumPieces, type Halving } from '../kernels/sum.js'
import type { Rows } from '../kernels/select.js'
import { stretches } from '../steps.js'
import type { SortedRows } from './aggregator.js'
import { blockValues } from './sorted-values.js'

const CHUNK_BITS = 32
/** Chunk k holds multiples of 2^(32k). Doubles reach from 2^-1074 … */
const LOWEST_CHUNK = -34
/** … to 2^1024, but the cut above 2^960 would overflow: values from there on are summed as integers. */
const HIGHEST_CHUNK = 29
const HUGE_EXPONENT = 960
/** A chunk is exact for 2^21 additions; half of it leaves room for a run of a whole segment. */
const CARRY_EVERY = 2 ** 20

/** Fewer groups stay in the cache, whatever is kept of them; more take too much memory at once. */
const FEWEST_FIXED = 4096
const MOST_FIXED = 2 ** 22
/** Cuts of lower chunks may not be normal doubles; of higher ones the last of three chunks has none that is a double. */
const LOWEST_FIXED = -28
const HIGHEST_FIXED = HIGHEST_CHUNK - 2
/** What they add to a chunk is less than so many values can. */
const FIXED_VALUES = 2 ** 12

/** Well above the 53 of a double, well below what Number() can take. */
const KEPT_BITS = 128

/** Sums of groups as pairs of integers (engine/kernels/fixed-sums.ts), four words each, in units of a chunk. */
interface GatheredFixed {
  readonly words: Uint32Array
  readonly unit: number
}

/** Chunks `lowest` and up of each group, carried, what is not in them yet, and what is too large for them. */
export interface GatheredSums {
  readonly fixed: GatheredFixed | null
  readonly sums: Float64Array
  readonly lowest: number
  readonly stride: number
  readonly huge: ReadonlyMap<number, bigint>
}

/** Adding and subtracting it rounds to a multiple of 2^(32k). */
function magic(chunk: number): number {
  return 1.5 * 2 ** (52 + CHUNK_BITS * chunk)
}

function chunkOf(exponent: number): number {
  return Math.floor(exponent / CHUNK_BITS)
}

/** Of each run of a block. */
const runPieces = new Float64Array(MAX_SORTED / LEAST_RUN * (KERNEL_CUTS + 1))

export class ExactSums {
  private groups: number
  /** Chunks of group g, lowest first: [g · stride, (g + 1) · stride). One group is one place in memory. */
  private sums = new Float64Array(0)
  /** The chunk that comes first. */
  private lowest = 0
  private stride = 0
  private readonly huge = new Map<number, bigint>()
  private pending = 0
  private top = 0
  private bottom = 0
  /** Of the largest value. */
  private exponent = 0
  /** Of all values so far: `top` is of those to come. */
  private highest = LOWEST_CHUNK
  private magics = new Float64Array(0)
  private pieces = new Float64Array(1)
  private halving: Halving | null = null
  private hasHuge = false
  /** What was added to groups of many and is not in their chunks yet, in units of `unit`. */
  private fixed: FixedSums | null = null
  private unit = 0

  constructor(groups: number) {
    this.groups = groups
  }

  get bytes(): number {
    return this.sums.byteLength + (this.fixed?.bytes ?? 0) + this.huge.size * 64
  }

  grow(groups: number): void {
    this.groups = groups
    const larger = new Float64Array(groups * this.stride)
    larger.set(this.sums)
    this.sums = larger
  }

  forget(groups: ReadonlySet<number>): void {
    this.settle()
    for (const group of groups) {
      this.sums.fill(0, group * this.stride, (group + 1) * this.stride)
      this.huge.delete(group)
    }
  }

  /** Says how large and how fine the values to come are. */
  expect({ top, bottom }: Exponents): void {
    this.hasHuge = top >= HUGE_EXPONENT
    this.exponent = top
    this.top = Math.min(chunkOf(top), HIGHEST_CHUNK)
    this.bottom = Math.min(chunkOf(bottom), this.top)
    this.magics = Float64Array.from({ length: this.top - this.bottom }, (_, i) => magic(this.top - i))
    this.pieces = new Float64Array(this.magics.length + 1)
    this.halving = halvingOf(top, bottom)
    this.highest = Math.max(this.highest, this.top)
  }

  /** Adds values[from, to), or values[rows[from, to)], to one group. At most 2^20 rows a call. */
  addRun(group: number, values: Float64Array, rows: Rows, from: number, to: number): void {
    if (this.hasHuge) {
      for (let i = from; i < to; i++) this.addOne(group, values[rows === null ? i : rows[i]])
      return
    }
    this.cover(this.bottom, this.top)
    this.count(to - from)
    this.pieces.fill(0)
    sumPieces(values, rows, from, to, this.magics, this.halving, this.pieces)
    const at = group * this.stride + this.top - this.lowest
    for (let p = 0; p < this.pieces.length; p++) this.sums[at - p] += this.pieces[p]
  }

  /** Adds the value of row i of n (rows[i], or from + i) to groups[i]. At most 2^20 rows a call. */
  addPairs(groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number): void {
    if (this.hasHuge) {
      for (let i = 0; i < n; i++) this.addOne(groups[i], values[rows === null ? from + i : rows[i]])
      return
    }
    if (this.addFixed(groups, values, rows, from, n)) return
    this.cover(this.bottom, this.top)
    this.count(n)
    addPieces(groups, values, rows, from, n, this.magics, { sums: this.sums, stride: this.stride, top: this.top - this.lowest })
  }

  /** The same of many groups, whose values are of few chunks; false of others. */
  private addFixed(groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number): boolean {
    const { groups: count, top, bottom, exponent } = this
    if (count < FEWEST_FIXED || count > MOST_FIXED || top === bottom || bottom < LOWEST_FIXED || bottom > HIGHEST_FIXED || !fitFixed(bottom, exponent)) return false
    if (this.unit !== bottom) this.settle()
    for (let done = 0; done < n;) {
      this.fixed ??= kernels().fixedSums()
      if (this.fixed === null) return false
      this.unit = bottom
      this.fixed.cover(count)
      done += this.fixed.add(groups.subarray(done, n), values, rows === null ? null : rows.subarray(done), from + done, n - done, bottom, exponent)
      if (done < n) this.settle()
    }
    return true
  }

  /** Moves fixed sums into chunks. */
  private settle(): void {
    const { fixed, unit } = this
    if (fixed === null) return
    this.fixed = null
    this.cover(unit, unit + 2)
    this.count(FIXED_VALUES)
    fixed.moveInto(this.sums, this.stride, unit - this.lowest, unit)
  }

  /** Adds the values of the rows of a block to their groups. */
  addSorted(values: Float64Array, sorted: SortedRows): void {
    const { runs } = sorted
    if (this.hasHuge || this.magics.length > KERNEL_CUTS) {
      this.addPairs(sorted.groups, values, sorted.rows, sorted.from, sorted.n)
      return
    }
    this.cover(this.bottom, this.top)
    this.count(sorted.n)
    const pieces = this.magics.length + 1
    const { sums, stride } = this
    const block = blockValues(values, sorted)
    kernels(block.values).sumRuns(block.values, block.at, runs, this.magics, runPieces)
    for (let run = 0; run < runs.runs; run++) {
      const at = runs.groups[run] * stride + this.top - this.lowest
      for (let p = 0; p < pieces; p++) sums[at - p] += runPieces[run * pieces + p]
    }
  }

  handOver(): GatheredSums {
    this.carryFixed()
    const fixed = this.fixed === null ? null : { words: this.fixed.takeWords(), unit: this.unit }
    this.fixed = null
    if (this.stride > 0) this.carry()
    const { sums, lowest, stride, huge } = this
    return { fixed, sums, lowest, stride, huge }
  }

  /** In steps. */
  *takeOver({ fixed, sums, lowest, stride, huge }: GatheredSums, groupOf: Uint32Array | null): Generator<void, void, void> {
    if (fixed !== null) this.takeFixed(fixed, groupOf)
    for (const [group, sum] of huge) {
      const own = groupOf === null ? group : groupOf[group]
      this.huge.set(own, (this.huge.get(own) ?? 0n) + sum)
    }
    if (stride === 0) return
    this.settle()
    // Both sides are carried, so that a chunk grows by no more than one value would let it; the last one of theirs is for what was carried.
    this.highest = Math.max(this.highest, lowest + stride - 2)
    this.cover(lowest, lowest + stride - 1)
    this.carry()
    this.pending = 2
    const shift = lowest - this.lowest
    for (const [from, to] of stretches(groupOf?.length ?? sums.length / stride)) {
      for (let group = from; group < to; group++) {
        const at = (groupOf === null ? group : groupOf[group]) * this.stride + shift
        for (let i = 0; i < stride; i++) this.sums[at + i] += sums[group * stride + i]
      }
      yield
    }
  }

  /** As they are, where groups and units are the same; else into chunks, as `settle` does. */
  private takeFixed({ words, unit }: GatheredFixed, groupOf: Uint32Array | null): void {
    this.highest = Math.max(this.highest, unit + 2)
    this.carryFixed()
    if (groupOf === null && (this.fixed === null || this.unit === unit)) {
      this.fixed ??= kernels().fixedSums()
      if (this.fixed !== null) {
        this.unit = unit
        this.fixed.cover(this.groups)
        this.fixed.join(words)
        return
      }
    }
    this.cover(unit, unit + 2)
    this.count(FIXED_VALUES)
    addWords(words, groupOf, this.sums, this.stride, unit - this.lowest, unit)
  }

  private carryFixed(): void {
    if (this.fixed !== null && !this.fixed.carry()) this.settle()
  }

  /** The sum, rounded once to the nearest double (ties to even); ±Infinity beyond the range. */
  value(group: number): number {
    this.settle()
    let low = 0
    let middle = 0
    let high = 0
    let parts = 0
    for (let at = group * this.stride; at < (group + 1) * this.stride; at++) {
      const sum = this.sums[at]
      if (sum === 0) continue
      low = middle
      middle = high
      high = sum
      parts++
    }
    if (parts <= 3 && this.huge.size === 0) return parts <= 2 ? high + middle : sumOfThree(high, middle, low)
    return scaledDown(this.total(group))
  }

  /** The sum over n, where the sum itself may be beyond the range of doubles. */
  mean(group: number, n: number): number {
    const sum = this.value(group)
    return Number.isFinite(sum) ? sum / n : scaledDown(this.total(group) / BigInt(n))
  }

  /** The sum in units of the lowest chunk that there can be. */
  private total(group: number): bigint {
    let total = (this.huge.get(group) ?? 0n) << BigInt(-CHUNK_BITS * LOWEST_CHUNK)
    for (let i = 0; i < this.stride; i++) {
      const sum = this.sums[group * this.stride + i]
      if (sum === 0) continue
      const chunk = i + this.lowest
      // In two steps: 2^1088 is no double.
      const units = sum * 2 ** (-CHUNK_BITS * (chunk >> 1)) * 2 ** (-CHUNK_BITS * (chunk - (chunk >> 1)))
      total += BigInt(units) << BigInt(CHUNK_BITS * (chunk - LOWEST_CHUNK))
    }
    return total
  }

  /** Has a place for each of the chunks. */
  private cover(low: number, high: number): void {
    const isFirst = this.stride === 0
    const lowest = isFirst ? low : Math.min(low, this.lowest)
    const stride = Math.max(high, isFirst ? high : this.lowest + this.stride - 1) - lowest + 1
    if (lowest === this.lowest && stride === this.stride) return
    const sums = new Float64Array(this.groups * stride)
    const shift = this.lowest - lowest
    for (let group = 0; group < this.groups; group++) {
      for (let i = 0; i < this.stride; i++) sums[group * stride + shift + i] = this.sums[group * this.stride + i]
    }
    this.sums = sums
    this.lowest = lowest
    this.stride = stride
  }

  private addOne(group: number, value: number): void {
    if (Math.abs(value) >= 2 ** HUGE_EXPONENT) {
      this.huge.set(group, (this.huge.get(group) ?? 0n) + BigInt(value))
      return
    }
    this.cover(this.bottom, this.top)
    this.count(1)
    const first = group * this.stride - this.lowest
    let rest = value
    for (let chunk = this.top; chunk > this.bottom && rest !== 0; chunk--) {
      const piece = rest + magic(chunk) - magic(chunk)
      if (piece === 0) continue
      this.sums[first + chunk] += piece
      rest -= piece
    }
    this.sums[first + this.bottom] += rest
  }

  private count(rows: number): void {
    this.pending += rows
    if (this.pending <= CARRY_EVERY) return
    this.carry()
    this.pending = rows
  }

  /** Moves what has grown past a chunk's width into the next one; one above the largest value never grows past 2^53 of its units. */
  private carry(): void {
    this.cover(this.bottom, this.highest + 1)
    const { sums, stride, lowest } = this
    const cuts = Float64Array.from({ length: stride - 1 }, (_, i) => magic(lowest + i + 1))
    for (let first = 0; first < sums.length; first += stride) {
      for (let i = 0; i < cuts.length; i++) {
        const over = sums[first + i] + cuts[i] - cuts[i]
        if (over === 0) continue
        sums[first + i] -= over
        sums[first + i + 1] += over
      }
    }
  }
}

/**
 * a + b + c rounded once: the error terms are added with rounding to odd, which a second rounding cannot spoil.
 * Boldo and Melquiond, "Emulation of FMA and Correctly Rounded Sums" (2008).
 */
function sumOfThree(a: number, b: number, c: number): number {
  const upper = b + c
  const upperError = errorOf(b, c, upper)
  const total = a + upper
  return total + addToOdd(errorOf(a, upper, total), upperError)
}

/** x + y − sum, exactly (Knuth). */
function errorOf(x: number, y: number, sum: number): number {
  const part = sum - x
  return x - (sum - part) + (y - part)
}

const float = new Float64Array(1)
/** The lower half of its bits first, as Node's platforms and browsers have it. */
const halves = new Uint32Array(float.buffer)

/** x + y; where that is no double, the neighbour with an odd last bit. */
function addToOdd(x: number, y: number): number {
  const sum = x + y
  const error = errorOf(x, y, sum)
  if (error === 0) return sum
  float[0] = sum
  if ((halves[0] & 1) === 1) return sum
  // The next larger one in size differs in its last bit alone.
  if (error > 0 === sum > 0) halves[0] |= 1
  else if (halves[0]-- === 0) halves[1]--
  return float[0]
}

/** total · 2^(32·LOWEST_CHUNK) as the nearest double. */
function scaledDown(total: bigint): number {
  const magnitude = total < 0n ? -total : total
  const length = magnitude.toString(16).length * 4
  // Of more bits than a double can show, the lowest kept one says whether anything below it was set.
  const dropped = Math.max(0, length - KEPT_BITS)
  let kept = magnitude >> BigInt(dropped)
  if (kept << BigInt(dropped) !== magnitude) kept |= 1n
  const exponent = dropped + CHUNK_BITS * LOWEST_CHUNK
  const half = exponent >> 1
  const value = Number(kept) * 2 ** half * 2 ** (exponent - half)
  return total < 0n ? -value : value
}
