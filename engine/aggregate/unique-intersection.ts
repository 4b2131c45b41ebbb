import type { Column } from '../column/column.js'
import type { CompiledFilter } from '../filter/compiled-filter.js'
import type { ColumnReader } from '../filter/filter.js'
import { NumberIds, type GatheredNumbers } from '../group/number-ids.js'
import { PairTable, type GatheredPairs } from '../group/pair-table.js'
import type { Rows } from '../kernels/select.js'
import { stretches } from '../steps.js'
import type { Aggregator, Taker } from './aggregator.js'
import { rowByRow } from './takers.js'

/** Rows that are tested at a time; they stay in the cache. */
const BLOCK_ROWS = 16_384
/** Marks that are counted between two steps of `finish`. */
const STEP = 2 ** 21
const FIRST_MARKS = 256
/** A place of one byte weighs so much less than a pair. */
const BYTES_PER_PAIR = 8
/** Filters whose bits fit a byte. */
const BYTE_FILTERS = 8

interface GatheredMarks {
  readonly marks: Uint8Array | Uint32Array
  /** Group and value of each place; null where it is group · size + value. */
  readonly places: GatheredPairs | null
  /** Values were numbers below it, null where they are not numbered: texts may have come between two threads' looks at them. */
  readonly size: number | null
  readonly numbers: GatheredNumbers
}

/**
 * `uniqueIntersection`: how many distinct values of a field occur under each of several filters, exactly.
 * Each (group, value) has a bit for each filter. They are places in a table of groups × values where that is small,
 * else numbered as they come.
 */
export class UniqueIntersection implements Aggregator {
  readonly inverse: Taker
  private readonly field: string
  private readonly filters: readonly Pick<CompiledFilter, 'test'>[]
  /** Values there can be, or null where they are not numbered. */
  private readonly size: number | null
  private readonly maxPlaces: number
  private readonly full: number
  private readonly numbers = new NumberIds()
  /** Null while places are group · size + value. */
  private table: PairTable | null
  private marks: Uint8Array | Uint32Array
  private readonly passed = new Uint8Array(BLOCK_ROWS)
  private readonly bits = new Uint32Array(BLOCK_ROWS)
  private reader: ColumnReader | null = null
  private column: Column | null = null
  private results = new Float64Array(0)

  /**
   * @param filters up to 32
   * @param size values of the field are numbers below it; null where they are not known beforehand
   * @param maxPairs how large a table of groups × values may be, in numbers of 32 bits and more
   * @param spoil is told the groups of rows that are taken back: others may have the same value
   */
  constructor(field: string, filters: readonly Pick<CompiledFilter, 'test'>[], size: number | null, maxPairs: number, spoil: (group: number) => void) {
    this.inverse = rowByRow(spoil)
    this.field = field
    this.filters = filters
    this.size = size
    this.maxPlaces = filters.length <= BYTE_FILTERS ? maxPairs * BYTES_PER_PAIR : maxPairs
    this.full = 2 ** filters.length - 1
    this.table = size === null ? new PairTable() : null
    this.marks = this.marksOf(size === null ? FIRST_MARKS : 0)
  }

  get bytes(): number {
    return this.marks.byteLength + (this.table?.bytes ?? 0) + this.numbers.bytes + this.passed.byteLength + this.bits.byteLength + this.results.byteLength
  }

  grow(groups: number): void {
    const results = new Float64Array(groups)
    results.set(this.results)
    this.results = results
    if (this.table !== null || this.size === null) return
    if (groups * this.size > this.maxPlaces) this.becomeTable(this.size)
    else this.enlarge(groups * this.size)
  }

  bind(reader: ColumnReader): void {
    this.reader = reader
    this.column = reader.column(this.field)
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    for (let at = from; at < to; at += BLOCK_ROWS) {
      const n = Math.min(BLOCK_ROWS, to - at)
      this.add(group, rows === null ? null : rows.subarray(at, at + n), at, n)
    }
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    for (let at = 0; at < n; at += BLOCK_ROWS) {
      const length = Math.min(BLOCK_ROWS, n - at)
      this.add(groups.subarray(at, at + length), rows === null ? null : rows.subarray(at, at + length), from + at, length)
    }
  }

