/**
 * The kernels in WebAssembly. Columns stay where they are: blocks of them are copied through a scratch memory that fits the cache,
 * which costs a small part of reading them, and lets tables be larger than a WebAssembly memory and be shared.
 */
import type { Codes } from '../column/codes.js'
import { widthOf } from '../column/packed-text.js'
import { instantiate } from './compiled.js'
import { LEAST_RUN, MAX_RUN, MAX_SPAN, type BinnedRuns, type GroupRuns, type Kernels } from './contract.js'
import { copyIn } from './copy.js'
import type { Exports } from './exports.js'
import { CodeBins } from './code-bins.js'
import { FixedSums } from './fixed-sums.js'
import { plainKernels } from './plain.js'
import { WasmPairs } from './wasm-pairs.js'

const PAGE = 65_536
/** Rows of a block; one of doubles takes 128 KiB. */
const BLOCK = 16_384
const REGISTERS = 65_536

/** Bytes that are copied at once. */
const WORD = 8

/** The scratch memory, in bytes. A vector or two may be written behind the end of a block. */
const SMALL = 0
/** For every byte the places of its bits, 16 bits each. */
const BIT_PLACES = SMALL + PAGE / 2
/** For every choice of four words the bytes of the chosen ones, in their order. */
const MOVES = SMALL + PAGE / 4
const REGISTER_AREA = PAGE
const INPUT = 2 * PAGE
const MASK = 5 * PAGE
const TABLE = 6 * PAGE
const OUTPUT = 8 * PAGE
const PLACE_TABLE = 16 * PAGE
const FOUND = 20 * PAGE
const PLACES = 22 * PAGE
const PAGES = 24
const OUTPUT_BYTES = PLACE_TABLE - OUTPUT
/** Group numbers take one page of the input, offsets the two behind it. */
const OFFSETS = INPUT + PAGE
const OUTPUT_ROWS = OUTPUT + OUTPUT_BYTES / 2
/** Entries of an exploded block, and its items of two bytes: both areas hold so many, and two more. */
const MAX_ENTRIES = 65_000
const RANKS = 64
/** After so many coupons most of them change no register. */
const MOSTLY_FILLED = 131_072
/** Fewer coupons are not worth a look at all registers, nor is each block of more. */
const MANY_COUPONS = 8192
const LEAST_EVERY = 4
/** Of runs of groups: values or group numbers are the input, places take the first page of the table, ends the second. */
const RUN_PLACES = TABLE
const RUN_ENDS = TABLE + PAGE
/** Bins take two pages of the output, and so do the least and the largest values. */
const LEAST = OUTPUT + 2 * PAGE
const LARGEST = OUTPUT + 4 * PAGE
const FRACTIONAL = OUTPUT + 6 * PAGE

/** Bytes of the largest table over codes. */
const MAX_TABLE = OUTPUT - TABLE
/** A table of places is at most half full. */
const MOST_PLACES = 65_536
const FEWEST_PLACES = 256
/** Runs that go at a time: their items take the input, their ends the table, their counts the output. */
const RUN_ITEMS = ((MASK - INPUT) >>> 2) - WORD
const RUNS = (OUTPUT - TABLE) >>> 2
/** Texts that go at a time take the input, their ends the table. A vector may be read behind them. */
const TEXT_BYTES = MASK - INPUT - 16
const TEXTS = (OUTPUT - TABLE) >>> 2
/** Packed ones, of the longest form. */
const PACKED_TEXTS = 4096
/** Values of a byte, and how many of them are worth a table of counts. */
const BYTES = 256
const MANY_BYTES = 1024
/** Entries that one vector of bytes holds. */
const FEW = 16
const VECTOR = 16

/** null where there is no WebAssembly, or none with SIMD. */
export function wasmKernels(): Kernels | null {
  if (typeof WebAssembly === 'undefined') return null
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
  const exports = instantiate(memory)
  return exports === null ? null : new WasmKernels(exports as unknown as Exports, memory.buffer)
}

