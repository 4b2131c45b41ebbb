import { describe, expect, it } from 'vitest'
import { Xxh64 } from '../../../connectors/file/xxh64.js'

function hash(bytes: Uint8Array, piece = bytes.length): string {
  const state = new Xxh64()
  for (let at = 0; at < bytes.length; at += piece) state.update(bytes.subarray(at, at + piece))
  return state.digest().toString(16).padStart(16, '0')
}

describe('XXH64', () => {
  it.each([
    ['', 'ef46db3751d8e999'], ['a', 'd24ec4f1a98c6e5b'], ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1']
  ])('of %j is what the reference has', (text, expected) => {
    expect(hash(Buffer.from(text))).toBe(expected)
  })

  it('is the same in pieces of every size', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 167 + (i >> 3))
    const whole = hash(bytes)
    for (const piece of [1, 3, 31, 32, 33, 64, 999]) expect(hash(bytes, piece)).toBe(whole)
  })
})
