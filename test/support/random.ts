/** A small seeded generator (sfc32), so that every random test is one number away from being run again. */
export class Random {
  #a: number
  #b = 0x9e3779b9
  #c = 0x243f6a88
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    for (let warm = 0; warm < 12; warm++) this.#bits()
  }

  #bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** 0 ≤ x < 1. */
  fraction(): number {
    return this.#bits() / 2 ** 32
  }

  /** An integer, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('nothing to pick from')
    return from[this.between(0, from.length - 1)] as T
  }

  /** `count` picks, with repetition. */
  picks<T>(from: readonly T[], count: number): T[] {
    return Array.from({ length: count }, () => this.pick(from))
  }

  shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.between(0, i)
      const held = copy[i] as T
      copy[i] = copy[j] as T
      copy[j] = held
    }
    return copy
  }

  /** `count` different elements, fewer where there are fewer. */
  sample<T>(from: readonly T[], count: number): T[] {
    return this.shuffle(from).slice(0, count)
  }

  /** The list cut into pieces of random size, in order. */
  chunks<T>(list: readonly T[], largest: number): T[][] {
    const pieces: T[][] = []
    for (let at = 0; at < list.length;) {
      const size = this.between(1, largest)
      pieces.push(list.slice(at, at + size))
      at += size
    }
    return pieces
  }
}
