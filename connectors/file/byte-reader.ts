/** Takes pieces of given lengths from a stream of chunks. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)
  /** Bytes taken so far: where in the stream the next piece begins. */
  offset = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** A piece of `bytes` bytes; shorter only where the stream ends. Not a copy where one chunk holds all of it. */
  async take(bytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let missing = bytes
    while (missing > 0) {
      if (this.#held.length === 0 && !await this.#next()) break
      const piece = this.#held.subarray(0, missing)
      this.#held = this.#held.subarray(piece.length)
      missing -= piece.length
      pieces.push(piece)
    }
    this.offset += bytes - missing
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  /** Passes over bytes without keeping them. False where the stream ends before. */
  async skip(bytes: number): Promise<boolean> {
    let missing = bytes
    while (missing > 0) {
      if (this.#held.length === 0 && !await this.#next()) break
      const length = Math.min(missing, this.#held.length)
      this.#held = this.#held.subarray(length)
      missing -= length
    }
    this.offset += bytes - missing
    return missing === 0
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #next(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done) return false
    this.#held = next.value
    return true
  }
}
