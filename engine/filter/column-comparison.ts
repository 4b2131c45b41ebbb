/**
 * Columns compared with each other. The values of two columns become keys that are numbers and comparable between the two:
 * numbers as they are and texts as the number that is written like them, or texts as their codes in one of the two dictionaries.
 */
import type { Column } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import { hasBit } from '../column/bitset.js'
import type { Rows } from '../kernels/select.js'
import type { RowTest } from './row-test.js'
import { Scratch } from './scratch.js'

/** Key of a missing value: two of them are equal, and no value has it, since none is infinite. */
const MISSING = Infinity
/** Key of a text that is no number: it equals nothing. */
const NO_NUMBER = NaN
/** In the table over codes: not looked up yet. */
const UNKNOWN = -Infinity

type KeyOf = (code: number) => number

/** Rows in which two columns share a value or miss one both. A dictionary is null for a number column. */
export function columnPair(a: string, aTexts: Dictionary | null, b: string, bTexts: Dictionary | null): RowTest {
  const leftKey = keysOf(aTexts, bTexts, true)
  const rightKey = keysOf(bTexts, aTexts, false)
  const leftKeys = new Scratch(Float64Array)
  const rightKeys = new Scratch(Float64Array)
  return (reader, rows, from, n, mask) => {
    const x = reader.column(a)
    const y = reader.column(b)
    if (x.type === 'strings') {
      if (y.type === 'strings') return testLists(x, leftKey, y, rightKey, rows, from, n, mask)
      return testList(x, leftKey, scalarKeys(y, rightKey, rows, from, n, rightKeys), rows, from, n, mask)
    }
    const keys = scalarKeys(x, leftKey, rows, from, n, leftKeys)
    if (y.type === 'strings') return testList(y, rightKey, keys, rows, from, n, mask)
    const others = scalarKeys(y, rightKey, rows, from, n, rightKeys)
    for (let i = 0; i < n; i++) mask[i] = keys[i] === others[i] ? 1 : 0
  }
}

/** Of two dictionaries the smaller is translated into the codes of the other; of two of one size the first. */
function keysOf(own: Dictionary | null, other: Dictionary | null, isFirst: boolean): KeyOf {
  if (own === null) return value => value
  if (other === null) return translated(own, numberWrittenAs)
  const isTranslated = own.size < other.size || (own.size === other.size && isFirst)
  if (!isTranslated) return code => code === 0 ? MISSING : code
  return translated(own, text => other.lookup(text))
}

/** Looks every text up once, when a row has it. */
function translated(dictionary: Dictionary, keyOfText: (text: string) => number): KeyOf {
  const table = new Float64Array(dictionary.size).fill(UNKNOWN)
  table[0] = MISSING
  return code => {
    if (table[code] === UNKNOWN) table[code] = keyOfText(dictionary.decode(code))
    return table[code]
  }
}

/** "10" is the number 10, "10.0" and "010" are texts that no number is written like. */
function numberWrittenAs(text: string): number {
  const value = Number(text)
  return Number.isFinite(value) && String(value) === text ? value : NO_NUMBER
}

function scalarKeys(
  column: Exclude<Column, { type: 'strings' }>, keyOf: KeyOf, rows: Rows, from: number, n: number, scratch: Scratch<Float64Array>
): Float64Array {
  const keys = scratch.of(n)
  if (column.type === 'number') {
    const { values, valid } = column
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      keys[i] = valid === null || hasBit(valid, row) ? values[row] : MISSING
    }
  } else {
    const { codes } = column
    for (let i = 0; i < n; i++) keys[i] = keyOf(codes[rows === null ? from + i : rows[i]])
  }
  return keys
}

type Lists = Extract<Column, { type: 'strings' }>

/** Does any element of a row have the row's key? */
function testList({ offsets, codes }: Lists, keyOf: KeyOf, keys: Float64Array, rows: Rows, from: number, n: number, mask: Uint8Array): void {
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    const end = offsets[row + 1]
    let item = offsets[row]
    let match = item === end && keys[i] === MISSING
    while (!match && item < end) match = keyOf(codes[item++]) === keys[i]
    mask[i] = match ? 1 : 0
  }
}

/** Do two arrays of a row share an element, or are both empty? */
function testLists(a: Lists, aKey: KeyOf, b: Lists, bKey: KeyOf, rows: Rows, from: number, n: number, mask: Uint8Array): void {
  const keys = new Set<number>()
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    const end = b.offsets[row + 1]
    let item = a.offsets[row]
    let other = b.offsets[row]
    let match = item === a.offsets[row + 1] && other === end
    keys.clear()
    while (item < a.offsets[row + 1]) keys.add(aKey(a.codes[item++]))
    while (!match && other < end) match = keys.has(bKey(b.codes[other++]))
    mask[i] = match ? 1 : 0
  }
}
