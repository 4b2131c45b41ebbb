/**
 * Sums of many groups as two integers of 64 bits each, which are exact in any order and take one line of the cache a value, in WebAssembly memory of
 * their own. Values are whole units of 2^(32 · chunk); the second integer is of 2^CUT_BITS of them.
 */
import { instantiate, MOST_PAGES } from './compiled.js'
import { copyIn } from './copy.js'

const PAGE = 65_536
/** Values that go at a time. */
const BLOCK = 16_384
const GROUPS = 0
const VALUES = GROUPS + BLOCK * 4
const SUMS = VALUES + BLOCK * 8
const SUM_BYTES = 16
const SUM_WORDS = SUM_BYTES / 4
/** What is to be added lies where rows do. */
const JOINED_WORDS = SUMS / 4
const CHUNK_BITS = 32
/** As in engine/kernels/assembly/fixed.ts. */
const CUT_BITS = 43
const FRACTION_BITS = 52
/** A block of values of so many large units has room. */
const MOST_LARGE_BITS = 48
/** What integers may grow by after they were carried, and what two of them may come to together. */
const ROOM = 2 ** 62
const JOINED = 2 ** 61

/** Above, memory is not kept for the next query. */
const MOST_SPARE = 2 ** 24

interface Exports {
  addFixed(groups: number, values: number, n: number, highCut: number, lowCut: number, sums: number): void
  carryFixed(sums: number, n: number): number
  joinFixed(sums: number, others: number, n: number): void
}

let spare: FixedSums | null = null

/** Of values below 2^(top + 1). */
function largeBits(chunk: number, top: number): number {
  return top + 1 - CHUNK_BITS * chunk - CUT_BITS
}

/** Whether sums can be of values below 2^(top + 1) in such units. */
export function fitFixed(chunk: number, top: number): boolean {
  return largeBits(chunk, top) <= MOST_LARGE_BITS
}

export class FixedSums {
  private readonly memory = new WebAssembly.Memory({ initial: SUMS / PAGE, maximum: MOST_PAGES })
  private readonly run: Exports
  private memoryBytes = new Uint8Array(0)
  private words = new Uint32Array(0)
  private doubles = new Float64Array(0)
  private groups = 0
  /** What an integer may have grown by since they were carried. */
  private grown = 0

  private constructor() {
    this.run = instantiate(this.memory) as unknown as Exports
    this.view()
  }

  /** All sums are 0. */
  static take(): FixedSums {
    const sums = spare ?? new FixedSums()
    spare = null
    return sums
  }

  get bytes(): number {
    return this.memory.buffer.byteLength
  }

  /** Room for groups below `groups`, those above the ones there were at 0. */
  cover(groups: number): void {
    if (groups <= this.groups) return
    this.groups = groups
    const missing = SUMS + groups * SUM_BYTES - this.bytes
    if (missing <= 0) return
    this.memory.grow(Math.ceil(missing / PAGE))
    this.view()
  }

  /** Adds the value of row i of n (rows[i], or from + i), below 2^(top + 1), to the sum of groups[i]. Returns how many there was room for. */
  add(groups: Uint32Array, values: Float64Array, rows: Uint32Array | null, from: number, n: number, chunk: number, top: number): number {
    const lowCut = 1.5 * 2 ** (FRACTION_BITS + CHUNK_BITS * chunk)
    const largest = 2 ** Math.max(CUT_BITS, largeBits(chunk, top))
    const { doubles } = this
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      if (this.grown + length * largest > ROOM && !this.carry()) return at
      this.grown += length * largest
      this.words.set(groups.subarray(at, at + length), GROUPS / 4)
      if (rows === null) copyIn(values.subarray(from + at, from + at + length), doubles, this.memoryBytes, VALUES)
      else for (let i = 0; i < length; i++) doubles[VALUES / 8 + i] = values[rows[at + i]]
      this.run.addFixed(GROUPS, VALUES, length, lowCut * 2 ** CUT_BITS, lowCut, SUMS)
    }
    return n
  }

  /** Makes room again; false where there is none, and they must be moved. */
  carry(): boolean {
    this.grown = 0
    return this.run.carryFixed(SUMS, this.groups) !== 0
  }

  /** The words of all sums, four each, after they were carried; these ones are not to be used any more. */
  takeWords(): Uint32Array<ArrayBuffer> {
    const words = this.words.slice(SUMS / 4, SUMS / 4 + this.groups * SUM_WORDS)
    this.clear()
    return words
  }

  /** Adds sums of other rows, in the same units, to those of the groups from 0 on. All were carried. */
  join(words: Uint32Array): void {
    for (let at = 0; at < words.length; at += JOINED_WORDS) {
      const part = words.subarray(at, at + JOINED_WORDS)
      this.words.set(part, GROUPS / 4)
      this.run.joinFixed(SUMS + at * 4, GROUPS, part.length / SUM_WORDS)
    }
    this.grown = JOINED
  }

  /** As `addWords` does. These ones are not to be used any more. */
  moveInto(sums: Float64Array, stride: number, first: number, chunk: number): void {
    addWords(this.words.subarray(SUMS / 4, SUMS / 4 + this.groups * SUM_WORDS), null, sums, stride, first, chunk)
    this.clear()
  }

  private clear(): void {
    this.words.fill(0, SUMS / 4, SUMS / 4 + this.groups * SUM_WORDS)
    this.groups = 0
    this.grown = 0
    FixedSums.keep(this)
  }

  private static keep(sums: FixedSums): void {
    if (sums.bytes <= MOST_SPARE) spare = sums
  }

  private view(): void {
    const { buffer } = this.memory
    this.memoryBytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
    this.doubles = new Float64Array(buffer)
  }
}

/** Adds the sum of group g (groupOf[g], where that is given) to sums[g · stride + first] and the next two: multiples of 2^(32 · chunk), and of as much more each. */
export function addWords(words: Uint32Array, groupOf: Uint32Array | null, sums: Float64Array, stride: number, first: number, chunk: number): void {
  const [low, middle, high] = [0, 1, 2].map(more => 2 ** (CHUNK_BITS * (chunk + more)))
  const cut = 2 ** (CUT_BITS - CHUNK_BITS)
  for (let at = 0, group = 0; at < words.length; at += SUM_WORDS, group++) {
    const to = (groupOf === null ? group : groupOf[group]) * stride + first
    sums[to] += words[at] * low
    sums[to + 1] += ((words[at + 1] | 0) + words[at + 2] * cut) * middle
    sums[to + 2] += (words[at + 3] | 0) * cut * high
  }
}
