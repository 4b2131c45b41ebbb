import { hasBit } from '../column/bitset.js'
import type { NumberColumn } from '../column/column.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import type { Aggregator } from './aggregator.js'
import { stretches } from '../steps.js'
import { rowByRow } from './takers.js'

/** `min` and `max` of a number column; null over no values. */
export class Extreme implements Aggregator {
  private readonly field: string
  private readonly sign: 1 | -1
  /** Largest of sign · value; −Infinity where no value came, which no session can hold. */
  private best = new Float64Array(0)
  private values: Float64Array = new Float64Array(0)
  private valid: Uint32Array | null = null

  readonly inverse = rowByRow((group, row) => { this.remove(group, row) })
  private readonly spoil: (group: number) => void

  /** @param spoil is told of groups whose best value was taken back */
  constructor(field: string, kind: 'min' | 'max', spoil: (group: number) => void) {
    this.field = field
    this.sign = kind === 'max' ? 1 : -1
    this.spoil = spoil
  }

  get bytes(): number {
    return this.best.byteLength
  }

  grow(groups: number): void {
    const larger = new Float64Array(groups).fill(-Infinity)
    larger.set(this.best)
    this.best = larger
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.field) as NumberColumn
    this.values = column.values
    this.valid = column.valid
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    const { values, valid, sign } = this
    let best = this.best[group]
    for (let i = from; i < to; i++) {
      const row = rows === null ? i : rows[i]
      const value = values[row] * sign
      if (value > best && (valid === null || hasBit(valid, row))) best = value
    }
    this.best[group] = best
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    const { values, valid, sign, best } = this
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      const value = values[row] * sign
      if (value > best[groups[i]] && (valid === null || hasBit(valid, row))) best[groups[i]] = value
    }
  }

  forget(groups: ReadonlySet<number>): void {
    for (const group of groups) this.best[group] = -Infinity
  }

  *finish(): Generator<void, void, void> {}

  handOver(): Float64Array {
    return this.best
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const others = gathered as Float64Array
    const { best } = this
    for (const [from, to] of stretches(groupOf?.length ?? others.length)) {
      for (let group = from; group < to; group++) {
        const own = groupOf === null ? group : groupOf[group]
        if (others[group] > best[own]) best[own] = others[group]
      }
      yield
    }
  }

  value(group: number): number | null {
    const best = this.best[group]
    return best === -Infinity ? null : best * this.sign + 0
  }

  private remove(group: number, row: number): void {
    const { values, valid, sign } = this
    if (values[row] * sign >= this.best[group] && (valid === null || hasBit(valid, row))) this.spoil(group)
  }
}
