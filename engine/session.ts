/**
 * Sessions as they come in: plain objects with a key, a start and any number of dimensions.
 */

export type SessionValue = string | number | boolean | null | undefined | readonly (string | number | boolean | null)[]

/**
 * One session. Keyed by (`source`, `session_id`): a session that comes again replaces the one before it.
 * Booleans are the strings "true" and "false"; arrays are kept as their distinct elements; null, undefined and [] are missing.
 */
export interface Session {
  readonly session_id: string
  /** ISO-8601 (without an offset: UTC), epoch milliseconds, or a Date. */
  readonly started_at: string | number | Date
  /** Name of the configured source; the ingest option `source` where absent. */
  readonly source?: string
  readonly [column: string]: SessionValue | Date
}

/** What a connector yields: sessions, and the state from which reading can go on once they are durable. */
export interface Batch<State = unknown> {
  readonly sessions: readonly Session[]
  readonly state: State
}

/** Anything that reads batches: every connector is one. */
export interface SessionSource<State = unknown> {
  readonly name: string
  /** Its columns, so that a query can be checked before the first session comes. */
  describe?(): readonly ColumnDescription[]
  read(options: { signal?: AbortSignal }): AsyncIterable<Batch<State>>
}

export interface ColumnDescription {
  readonly name: string
  readonly type: 'string' | 'number' | 'strings'
  /** One sentence for a person. */
  readonly description: string
}
