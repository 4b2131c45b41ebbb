/** The bytes of a file by turns in two buffers: while one is worked on the other is read into, and no memory is left behind for each. */
import { open, type FileHandle } from 'node:fs/promises'

/** Large enough that splitting lines costs more than reading, small enough that what is wrong with a file shows early. */
export const CHUNK_BYTES = 256 * 1024
/** Of a large file whose lines are taken as blocks: what is done once a block is then little; small beside what is made of so many bytes. */
export const LARGE_CHUNK_BYTES = 8 * 1024 * 1024
/** A file is large from here on. */
export const LARGE_FROM = 8 * 1024 * 1024

export class FileChunks implements AsyncIterable<Buffer> {
  /** Bytes handed on, and those before the first of them. */
  bytesRead: number
  readonly #path: string
  readonly #areBlocks: boolean
  #handle: FileHandle | null = null
  #isClosed = false

  /** @param from bytes that are passed over; @param areBlocks whoever reads lets others have their turn inside a chunk, however large */
  constructor(path: string, from: number, areBlocks: boolean) {
    this.#path = path
    this.#areBlocks = areBlocks
    this.bytesRead = from
  }

  /** Each chunk is good until the next one is asked for. */
  async* [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    const handle = await open(this.#path)
    this.#handle = handle
    try {
      let [buffer, spare] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)]
      const first = this.bytesRead
      let reading = this.#read(handle, buffer)
      while (!this.#isClosed) {
        const { bytesRead } = await reading
        if (bytesRead === 0) return
        const chunk = buffer.subarray(0, bytesRead)
        this.bytesRead += bytesRead
        if (this.#areBlocks && this.bytesRead - first >= LARGE_FROM && spare.length === CHUNK_BYTES) spare = Buffer.allocUnsafeSlow(LARGE_CHUNK_BYTES)
        reading = this.#read(handle, spare)
        ;[buffer, spare] = [spare, buffer]
        yield chunk
      }
    } finally {
      await this.#release()
    }
  }

  #read(handle: FileHandle, into: Buffer): Promise<{ bytesRead: number }> {
    const reading = handle.read(into, 0, into.length, this.bytesRead)
    // A failure is told when the chunk before has been worked on, if then anybody asks.
    reading.catch(() => undefined)
    return reading
  }

  close(): void {
    this.#isClosed = true
    this.#release().catch(() => undefined)
  }

  /** Waits for a read that is under way. */
  async #release(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
  }
}
