/**
 * The kernels in WebAssembly. Columns of an arena are read where they lie; blocks of others are copied through a memory that fits the cache.
 * Nothing of a column is ever written to.
 */
import type { Codes } from '../column/codes.js'
import { widthOf } from '../column/packed-text.js'
import type { Arena } from './arena.js'
import { AREAS, MAX_TABLE, OUTPUT_BYTES, RUN_ITEMS, RUNS, TEXT_BYTES, TEXTS, WORD } from './areas.js'
import { instantiate } from './compiled.js'
import { LEAST_RUN, MAX_RUN, MAX_SPAN, type BinnedRuns, type GroupRuns, type Kernels } from './contract.js'
import type { Exports } from './exports.js'
import { CodeBins } from './code-bins.js'
import { FixedSums } from './fixed-sums.js'
import { KernelMemory } from './kernel-memory.js'
import { plainKernels } from './plain.js'
import { WasmPairs } from './wasm-pairs.js'

const PAGE = 65_536
/** Rows of a block; one of doubles takes 128 KiB. */
const BLOCK = 16_384
const REGISTERS = 65_536

/** Entries of an exploded block, and its items of two bytes: both areas hold so many, and two more. */
const MAX_ENTRIES = 65_000
const RANKS = 64
/** After so many coupons most of them change no register. */
const MOSTLY_FILLED = 131_072
/** Fewer coupons are not worth a look at all registers, nor is each block of more. */
const MANY_COUPONS = 8192
const LEAST_EVERY = 4

/** A table of places is at most half full. */
const MOST_PLACES = 65_536
const FEWEST_PLACES = 256
/** Packed texts of the longest form that go at a time. */
const PACKED_TEXTS = 4096
/** Values of a byte, and how many of them are worth a table of counts. */
const BYTES = 256
const MANY_BYTES = 1024
/** Codes of which pairs are counted, and how many are worth their tables. */
const PAIRED = 64
const MANY_PAIRED = 8192
/** Entries that one vector of bytes holds. */
const FEW = 16
const VECTOR = 16

/** How often runs of groups were filled. */
let filled = 0

/** With a memory of their own, or that of an arena. null where there is no WebAssembly, or none with SIMD. */
export function wasmKernels(arena: Arena | null = null): Kernels | null {
  if (typeof WebAssembly === 'undefined') return null
  const memory = arena?.memory ?? new WebAssembly.Memory({ initial: AREAS / PAGE, maximum: AREAS / PAGE })
  const exports = instantiate(memory)
  return exports === null ? null : new WasmKernels(exports as unknown as Exports, memory.buffer, arena)
}

class WasmKernels extends KernelMemory implements Kernels {
  readonly name = 'wasm'
  /** The stamp of runs whose places and ends are in the memory. */
  private stagedRuns = 0
  /** Made for the first query that has many groups. */
  private ownPairs: WasmPairs | null = null

