/** Ranks of values: numbers that sort as the values do. */
import type { Comparison } from '../../dsl/query.js'
import { compareNumbered, compareValues, parseNumber } from '../compare.js'
import { sortInSteps, STEP } from '../steps.js'

/** The rank of each value; values that compare as equal share one. In steps. */
export function* ranksOfValues(values: readonly (string | number | null)[], ordering: 'natural' | Comparison): Generator<void, Float64Array, void> {
  const compare = ordering === 'numeric' ? yield* byNumber(values) : (a: number, b: number): number => compareValues(values[a], values[b], ordering)
  const sorted = yield* sortInSteps(Uint32Array.from(values.keys()), compare)
  const ranks = new Float64Array(values.length)
  for (let i = 1; i < sorted.length; i++) {
    const tie = compare(sorted[i - 1], sorted[i]) === 0
    ranks[sorted[i]] = ranks[sorted[i - 1]] + (tie ? 0 : 1)
    if (i % STEP === 0) yield
  }
  return ranks
}

/** Each text is read as a number once, and not in every comparison. */
function* byNumber(values: readonly (string | number | null)[]): Generator<void, (a: number, b: number) => number, void> {
  const numbers = new Float64Array(values.length)
  for (let place = 0; place < numbers.length; place++) {
    const value = values[place]
    numbers[place] = typeof value === 'string' ? parseNumber(value) : value ?? NaN
    if (place % STEP === 0) yield
  }
  return (a, b) => compareNumbered(values[a], numbers[a], values[b], numbers[b])
}
