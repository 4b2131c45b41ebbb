/** Messages between the bench and the process of a contender. One request at a time; an idle contender waits for the next message. */

export type Operation = 'describe' | 'load' | 'prepare' | 'threads' | 'choose' | 'answer' | 'time' | 'exact' | 'planBytes' | 'memory' | 'close'

export interface Request {
  readonly operation: Operation
  /** A path, a number of threads or the name of a question. */
  readonly argument: string | number | null
}

export type Response = { readonly value: unknown } | { readonly error: string }

export interface Description {
  readonly name: string
  readonly version: string
  readonly maxThreads: number
  readonly isFixed: boolean
}

export interface Timing {
  /** Until the answer stands in the contender's own memory. */
  readonly ms: number
  /** From there until JavaScript has its rows. */
  readonly handOverMs: number
  /** Processor time of the whole process meanwhile. */
  readonly cpuMs: number
}

export interface Memory {
  /** Bytes resident now, after a garbage collection. */
  readonly resident: number
  /** The most that were ever resident. */
  readonly peak: number
}
