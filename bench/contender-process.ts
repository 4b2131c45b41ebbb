/** A contender in a process of its own, so that its memory is its own and its garbage collector disturbs no other. */
import { fork, type ChildProcess } from 'node:child_process'
import { builtChild } from './built.js'
import type { Rows } from './contenders/contender.js'
import type { Description, Memory, Operation, Request, Response, Timing } from './protocol.js'
import { QUERIES } from './suite.js'

/** Megabytes of JavaScript heap: enough for the plain objects of the largest table that they are asked to hold. */
const HEAP_MB = 12_288

export class ContenderProcess {
  readonly key: string
  readonly #child: ChildProcess

  /** `threads`: as many as it is to be told to use. */
  constructor(key: string, threads = 1) {
    this.key = key
    this.#child = fork(builtChild(), [key, String(threads), QUERIES], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`, '--expose-gc'],
      serialization: 'advanced'
    })
  }

  describe(): Promise<Description> { return this.#ask('describe') }
  load(path: string): Promise<number> { return this.#ask('load', path) }
  prepare(): Promise<void> { return this.#ask('prepare') }
  threads(threads: number): Promise<void> { return this.#ask('threads', threads) }
  choose(question: string): Promise<string> { return this.#ask('choose', question) }
  answer(question: string): Promise<Rows> { return this.#ask('answer', question) }
  time(question: string): Promise<Timing> { return this.#ask('time', question) }
  exact(question: string): Promise<Rows | null> { return this.#ask('exact', question) }
  planBytes(question: string): Promise<number | null> { return this.#ask('planBytes', question) }
  memory(): Promise<Memory> { return this.#ask('memory') }

  async close(): Promise<void> {
    await this.#ask('close')
    this.#child.disconnect()
  }

  #ask<Value>(operation: Operation, argument: Request['argument'] = null): Promise<Value> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => {
        this.#child.off('message', answered)
        reject(new Error(`${this.key} ended (${signal ?? `exit code ${code}`}) during ${operation} ${argument ?? ''}`))
      }
      const answered = (response: Response): void => {
        this.#child.off('exit', ended)
        if ('error' in response) reject(new Error(`${this.key}: ${operation} ${argument ?? ''}: ${response.error}`))
        else resolve(response.value as Value)
      }
      this.#child.once('exit', ended)
      this.#child.once('message', answered)
      this.#child.send({ operation, argument } satisfies Request)
    })
  }
}
