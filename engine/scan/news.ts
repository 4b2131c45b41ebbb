/** Texts with their codes that the kernel of one thread came to know, for the kernels of others. */

/** Field, hash, length, code. */
const WORDS = 4
const FIRST_BYTES = 4096

/** As it is posted: what each text is, and the bytes of all of them one behind the other. */
export interface PostedNews {
  readonly words: Uint32Array
  readonly bytes: Uint8Array
  /** Fields whose texts are not known any more. */
  readonly givenUp: readonly number[]
}

/** Who is told: field by field, the text bytes[start, start + length). */
interface Knower {
  know(field: number, hash: number, bytes: Uint8Array, start: number, length: number, code: number): void
  giveUp(field: number): void
}

export class News {
  private words: number[] = []
  private bytes = new Uint8Array(FIRST_BYTES)
  private used = 0
  private givenUp: number[] = []

  /** @param field its place in the form */
  add(field: number, hash: number, bytes: Uint8Array, start: number, length: number, code: number): void {
    this.words.push(field, hash, length, code)
    if (this.used + length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.used + length, this.bytes.length * 2))
      grown.set(this.bytes)
      this.bytes = grown
    }
    for (let i = 0; i < length; i++) this.bytes[this.used + i] = bytes[start + i]
    this.used += length
  }

  giveUp(field: number): void {
    this.givenUp.push(field)
  }

  /** All of it; then there is none. */
  take(): PostedNews {
    const taken = { words: Uint32Array.from(this.words), bytes: this.bytes.slice(0, this.used), givenUp: this.givenUp }
    this.words = []
    this.givenUp = []
    this.used = 0
    return taken
  }
}

/** Tells all of it to another kernel. */
export function readNews({ words, bytes, givenUp }: PostedNews, knower: Knower): void {
  for (let at = 0, start = 0; at < words.length; at += WORDS) {
    const length = words[at + 2]
    knower.know(words[at], words[at + 1], bytes, start, length, words[at + 3])
    start += length
  }
  for (const field of givenUp) knower.giveUp(field)
}
