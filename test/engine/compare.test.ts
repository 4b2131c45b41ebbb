/** Orders of texts against the same written for clarity, and the laws that sorting needs. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../dsl/query.js'
import { compareTexts, compareValues } from '../../engine/compare.js'
import { ranksOfValues } from '../../engine/group/ranks.js'
import { ordered } from '../support/orderings.js'
import { finish } from '../support/steps.js'

const ORDERINGS: readonly Comparison[] = ['lexicographic', 'numeric', 'alphanumeric', 'strlen']
const RUNS = { seed: 20_260_401, numRuns: 4000 }

const piece = fc.constantFrom('0', '00', '1', '2', '10', '9', '12345678901234567890', 'a', 'B', 'ab', '', ' ', '.', '-', 'e5', 'Å', '\uffee', '\u{1f600}', '\ud83d', '\ude00')
const text = fc.oneof(fc.array(piece, { maxLength: 5 }).map(pieces => pieces.join('')), fc.string({ unit: 'binary', maxLength: 6 }))
/** Without halves of surrogate pairs, and numbers beyond doubles, of which the oracle knows nothing. */
const whole = text.filter(value => !/\p{Surrogate}|e\d{3}/u.test(value))
const value = fc.oneof(whole, fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -20, max: 20 }))

describe.each(ORDERINGS)('the order %s', ordering => {
  const compare = compareTexts[ordering]

  it('is that of its definition', () => {
    fc.assert(fc.property(whole, whole, (a, b) => {
      expect(Math.sign(compare(a, b))).toBe(Math.sign(ordered(a, b, ordering)))
    }), RUNS)
  })

  it('is one order: either way the opposite, and whole', () => {
    fc.assert(fc.property(text, text, text, (a, b, c) => {
      expect(compare(a, a)).toBe(0)
      expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0)
      const [first, second, third] = [a, b, c].sort(compare) as [string, string, string]
      expect(compare(first, second)).toBeLessThanOrEqual(0)
      expect(compare(second, third)).toBeLessThanOrEqual(0)
      expect(compare(first, third)).toBeLessThanOrEqual(0)
      if (compare(first, second) === 0) expect(Math.sign(compare(second, third))).toBe(Math.sign(compare(first, third)))
    }), RUNS)
  })

  it('ranks values as it compares them', () => {
    fc.assert(fc.property(fc.array(value, { maxLength: 12 }), values => {
      const ranks = finish(ranksOfValues(values, ordering))
      for (const [i, a] of values.entries()) {
        for (const [j, b] of values.entries()) expect(Math.sign(ranks[i]! - ranks[j]!)).toBe(Math.sign(compareValues(a, b, ordering)))
      }
    }), { ...RUNS, numRuns: 500 })
  })
})
