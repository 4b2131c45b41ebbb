import type { Codes, StringsColumn } from '../../column/column.js'
import type { Dictionary } from '../../column/dictionary.js'
import type { ColumnReader } from '../../filter/filter.js'
import type { Rows } from '../../kernels/select.js'
import { textValues, type DimensionValues } from '../dimension-values.js'
import type { Keys } from './keys.js'

/** In the table of keys: not looked at yet. */
const UNKNOWN = 0xffff_ffff

/** Texts, or the elements of an array: keys are codes of the dictionary. */
export class TextKeys implements Keys {
  readonly values: DimensionValues
  readonly bytes = 0
  readonly plain = true
  array: StringsColumn | null = null
  codes: Codes | null = null
  private readonly dimension: string

  constructor(dimension: string, dictionary: Dictionary) {
    this.dimension = dimension
    this.values = textValues(dictionary)
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.dimension)
    if (column.type === 'number') throw new TypeError(`${this.dimension} is a number column`)
    this.array = column.type === 'strings' ? column : null
    this.codes = column.type === 'string' ? column.codes : null
  }

  keyOf(code: number): number {
    return code
  }

  read(rows: Rows, from: number, n: number, into: Uint32Array): void {
    const codes = this.codes!
    for (let i = 0; i < n; i++) into[i] = codes[rows === null ? from + i : rows[i]]
  }
}

/** Texts of which only some are kept: a table turns codes into keys. */
abstract class MappedKeys implements Keys {
  abstract readonly values: DimensionValues
  array: StringsColumn | null = null
  readonly codes = null
  readonly plain = false
  protected readonly table: Uint32Array
  private readonly dimension: string
  private scalars: Codes | null = null

  constructor(dimension: string, table: Uint32Array) {
    this.dimension = dimension
    this.table = table
  }

  get bytes(): number {
    return this.table.byteLength
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.dimension)
    if (column.type === 'number') throw new TypeError(`${this.dimension} is a number column`)
    this.array = column.type === 'strings' ? column : null
    this.scalars = column.type === 'string' ? column.codes : null
  }

  abstract keyOf(code: number): number

  read(rows: Rows, from: number, n: number, into: Uint32Array): void {
    const codes = this.scalars!
    for (let i = 0; i < n; i++) into[i] = this.keyOf(codes[rows === null ? from + i : rows[i]])
  }
}

/** Only these texts: their keys are 1, 2 and so on, however large the dictionary is. */
export class ListedKeys extends MappedKeys {
  readonly values: DimensionValues

  constructor(dimension: string, dictionary: Dictionary, texts: readonly string[]) {
    super(dimension, new Uint32Array(dictionary.size))
    const codes = texts.map(text => dictionary.lookup(text)).filter(code => code >= 0 && code < this.table.length)
    codes.forEach((code, index) => { this.table[code] = index + 1 })
    this.values = textValues(dictionary, key => codes[key - 1])
  }

  keyOf(code: number): number {
    return this.table[code]
  }
}

/** Only texts that pass a test; each is tested once, when the first row has it. Keys are codes. */
export class TestedKeys extends MappedKeys {
  readonly values: DimensionValues
  private readonly dictionary: Dictionary
  private readonly keeps: (text: string) => boolean

  constructor(dimension: string, dictionary: Dictionary, keeps: (text: string) => boolean) {
    super(dimension, new Uint32Array(dictionary.size).fill(UNKNOWN))
    this.table[0] = 0
    this.dictionary = dictionary
    this.keeps = keeps
    this.values = textValues(dictionary)
  }

  keyOf(code: number): number {
    const known = this.table[code]
    if (known !== UNKNOWN) return known
    return this.table[code] = this.keeps(this.dictionary.decode(code)) ? code : 0
  }
}