class WasmKernels implements Kernels {
  readonly name = 'wasm'
  private readonly run: Exports
  private readonly bytes: Uint8Array
  private readonly words: Uint32Array
  private readonly halves: Uint16Array
  private readonly doubles: Float64Array
  /** Made for the first query that has many groups. */
  private ownPairs: WasmPairs | null = null

  constructor(run: Exports, memory: ArrayBuffer) {
    this.run = run
    this.bytes = new Uint8Array(memory)
    this.words = new Uint32Array(memory)
    this.halves = new Uint16Array(memory)
    this.doubles = new Float64Array(memory)
    for (let byte = 0; byte < 256; byte++) {
      let at = (BIT_PLACES >>> 1) + byte * 8
      for (let bit = 0; bit < 8; bit++) if ((byte >>> bit & 1) === 1) this.halves[at++] = bit
    }
    for (let choice = 0; choice < 16; choice++) {
      let at = MOVES + choice * 16
      for (let byte = 0; byte < 16; byte++) if ((choice >>> (byte >>> 2) & 1) === 1) this.bytes[at++] = byte
    }
  }

  testCode(codes: Codes, code: number, from: number, n: number, mask: Uint8Array): void {
    const { run } = this
    const width = codes.BYTES_PER_ELEMENT
    const test = width === 1 ? run.equal8 : width === 2 ? run.equal16 : run.equal32
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      test(this.stage(codes, from + at, length), code, length, MASK)
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
    this.bytes.set(table, TABLE)
    const test = width === 2 ? run.lookUp16 : table.length <= FEW ? run.lookUpFew : run.lookUp8
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      test(this.stage(codes, from + at, length), TABLE, length, MASK)
      this.unstage(mask, at, length)
    }
  }

  testItems(offsets: Uint32Array, items: Codes, table: Uint8Array, missing: number, from: number, n: number, mask: Uint8Array): void {
    if (items.BYTES_PER_ELEMENT !== 1) {
      plainKernels.testItems(offsets, items, table, missing, from, n, mask)
      return
    }
    this.bytes.set(table, TABLE)
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
      const staged = this.stage(items, first, count, OUTPUT)
      if (isOne) this.run.itemEqual8(ends, staged, first, only, length, MASK)
      else this.run.anyItem8(ends, staged, first, TABLE, missing, length, MASK)
      this.unstage(mask, at, length)
    }
  }

  testRange(values: Float64Array, low: number, high: number, from: number, n: number, mask: Uint8Array): void {
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      copyIn(values.subarray(from + at, from + at + length), this.doubles, this.bytes, INPUT)
      this.run.inRange(INPUT, low, high, length, MASK)
      this.unstage(mask, at, length)
    }
  }

  andMasks(mask: Uint8Array, other: Uint8Array, n: number): number {
    let ones = 0
    for (let at = 0; at < n; at += BLOCK) {
      const length = this.stageMasks(mask, other, at, n)
      this.bytes.fill(0, MASK + length, MASK + length + VECTOR)
      ones += this.run.andMasks(MASK, INPUT, length)
      this.unstage(mask, at, length)
    }
    return ones
  }

  orMasks(mask: Uint8Array, other: Uint8Array, n: number): void {
    for (let at = 0; at < n; at += BLOCK) {
      const length = this.stageMasks(mask, other, at, n)
      this.run.orMasks(MASK, INPUT, length)
      this.unstage(mask, at, length)
    }
  }

  private stageMasks(mask: Uint8Array, other: Uint8Array, at: number, n: number): number {
    const length = Math.min(BLOCK, n - at)
    this.bytes.set(mask.subarray(at, at + length), MASK)
    this.bytes.set(other.subarray(at, at + length), INPUT)
    return length
  }

  compact(mask: Uint8Array, from: number, n: number, out: Uint32Array): number {
    let count = 0
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      this.bytes.set(mask.subarray(at, at + length), MASK)
      // The last step takes eight rows whatever is left.
      this.bytes.fill(0, MASK + length, MASK + length + 8)
      const found = this.run.compact(MASK, from + at, length, OUTPUT, BIT_PLACES)
      out.set(this.words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + found), count)
      count += found
    }
    return count
  }

  raiseRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): void {
    this.bytes.set(registers, REGISTER_AREA)
    this.raiseStaged(coupons, from, to, MOSTLY_FILLED)
    registers.set(this.bytes.subarray(REGISTER_AREA, REGISTER_AREA + REGISTERS))
  }

  joinRegisters(registers: Uint8Array, others: Uint8Array): void {
    this.bytes.set(registers, REGISTER_AREA)
    this.bytes.set(others, INPUT)
    this.run.joinRegisters(REGISTER_AREA, INPUT)
    registers.set(this.bytes.subarray(REGISTER_AREA, REGISTER_AREA + REGISTERS))
  }

  startRegisters(registers: Uint8Array, coupons: Uint32Array, from: number, to: number): number {
    this.bytes.fill(0, REGISTER_AREA, REGISTER_AREA + REGISTERS)
    this.raiseStaged(coupons, from, to, 0)
    registers.set(this.bytes.subarray(REGISTER_AREA, REGISTER_AREA + REGISTERS))
    return this.run.countFilled(REGISTER_AREA)
  }

  sumRanksOf(runs: readonly Uint32Array[], sums: Uint32Array): void {
    this.bytes.fill(0, REGISTER_AREA, REGISTER_AREA + REGISTERS)
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
      if (at - from + done >= MOSTLY_FILLED && to - at >= MANY_COUPONS && block++ % LEAST_EVERY === 0) least = run.leastRegister(REGISTER_AREA)
      const place = this.stage(coupons, at, length)
      run.raiseRegisters(REGISTER_AREA, place, least > 0 ? run.keepAbove(place, length, least, MOVES) : length)
    }
  }

  sumRanks(registers: Uint8Array, sums: Uint32Array): void {
    this.bytes.set(registers, REGISTER_AREA)
    // The loop takes 32 at a time.
    if (registers.length >= 32) this.sumStaged(registers.length, sums)
    else plainKernels.sumRanks(registers, sums)
  }

  private sumStaged(n: number, sums: Uint32Array): void {
    const { words } = this
    words.fill(0, SMALL >>> 2, (SMALL >>> 2) + RANKS)
    this.run.sumRanks(REGISTER_AREA, n, SMALL)
    sums.set(words.subarray(SMALL >>> 2, (SMALL >>> 2) + RANKS))
  }

  distinct(input: Uint32Array, from: number, to: number, limit: number, out: Uint32Array): number {
    let size = FEWEST_PLACES
    while (size < MOST_PLACES && size < (to - from) * 2) size *= 2
    const shift = Math.clz32(size) + 1
    let count = 0
    for (let at = from; at < to && count <= limit; at += BLOCK) {
      const length = Math.min(BLOCK, to - at)
      count = this.run.collectDistinct(this.stage(input, at, length), length, PLACE_TABLE, shift, FOUND, PLACES, count, limit)
    }
    this.run.clearPlaces(PLACE_TABLE, PLACES, count)
    out.set(this.words.subarray(FOUND >>> 2, (FOUND >>> 2) + Math.min(count, out.length)))
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
      words.set(ends.subarray(first, last), TABLE >>> 2)
      this.run.distinctRuns(this.stage(items, from, to - from), TABLE, last - first, from, PLACE_TABLE, OUTPUT)
      counts.set(words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + last - first), first)
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
    this.bytes.set(bytes.subarray(first, first + length), INPUT)
    this.words.set(ends.subarray(0, n), TABLE >>> 2)
    this.run.couponsOfTexts(INPUT, first, TABLE, n, OUTPUT)
    out.set(this.words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + n), at)
  }

  couponsOfPacked(bytes: Uint8Array, form: number, n: number, out: Uint32Array, at: number): void {
    const width = widthOf(form)
    for (let from = 0; from < n; from += PACKED_TEXTS) {
      const count = Math.min(PACKED_TEXTS, n - from)
      this.bytes.set(bytes.subarray(from * width, (from + count) * width), INPUT)
      this.run.couponsOfPacked(INPUT, form, count, SMALL, OUTPUT)
      out.set(this.words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + count), at + from)
    }
  }

  sumPieces(values: Float64Array, from: number, to: number, magics: Float64Array, out: Float64Array): void {
    const { run, doubles } = this
    const [high, middle] = magics
    const first = SMALL >>> 3
    for (let p = 0; p <= magics.length; p++) doubles[first + p] = 0
    for (let at = from; at < to; at += BLOCK) {
      const length = Math.min(BLOCK, to - at)
      const input = INPUT >>> 3
      copyIn(values.subarray(at, at + length), doubles, this.bytes, INPUT)
      // Four values go at a time; zeros change no sum.
      doubles.fill(0, input + length, input + length + 3)
      if (magics.length === 2) run.sumThreePieces(INPUT, length, high, middle, SMALL)
      else if (magics.length === 1) run.sumTwoPieces(INPUT, length, high, SMALL)
      else run.sumPlain(INPUT, length, SMALL)
    }
    for (let p = 0; p <= magics.length; p++) out[p] += doubles[first + p]
  }

  readonly fixedSums = (): FixedSums => FixedSums.take()
  readonly codeBins = (): CodeBins => CodeBins.take()

  explode(
    ids: Uint32Array, offsets: Uint32Array, items: Codes, from: number, n: number, size: number, outIds: Uint32Array, outRows: Uint32Array
  ): number {
    const { run, words } = this
    const width = items.BYTES_PER_ELEMENT
    const count = offsets[from + n] - offsets[from]
    // A row that has no items gives an entry too.
    if (width === 4 || n > BLOCK || n + count > MAX_ENTRIES) return plainKernels.explode(ids, offsets, items, from, n, size, outIds, outRows)
    const first = offsets[from]
    words.set(ids.subarray(0, n), INPUT >>> 2)
    const ends = this.stage(offsets, from, n + 1, OFFSETS)
    const codes = this.stage(items, first, count, TABLE)
    const explode = width === 1 ? run.explode8 : run.explode16
    const entries = explode(INPUT, ends, codes, first, from, n, size, OUTPUT, OUTPUT_ROWS)
    outIds.set(words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + entries))
    outRows.set(words.subarray(OUTPUT_ROWS >>> 2, (OUTPUT_ROWS >>> 2) + entries))
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
      this.words.set(ids.subarray(at, at + length), OUTPUT >>> 2)
      if (width === 1) this.run.combine8(OUTPUT, input, length, size)
      else this.run.combine16(OUTPUT, input, length, size)
      ids.set(this.words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + length), at)
    }
  }

  countCodes(codes: Codes, from: number, to: number, counts: Uint32Array, at: number): void {
    if (codes.BYTES_PER_ELEMENT !== 1 || to - from < MANY_BYTES) {
      plainKernels.countCodes(codes, from, to, counts, at)
      return
    }
    const tables = OUTPUT >>> 2
    const { words } = this
    words.fill(0, tables, tables + 4 * BYTES)
    for (let first = from; first < to; first += BLOCK) {
      const n = Math.min(BLOCK, to - first)
      this.run.countBytes(this.stage(codes, first, n), n, OUTPUT)
    }
    for (let code = 0; code < BYTES && at + code < counts.length; code++) {
      counts[at + code] += words[tables + code] + words[tables + BYTES + code] + words[tables + 2 * BYTES + code] + words[tables + 3 * BYTES + code]
    }
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
    this.words.set(ids.subarray(0, n), INPUT >>> 2)
    return this.readRuns(this.run.sortGroups(INPUT, n, MAX_SPAN, LEAST_RUN, FOUND, OUTPUT, OUTPUT + PAGE, RUN_PLACES), n, into)
  }

  sortCodes(codes: Uint8Array, from: number, n: number, base: number, into: GroupRuns): boolean {
    return this.readRuns(this.run.sortBytes(this.stage(codes, from, n), n, base, LEAST_RUN, FOUND, OUTPUT, OUTPUT + PAGE, RUN_PLACES), n, into)
  }

  private readRuns(runs: number, n: number, into: GroupRuns): boolean {
    const { words } = this
    into.runs = runs
    into.groups.set(words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + runs))
    into.ends.set(words.subarray((OUTPUT + PAGE) >>> 2, ((OUTPUT + PAGE) >>> 2) + runs))
    if (runs > 0) into.places.set(this.halves.subarray(RUN_PLACES >>> 1, (RUN_PLACES >>> 1) + n))
    return runs > 0
  }

  pickItems(items: Uint32Array, from: number, { runs, ends, places }: GroupRuns, out: Uint32Array): void {
    const n = runs === 0 ? 0 : ends[runs - 1]
    this.halves.set(places.subarray(0, n), RUN_PLACES >>> 1)
    this.run.pickItems(this.stage(items, from, n), RUN_PLACES, n, OUTPUT)
    out.set(this.words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + n))
  }

  sumRuns(values: Float64Array, from: number, { runs, ends, places }: GroupRuns, magics: Float64Array, out: Float64Array): void {
    const { run, doubles } = this
    this.stageRuns(values, from, runs, ends, places)
    if (magics.length === 2) run.sumRunsThreePieces(INPUT, RUN_PLACES, RUN_ENDS, runs, magics[0], magics[1], OUTPUT)
    else if (magics.length === 1) run.sumRunsTwoPieces(INPUT, RUN_PLACES, RUN_ENDS, runs, magics[0], OUTPUT)
    else run.sumRunsPlain(INPUT, RUN_PLACES, RUN_ENDS, runs, OUTPUT)
    out.set(doubles.subarray(OUTPUT >>> 3, (OUTPUT >>> 3) + runs * (magics.length + 1)))
  }

  binRuns(values: Float64Array, from: number, { runs, ends, places }: GroupRuns, into: BinnedRuns): void {
    const { words, doubles } = this
    const n = this.stageRuns(values, from, runs, ends, places)
    this.run.binRuns(INPUT, RUN_PLACES, RUN_ENDS, runs, OUTPUT, LEAST, LARGEST, FRACTIONAL, SMALL)
    into.bins.set(words.subarray(OUTPUT >>> 2, (OUTPUT >>> 2) + n))
    into.least.set(doubles.subarray(LEAST >>> 3, (LEAST >>> 3) + runs))
    into.largest.set(doubles.subarray(LARGEST >>> 3, (LARGEST >>> 3) + runs))
    into.fractional.set(this.bytes.subarray(FRACTIONAL, FRACTIONAL + runs))
    into.lowest = words[SMALL >>> 2]
    into.highest = words[(SMALL >>> 2) + 1]
  }

  /** Returns the number of entries. */
  private stageRuns(values: Float64Array, from: number, runs: number, ends: Uint32Array, places: Uint16Array): number {
    const n = ends[runs - 1]
    copyIn(values.subarray(from, from + n), this.doubles, this.bytes, INPUT)
    this.halves.set(places.subarray(0, n), RUN_PLACES >>> 1)
    this.words.set(ends.subarray(0, runs), RUN_ENDS >>> 2)
    return n
  }

  /**
   * Copies a part of a column to an area of the memory, and returns where it begins there: as far into a word as outside.
   * Out of shared memory V8 copies words where both sides lie alike, and else every byte by itself, eight times as long.
   */
  private stage(array: Codes, from: number, length: number, area: number = INPUT): number {
    const part = array.subarray(from, from + length)
    const place = area + part.byteOffset % WORD
    copyIn(part, array.BYTES_PER_ELEMENT === 4 ? this.words : array.BYTES_PER_ELEMENT === 2 ? this.halves : this.bytes, this.bytes, place)
    return place
  }

  private unstage(mask: Uint8Array, at: number, length: number): void {
    mask.set(this.bytes.subarray(MASK, MASK + length), at)
  }
}
