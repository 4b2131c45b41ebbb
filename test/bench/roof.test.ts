import { expect, test } from 'vitest'
import { Roof } from '../../bench/roof.js'

test('the roof is the sum of all 32-bit integers, modulo 2^32', () => {
  const values = Int32Array.from({ length: 16 * 5000 }, (_, i) => Math.imul(i, 0x9e3779b1))
  let expected = 0
  for (const value of values) expected = (expected + value) | 0
  expect(new Roof().sum(values)).toBe(expected)
})

test('a measurement is a time for any number of bytes', () => {
  const roof = new Roof()
  for (const bytes of [0, 1, 64, 1_000_000]) expect(roof.measure(bytes)).toBeGreaterThanOrEqual(0)
})
