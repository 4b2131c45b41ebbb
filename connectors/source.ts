/**
 * The contract of every connector: bytes and HTTP in, batches of sessions out.
 */
import type { Batch, ColumnDescription, Session } from '../engine/session.js'

/** Milliseconds since the epoch, and a sleep that an abort ends at once (rejecting with the signal's reason). */
export interface Clock {
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `fire` after so long, unless the function given back is called before. Where absent timeouts go by the machine's timers. */
  timer?(ms: number, fire: () => void): () => void
}

/** What may be missing, and why. Times in epoch ms. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly reason: string
  /** Sessions that are certainly missing, where that is known. */
  readonly atLeast?: number
}

/** A record that could not be read. Given to `onDeadLetter`, counted in the report; reading goes on. */
export interface DeadLetter {
  readonly source: string
  readonly reason: string
  /** The record itself: parsed JSON, or the line of a file. Secrets removed. */
  readonly record: unknown
}

/** Counters of one reading of one source. The connector writes, the caller may look at any time. */
export interface SourceReport {
  requests: number
  retries: number
  rows: number
  duplicates: number
  deadLetters: number
  suspectedGaps: Gap[]
  /** One sentence each: unknown fields, a missing dimension, a sample that cannot be complete. */
  warnings: string[]
  /** What is being read right now, for a progress line: "2025-06-01 .. 2025-06-02", "page 12". */
  position: string
  /** 0..1 where the end is known. */
  progress: number | null
  /** Epoch ms up to which everything has been read, where that is known. */
  watermark: number | null
}

export interface ReadOptions<State = unknown> {
  /** From the last batch of an earlier reading; undefined reads from the beginning. */
  readonly state?: State
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly fetch?: typeof fetch
  /** Only sessions that started inside are needed (epoch ms, half-open); a connector may yield more. */
  readonly interval?: { readonly start: number; readonly end: number }
  readonly report?: SourceReport
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** The reader takes batches with a `block` of lines. */
  readonly blocks?: boolean
}

export interface CheckResult {
  readonly ok: boolean
  /** One sentence: what works, or what is wrong and what to do. */
  readonly message: string
}

export interface Source<State = unknown> {
  /** The configured NAME; sessions carry it as `source`. */
  readonly name: string
  readonly type: string
  /** What the credentials open: the address and the names in it, no secret. Sources of one account share its budget. */
  readonly account?: string
  /** What of the account is read, such as filters: a state of another scope says nothing about this one. */
  readonly scope?: string
  /** Epoch ms up to which, by its state, everything has been read; null where it does not say. */
  watermark?(state: State): number | null
  /** How many things reading on from a state creates at the vendor; none where absent. */
  creates?(state: State | undefined): number
  describe(): readonly ColumnDescription[]
  check(options?: Pick<ReadOptions, 'signal' | 'clock' | 'fetch'>): Promise<CheckResult>
  read(options?: ReadOptions<State>): AsyncIterable<Batch<State>>
}

export type { Batch, ColumnDescription, Session }

export function newReport(): SourceReport {
  return {
    requests: 0, retries: 0, rows: 0, duplicates: 0, deadLetters: 0,
    suspectedGaps: [], warnings: [], position: '', progress: null, watermark: null
  }
}
