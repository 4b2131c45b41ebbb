/** Seeded random 32-bit integers (xorshift128, Marsaglia 2003). */
export function randomIntegers(seed: number): () => number {
  let a = seed * 0x9e3779b1 ^ 0x6a09e667
  let b = 0xbb67ae85 | 0
  let c = 0x3c6ef372
  let d = 0xa54ff53a | 0
  const next = (): number => {
    const t = a ^ a << 11
    a = b
    b = c
    c = d
    d = d ^ d >>> 19 ^ t ^ t >>> 8
    return d >>> 0
  }
  for (let warm = 0; warm < 20; warm++) next()
  return next
}

/** Fills `coupons` as the hashes of new, different values would. */
export function fillCoupons(coupons: Uint32Array, next: () => number, from = 0, to = coupons.length): void {
  for (let at = from; at < to; at++) {
    let zeros = Math.clz32(next())
    if (zeros === 32) zeros += Math.min(Math.clz32(next()), 30)
    coupons[at] = (zeros + 1 << 26 | next() & 0x3ffffff) >>> 0
  }
}
