/** Rows by several keys, and the best few. */
import { describe, expect, it } from 'vitest'
import { orderByKeys, smallest } from '../../../engine/answer/order.js'
import { finish } from '../../support/steps.js'
import { Random } from '../../support/random.js'

function expected(keys: readonly Float64Array[], n: number): number[] {
  return Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    for (const key of keys) if (key[a] !== key[b]) return key[a]! < key[b]! ? -1 : 1
    return a - b
  })
}

const DOMAINS: Record<string, readonly number[]> = {
  'small whole numbers, which are counted': [0, 1, 2, 3, 7],
  'whole numbers too large to count, which are packed': [0, 1, 5000, 2 ** 20, 1e6],
  'many whole numbers': Array.from({ length: 1000 }, (_, i) => i),
  'negative numbers': [-3, -2, -1, 0, 1],
  fractions: [0, 0.5, 1, 1.25],
  'infinite numbers': [-Infinity, 0, 1, Infinity],
  'numbers too large to pack': [0, 1, 2 ** 40, 2 ** 53 - 1, 2 ** 60, 1e300],
  'both zeros': [-0, 0, 1]
}

describe.each(Object.entries(DOMAINS))('keys of %s', (_, domain) => {
  it('order rows by the first, then the second and so on, then as they came', () => {
    const random = new Random(domain.length)
    for (const n of [0, 1, 2, 50, 300]) {
      for (const count of [0, 1, 2, 3, 5]) {
        const keys = Array.from({ length: count }, () => Float64Array.from({ length: n }, () => random.pick(domain)))
        expect(Array.from(finish(orderByKeys(keys, n)))).toEqual(expected(keys, n))
      }
    }
  })

  it('give the same order next to a key that cannot be packed', () => {
    const random = new Random(9)
    const key = Float64Array.from({ length: 200 }, () => random.pick(domain))
    const same = new Float64Array(200).fill(-0.5)
    expect(finish(orderByKeys([same, key], 200))).toEqual(finish(orderByKeys([key], 200)))
    expect(finish(orderByKeys([key, same], 200))).toEqual(finish(orderByKeys([key], 200)))
  })

  it('have the smallest with all that tie with the last of them', () => {
    const random = new Random(10)
    for (const n of [1, 2, 10, 200, 3000]) {
      const key = Float64Array.from({ length: n }, () => random.pick(domain))
      const before = key.slice()
      for (const limit of [1, 2, 5, 40, Math.ceil(n / 2), n].filter(few => few <= n)) {
        const last = [...key].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[limit - 1]!
        expect(Array.from(finish(smallest(key, n, limit)))).toEqual([...key.keys()].filter(i => key[i]! <= last))
      }
      expect(key).toEqual(before)
    }
  })
})

it('the edge of what is packed is no edge in the order', () => {
  for (const largest of [2 ** 26, 2 ** 51, 2 ** 52, 2 ** 53, 2 ** 54]) {
    const keys = [Float64Array.of(largest, 1, largest, 0), Float64Array.of(1, 0, 0, 1)]
    expect(Array.from(finish(orderByKeys(keys, 4)))).toEqual([3, 1, 2, 0])
  }
})

it('no more than the first rows of a longer key are looked at', () => {
  expect(Array.from(finish(smallest(Float64Array.of(5, 4, 3, -1), 3, 1)))).toEqual([2])
  expect(Array.from(finish(orderByKeys([Float64Array.of(5, 4, 3, -1)], 3)))).toEqual([2, 1, 0])
})
