/** Group values of one dimension: what a code means, and how codes sort. */
import { compareValues } from '../compare.js'
import type { Dictionary } from '../column/dictionary.js'
import type { NumberIds } from '../group/number-ids.js'
import type { Comparison } from '../../dsl/query.js'

export interface DimensionValues {
  value(code: number): string | number | null
  /** For each code that occurs in `codes`, a number that sorts as its value does. */
  ranks(codes: Uint32Array, ordering: 'natural' | Comparison): Float64Array
}

export function textValues(dictionary: Dictionary): DimensionValues {
  const value = (code: number): string | null => code === 0 ? null : dictionary.decode(code)
  return {
    value,
    ranks(codes, ordering) {
      if (ordering === 'natural' || ordering === 'lexicographic') return dictionary.ranksOf(codes)
      return ranksBy(codes, dictionary.size, (a, b) => compareValues(value(a), value(b), ordering))
    }
  }
}

export function numberValues(ids: NumberIds): DimensionValues {
  const value = (code: number): number | null => ids.value(code)
  return {
    value,
    ranks: (codes, ordering) => ranksBy(codes, ids.size, (a, b) => compareValues(value(a), value(b), ordering))
  }
}

function ranksBy(codes: Uint32Array, size: number, compare: (a: number, b: number) => number): Float64Array {
  const distinct = Uint32Array.from(new Set(codes)).sort(compare)
  const ranks = new Float64Array(size)
  for (let i = 1; i < distinct.length; i++) {
    const tie = compare(distinct[i - 1], distinct[i]) === 0
    ranks[distinct[i]] = ranks[distinct[i - 1]] + (tie ? 0 : 1)
  }
  return ranks
}
