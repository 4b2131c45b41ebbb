/** What a run of the query bench found: kept as JSON beside the table. */
import type { DistinctError } from './compare.js'
import type { Machine } from './machine.js'
import type { Description, Memory } from './protocol.js'
import type { Skipped } from './suite.js'

/** A contender with a number of threads: one column of a table. */
export interface Lane {
  readonly key: string
  readonly threads: number
}

export interface ContenderResult extends Omit<Description, 'isFixed'> {
  readonly key: string
  readonly loadSeconds: number
  readonly prepareSeconds: number
  /** Memory after the load. */
  readonly loaded: Memory
  /** Memory after the preparation, before the first question. */
  readonly prepared: Memory
}

/** A load with several threads, by who can use them. */
export interface LoadResult extends Lane {
  readonly seconds: number
  /** Memory after it. */
  readonly loaded: Memory
}

export interface LaneResult extends Lane {
  /** How it was asked, where there was a choice. */
  readonly way: string
  /** Milliseconds of each run. */
  readonly ms: readonly number[]
  readonly handOverMs: readonly number[]
  readonly cpuMs: readonly number[]
  /** Of the first run of each turn, until its rows are in JavaScript. */
  readonly firstMs: readonly number[]
  readonly differences: readonly string[]
  readonly distinct: DistinctError | null
}

export interface QuestionResult {
  readonly name: string
  readonly answerRows: number
  readonly lanes: readonly LaneResult[]
  readonly failures: readonly { readonly key: string, readonly message: string }[]
  readonly planBytes: number | null
  readonly roofMs: number | null
}

export interface BenchResult {
  readonly date: string
  readonly machine: Machine
  readonly rows: number
  readonly seed: number
  readonly runs: number
  /** After a load with one thread each. */
  readonly contenders: readonly ContenderResult[]
  readonly loads: readonly LoadResult[]
  readonly questions: readonly QuestionResult[]
  readonly skipped: readonly Skipped[]
  readonly notes: readonly string[]
}

/** The contender that all ratios are against. */
export const OURS = 'ours'
