/**
 * Sums of many groups as integers of 128 bits, which are exact in any order and take one line of the cache a value, in WebAssembly memory
 * of their own. Values are whole units of 2^(32k), fewer than 2^96, so that 2^31 of them fit.
 */
import { instantiate } from './compiled.js'
import { copyIn } from './copy.js'

const PAGE = 65_536
/** Values that go at a time. */
const BLOCK = 16_384
const GROUPS = 0
const VALUES = GROUPS + BLOCK * 4
const SUMS = VALUES + BLOCK * 8
const SUM_BYTES = 16
/** What is to be added lies where rows do. */
const JOINED_WORDS = SUMS / 4
/** Of a double: what is added to its exponent, and the bits behind the leading one. */
const BIAS = 1023
const FRACTION_BITS = 52
const CHUNK_BITS = 32

/** Above, memory is not kept for the next query. */
const MOST_SPARE = 2 ** 24

interface Exports {
  addFixed(groups: number, values: number, n: number, unit: bigint, sums: number): void
  joinFixed(sums: number, others: number, n: number): void
}

let spare: FixedSums | null = null

export class FixedSums {
  private readonly memory = new WebAssembly.Memory({ initial: SUMS / PAGE })
  private readonly run: Exports
  private memoryBytes = new Uint8Array(0)
  private words = new Uint32Array(0)
  private doubles = new Float64Array(0)
  private groups = 0

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

  /** Adds the value of row i of n (rows[i], or from + i) to the sum of groups[i]. Units are of 2^(32 · chunk). */
  add(groups: Uint32Array, values: Float64Array, rows: Uint32Array | null, from: number, n: number, chunk: number): void {
    const unit = BigInt(BIAS + FRACTION_BITS + CHUNK_BITS * chunk)
    const { doubles } = this
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      this.words.set(groups.subarray(at, at + length), GROUPS / 4)
      if (rows === null) copyIn(values.subarray(from + at, from + at + length), doubles, this.memoryBytes, VALUES)
      else for (let i = 0; i < length; i++) doubles[VALUES / 8 + i] = values[rows[at + i]]
      this.run.addFixed(GROUPS, VALUES, length, unit, SUMS)
    }
  }

  /** The words of all sums, four each; these ones are not to be used any more. */
  takeWords(): Uint32Array<ArrayBuffer> {
    const words = this.words.slice(SUMS / 4, SUMS / 4 + this.groups * 4)
    this.clear()
    return words
  }

  /** Adds sums of other rows to those of the groups from 0 on, in the same units. */
  join(words: Uint32Array): void {
    for (let at = 0; at < words.length; at += JOINED_WORDS) {
      const part = words.subarray(at, at + JOINED_WORDS)
      this.words.set(part, GROUPS / 4)
      this.run.joinFixed(SUMS + at * 4, GROUPS, part.length / 4)
    }
  }

  /** As `addWords` does. These ones are not to be used any more. */
  moveInto(sums: Float64Array, stride: number, first: number, chunk: number): void {
    addWords(this.words.subarray(SUMS / 4, SUMS / 4 + this.groups * 4), null, sums, stride, first, chunk)
    this.clear()
  }

  private clear(): void {
    this.words.fill(0, SUMS / 4, SUMS / 4 + this.groups * 4)
    this.groups = 0
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

/**
 * Adds the words of the sum of group g (groupOf[g], where that is given), all of its sign, to sums[g · stride + first] and the next ones, lowest first. Units are of
 * 2^(32 · chunk); words are written over.
 */
export function addWords(words: Uint32Array, groupOf: Uint32Array | null, sums: Float64Array, stride: number, first: number, chunk: number): void {
  const weights = [0, 1, 2, 3].map(word => 2 ** (CHUNK_BITS * (chunk + word)))
  for (let at = 0, group = 0; at < words.length; at += 4, group++) {
    const isNegative = words[at + 3] >>> 31 === 1
    if (isNegative) negate(words, at)
    const sign = isNegative ? -1 : 1
    const to = (groupOf === null ? group : groupOf[group]) * stride + first
    for (let word = 0; word < 4; word++) sums[to + word] += sign * words[at + word] * weights[word]
  }
}

/** Of four words, the lowest first, the two's complement. */
function negate(words: Uint32Array, at: number): void {
  for (let word = 0, carry = 1; word < 4; word++) {
    const sum = (~words[at + word] >>> 0) + carry
    words[at + word] = sum
    carry = sum > 0xffffffff ? 1 : 0
  }
}
