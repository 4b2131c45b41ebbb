/** What the readers of a query's parts share: the known columns and the faults found so far. */
import { orList, quote, type Issues } from './issues.js'
import type { Columns, ColumnType } from './query.js'

/** Known names are listed in a message up to this many. */
const MAX_LISTED = 30

export class Context {
  readonly issues: Issues
  /** Undefined: the columns are not known, every name is accepted and no type is checked. */
  readonly columns: Columns | undefined
  /** The time of the query, epoch ms. */
  readonly now: () => number
  /** Characters of the regular expressions read so far. */
  patternLength = 0
  /** Zone of timestamps without an offset: that of the interval, once it is read. */
  timeZone = 'UTC'

  constructor(issues: Issues, columns: Columns | undefined, now: () => number = Date.now) {
    this.issues = issues
    this.columns = columns
    this.now = now
  }

  /** The type of a dimension; an unknown one is reported. Undefined also where the columns are not known. */
  typeOf(dimension: string, pointer: string): ColumnType | undefined {
    const type = this.columns?.get(dimension)
    if (this.columns && type === undefined) this.#unknown(dimension, pointer, this.columns)
    return type
  }

  #unknown(dimension: string, pointer: string, columns: Columns): void {
    const known = [...columns.keys()]
    const listed = known.length <= MAX_LISTED ? `, expected ${orList(known)}` : ''
    this.issues.add('unknown_dimension', pointer, `no source provides a dimension ${quote(dimension)}${listed}`, dimension, known)
  }
}
