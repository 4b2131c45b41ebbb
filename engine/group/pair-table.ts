/**
 * Dense numbers for pairs of unsigned 32-bit integers: the first pair seen is 0.
 * Open addressing with linear probing, at most 5/8 full; no objects, no limit but memory.
 */

/** So few stand within the object. */
const FIRST_SLOTS = 16
/** Smaller tables grow by four: filling one anew costs more than its memory. */
const SMALL = 2 ** 14

/** (a[id], b[id]) is the pair of an id. */
export interface GatheredPairs {
  readonly a: Uint32Array
  readonly b: Uint32Array
}

export class PairTable {
  size = 0
  /** keysA[id], keysB[id] is the pair of an id. */
  keysA = new Uint32Array(FIRST_SLOTS)
  keysB = new Uint32Array(FIRST_SLOTS)
  /** id + 1; 0 is free. */
  private slots = new Uint32Array(FIRST_SLOTS)

  get bytes(): number {
    return this.keysA.byteLength + this.keysB.byteLength + this.slots.byteLength
  }

  /** The number of a pair, a new one if it was never seen. */
  id(a: number, b: number): number {
    const { slots, keysA, keysB } = this
    const mask = slots.length - 1
    let slot = mix(a, b) & mask
    for (;;) {
      const id = slots[slot] - 1
      if (id < 0) return this.insert(a, b, slot)
      if (keysA[id] === a && keysB[id] === b) return id
      slot = (slot + 1) & mask
    }
  }

  /** The number of a pair, or -1. */
  find(a: number, b: number): number {
    const { slots, keysA, keysB } = this
    const mask = slots.length - 1
    for (let slot = mix(a, b) & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] - 1
      if (id < 0 || (keysA[id] === a && keysB[id] === b)) return id
    }
  }

  handOver(): GatheredPairs {
    return { a: this.keysA.subarray(0, this.size), b: this.keysB.subarray(0, this.size) }
  }

  private insert(a: number, b: number, slot: number): number {
    const id = this.size++
    if (id === this.keysA.length) {
      this.keysA = larger(this.keysA)
      this.keysB = larger(this.keysB)
    }
    this.keysA[id] = a
    this.keysB[id] = b
    this.slots[slot] = id + 1
    if (this.size * 8 > this.slots.length * 5) this.rehash()
    return id
  }

  private rehash(): void {
    const slots = new Uint32Array(largerSize(this.slots.length))
    const mask = slots.length - 1
    for (let id = 0; id < this.size; id++) {
      let slot = mix(this.keysA[id], this.keysB[id]) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = id + 1
    }
    this.slots = slots
  }
}

function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b ^ (b >>> 15), 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}

function larger(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(largerSize(array.length))
  grown.set(array)
  return grown
}

function largerSize(size: number): number {
  return size < SMALL ? size * 4 : size * 2
}
