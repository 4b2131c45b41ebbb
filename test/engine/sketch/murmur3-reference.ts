/** MurmurHash3_x64_128 in BigInt, written from the algorithm's description for readability alone: the oracle of the fast one. */
const MASK = (1n << 64n) - 1n
const C1 = 0x87c37b91114253d5n
const C2 = 0x4cf5ad432745937fn

const rotate = (value: bigint, bits: bigint): bigint => (value << bits | value >> 64n - bits) & MASK

function finalMix(value: bigint): bigint {
  let mixed = value
  for (const factor of [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n]) mixed = (mixed ^ mixed >> 33n) * factor & MASK
  return mixed ^ mixed >> 33n
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value << 8n | BigInt(byte), 0n)
}

export function murmur3(bytes: Uint8Array, seed: bigint): [bigint, bigint] {
  const mix1 = (k: bigint): bigint => rotate(k * C1 & MASK, 31n) * C2 & MASK
  const mix2 = (k: bigint): bigint => rotate(k * C2 & MASK, 33n) * C1 & MASK
  let h1 = seed
  let h2 = seed
  for (let at = 0; at < bytes.length; at += 16) {
    h1 ^= mix1(littleEndian(bytes.subarray(at, at + 8)))
    const whole = at + 16 <= bytes.length
    if (whole) h1 = (rotate(h1, 27n) + h2) * 5n + 0x52dce729n & MASK
    h2 ^= mix2(littleEndian(bytes.subarray(at + 8, at + 16)))
    if (!whole) break
    h2 = (rotate(h2, 31n) + h1) * 5n + 0x38495ab5n & MASK
  }
  h1 ^= BigInt(bytes.length)
  h2 ^= BigInt(bytes.length)
  h1 = h1 + h2 & MASK
  h2 = h2 + h1 & MASK
  h1 = finalMix(h1)
  h2 = finalMix(h2)
  h1 = h1 + h2 & MASK
  h2 = h2 + h1 & MASK
  return [h1, h2]
}

export function referenceCoupon(bytes: Uint8Array): number {
  const [h1, h2] = murmur3(bytes, 9001n)
  const leadingZeros = 64 - (h2 === 0n ? 0 : h2.toString(2).length)
  return (Math.min(leadingZeros, 62) + 1) * 2 ** 26 + Number(h1 & 0x3ffffffn)
}
