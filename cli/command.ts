/** What a command is, and what it is given to run with. */
import type { OptionSpecs, Options } from './arguments.js'
import type { Canvas } from './result.js'
import type { Output } from './output.js'

export interface Command {
  readonly name: string
  /** After "sessionql NAME ". */
  readonly usage: string
  /** Paragraphs of the help, wrapped. */
  readonly about: string
  readonly options: OptionSpecs
  readonly examples: readonly string[]
  /** Loads engine and connectors itself, so that help and usage errors come at once. @returns the exit code */
  run(options: Options, context: Context): Promise<number>
}

export interface Context {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly stdin: NodeJS.ReadStream
  /** Data goes here. */
  readonly out: Output
  /** Progress goes here. */
  readonly err: NodeJS.WriteStream
  readonly canvas: Canvas
  /** Tells a person, on stderr. */
  say(message: string): void
}
