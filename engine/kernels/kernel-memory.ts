/** The memory that kernels in WebAssembly work in, and how columns and results come into it and out. */
import type { Codes } from '../column/codes.js'
import { arenaOf, type Arena } from './arena.js'
import { Areas, WORD } from './areas.js'
import { copyIn, copyOut } from './copy.js'
import type { Exports } from './exports.js'

export class KernelMemory {
  protected readonly run: Exports
  protected readonly at: Areas
  protected readonly bytes: Uint8Array
  protected readonly words: Uint32Array
  protected readonly halves: Uint16Array
  protected readonly doubles: Float64Array
  private readonly arena: Arena | null

  /** @param arena whose memory it is; null of one that no columns lie in */
  constructor(run: Exports, memory: ArrayBufferLike, arena: Arena | null) {
    this.run = run
    this.arena = arena
    this.at = new Areas(arena?.base ?? 0)
    this.bytes = new Uint8Array(memory)
    this.words = new Uint32Array(memory)
    this.halves = new Uint16Array(memory)
    this.doubles = new Float64Array(memory)
    for (let byte = 0; byte < 256; byte++) {
      let at = (this.at.bitPlaces >>> 1) + byte * 8
      for (let bit = 0; bit < 8; bit++) if ((byte >>> bit & 1) === 1) this.halves[at++] = bit
    }
    for (let choice = 0; choice < 16; choice++) {
      let at = this.at.moves + choice * 16
      for (let byte = 0; byte < 16; byte++) if ((choice >>> (byte >>> 2) & 1) === 1) this.bytes[at++] = byte
    }
  }

  /** Zeros, which change no sum, stand in for what lacks of four. */
  protected stageFew(values: Float64Array, from: number, n: number): number {
    const place = this.at.input >>> 3
    this.doubles.fill(0, place, place + 4)
    this.doubles.set(values.subarray(from, from + n), place)
    return this.at.input
  }

  /**
   * Where a part of a column is: where it lies, or an area that it is copied to, as far into a word as outside. Out of shared memory V8 copies
   * words where both sides lie alike, and else every byte by itself, eight times as long. It must not be written to.
   */
  protected stage(array: Codes | Float64Array, from: number, length: number, area: number = this.at.input): number {
    if (this.has(array)) return array.byteOffset + from * array.BYTES_PER_ELEMENT
    const part = array.subarray(from, from + length)
    const place = area + part.byteOffset % WORD
    copyIn(part, this.viewOf(array), this.bytes, place)
    return place
  }

  /** The same of what is not read in its order: where it lies it is brought near first. */
  protected stageAll(array: Codes | Float64Array, from: number, length: number): number {
    const place = this.stage(array, from, length)
    if (this.has(array)) this.run.touch(place, length * array.BYTES_PER_ELEMENT)
    return place
  }

  protected put(array: Codes, place: number): void {
    copyIn(array, this.viewOf(array), this.bytes, place)
  }

  /** Takes so many elements from a place in the memory. */
  protected take(place: number, length: number, into: Codes, at = 0): void {
    const from = place / into.BYTES_PER_ELEMENT
    copyOut(this.viewOf(into).subarray(from, from + length), into, at)
  }

  /** The array lies in this memory. */
  private has(array: ArrayBufferView): boolean {
    return this.arena !== null && arenaOf(array) === this.arena
  }

  private viewOf(array: Codes | Float64Array): Codes | Float64Array {
    switch (array.BYTES_PER_ELEMENT) {
      case 8: return this.doubles
      case 4: return this.words
      case 2: return this.halves
      default: return this.bytes
    }
  }
}
