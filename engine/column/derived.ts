/** Columns made for one query out of the stored ones, a segment at a time. */
import type { ColumnType, DerivedColumn } from '../../dsl/query.js'
import { numberOf } from '../../dsl/values.js'
import { setBit, wordsFor } from './bitset.js'
import { exponentsOf, type Column, type NumberColumn, type StringColumn } from './column.js'
import { Dictionary } from './dictionary.js'
import type { ColumnReader } from '../filter/row-test.js'
import { missingColumn, type Segment } from '../table/segment.js'

/** A column as a query sees it. */
export interface ColumnInfo {
  readonly type: ColumnType
  readonly dictionary: Dictionary | null
  /** Undefined: it is stored. */
  readonly derived?: DerivedColumn
}

/** `columns` with those that a query derives. */
export function withDerived(columns: ReadonlyMap<string, ColumnInfo>, derived: readonly DerivedColumn[] = []): ReadonlyMap<string, ColumnInfo> {
  if (derived.length === 0) return columns
  const all = new Map(columns)
  for (const column of derived) all.set(column.name, infoOf(column))
  return all
}

function infoOf(derived: DerivedColumn): ColumnInfo {
  const type = derived.type === 'missing' ? derived.of : 'number'
  return { type, dictionary: type === 'number' ? null : new Dictionary(), derived }
}

/** The columns of one query, segment by segment. */
export class QueryColumns {
  private readonly infos: ReadonlyMap<string, ColumnInfo>
  private readonly numbers = new Map<string, NumbersOf>()
  private last: { readonly segment: Segment, readonly reader: ColumnReader } | null = null

  constructor(infos: ReadonlyMap<string, ColumnInfo>) {
    this.infos = infos
  }

  /** Reads each column of the segment once, also when the same segment is asked for again next. */
  reader(segment: Segment): ColumnReader {
    if (this.last?.segment !== segment) this.last = { segment, reader: this.readerOf(segment) }
    return this.last.reader
  }

  private readerOf(segment: Segment): ColumnReader {
    const read = new Map<string, Column>()
    const column = (name: string): Column => {
      let known = read.get(name)
      if (known === undefined) {
        known = this.read(segment, name, column)
        read.set(name, known)
      }
      return known
    }
    return { column }
  }

  private read(segment: Segment, name: string, column: (name: string) => Column): Column {
    const { type, dictionary, derived } = this.infos.get(name)!
    if (derived === undefined) return segment.column(name, type, dictionary)
    if (derived.type === 'missing') return missingColumn(type, dictionary, segment.rows)
    const numbers = this.numbers.get(name) ?? new NumbersOf(derived.whole)
    this.numbers.set(name, numbers)
    return numbers.read(column(derived.column), segment.rows)
  }
}

/** What a column of texts or numbers says in numbers. */
class NumbersOf {
  private readonly whole: boolean
  /** Number of each code of `dictionary`; `tried` says which were read. */
  private numbers = new Float64Array(0)
  private tried = new Uint8Array(0)

  constructor(whole: boolean) {
    this.whole = whole
  }

  read(column: Column, rows: number): NumberColumn {
    if (column.type === 'number') return this.whole ? wholeNumbers(column, rows) : column
    if (column.type === 'string') return this.fromTexts(column, rows)
    throw new TypeError('an array has no single number')
  }

  private fromTexts({ codes, dictionary }: StringColumn, rows: number): NumberColumn {
    const values = new Float64Array(rows)
    const valid = new Uint32Array(wordsFor(rows))
    for (let row = 0; row < rows; row++) {
      const number = codes[row] === 0 ? NaN : this.numberOf(codes[row], dictionary)
      if (number !== number) continue
      values[row] = number
      setBit(valid, row)
    }
    return { type: 'number', values, valid, exponents: exponentsOf(values, rows) }
  }

  private numberOf(code: number, dictionary: Dictionary): number {
    if (code >= this.numbers.length) this.grow(dictionary.size)
    if (this.tried[code] === 0) {
      const number = numberOf(dictionary.decode(code)) ?? NaN
      this.numbers[code] = this.whole ? cutOff(number) : number
      this.tried[code] = 1
    }
    return this.numbers[code]
  }

  private grow(size: number): void {
    const numbers = new Float64Array(size)
    const tried = new Uint8Array(size)
    numbers.set(this.numbers)
    tried.set(this.tried)
    this.numbers = numbers
    this.tried = tried
  }
}

function wholeNumbers(column: NumberColumn, rows: number): NumberColumn {
  // All are multiples of 2^bottom.
  if (column.exponents.bottom >= 0) return column
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row++) values[row] = cutOff(column.values[row])
  return { type: 'number', values, valid: column.valid, exponents: exponentsOf(values, rows) }
}

/** Towards zero; never -0, which is another group than 0. */
function cutOff(value: number): number {
  return Math.trunc(value) + 0
}
