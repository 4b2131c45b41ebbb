import { hasBit } from '../../column/bitset.js'
import type { NumberColumn } from '../../column/column.js'
import { edgesUpTo } from '../../edges.js'
import type { ColumnReader } from '../../filter/filter.js'
import type { Rows } from '../../kernels/select.js'
import { computedValues, type DimensionValues } from '../dimension-values.js'
import { NumberIds, type GatheredNumbers } from '../number-ids.js'
import type { Keys } from './keys.js'

abstract class OfNumbers implements Keys {
  abstract readonly bytes: number
  abstract readonly values: DimensionValues
  readonly array = null
  readonly codes = null
  readonly plain = true
  private readonly dimension: string
  private column: NumberColumn | null = null

  constructor(dimension: string) {
    this.dimension = dimension
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.dimension)
    if (column.type !== 'number') throw new TypeError(`${this.dimension} is not a number column`)
    this.column = column
  }

  keyOf(code: number): number {
    return code
  }

  read(rows: Rows, from: number, n: number, into: Uint32Array): void {
    const { values, valid } = this.column!
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      into[i] = valid !== null && !hasBit(valid, row) ? 0 : this.keyOfNumber(values[row])
    }
  }

  protected abstract keyOfNumber(value: number): number
}

/** Numbers, or what becomes of them: keys are given as values are met. */
export class NumberKeys extends OfNumbers {
  readonly values: DimensionValues
  private readonly ids = new NumberIds()
  private readonly turn: ((value: number) => number | null) | null

  /** `turn` gives the value to group by, or null for a missing one. */
  constructor(dimension: string, turn: ((value: number) => number | null) | null) {
    super(dimension)
    this.turn = turn
    this.values = computedValues(key => this.ids.value(key))
  }

  get bytes(): number {
    return this.ids.bytes
  }

  handOver(): GatheredNumbers {
    return this.ids.handOver()
  }

  takeOver(values: unknown): Generator<void, Uint32Array, void> {
    return this.ids.takeOver(values as GatheredNumbers)
  }

  protected keyOfNumber(value: number): number {
    const turned = this.turn === null ? value : this.turn(value)
    return turned === null ? 0 : this.ids.idOfNumber(turned)
  }
}

/** Numbers as the last of some edges at or below them: key i is edge i-1, and 0 is below all of them. */
export class EdgeKeys extends OfNumbers {
  readonly bytes: number
  readonly values: DimensionValues
  private readonly edges: Float64Array

  constructor(dimension: string, edges: readonly number[]) {
    super(dimension)
    this.edges = Float64Array.from(edges)
    this.bytes = this.edges.byteLength
    this.values = computedValues(key => key === 0 ? null : this.edges[key - 1])
  }

  protected keyOfNumber(value: number): number {
    return edgesUpTo(this.edges, value)
  }
}
