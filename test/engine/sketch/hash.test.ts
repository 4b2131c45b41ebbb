import { describe, expect, it } from 'vitest'
import { couponOfBytes, couponOfString } from '../../../engine/sketch/hash.js'
import { murmur3, referenceCoupon } from './murmur3-reference.js'
import { randomIntegers } from './random.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (text: string, seed: bigint): string => murmur3(utf8(text), seed).map(half => half.toString(16).padStart(16, '0')).join(' ')

describe('the reference', () => {
  it('agrees with the published vectors of MurmurHash3_x64_128', () => {
    expect(hex('', 0n)).toBe('0000000000000000 0000000000000000')
    expect(hex('The quick brown fox jumps over the lazy dog', 0n)).toBe('e34bbc7bbc071b6c 7a433ca9c49a9347')
    expect(hex('hello', 0n)).toBe('cbd8a7b341bd9b02 5b1e906a48ae1d19')
    expect(hex('hello, world', 0n)).toBe('342fac623a5ebc8e 4cdcbc079642414d')
    expect(hex('19 Jan 2038 at 3:14:07 AM', 0n)).toBe('b89e5988b737affc 664fc2950231b2cb')
  })
})

describe('couponOfBytes', () => {
  it('is the coupon of MurmurHash3_x64_128 with seed 9001, for every length up to 70', () => {
    const next = randomIntegers(1)
    for (let length = 0; length <= 70; length++) {
      for (let round = 0; round < 20; round++) {
        const bytes = Uint8Array.from({ length: length + 5 }, () => round === 0 ? 0 : round === 1 ? 255 : next())
        expect(couponOfBytes(bytes, 2, 2 + length)).toBe(referenceCoupon(bytes.subarray(2, 2 + length)))
      }
    }
  })

  it('is an unsigned 32-bit integer above 0', () => {
    const next = randomIntegers(2)
    for (let round = 0; round < 20_000; round++) {
      const coupon = couponOfString(String(next()))
      expect(coupon).toBe(coupon >>> 0)
      expect(coupon >>> 26).toBeGreaterThan(0)
    }
  })

  it('ranks values geometrically', () => {
    const ranks = new Uint32Array(64)
    const n = 200_000
    for (let value = 0; value < n; value++) ranks[couponOfString(`visitor ${value}`) >>> 26]++
    for (let rank = 1; rank <= 10; rank++) {
      const expected = n / 2 ** rank
      expect(Math.abs(ranks[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })
})

describe('couponOfString', () => {
  it('hashes the UTF-8 bytes, whatever the length and the script', () => {
    const texts = [
      '', 'a', '__proto__', 'null', 'Käyttäjä', '訪問者', '👩‍👩‍👧', '\u0000', '\u007f', '\u0080', 'ÿ'.repeat(64), 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(65),
      'x'.repeat(63) + 'é', 'x'.repeat(4096), '訪'.repeat(4096), '訪'.repeat(4097), 'y'.repeat(100_000), 'd41d8cd98f00b204e9800998ecf8427e'
    ]
    for (const text of texts) expect(couponOfString(text)).toBe(referenceCoupon(utf8(text)))
  })

  it('takes a lone surrogate as U+FFFD', () => {
    expect(couponOfString('a\ud800b')).toBe(referenceCoupon(utf8('a\ufffdb')))
  })
})
