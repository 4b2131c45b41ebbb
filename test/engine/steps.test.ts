/** Sorting in steps: the order is that of a sort in one go, and no step is long. */
import { describe, expect, it } from 'vitest'
import { largest, sortInSteps, sortNumbersInSteps } from '../../engine/steps.js'
import { Random } from '../support/random.js'
import { finish } from '../support/steps.js'

const SIZES = [0, 1, 2, 511, 512, 513, 1024, 5000, 65_536, 65_537, 140_000]

describe('a sort by a function', () => {
  it.each(SIZES)('of %i elements is that of one go, and keeps equal ones as they came', n => {
    const random = new Random(n)
    for (const span of [1, 50, 1e9]) {
      const keys = Array.from({ length: n }, () => random.between(0, span))
      const elements = Uint32Array.from(random.shuffle([...keys.keys()]))
      const before = elements.slice()
      const places = new Map([...elements].map((element, place) => [element, place]))
      const expected = [...elements].sort((a, b) => keys[a]! - keys[b]! || places.get(a)! - places.get(b)!)
      expect(Array.from(finish(sortInSteps(elements, (a, b) => keys[a]! - keys[b]!)))).toEqual(expected)
      expect(elements).toEqual(before)
    }
  })

  it('compares few pairs in a step, however they lie', () => {
    const n = 50_000
    const random = new Random(4)
    for (const elements of [Uint32Array.from({ length: n }, (_, i) => i), Uint32Array.from({ length: n }, (_, i) => n - i), Uint32Array.from({ length: n }, () => random.between(0, n))]) {
      let compared = 0
      let most = 0
      const steps = sortInSteps(elements, (a, b) => { compared++; return a - b })
      while (steps.next().done !== true) {
        most = Math.max(most, compared)
        compared = 0
      }
      expect(most).toBeLessThan(10_000)
    }
  })
})

it.each(SIZES)('%i numbers are sorted ascending', n => {
  const random = new Random(n)
  const values = Float64Array.from({ length: n }, () => random.pick([-Infinity, Infinity, 0, random.fraction(), random.between(-5, 5), 2 ** 53]))
  expect(finish(sortNumbersInSteps(values.slice()))).toEqual(values.slice().sort())
})

it('the largest of no numbers is 0', () => {
  expect([largest(new Uint32Array(0)), largest(Uint32Array.of(3, 4_000_000_000, 1))]).toEqual([0, 4_000_000_000])
})

it('the largest is found at every place', () => {
  for (let n = 1; n <= 9; n++) for (let at = 0; at < n; at++) expect(largest(Uint32Array.from({ length: n }, (_, i) => i === at ? 4_000_000_000 : i))).toBe(4_000_000_000)
})
