import type { Codes } from '../../column/codes.js'
import type { StringsColumn } from '../../column/column.js'
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
  protected readonly dictionary: Dictionary
  private table: Uint32Array
  private readonly dimension: string
  private scalars: Codes | null = null

  /** @param table keys of the codes that there are, UNKNOWN where `find` is to tell */
  constructor(dimension: string, dictionary: Dictionary, table: Uint32Array) {
    this.dimension = dimension
    this.dictionary = dictionary
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
    if (this.table.length < this.dictionary.size) this.grow(this.dictionary.size * 2)
  }

  keyOf(code: number): number {
    const known = this.table[code]
    return known === UNKNOWN ? this.table[code] = this.find(code) : known
  }

  /** The key of a code that no row had before. */
  protected abstract find(code: number): number

  read(rows: Rows, from: number, n: number, into: Uint32Array): void {
    const codes = this.scalars!
    for (let i = 0; i < n; i++) into[i] = this.keyOf(codes[rows === null ? from + i : rows[i]])
  }

  /** Rows come with texts that there were none of before. */
  private grow(size: number): void {
    const larger = new Uint32Array(size).fill(UNKNOWN)
    larger.set(this.table)
    this.table = larger
  }
}

/** Only these texts: keys of those that there are are 1, 2 and so on, however large the dictionary is. */
export class ListedKeys extends MappedKeys {
  readonly values: DimensionValues
  private readonly texts: ReadonlySet<string>
  /** Code of each key but the first, 0. */
  private readonly listed: number[]

  constructor(dimension: string, dictionary: Dictionary, texts: readonly string[]) {
    const table = new Uint32Array(dictionary.size)
    const listed = texts.map(text => dictionary.lookup(text)).filter(code => code >= 0 && code < table.length)
    listed.forEach((code, index) => { table[code] = index + 1 })
    super(dimension, dictionary, table)
    this.texts = new Set(texts)
    this.listed = listed
    this.values = textValues(dictionary, key => listed[key - 1])
  }

  protected find(code: number): number {
    return this.texts.has(this.dictionary.decode(code)) ? this.listed.push(code) : 0
  }
}

/** Only texts that pass a test; each is tested once, when the first row has it. Keys are codes. */
export class TestedKeys extends MappedKeys {
  readonly values: DimensionValues
  private readonly keeps: (text: string) => boolean

  constructor(dimension: string, dictionary: Dictionary, keeps: (text: string) => boolean) {
    const table = new Uint32Array(dictionary.size).fill(UNKNOWN)
    table[0] = 0
    super(dimension, dictionary, table)
    this.keeps = keeps
    this.values = textValues(dictionary)
  }

  protected find(code: number): number {
    return this.keeps(this.dictionary.decode(code)) ? code : 0
  }
}