  forget(groups: ReadonlySet<number>): void {
    const { table, marks, results } = this
    for (let place = 0; place < table!.size; place++) if (groups.has(table!.keysA[place])) marks[place] = 0
    for (const group of groups) results[group] = 0
  }

  /** A table is counted as it is marked. */
  *finish(): Generator<void, void, void> {
    const { marks, full, results } = this
    const size = this.size!
    if (this.table !== null) return
    for (let group = 0, since = 0; group < results.length; group++) {
      for (let from = group * size; from < (group + 1) * size; from += STEP) {
        const to = Math.min(from + STEP, (group + 1) * size)
        results[group] += countOf(full, marks, from, to)
        since += to - from
        if (since < STEP) continue
        since = 0
        yield
      }
    }
    this.marks = this.marksOf(0)
  }

  handOver(): GatheredMarks {
    const { table, marks } = this
    return { marks, places: table?.handOver() ?? null, size: this.size, numbers: this.numbers.handOver() }
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const { marks, places, size, numbers } = gathered as GatheredMarks
    if (places === null && this.table === null && groupOf === null && size === this.size) {
      const own = this.marks
      for (const [from, to] of stretches(marks.length)) {
        for (let place = from; place < to; place++) own[place] |= marks[place]
        yield
      }
      return
    }
    const idOf = yield* this.numbers.takeOver(numbers)
    for (const [from, to] of stretches(places?.a.length ?? marks.length)) {
      for (let place = from; place < to; place++) {
        if (marks[place] === 0) continue
        const group = places === null ? Math.floor(place / size!) : places.a[place]
        const value = places === null ? place % size! : places.b[place]
        this.mark(groupOf === null ? group : groupOf[group], size === null ? idOf[value] : value, marks[place])
      }
      yield
    }
  }

  value(group: number): number {
    return this.results[group]
  }

  /** Row i of n (rows[i], or from + i) belongs to groups[i], or to the one group. At most BLOCK_ROWS. */
  private add(groups: Uint32Array | number, rows: Rows, from: number, n: number): void {
    this.tryRows(rows, from, n)
    const { bits, numbers } = this
    const column = this.column!
    for (let i = 0; i < n; i++) {
      if (bits[i] === 0) continue
      const row = rows === null ? from + i : rows[i]
      const group = typeof groups === 'number' ? groups : groups[i]
      if (column.type === 'string') this.mark(group, column.codes[row], bits[i])
      else if (column.type === 'number') this.mark(group, numbers.idOf(column, row), bits[i])
      else for (let item = column.offsets[row]; item < column.offsets[row + 1]; item++) this.mark(group, column.codes[item], bits[i])
    }
  }

  /** `bits` of each row: those of the filters that it passes. */
  private tryRows(rows: Rows, from: number, n: number): void {
    const { filters, passed, bits } = this
    bits.fill(0, 0, n)
    filters.forEach(({ test }, t) => {
      if (test === null) passed.fill(1, 0, n)
      else test(this.reader!, rows, from, n, passed)
      for (let i = 0; i < n; i++) bits[i] |= passed[i] << t
    })
  }

  /** Value 0 is missing and counts nothing. */
  private mark(group: number, value: number, bits: number): void {
    if (value === 0) return
    if (this.table === null) {
      this.marks[group * this.size! + value] |= bits
      return
    }
    const place = this.table.id(group, value)
    if (place >= this.marks.length) this.enlarge(this.marks.length * 2)
    const before = this.marks[place]
    if (before === this.full || (before | bits) === before) return
    this.marks[place] |= bits
    if (this.marks[place] === this.full) this.results[group]++
  }

  private becomeTable(size: number): void {
    const old = this.marks
    this.table = new PairTable()
    this.marks = this.marksOf(FIRST_MARKS)
    for (let place = 0; place < old.length; place++) {
      if (old[place] !== 0) this.mark(Math.floor(place / size), place % size, old[place])
    }
  }

  private enlarge(places: number): void {
    const larger = this.marksOf(places)
    larger.set(this.marks)
    this.marks = larger
  }

  private marksOf(places: number): Uint8Array | Uint32Array {
    return this.filters.length <= BYTE_FILTERS ? new Uint8Array(places) : new Uint32Array(places)
  }
}

function countOf(value: number, marks: Uint8Array | Uint32Array, from: number, to: number): number {
  let count = 0
  for (let place = from; place < to; place++) if (marks[place] === value) count++
  return count
}
