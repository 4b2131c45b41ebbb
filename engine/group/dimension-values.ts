/** Group values of one dimension: what a key means, and how keys sort. */
import type { Dictionary } from '../column/dictionary.js'
import { largest, STEP } from '../steps.js'
import type { Comparison } from '../../dsl/query.js'
import { ranksOfValues } from './ranks.js'

export interface DimensionValues {
  value(key: number): string | number | null
  /** The values of many keys at once, where that is faster; `into` gets as many. */
  valuesOf?(keys: Uint32Array, into: unknown[]): void
  /** For each key that occurs in `keys`, a number that sorts as its value does. In steps. */
  ranks(keys: Uint32Array, ordering: 'natural' | Comparison): Generator<void, Float64Array, void>
}

/** `codeOf` gives the code of a key's text; null where keys are the codes. */
export function textValues(dictionary: Dictionary, codeOf: ((key: number) => number) | null = null): DimensionValues {
  const value = (key: number): string | null => key === 0 ? null : dictionary.decode(codeOf === null ? key : codeOf(key))
  return {
    value,
    ...codeOf === null && {
      valuesOf(keys: Uint32Array, into: unknown[]) {
        for (let i = 0; i < keys.length; i++) into[i] = keys[i] === 0 ? null : dictionary.decode(keys[i])
      }
    },
    ranks(keys, ordering) {
      if (codeOf === null && (ordering === 'natural' || ordering === 'lexicographic')) return dictionary.ranksOf(keys)
      return ranksBy(keys, value, ordering)
    }
  }
}

export function computedValues(value: DimensionValues['value']): DimensionValues {
  return { value, ranks: (keys, ordering) => ranksBy(keys, value, ordering) }
}

function* ranksBy(
  keys: Uint32Array, value: DimensionValues['value'], ordering: 'natural' | Comparison
): Generator<void, Float64Array, void> {
  const size = largest(keys) + 1
  const distinct = distinctOf(keys, size)
  const values: (string | number | null)[] = []
  for (let place = 0; place < distinct.length; place++) {
    values.push(value(distinct[place]))
    if (place % STEP === 0) yield
  }
  const ranks = new Float64Array(size)
  const rankOf = yield* ranksOfValues(values, ordering)
  for (let place = 0; place < distinct.length; place++) ranks[distinct[place]] = rankOf[place]
  return ranks
}

function distinctOf(keys: Uint32Array, size: number): Uint32Array {
  const seen = new Uint8Array(size)
  const distinct = new Uint32Array(Math.min(size, keys.length))
  let count = 0
  for (let i = 0; i < keys.length; i++) {
    if (seen[keys[i]] === 1) continue
    seen[keys[i]] = 1
    distinct[count++] = keys[i]
  }
  return distinct.subarray(0, count)
}
