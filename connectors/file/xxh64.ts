/**
 * XXH64 with seed 0 (xxHash specification 0.1.1), of bytes that come in pieces: the checksum of Zstandard frames.
 * While bytes come 64-bit numbers are two halves of 32 bits, which is many times as fast as BigInt; the end is BigInt.
 */
const PRIME_1 = 0x9e3779b185ebca87n
const PRIME_2 = 0xc2b2ae3d27d4eb4fn
const PRIME_3 = 0x165667b19e3779f9n
const PRIME_4 = 0x85ebca77c2b2ae63n
const PRIME_5 = 0x27d4eb2f165667c5n
const P1_HIGH = 0x9e3779b1
const P1_LOW = 0x85ebca87
const P2_HIGH = 0xc2b2ae3d
const P2_LOW = 0x27d4eb4f
const STRIPE_BYTES = 32
const LANES = 4

export class Xxh64 {
  /** High and low half of each lane. */
  readonly #lanes = new Int32Array(2 * LANES)
  readonly #rest = new Uint8Array(STRIPE_BYTES)
  #length = 0

  constructor() {
    const starts = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1]
    for (const [lane, start] of starts.entries()) {
      this.#lanes[2 * lane] = Number(BigInt.asIntN(32, start >> 32n))
      this.#lanes[2 * lane + 1] = Number(BigInt.asIntN(32, start))
    }
  }

  update(bytes: Uint8Array): void {
    const held = this.#length % STRIPE_BYTES
    this.#length += bytes.length
    let at = 0
    if (held > 0) {
      at = Math.min(STRIPE_BYTES - held, bytes.length)
      this.#rest.set(bytes.subarray(0, at), held)
      if (held + at < STRIPE_BYTES) return
      this.#stripes(this.#rest, 0, STRIPE_BYTES)
    }
    const end = bytes.length - (bytes.length - at) % STRIPE_BYTES
    this.#stripes(bytes, at, end)
    this.#rest.set(bytes.subarray(end))
  }

  digest(): bigint {
    const lanes = Array.from({ length: LANES }, (_, lane) => BigInt(this.#lanes[2 * lane]! >>> 0) << 32n | BigInt(this.#lanes[2 * lane + 1]! >>> 0))
    let hash = PRIME_5
    if (this.#length >= STRIPE_BYTES) {
      hash = wrap([1n, 7n, 12n, 18n].reduce((sum, bits, lane) => sum + rotate(lanes[lane]!, bits), 0n))
      for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4)
    }
    return avalanche(this.#tail(wrap(hash + BigInt(this.#length))))
  }

  #tail(start: bigint): bigint {
    const rest = Buffer.from(this.#rest.subarray(0, this.#length % STRIPE_BYTES))
    let hash = start
    let at = 0
    for (; at + 8 <= rest.length; at += 8) hash = wrap(rotate(hash ^ round(0n, rest.readBigUInt64LE(at)), 27n) * PRIME_1 + PRIME_4)
    for (; at + 4 <= rest.length; at += 4) hash = wrap(rotate(hash ^ wrap(BigInt(rest.readUInt32LE(at)) * PRIME_1), 23n) * PRIME_2 + PRIME_3)
    for (; at < rest.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(rest[at]!) * PRIME_5), 11n) * PRIME_1)
    return hash
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const lanes = this.#lanes
    for (let lane = 0; lane < LANES; lane++) {
      let high = lanes[2 * lane]!
      let low = lanes[2 * lane + 1]!
      for (let at = from + 8 * lane; at < to; at += STRIPE_BYTES) {
        const inLow = bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24
        const inHigh = bytes[at + 4]! | bytes[at + 5]! << 8 | bytes[at + 6]! << 16 | bytes[at + 7]! << 24
        // lane = rotate(lane + input * PRIME_2, 31) * PRIME_1
        const sum = (low >>> 0) + (Math.imul(inLow, P2_LOW) >>> 0)
        high = high + productHigh(inLow, P2_LOW) + Math.imul(inLow, P2_HIGH) + Math.imul(inHigh, P2_LOW) + (sum > 0xffffffff ? 1 : 0) | 0
        low = sum | 0
        const turnedHigh = high << 31 | low >>> 1
        const turnedLow = low << 31 | high >>> 1
        high = productHigh(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW) | 0
        low = Math.imul(turnedLow, P1_LOW)
      }
      lanes[2 * lane] = high
      lanes[2 * lane + 1] = low
    }
  }
}

/** The high half of the product of two unsigned numbers of 32 bits. */
function productHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const first = aLow * bHigh
  const second = aHigh * bLow
  const middle = (aLow * bLow >>> 16) + (first & 0xffff) + (second & 0xffff)
  return aHigh * bHigh + (first >>> 16) + (second >>> 16) + (middle >>> 16) | 0
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME_2), 31n) * PRIME_1)
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits | value >> 64n - bits)
}

function avalanche(hash: bigint): bigint {
  const first = wrap((hash ^ hash >> 33n) * PRIME_2)
  const second = wrap((first ^ first >> 29n) * PRIME_3)
  return second ^ second >> 32n
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
