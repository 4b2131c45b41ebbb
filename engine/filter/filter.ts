/**
 * A filter made ready for a table: texts become tables over codes, and rows are tested a segment at a time.
 */
import type { Filter } from '../../dsl/query.js'
import type { Column } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import { Scratch } from './scratch.js'
import { compactRows, countOnes, invertMask, testCode, testCodes, testItems, testNumbers, testRange, type Rows } from '../kernels/select.js'
import { kernels } from '../kernels/kernels.js'
import { bound } from './bound.js'
import { columnPair } from './column-comparison.js'
import { inList } from './in.js'
import type { LeafFilter, LeafKind } from './leaf.js'
import { like } from './like.js'
import { regex } from './regex.js'
import type { RowTest } from './row-test.js'
import { search } from './search.js'
import { selector } from './selector.js'

export type { ColumnReader, RowTest } from './row-test.js'

export const LEAVES: { readonly [T in LeafFilter['type']]: LeafKind<never> } = { selector, in: inList, bound, like, regex, search }

/** Dictionaries up to this size are tried text by text beforehand; of larger ones only the texts that rows have. */
const EAGER_TEXTS = 65_536
/** Picking rows out costs more than testing all of them when more than this share passed. */
const REFINE_BELOW = 0.1
/** In the table over codes: not tried yet. */
const UNKNOWN = 2

/** null where every row passes. `dictionaryOf` gives the dictionary of a string or array column. */
export function compileFilter(filter: Filter, dictionaryOf: (name: string) => Dictionary | null): RowTest | null {
  switch (filter.type) {
    case 'true': return null
    case 'false': return (_reader, _rows, _from, n, mask) => { mask.fill(0, 0, n) }
    case 'and': return all(filter.fields.map(field => compileFilter(field, dictionaryOf)))
    case 'or': return any(filter.fields.map(field => compileFilter(field, dictionaryOf)))
    case 'not': return not(compileFilter(filter.field, dictionaryOf))
    case 'columnComparison': return all(pairs(filter.dimensions).map(([a, b]) => columnPair(a, dictionaryOf(a), b, dictionaryOf(b))))
    default: return leaf(filter, dictionaryOf(filter.dimension))
  }
}

/** Each two of a list. */
function pairs(names: readonly string[]): [string, string][] {
  return names.flatMap((name, index) => names.slice(index + 1).map((other): [string, string] => [name, other]))
}

/** Later tests see only the rows that passed the earlier ones, where that spares much. */
function all(parts: readonly (RowTest | null)[]): RowTest | null {
  const tests = parts.filter(test => test !== null)
  if (tests.length <= 1) return tests[0] ?? null
  const passed = new Scratch(Uint32Array)
  const places = new Scratch(Uint32Array)
  const again = new Scratch(Uint8Array)
  return (reader, rows, from, n, mask) => {
    tests[0](reader, rows, from, n, mask)
    const passedMask = again.of(n)
    let count = countOnes(mask, n)
    for (let t = 1; t < tests.length && count > 0; t++) {
      if (count > n * REFINE_BELOW) {
        tests[t](reader, rows, from, n, passedMask)
        count = kernels().andMasks(mask, passedMask, n)
        continue
      }
      const passedRows = passed.of(n)
      const passedPlaces = places.of(n)
      compactRows(mask, rows, from, n, passedRows)
      compactRows(mask, null, 0, n, passedPlaces)
      tests[t](reader, passedRows, 0, count, passedMask)
      let left = 0
      for (let i = 0; i < count; i++) {
        mask[passedPlaces[i]] = passedMask[i]
        left += passedMask[i]
      }
      count = left
    }
  }
}

function any(parts: readonly (RowTest | null)[]): RowTest | null {
  const tests = parts.filter(test => test !== null)
  if (tests.length < parts.length) return null
  if (tests.length === 0) return (_reader, _rows, _from, n, mask) => { mask.fill(0, 0, n) }
  if (tests.length === 1) return tests[0]
  const others = new Scratch(Uint8Array)
  return (reader, rows, from, n, mask) => {
    tests[0](reader, rows, from, n, mask)
    const other = others.of(n)
    for (const test of tests.slice(1)) {
      test(reader, rows, from, n, other)
      kernels().orMasks(mask, other, n)
    }
  }
}

function not(test: RowTest | null): RowTest {
  if (test === null) return (_reader, _rows, _from, n, mask) => { mask.fill(0, 0, n) }
  return (reader, rows, from, n, mask) => {
    test(reader, rows, from, n, mask)
    invertMask(mask, n)
  }
}

function leaf<F extends LeafFilter>(filter: F, dictionary: Dictionary | null): RowTest {
  const kind = LEAVES[filter.type] as LeafKind<F>
  return dictionary === null ? numberLeaf(kind, filter) : textLeaf(kind, filter, dictionary)
}

function numberLeaf<F extends LeafFilter>(kind: LeafKind<F>, filter: F): RowTest {
  const range = kind.range?.(filter) ?? null
  const test = kind.number(filter)
  const missing = kind.missing(filter) ? 1 : 0
  return (reader, rows, from, n, mask) => {
    const column = reader.column(filter.dimension)
    if (column.type !== 'number') throw new TypeError(`${filter.dimension} is not a number column`)
    if (range !== null) testRange(column.values, column.valid, range[0], range[1], rows, from, n, mask)
    else testNumbers(column.values, column.valid, test, missing, rows, from, n, mask)
  }
}

function textLeaf<F extends LeafFilter>(kind: LeafKind<F>, filter: F, dictionary: Dictionary): RowTest {
  const missing = kind.missing(filter) ? 1 : 0
  const size = dictionary.size
  const codes = kind.texts?.(filter).map(text => dictionary.lookup(text)).filter(code => code >= 0 && code < size)
  const matches = codes === undefined ? kind.text(filter) : null
  const lazy = matches !== null && size > EAGER_TEXTS
  const makeTable = (): Uint8Array => {
    const passing = new Uint8Array(size)
    if (codes !== undefined) for (const code of codes) passing[code] = 1
    else if (lazy) passing.fill(UNKNOWN)
    else for (let code = 1; code < size; code++) passing[code] = matches!(dictionary.decode(code)) ? 1 : 0
    passing[0] = missing
    return passing
  }
  const only = codes?.length === 1 && missing === 0 ? codes[0] : -1
  let table: Uint8Array | null = null
  return (reader, rows, from, n, mask) => {
    const column = reader.column(filter.dimension)
    if (column.type === 'number') throw new TypeError(`${filter.dimension} is a number column`)
    if (column.type === 'string' && only >= 0) {
      testCode(column.codes, only, rows, from, n, mask)
      return
    }
    table ??= makeTable()
    if (lazy) tryTexts(column, rows, from, n, table, code => matches(dictionary.decode(code)))
    if (column.type === 'strings') testItems(column.offsets, column.codes, table, missing, rows, from, n, mask)
    else testCodes(column.codes, table, rows, from, n, mask)
  }
}

/** Fills in the table for the codes of these rows. */
function tryTexts(
  column: Column & { type: 'string' | 'strings' }, rows: Rows, from: number, n: number, table: Uint8Array, matches: (code: number) => boolean
): void {
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    const first = column.type === 'string' ? row : column.offsets[row]
    const end = column.type === 'string' ? row + 1 : column.offsets[row + 1]
    for (let item = first; item < end; item++) {
      const code = column.codes[item]
      if (table[code] === UNKNOWN) table[code] = matches(code) ? 1 : 0
    }
  }
}