  testCode(codes: Codes, code: number, from: number, n: number, mask: Uint8Array): void {
    const { run } = this
    const width = codes.BYTES_PER_ELEMENT
    const test = width === 1 ? run.equal8 : width === 2 ? run.equal16 : run.equal32
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      test(this.stage(codes, from + at, length), code, length, this.at.mask)
      this.unstage(mask, at, length)
    }
  }

  testCodes(codes: Codes, table: Uint8Array, from: number, n: number, mask: Uint8Array): void {
    const { run } = this
    const width = codes.BYTES_PER_ELEMENT
    if (width === 4 || table.length > MAX_TABLE) {
      for (let i = 0; i < n; i++) mask[i] = table[codes[from + i]]
      return
    }
    this.put(table, this.at.table)
    const test = width === 2 ? run.lookUp16 : table.length <= FEW ? run.lookUpFew : run.lookUp8
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      test(this.stage(codes, from + at, length), this.at.table, length, this.at.mask)
      this.unstage(mask, at, length)
    }
  }

  testItems(offsets: Uint32Array, items: Codes, table: Uint8Array, missing: number, from: number, n: number, mask: Uint8Array): void {
    if (items.BYTES_PER_ELEMENT !== 1) {
      plainKernels.testItems(offsets, items, table, missing, from, n, mask)
      return
    }
    this.put(table, this.at.table)
    const only = table.indexOf(1)
    const isOne = missing === 0 && only >= 0 && table.lastIndexOf(1) === only
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      const first = offsets[from + at]
      const count = offsets[from + at + length] - first
      if (count > OUTPUT_BYTES - WORD) {
        plainKernels.testItems(offsets, items, table, missing, from + at, length, mask.subarray(at))
        continue
      }
      const ends = this.stage(offsets, from + at, length + 1)
      const staged = this.stage(items, first, count, this.at.output)
      if (isOne) this.run.itemEqual8(ends, staged, first, only, length, this.at.mask)
      else this.run.anyItem8(ends, staged, first, this.at.table, missing, length, this.at.mask)
      this.unstage(mask, at, length)
    }
  }

  testRange(values: Float64Array, low: number, high: number, from: number, n: number, mask: Uint8Array): void {
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      this.run.inRange(this.stage(values, from + at, length), low, high, length, this.at.mask)
      this.unstage(mask, at, length)
    }
  }

  andMasks(mask: Uint8Array, other: Uint8Array, n: number): number {
    let ones = 0
    for (let at = 0; at < n; at += BLOCK) {
      const length = this.stageMasks(mask, other, at, n)
      this.bytes.fill(0, this.at.mask + length, this.at.mask + length + VECTOR)
      ones += this.run.andMasks(this.at.mask, this.at.input, length)
      this.unstage(mask, at, length)
    }
    return ones
  }

  orMasks(mask: Uint8Array, other: Uint8Array, n: number): void {
    for (let at = 0; at < n; at += BLOCK) {
      const length = this.stageMasks(mask, other, at, n)
      this.run.orMasks(this.at.mask, this.at.input, length)
      this.unstage(mask, at, length)
    }
  }

  private stageMasks(mask: Uint8Array, other: Uint8Array, at: number, n: number): number {
    const length = Math.min(BLOCK, n - at)
    this.bytes.set(mask.subarray(at, at + length), this.at.mask)
    this.bytes.set(other.subarray(at, at + length), this.at.input)
    return length
  }

  compact(mask: Uint8Array, from: number, n: number, out: Uint32Array): number {
    let count = 0
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      this.bytes.set(mask.subarray(at, at + length), this.at.mask)
      // The last step takes eight rows whatever is left.
      this.bytes.fill(0, this.at.mask + length, this.at.mask + length + 8)
      const found = this.run.compact(this.at.mask, from + at, length, this.at.output, this.at.bitPlaces)
      out.set(this.words.subarray(this.at.output >>> 2, (this.at.output >>> 2) + found), count)
      count += found
    }
    return count
  }

  raiseRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): void {
    this.put(registers, this.at.registers)
    this.raiseStaged(coupons, from, to, MOSTLY_FILLED)
    this.take(this.at.registers, REGISTERS, registers)
  }

  joinRegisters(registers: Uint8Array, others: Uint8Array): void {
    this.put(registers, this.at.registers)
    this.bytes.set(others, this.at.input)
    this.run.joinRegisters(this.at.registers, this.at.input)
    this.take(this.at.registers, REGISTERS, registers)
  }

  startRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): number {
    this.run.clear(this.at.registers, REGISTERS)
    this.raiseStaged(coupons, from, to, 0)
    this.take(this.at.registers, REGISTERS, registers)
    return this.run.countFilled(this.at.registers)
  }

  sumRanksOf(runs: readonly Uint32Array[], sums: Uint32Array): void {
    this.run.clear(this.at.registers, REGISTERS)
    let done = 0
    for (const run of runs) {
      this.raiseStaged(run, 0, run.length, done)
      done += run.length
    }
    this.sumStaged(REGISTERS, sums)
  }

  /** Coupons [from, to), before which there were `done` others. Where no register is below `least`, those that change none are left out before. */
  private raiseStaged(coupons: Uint32Array, from: number, to: number, done: number): void {
    const { run } = this
    let least = 0
    for (let at = from, block = 0; at < to; at += BLOCK) {
      const length = Math.min(BLOCK, to - at)
      // Registers only rise: what was the least one bounds them from then on.
      if (at - from + done >= MOSTLY_FILLED && to - at >= MANY_COUPONS && block++ % LEAST_EVERY === 0) least = run.leastRegister(this.at.registers)
      const place = this.stage(coupons, at, length)
      if (least === 0) run.raiseRegisters(this.at.registers, place, length)
      else run.raiseRegisters(this.at.registers, this.at.output, run.keepAbove(place, length, least, this.at.moves, this.at.output))
    }
  }

  sumRanks(registers: Uint8Array, sums: Uint32Array): void {
    this.put(registers, this.at.registers)
    // The loop takes 32 at a time.
    if (registers.length >= 32) this.sumStaged(registers.length, sums)
    else plainKernels.sumRanks(registers, sums)
  }

  private sumStaged(n: number, sums: Uint32Array): void {
    this.run.clear(this.at.small, RANKS * 4)
    this.run.sumRanks(this.at.registers, n, this.at.small)
    this.take(this.at.small, RANKS, sums)
  }

  distinct(input: Uint32Array, from: number, to: number, limit: number, out: Uint32Array): number {
    let size = FEWEST_PLACES
    while (size < MOST_PLACES && size < (to - from) * 2) size *= 2
    const shift = Math.clz32(size) + 1
    let count = 0
    for (let at = from; at < to && count <= limit; at += BLOCK) {
      const length = Math.min(BLOCK, to - at)
      count = this.run.collectDistinct(this.stage(input, at, length), length, this.at.placeTable, shift, this.at.found, this.at.places, count, limit)
    }
    this.run.clearPlaces(this.at.placeTable, this.at.places, count)
    this.take(this.at.found, Math.min(count, out.length), out)
    return count
  }

  distinctRuns(items: Uint32Array, ends: Uint32Array, runs: number, counts: Uint32Array): void {
    const { words } = this
    let from = 0
    for (let first = 0; first < runs;) {
      if (ends[first] - from > MAX_RUN) {
        from = ends[first++]
        continue
      }
      let last = first
      let to = from
      while (last < runs && last - first < RUNS && ends[last] - from <= RUN_ITEMS && ends[last] - to <= MAX_RUN) to = ends[last++]
      words.set(ends.subarray(first, last), this.at.table >>> 2)
      // What was counted is written over.
      words.set(items.subarray(from, to), this.at.input >>> 2)
      this.run.distinctRuns(this.at.input, this.at.table, last - first, from, this.at.placeTable, this.at.output)
      counts.set(words.subarray(this.at.output >>> 2, (this.at.output >>> 2) + last - first), first)
      from = to
      first = last
    }
  }

  partitionPairs(groups: Uint32Array, items: Uint32Array, n: number, shift: number, pairs: Uint32Array, ends: Uint32Array): void {
    this.pairs().partition(groups, items, n, shift, pairs, ends)
  }

  partitionGroups(groups: Uint32Array, n: number, shift: number, out: Uint32Array, ends: Uint32Array): void {
    this.pairs().partitionGroups(groups, n, shift, out, ends)
  }

  sortPairs(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array): void {
    this.pairs().sort(parts, shift, items, ends)
  }

  countPairs(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array, counts: Uint32Array): void {
    this.pairs().count(parts, shift, items, ends, counts)
  }

  private pairs(): WasmPairs {
    return this.ownPairs ??= new WasmPairs()
  }

  couponsOfTexts(bytes: Uint8Array, first: number, ends: Uint32Array, n: number, out: Uint32Array, at: number): void {
    const length = n === 0 ? 0 : ends[n - 1] - first
    if (length > TEXT_BYTES || n > TEXTS) {
      plainKernels.couponsOfTexts(bytes, first, ends, n, out, at)
      return
    }
    this.bytes.set(bytes.subarray(first, first + length), this.at.input)
    this.words.set(ends.subarray(0, n), this.at.table >>> 2)
    this.run.couponsOfTexts(this.at.input, first, this.at.table, n, this.at.output)
    out.set(this.words.subarray(this.at.output >>> 2, (this.at.output >>> 2) + n), at)
  }

  couponsOfPacked(bytes: Uint8Array, form: number, n: number, out: Uint32Array, at: number): void {
    const width = widthOf(form)
    for (let from = 0; from < n; from += PACKED_TEXTS) {
      const count = Math.min(PACKED_TEXTS, n - from)
      this.bytes.set(bytes.subarray(from * width, (from + count) * width), this.at.input)
      this.run.couponsOfPacked(this.at.input, form, count, this.at.small, this.at.output)
      out.set(this.words.subarray(this.at.output >>> 2, (this.at.output >>> 2) + count), at + from)
    }
  }

  sumPieces(values: Float64Array, from: number, to: number, magics: Float64Array, out: Float64Array): void {
    const { run, doubles } = this
    const [high, middle] = magics
    const first = this.at.small >>> 3
    for (let p = 0; p <= magics.length; p++) doubles[first + p] = 0
    for (let at = from, n = 0; at < to; at += n) {
      const length = Math.min(BLOCK, to - at)
      // Four values go at a time.
      n = length < 4 ? length : length & ~3
      const place = n < 4 ? this.stageFew(values, at, n) : this.stage(values, at, n)
      if (magics.length === 2) run.sumThreePieces(place, n, high, middle, this.at.small)
      else if (magics.length === 1) run.sumTwoPieces(place, n, high, this.at.small)
      else run.sumPlain(place, n, this.at.small)
    }
    for (let p = 0; p <= magics.length; p++) out[p] += doubles[first + p]
  }

  readonly fixedSums = (): FixedSums => FixedSums.take()
  readonly codeBins = (): CodeBins => CodeBins.take()

  explode(
    ids: Uint32Array, offsets: Uint32Array, items: Codes, from: number, n: number, size: number, outIds: Uint32Array, outRows: Uint32Array
  ): number {
    const { run } = this
    const width = items.BYTES_PER_ELEMENT
    const count = offsets[from + n] - offsets[from]
    // A row that has no items gives an entry too.
    if (width === 4 || n > BLOCK || n + count > MAX_ENTRIES) return plainKernels.explode(ids, offsets, items, from, n, size, outIds, outRows)
    const first = offsets[from]
    this.put(ids.subarray(0, n), this.at.input)
    const ends = this.stage(offsets, from, n + 1, this.at.offsets)
    const codes = this.stage(items, first, count, this.at.table)
    const explode = width === 1 ? run.explode8 : run.explode16
    const entries = explode(this.at.input, ends, codes, first, from, n, size, this.at.output, this.at.outputRows)
    this.take(this.at.output, entries, outIds)
    this.take(this.at.outputRows, entries, outRows)
    return entries
  }

  combine(ids: Uint32Array, codes: Codes, from: number, n: number, size: number): void {
    const width = codes.BYTES_PER_ELEMENT
    if (width === 4) {
      plainKernels.combine(ids, codes, from, n, size)
      return
    }
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      const input = this.stage(codes, from + at, length)
      this.put(ids.subarray(at, at + length), this.at.output)
      if (width === 1) this.run.combine8(this.at.output, input, length, size)
      else this.run.combine16(this.at.output, input, length, size)
      this.take(this.at.output, length, ids, at)
    }
  }

  countCodes(codes: Codes, from: number, to: number, size: number, counts: Uint32Array, at: number): void {
    if (codes.BYTES_PER_ELEMENT !== 1 || to - from < MANY_BYTES) plainKernels.countCodes(codes, from, to, size, counts, at)
    else if (size <= PAIRED && to - from >= MANY_PAIRED) this.countCodePairs(codes, from, to, size, counts, at)
    else this.countCodeBytes(codes, from, to, counts, at)
  }

  private countCodeBytes(codes: Codes, from: number, to: number, counts: Uint32Array, at: number): void {
    const tables = this.at.output >>> 2
    const { words } = this
    this.run.clear(this.at.output, 16 * BYTES)
    for (let first = from; first < to; first += BLOCK) {
      const n = Math.min(BLOCK, to - first)
      this.run.countBytes(this.stage(codes, first, n), n, this.at.output)
    }
    for (let code = 0; code < BYTES && at + code < counts.length; code++) {
      counts[at + code] += words[tables + code] + words[tables + BYTES + code] + words[tables + 2 * BYTES + code] + words[tables + 3 * BYTES + code]
    }
  }

  /** Of so few that two at a time have a small table. */
  private countCodePairs(codes: Codes, from: number, to: number, size: number, counts: Uint32Array, at: number): void {
    const { run, words } = this
    run.clear(this.at.output, 8 * PAIRED * PAIRED)
    run.clear(this.at.small, 4 * PAIRED)
    const whole = to - (to - from) % 8
    for (let first = from; first < whole; first += BLOCK) {
      const n = Math.min(BLOCK, whole - first)
      run.countPairsOfBytes(this.stage(codes, first, n), n, this.at.output)
    }
    run.addPairs(this.at.output, this.at.small)
    const sums = this.at.small >>> 2
    for (let code = 0; code < size; code++) counts[at + code] += words[sums + code]
    plainKernels.countCodes(codes, whole, to, size, counts, at)
  }

  countEmpty(offsets: Uint32Array, from: number, to: number): number {
    let empty = 0
    for (let first = from; first < to; first += BLOCK) {
      const n = Math.min(BLOCK, to - first)
      empty += this.run.countRepeats(this.stage(offsets, first, n + 1), n)
    }
    return empty
  }

  sortGroups(ids: Uint32Array, n: number, into: GroupRuns): boolean {
    this.words.set(ids.subarray(0, n), this.at.input >>> 2)
    return this.readRuns(this.run.sortGroups(this.at.input, n, MAX_SPAN, LEAST_RUN, this.at.found, this.at.output, this.at.runEnds, this.at.runPlaces), n, into)
  }

  sortCodes(codes: Uint8Array, from: number, n: number, base: number, into: GroupRuns): boolean {
    return this.readRuns(this.run.sortBytes(this.stage(codes, from, n), n, base, LEAST_RUN, this.at.found, this.at.output, this.at.runEnds, this.at.runPlaces), n, into)
  }

  private readRuns(runs: number, n: number, into: GroupRuns): boolean {
    into.runs = runs
    into.stamp = this.stagedRuns = ++filled
    this.take(this.at.output, runs, into.groups)
    this.take(this.at.runEnds, runs, into.ends)
    if (runs > 0) this.take(this.at.runPlaces, n, into.places)
    return runs > 0
  }

  pickItems(items: Uint32Array, from: number, runs: GroupRuns, out: Uint32Array): void {
    const n = this.stageRuns(runs)
    // Four places go at a time.
    const behind = (this.at.runPlaces >>> 1) + n
    this.halves.fill(0, behind, behind + 3)
    this.run.pickItems(this.stageAll(items, from, n), this.at.runPlaces, n, this.at.output)
    this.take(this.at.output, n, out)
  }

  sumRuns(values: Float64Array, from: number, runs: GroupRuns, magics: Float64Array, out: Float64Array): void {
    const { run, doubles, at } = this
    const place = this.stageAll(values, from, this.stageRuns(runs))
    if (magics.length === 2) run.sumRunsThreePieces(place, at.runPlaces, at.runEnds, runs.runs, magics[0], magics[1], at.output)
    else if (magics.length === 1) run.sumRunsTwoPieces(place, at.runPlaces, at.runEnds, runs.runs, magics[0], at.output)
    else run.sumRunsPlain(place, at.runPlaces, at.runEnds, runs.runs, at.output)
    out.set(doubles.subarray(at.output >>> 3, (at.output >>> 3) + runs.runs * (magics.length + 1)))
  }

  binRuns(values: Float64Array, from: number, runs: GroupRuns, into: BinnedRuns): void {
    const { words, doubles, at } = this
    const n = this.stageRuns(runs)
    const place = this.stageAll(values, from, n)
    this.run.binRuns(place, at.runPlaces, at.runEnds, runs.runs, at.output, at.least, at.largest, at.fractional, at.small)
    this.take(at.output, n, into.bins)
    into.least.set(doubles.subarray(at.least >>> 3, (at.least >>> 3) + runs.runs))
    into.largest.set(doubles.subarray(at.largest >>> 3, (at.largest >>> 3) + runs.runs))
    into.fractional.set(this.bytes.subarray(at.fractional, at.fractional + runs.runs))
    into.lowest = words[at.small >>> 2]
    into.highest = words[(at.small >>> 2) + 1]
  }

  /** Puts places and ends where they are not from the sort yet. Returns the number of entries. */
  private stageRuns({ stamp, runs, ends, places }: GroupRuns): number {
    const n = runs === 0 ? 0 : ends[runs - 1]
    if (stamp !== 0 && stamp === this.stagedRuns) return n
    this.put(places.subarray(0, n), this.at.runPlaces)
    this.put(ends.subarray(0, runs), this.at.runEnds)
    this.stagedRuns = stamp
    return n
  }

  private unstage(mask: Uint8Array, at: number, length: number): void {
    this.take(this.at.mask, length, mask, at)
  }
}
