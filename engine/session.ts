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
  /** Sessions as lines of JSON, after `sessions`; good until the next batch is asked for. Only for a reader that asked for `blocks`. */
  readonly block?: RecordBlock
}

/** Lines of JSON records, to be read straight into columns. A record's key is `session_id`, its time `started_at`. */
export interface RecordBlock {
  /** Valid UTF-8: whole lines, parted by line feeds. */
  readonly bytes: Uint8Array
  /** The sessions of line `index` (from 0), bytes[from, end), which has any other form; none where the connector counts it as unreadable. */
  record(from: number, end: number, index: number): readonly Session[]
  /** Says, after the last line, how many of all `lines` became sessions without `record`. */
  done(taken: number, lines: number): void
}

/** Anything that reads batches: every connector is one. */
export interface SessionSource<State = unknown> {
  readonly name: string
  /** Its columns, so that a query can be checked before the first session comes. */
  describe?(): readonly ColumnDescription[]
  /** `blocks`: the reader takes batches with a `block`. `state`: of the last batch that was stored, to read on from. */
  read(options: { signal?: AbortSignal, blocks?: boolean, state?: State }): AsyncIterable<Batch<State>>
}

export interface ColumnDescription {
  readonly name: string
  readonly type: 'string' | 'number' | 'strings'
  /** One sentence for a person. */
  readonly description: string
}
