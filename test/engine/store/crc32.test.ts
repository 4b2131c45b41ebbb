import { describe, expect, it } from 'vitest'
import { crc32, crc32ByTable } from '../../../engine/store/crc32.js'
import { randomIntegers } from '../sketch/random.js'

describe('crc32', () => {
  it('has the published check value, with and without zlib', () => {
    for (const compute of [crc32, crc32ByTable]) {
      expect(compute(Buffer.from('123456789'))).toBe(0xcbf43926)
      expect(compute(new Uint8Array(0))).toBe(0)
    }
  })

  it('is the same with and without zlib for all lengths', () => {
    const next = randomIntegers(8)
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, next)
      expect(crc32ByTable(bytes)).toBe(crc32(bytes))
    }
  })
})
