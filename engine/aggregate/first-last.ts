import type { Codes } from '../column/codes.js'
import type { NumberColumn, StringColumn } from '../column/column.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import type { Aggregator } from './aggregator.js'
import type { Dictionary } from '../column/dictionary.js'
import { stretches } from '../steps.js'
import { rowByRow } from './takers.js'
import { Scalars } from './scalars.js'

interface GatheredBest {
  readonly best: Float64Array
  readonly ids: Uint32Array
  readonly values: Float64Array
}

/**
 * `first` and `last`: the value of the earliest or latest session that has one; null where none has.
 * Of sessions that start together the lesser or greater session_id decides, then (ids of two sources may be the same) the value.
 */
export class FirstLast implements Aggregator {
  private readonly sign: 1 | -1
  private readonly scalars: Scalars
  /** Smallest of sign · start. */
  private best = new Float64Array(0)
  /** Code of the session_id of that session. */
  private ids = new Uint32Array(0)
  private values = new Float64Array(0)
  private starts: Float64Array = new Float64Array(0)
  private codes: Codes = new Uint8Array(0)
  private readonly sessions: Dictionary

  readonly inverse = rowByRow((group, row) => { this.remove(group, row) })
  private readonly spoil: (group: number) => void

  /**
   * @param dictionaryOf gives that of a column, null of a number
   * @param spoil is told of groups whose session was taken back
   */
  constructor(field: string, kind: 'first' | 'last', dictionaryOf: (name: string) => Dictionary | null, spoil: (group: number) => void) {
    this.sign = kind === 'first' ? 1 : -1
    this.scalars = new Scalars(field, dictionaryOf(field))
    this.sessions = dictionaryOf('session_id')!
    this.spoil = spoil
  }

  get bytes(): number {
    return this.best.byteLength + this.ids.byteLength + this.values.byteLength
  }

  grow(groups: number): void {
    const best = new Float64Array(groups).fill(Infinity)
    const ids = new Uint32Array(groups)
    const values = new Float64Array(groups).fill(NaN)
    best.set(this.best)
    ids.set(this.ids)
    values.set(this.values)
    this.best = best
    this.ids = ids
    this.values = values
  }

  bind(reader: ColumnReader): void {
    this.scalars.bind(reader)
    this.starts = (reader.column('started_at') as NumberColumn).values
    this.codes = (reader.column('session_id') as StringColumn).codes
  }

  /** Rows come by start: those beyond the best one need not be seen. */
  addRun(group: number, rows: Rows, from: number, to: number): void {
    const { sign, starts, best } = this
    const n = to - from
    for (let i = 0; i < n; i++) {
      const at = sign === 1 ? from + i : to - 1 - i
      const row = rows === null ? at : rows[at]
      if (starts[row] * sign > best[group]) return
      this.offer(group, row)
    }
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    const { sign, starts, best } = this
    // The best rows first: the others are then passed over. Rows come by start.
    for (let step = 0; step < n; step++) {
      const i = sign === 1 ? step : n - 1 - step
      const row = rows === null ? from + i : rows[i]
      if (starts[row] * sign <= best[groups[i]]) this.offer(groups[i], row)
    }
  }

  forget(groups: ReadonlySet<number>): void {
    for (const group of groups) {
      this.best[group] = Infinity
      this.ids[group] = 0
      this.values[group] = NaN
    }
  }

  *finish(): Generator<void, void, void> {}

  handOver(): GatheredBest {
    return { best: this.best, ids: this.ids, values: this.values }
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const { best, ids, values } = gathered as GatheredBest
    for (const [from, to] of stretches(groupOf?.length ?? best.length)) {
      for (let group = from; group < to; group++) {
        const own = groupOf === null ? group : groupOf[group]
        if (best[group] <= this.best[own] && best[group] < Infinity) this.put(own, best[group], ids[group], values[group])
      }
      yield
    }
  }

  value(group: number): number | string | null {
    return this.scalars.valueOf(this.values[group])
  }

  private remove(group: number, row: number): void {
    const isBest = this.starts[row] * this.sign <= this.best[group] && this.codes[row] === this.ids[group]
    if (isBest && !Number.isNaN(this.scalars.at(row))) this.spoil(group)
  }

  /** The row starts no later (of `last` no earlier) than the best one so far. */
  private offer(group: number, row: number): void {
    const value = this.scalars.at(row)
    if (!Number.isNaN(value)) this.put(group, this.starts[row] * this.sign, this.codes[row], value)
  }

  private put(group: number, start: number, id: number, value: number): void {
    if (start === this.best[group]) {
      const order = id === this.ids[group] ? this.scalars.compare(value, this.values[group]) : this.sessions.compare(id, this.ids[group])
      if (order * this.sign >= 0) return
    }
    this.best[group] = start
    this.ids[group] = id
    this.values[group] = value
  }
}

/** `any`: a value of the group, always the least one so that the order of sessions does not matter; null where there is none. */
export class AnyValue implements Aggregator {
  private readonly scalars: Scalars
  private best = new Float64Array(0)

  readonly inverse = rowByRow((group, row) => { this.remove(group, row) })
  private readonly spoil: (group: number) => void

  /**
   * @param dictionary that of the field, null of a number
   * @param spoil is told of groups whose value was taken back
   */
  constructor(field: string, dictionary: Dictionary | null, spoil: (group: number) => void) {
    this.scalars = new Scalars(field, dictionary)
    this.spoil = spoil
  }

  get bytes(): number {
    return this.best.byteLength
  }

  grow(groups: number): void {
    const best = new Float64Array(groups).fill(NaN)
    best.set(this.best)
    this.best = best
  }

  bind(reader: ColumnReader): void {
    this.scalars.bind(reader)
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    for (let i = from; i < to; i++) this.offer(group, rows === null ? i : rows[i])
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    for (let i = 0; i < n; i++) this.offer(groups[i], rows === null ? from + i : rows[i])
  }

  forget(groups: ReadonlySet<number>): void {
    for (const group of groups) this.best[group] = NaN
  }

  *finish(): Generator<void, void, void> {}

  handOver(): Float64Array {
    return this.best
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const others = gathered as Float64Array
    for (const [from, to] of stretches(groupOf?.length ?? others.length)) {
      for (let group = from; group < to; group++) this.put(groupOf === null ? group : groupOf[group], others[group])
      yield
    }
  }

  value(group: number): number | string | null {
    return this.scalars.valueOf(this.best[group])
  }

  private remove(group: number, row: number): void {
    if (this.scalars.at(row) === this.best[group]) this.spoil(group)
  }

  private offer(group: number, row: number): void {
    this.put(group, this.scalars.at(row))
  }

  private put(group: number, value: number): void {
    if (Number.isNaN(value)) return
    const best = this.best[group]
    if (Number.isNaN(best) || this.scalars.compare(value, best) < 0) this.best[group] = value
  }
}
