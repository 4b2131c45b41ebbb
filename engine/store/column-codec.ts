/** Columns of a segment as blocks of a file, and back. docs/store.md describes the encodings. */
import type { Codes } from '../column/codes.js'
import type { Column, Exponents } from '../column/column.js'
import { wordsFor } from '../column/bitset.js'
import type { Dictionary } from '../column/dictionary.js'
import { inMemory, ownMemory, wordsIn, type Memory } from '../column/memory.js'
import type { ColumnType } from '../../dsl/query.js'
import type { BlockFile, BlockFileWriter, BlockRef } from './block-file.js'
import { readIntegers, readIntegersOnce, writeIntegers, type StoredIntegers } from './integers-codec.js'

/** value = (base + low + high · 2³²) / 10^scale; or plain doubles. */
export interface StoredNumbers {
  readonly base: number
  readonly scale: number
  readonly low: StoredIntegers | null
  readonly high: StoredIntegers | null
  readonly doubles: BlockRef | null
}

export interface StoredColumn {
  readonly name: string
  readonly type: ColumnType
  /** Bytes of the column in memory. */
  readonly bytes: number
  /** Of string and strings columns: the codes below this are used. */
  readonly codes?: StoredIntegers
  readonly largest?: number
  /** Of string: each row has its coupon in memory, because there are too many codes to look coupons up. */
  readonly coupons?: boolean
  /** Of strings: how many elements each row has. */
  readonly counts?: StoredIntegers
  readonly numbers?: StoredNumbers
  readonly valid?: BlockRef | null
  readonly exponents?: Exponents
}

/** Decimals that are tried to make numbers whole: those of money, seconds and shares. */
const MAX_SCALE = 6
const POWERS_OF_TEN = Float64Array.from({ length: MAX_SCALE + 1 }, (_, i) => 10 ** i)
const TWO_32 = 2 ** 32

export function writeColumn(writer: BlockFileWriter, name: string, column: Column, bytes: number): StoredColumn {
  const { type } = column
  if (type === 'number') {
    const valid = column.valid === null ? null : writer.addDeflated(bytesOf(column.valid), true)
    return { name, type, bytes, numbers: writeNumbers(writer, column.values), valid, exponents: column.exponents }
  }
  const codes = writeIntegers(writer, column.codes)
  const largest = largestOf(column.codes)
  if (type === 'string') return { name, type, bytes, codes, largest, coupons: column.coupons !== null }
  const counts = new Uint32Array(column.offsets.length - 1)
  for (let row = 0; row < counts.length; row++) counts[row] = column.offsets[row + 1] - column.offsets[row]
  return { name, type, bytes, codes, largest, counts: writeIntegers(writer, counts) }
}

export function readColumn(
  file: BlockFile<unknown>, stored: StoredColumn, rows: number, dictionary: Dictionary | null, memory: Memory = ownMemory
): Column {
  if (stored.type === 'number') {
    const values = readNumbers(file, stored.numbers!, rows)
    const valid = stored.valid === null || stored.valid === undefined ? null : wordsOf(file.read(stored.valid), wordsFor(rows))
    return { type: 'number', values: inMemory(values, memory), valid: valid && inMemory(valid, memory), exponents: stored.exponents! }
  }
  const codes = inMemory(readIntegers(file, stored.codes!, stored.largest! + 1), memory)
  if (stored.type === 'string') return new StoredStringColumn(dictionary!, codes, stored.coupons!, memory)
  const counts = readIntegersOnce(file, stored.counts!, 0)
  const offsets = wordsIn(memory, rows + 1)
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + counts[row]
  return { type: 'strings', dictionary: dictionary!, offsets, codes }
}

function largestOf(codes: Codes): number {
  let largest = 0
  for (let i = 0; i < codes.length; i++) if (codes[i] > largest) largest = codes[i]
  return largest
}

/** Looks coupons of its rows up when an aggregation first asks for them. */
class StoredStringColumn {
  readonly type = 'string'
  readonly dictionary: Dictionary
  readonly codes: Codes
  readonly #withCoupons: boolean
  readonly #memory: Memory
  #coupons: Uint32Array | null = null

  constructor(dictionary: Dictionary, codes: Codes, withCoupons: boolean, memory: Memory) {
    this.dictionary = dictionary
    this.codes = codes
    this.#withCoupons = withCoupons
    this.#memory = memory
  }

