/** Seeded random values (mulberry32): the same seed gives the same data on every machine. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** low ≤ n ≤ high */
  int(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(values: readonly T[]): T
  hex(digits: number): string
}

export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = state + 0x6d2b79f5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    int,
    chance: probability => next() < probability,
    pick<T>(values: readonly T[]): T {
      const value = values[int(0, values.length - 1)]
      if (value === undefined) throw new RangeError('nothing to pick from')
      return value
    },
    hex: digits => Array.from({ length: digits }, () => int(0, 15).toString(16)).join('')
  }
}
