/** What every contender of the query bench does. Each runs in a process of its own. */
import type { ResultValue } from '../../dsl/input.js'
import type { Question } from '../suite.js'

/** Like a result's `data`; the timestamp is ISO-8601 or epoch ms. */
export type Rows = ResultValue[][]

/** Hands a finished answer over as JavaScript rows; timed apart from the query. */
export type HandOver = () => Promise<Rows> | Rows

export interface Contender {
  /** For the table, e.g. "DuckDB". */
  readonly name: string
  readonly version: string
  /** Threads that it can be told to use; 1 where nothing is said. */
  readonly maxThreads: number
  /** It has as many threads as it was opened with, no more and no fewer. */
  readonly isFixed?: boolean
  /** Reads the NDJSON file into its queryable table. Resolves to the number of sessions. */
  load(path: string): Promise<number>
  /** Brings the table into the form that it answers fastest from; reported apart from the load. */
  prepare?(): Promise<void>
  setThreads?(threads: number): Promise<void>
  /** Tries its ways of asking and keeps the fastest, which it names. */
  choose?(question: Question): Promise<string>
  /** The timed part. */
  run(question: Question): Promise<HandOver>
  /** The answer with exact distinct counts. */
  exact?(question: Question): Promise<Rows>
  /** Bytes of columns that the plan reads, as far as the contender tells. */
  planBytes?(question: Question): number | null
  close(): Promise<void>
}
