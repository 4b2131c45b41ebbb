/** Standard output with backpressure, in chunks that are neither tiny nor huge. */
import { Socket } from 'node:net'
import { UsageError } from './exit.js'

const CHUNK = 64 * 1024
/** Its number as a file. */
const STDOUT = 1

/** The reader of the output has gone away, as `head` does: no error, but nothing is left to do. */
export class OutputClosed extends Error {}

export class Output {
  readonly isTTY: boolean
  readonly #stream: NodeJS.WriteStream
  readonly #gone = new AbortController()

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.isTTY = stream.isTTY === true
    // Each write is told of its error too; without a listener the first one would end the process.
    stream.on('error', error => { this.#gone.abort(outputError(error)) })
  }

  /** Aborts when nothing can be written any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** `gone` need not wait for a write where the output is a socket, as between a Node process and its child; of a pipe only a write tells. */
  listen(): void {
    if (!(this.#stream instanceof Socket) || this.isTTY) return
    const ear = new Socket({ fd: STDOUT, readable: true, writable: false })
    ear.on('error', () => { /* a pipe, which cannot be read from here */ })
    ear.on('end', () => { this.#gone.abort(closed()) })
    ear.resume()
    ear.unref()
  }

  /** Of the terminal as it is now; undefined where there is none. */
  get columns(): number | undefined {
    return this.#stream.columns
  }

  get rows(): number | undefined {
    return this.#stream.rows
  }

  /** The listener is called when the terminal gets another size, until the function returned is. */
  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener)
    return () => void this.#stream.off('resize', listener)
  }

  /** For what must be out before the process ends: a terminal takes it at once. */
  writeNow(text: string): void {
    this.#stream.write(text)
  }

  /** Resolves when all pieces are handed to the system. @throws OutputClosed, or the signal's reason */
  async write(pieces: Iterable<string>, signal?: AbortSignal): Promise<void> {
    let chunk = ''
    for (const piece of pieces) {
      chunk += piece
      if (chunk.length < CHUNK) continue
      await this.#flush(chunk, signal)
      chunk = ''
    }
    if (chunk !== '') await this.#flush(chunk, signal)
  }

  /** As `write`, for binary data. */
  async writeBytes(pieces: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    for await (const piece of pieces) await this.#flush(piece, signal)
  }

  async #flush(chunk: string | Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(chunk, error => {
        if (error) reject(outputError(error))
        else resolve()
      })
    })
  }
}

function outputError(error: NodeJS.ErrnoException): Error {
  const { code } = error
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return closed(error)
  return new UsageError(`the output cannot be written (${code ?? error.message})`, { cause: error })
}

function closed(cause?: Error): OutputClosed {
  return new OutputClosed('the output was closed', { cause })
}
