import type { Comparison } from '../../dsl/query.js'
import { compareTexts, parseNumber } from '../compare.js'
import type { LeafFilter, LeafKind } from './leaf.js'

type Bound = Extract<LeafFilter, { type: 'bound' }>

export const bound: LeafKind<Bound> = {
  text: filter => {
    const { ordering } = filter
    if (ordering === 'numeric') {
      const matches = numberTest(filter)
      return text => {
        const value = parseNumber(text)
        return value === value && matches(value)
      }
    }
    return textTest(filter, ordering)
  },
  number: filter => {
    if (filter.ordering === 'numeric') return numberTest(filter)
    const matches = textTest(filter, filter.ordering)
    return value => matches(String(value))
  },
  missing: () => false,
  range: filter => filter.ordering === 'numeric' ? closedRange(filter) : null
}

function textTest({ lower, upper, lowerStrict, upperStrict }: Bound, ordering: Exclude<Comparison, 'numeric'>): (text: string) => boolean {
  const compare = compareTexts[ordering]
  const low = lower === null ? null : String(lower)
  const high = upper === null ? null : String(upper)
  return text => {
    if (low !== null) {
      const order = compare(text, low)
      if (order < 0 || (lowerStrict && order === 0)) return false
    }
    if (high === null) return true
    const order = compare(text, high)
    return order < 0 || (!upperStrict && order === 0)
  }
}

function numberTest(filter: Bound): (value: number) => boolean {
  const [low, high] = closedRange(filter)
  return value => value >= low && value <= high
}

/** An open end becomes a closed one at the neighbouring double. */
function closedRange({ lower, upper, lowerStrict, upperStrict }: Bound): [number, number] {
  const low = lower === null ? -Infinity : Number(lower)
  const high = upper === null ? Infinity : Number(upper)
  return [lowerStrict ? nextUp(low) : low, upperStrict ? -nextUp(-high) : high]
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

/** The least double above a finite value. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE
  if (!Number.isFinite(value)) return value
  float[0] = value
  bits[0] += value > 0 ? 1n : -1n
  return float[0]
}
