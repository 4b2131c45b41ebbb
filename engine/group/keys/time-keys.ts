import { timeUnit } from '../../../dsl/time-units.js'
import type { TimeUnit } from '../../../dsl/query.js'
import type { ColumnReader } from '../../filter/filter.js'
import type { Rows } from '../../kernels/select.js'
import { computedValues, type DimensionValues } from '../dimension-values.js'
import type { Keys } from './keys.js'

/**
 * What the local clock or calendar shows when a session starts: the key is the number plus 1.
 * Rows come by start, so that the zone is asked once for each stretch of time that shows one number.
 */
export class TimeKeys implements Keys {
  readonly bytes = 0
  readonly values: DimensionValues = computedValues(key => key - 1)
  readonly array = null
  readonly codes = null
  readonly plain = true
  private readonly at: ReturnType<typeof timeUnit>['at']
  private starts = new Float64Array(0) as Float64Array
  private from = Infinity
  private until = -Infinity
  private key = 0

  constructor(unit: TimeUnit, timeZone: string) {
    this.at = timeUnit(unit, timeZone).at
  }

  bind(reader: ColumnReader): void {
    const column = reader.column('started_at')
    if (column.type !== 'number') throw new TypeError('started_at is not a number column')
    this.starts = column.values
  }

  keyOf(code: number): number {
    return code
  }

  read(rows: Rows, first: number, n: number, into: Uint32Array): void {
    const { starts } = this
    let { from, until, key } = this
    for (let i = 0; i < n; i++) {
      const start = starts[rows === null ? first + i : rows[i]]
      if (start >= until || start < from) {
        const stretch = this.at(start)
        from = stretch.from
        until = stretch.until
        key = stretch.value + 1
      }
      into[i] = key
    }
    this.from = from
    this.until = until
    this.key = key
  }
}
