/** What a query asks for, whatever dialect it is written in: the engine answers it without knowing which. */
import type { QueryResult } from './input.js'
import type { AnyQuery, ColumnType } from './query.js'

/** The sessions of one moment, as a request may ask them. */
export interface Sessions {
  run(query: AnyQuery): Promise<QueryResult>
  /** Starts of the first and the last session, epoch ms; null where there is none. */
  range(): SessionRange | null
  describe(): SessionsDescription
}

export interface SessionRange {
  readonly start: number
  readonly end: number
}

/** What is held, column by column. */
export interface SessionsDescription {
  readonly sessions: number
  readonly bytes: number
  readonly columns: readonly ColumnSummary[]
}

export interface ColumnSummary {
  readonly name: string
  readonly type: ColumnType
  /** Sessions that have a value (of an array: at least one element). */
  readonly present: number
  /** Distinct texts or elements; null for numbers. */
  readonly distinct: number | null
  readonly min: number | null
  readonly max: number | null
}

/** A checked query. */
export interface Request<Answer> {
  /** What is read of the sessions, for explain and for sources that are read for it. */
  readonly query: AnyQuery
  answer(sessions: Sessions): Promise<Answer>
}
