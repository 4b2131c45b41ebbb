/** Standard output with backpressure, in chunks that are neither tiny nor huge. */
import { once } from 'node:events'

const CHUNK = 64 * 1024

/** The reader of the output has gone away, as `head` does: no error, but nothing is left to do. */
export class OutputClosed extends Error {}

export class Output {
  readonly isTTY: boolean
  readonly #stream: NodeJS.WriteStream
  #closed = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.isTTY = stream.isTTY === true
    stream.on('error', () => {
      this.#closed = true
    })
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

  async #flush(chunk: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#closed) throw new OutputClosed('the output was closed')
    if (this.#stream.write(chunk)) return
    await Promise.race([once(this.#stream, 'drain', { signal }), once(this.#stream, 'close', { signal })]).catch((error: unknown) => {
      signal?.throwIfAborted()
      throw new OutputClosed('the output was closed', { cause: error })
    })
  }
}