  get coupons(): Uint32Array | null {
    if (!this.#withCoupons || this.#coupons !== null) return this.#coupons
    const { codes } = this
    const ofCodes = this.dictionary.coupons()
    const coupons = wordsIn(this.#memory, codes.length)
    for (let row = 0; row < codes.length; row++) coupons[row] = ofCodes[codes[row]]
    return this.#coupons = coupons
  }
}

/** Ascending whole numbers as their first and the steps between them. */
export function writeAscending(writer: BlockFileWriter, values: Float64Array): StoredNumbers {
  if (values[values.length - 1] - values[0] > Number.MAX_SAFE_INTEGER) return plainNumbers(writer, values)
  const steps = new Float64Array(values.length)
  for (let i = 1; i < values.length; i++) steps[i] = values[i] - values[i - 1]
  return { ...writeWhole(writer, steps, 0, 0), base: values[0] }
}

export function readAscending(file: BlockFile<unknown>, stored: StoredNumbers, rows: number, memory: Memory = ownMemory): Float64Array {
  const { base, low, high } = stored
  if (low === null) return inMemory(readNumbers(file, stored, rows), memory)
  const values = readWhole(file, 0, low, high, rows)
  let value = base
  for (let i = 0; i < rows; i++) values[i] = value += values[i]
  return inMemory(values, memory)
}

function writeNumbers(writer: BlockFileWriter, values: Float64Array): StoredNumbers {
  let least = Infinity
  let most = -Infinity
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  const scale = scaleOf(values, least, most)
  if (scale < 0) return plainNumbers(writer, values)
  return writeWhole(writer, values, scale, Math.round(least * POWERS_OF_TEN[scale]))
}

function plainNumbers(writer: BlockFileWriter, values: Float64Array): StoredNumbers {
  return { base: 0, scale: 0, low: null, high: null, doubles: writer.addDeflated(bytesOf(values), true) }
}

/** Decimals with which every value is a whole number, and comes back to the last bit; -1 where there is none. */
function scaleOf(values: Float64Array, least: number, most: number): number {
  next: for (let scale = 0; scale <= MAX_SCALE; scale++) {
    const power = POWERS_OF_TEN[scale]
    if (Math.max(Math.abs(least), Math.abs(most)) * power > Number.MAX_SAFE_INTEGER / 2) return -1
    for (let i = 0; i < values.length; i++) if (Math.round(values[i] * power) / power !== values[i]) continue next
    return scale
  }
  return -1
}

function writeWhole(writer: BlockFileWriter, values: Float64Array, scale: number, base: number): StoredNumbers {
  const power = POWERS_OF_TEN[scale]
  const low = new Uint32Array(values.length)
  const high = new Uint32Array(values.length)
  let anyHigh = 0
  for (let i = 0; i < values.length; i++) {
    const whole = Math.round(values[i] * power) - base
    high[i] = Math.floor(whole / TWO_32)
    low[i] = whole - high[i] * TWO_32
    anyHigh |= high[i]
  }
  return { base, scale, low: writeIntegers(writer, low), high: anyHigh === 0 ? null : writeIntegers(writer, high), doubles: null }
}

function readNumbers(file: BlockFile<unknown>, { base, scale, low, high, doubles }: StoredNumbers, rows: number): Float64Array {
  if (doubles !== null) return new Float64Array(aligned(file.read(doubles)), 0, rows)
  const values = readWhole(file, base, low!, high, rows)
  if (scale > 0) for (let i = 0, power = POWERS_OF_TEN[scale]; i < rows; i++) values[i] /= power
  return values
}

function readWhole(file: BlockFile<unknown>, base: number, low: StoredIntegers, high: StoredIntegers | null, rows: number): Float64Array {
  const lows = readIntegersOnce(file, low, 0)
  const values = new Float64Array(rows)
  if (high === null) {
    for (let i = 0; i < rows; i++) values[i] = base + lows[i]
    return values
  }
  const highs = readIntegersOnce(file, high, 1)
  for (let i = 0; i < rows; i++) values[i] = base + (lows[i] + highs[i] * TWO_32)
  return values
}

function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>, length: number): Uint32Array {
  return new Uint32Array(aligned(bytes), 0, length)
}

/** Typed arrays begin at multiples of their width; little-endian, as all machines are that Node runs on. */
function aligned(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteOffset === 0 ? bytes.buffer : bytes.slice().buffer
}
