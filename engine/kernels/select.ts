/**
 * Loops that test rows. Row i of n is rows[i], or from + i where rows is null; mask[i] becomes 1 or 0.
 */
import { hasBit } from '../column/bitset.js'
import type { Codes } from '../column/codes.js'
import { kernels } from './kernels.js'

export type Rows = Uint32Array | null

/** table[code] is 1 or 0 for every code. */
export function testCodes(codes: Codes, table: Uint8Array, rows: Rows, from: number, n: number, mask: Uint8Array): void {
  if (rows === null) kernels(codes).testCodes(codes, table, from, n, mask)
  else for (let i = 0; i < n; i++) mask[i] = table[codes[rows[i]]]
}

export function testCode(codes: Codes, code: number, rows: Rows, from: number, n: number, mask: Uint8Array): void {
  if (rows === null) kernels(codes).testCode(codes, code, from, n, mask)
  else for (let i = 0; i < n; i++) mask[i] = codes[rows[i]] === code ? 1 : 0
}

/** A row with elements matches when any of them does; `missing` says what a row without elements does. */
export function testItems(
  offsets: Uint32Array, codes: Codes, table: Uint8Array, missing: number, rows: Rows, from: number, n: number, mask: Uint8Array
): void {
  if (rows === null) {
    kernels(offsets).testItems(offsets, codes, table, missing, from, n, mask)
    return
  }
  for (let i = 0; i < n; i++) {
    const row = rows[i]
    const end = offsets[row + 1]
    let item = offsets[row]
    let match = item === end ? missing : 0
    while (match === 0 && item < end) match = table[codes[item++]]
    mask[i] = match
  }
}

/** low ≤ value ≤ high, for rows that have a value. */
export function testRange(
  values: Float64Array, valid: Uint32Array | null, low: number, high: number, rows: Rows, from: number, n: number, mask: Uint8Array
): void {
  if (rows === null && valid === null) {
    kernels(values).testRange(values, low, high, from, n, mask)
    return
  }
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    const value = values[row]
    mask[i] = value >= low && value <= high && (valid === null || hasBit(valid, row)) ? 1 : 0
  }
}

export function testNumbers(
  values: Float64Array, valid: Uint32Array | null, test: (value: number) => boolean, missing: number,
  rows: Rows, from: number, n: number, mask: Uint8Array
): void {
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    if (valid === null || hasBit(valid, row)) mask[i] = test(values[row]) ? 1 : 0
    else mask[i] = missing
  }
}

/** Writes the rows whose mask is 1 to `out` and returns their number. */
export function compactRows(mask: Uint8Array, rows: Rows, from: number, n: number, out: Uint32Array): number {
  if (rows === null) return kernels().compact(mask, from, n, out)
  let count = 0
  // Without a branch, because it would be guessed wrong.
  for (let i = 0; i < n; i++) {
    out[count] = rows[i]
    count += mask[i]
  }
  return count
}

/** Four ones in four bytes are added up so many times before a byte may overflow. */
const BYTE_SUMS = 255

/** How many of the first n are 1. */
export function countOnes(mask: Uint8Array, n: number): number {
  const [words] = wordsOf(mask, mask, n)
  let count = 0
  for (let from = 0; from < words.length; from += BYTE_SUMS) {
    const to = Math.min(words.length, from + BYTE_SUMS)
    let sums = 0
    for (let i = from; i < to; i++) sums = sums + words[i] | 0
    const pairs = (sums & 0xff00ff) + (sums >>> 8 & 0xff00ff)
    count += (pairs & 0xffff) + (pairs >>> 16)
  }
  for (let i = words.length * 4; i < n; i++) count += mask[i]
  return count
}

/** mask[i] ^= 1 */
export function invertMask(mask: Uint8Array, n: number): void {
  const [a] = wordsOf(mask, mask, n)
  for (let i = 0; i < a.length; i++) a[i] ^= 0x01010101
  for (let i = a.length * 4; i < n; i++) mask[i] ^= 1
}

/** Four rows at a time; masks begin where their memory does. */
function wordsOf(a: Uint8Array, b: Uint8Array, n: number): [Int32Array, Int32Array] {
  const words = (a.byteOffset | b.byteOffset) % 4 === 0 ? n >>> 2 : 0
  return words === 0 ? [NO_WORDS, NO_WORDS] : [new Int32Array(a.buffer, a.byteOffset, words), new Int32Array(b.buffer, b.byteOffset, words)]
}

const NO_WORDS = new Int32Array(0)
