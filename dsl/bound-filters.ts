/** Filters of values between two ends: `bound`, and `range`, which is the same in Druid's newer words. */
import type { Context } from './context.js'
import { DIMENSION, filterSchema, NOTHING, type FilterKind, type RawFilter } from './filter-kind.js'
import { below, describe } from './issues.js'
import { MATCH_VALUE_TYPE, typedValue, type MatchValueType } from './match-value.js'
import type { ColumnType, Comparison, Filter } from './query.js'
import type { Schema } from './json-schema.js'
import { columnValue, numberOf } from './values.js'

type End = 'lower' | 'upper'

const COMPARISONS = ['lexicographic', 'numeric', 'alphanumeric', 'strlen'] as const satisfies readonly Comparison[]

export const COMPARISON: Schema = {
  enum: COMPARISONS,
  description: 'How values compare: by code point, as numbers, by code point with runs of digits as numbers, or by length.'
}

const ENDS: Record<End, Schema> = {
  lower: { type: ['string', 'number', 'null'], description: 'The lower bound.' },
  upper: { type: ['string', 'number', 'null'], description: 'The upper bound.' }
}

const LOWER_OUT: Schema = { type: 'boolean', default: false, description: 'Whether the lower bound itself is out.' }
const UPPER_OUT: Schema = { type: 'boolean', default: false, description: 'Whether the upper bound itself is out.' }

export const BOUND: FilterKind = {
  schema: filterSchema('bound', 'Matches values within bounds. At least one of lower and upper is needed.', {
    dimension: DIMENSION, ...ENDS, lowerStrict: LOWER_OUT, upperStrict: UPPER_OUT, ordering: COMPARISON
  }, ['dimension']),
  normalise(raw, context, pointer) {
    checkEnds(raw, context, pointer)
    if (raw.dimension === undefined) return NOTHING
    const type = context.typeOf(raw.dimension, below(pointer, 'dimension'))
    return boundOf(raw, raw.dimension, type, raw.ordering ?? ownOrdering(raw, type), context, pointer)
  }
}

export const RANGE: FilterKind = {
  schema: filterSchema('range', 'Matches values within bounds. At least one of lower and upper is needed.', {
    column: DIMENSION, matchValueType: MATCH_VALUE_TYPE, ...ENDS, lowerOpen: LOWER_OUT, upperOpen: UPPER_OUT
  }, ['column']),
  normalise(raw, context, pointer) {
    checkEnds(raw, context, pointer)
    if (raw.column === undefined) return NOTHING
    const type = context.typeOf(raw.column, below(pointer, 'column'))
    const typed = (end: End) => typedValue(raw[end] ?? null, raw.matchValueType, context, below(pointer, end)) as RawFilter[End]
    const closed = { lower: typed('lower'), upper: typed('upper'), lowerStrict: raw.lowerOpen, upperStrict: raw.upperOpen }
    return boundOf(closed, raw.column, type, typedOrdering(raw.matchValueType) ?? ownOrdering(raw, type), context, pointer)
  }
}

function boundOf(
  raw: Pick<RawFilter, 'lower' | 'upper' | 'lowerStrict' | 'upperStrict'>, dimension: string, type: ColumnType | undefined, ordering: Comparison,
  context: Context, pointer: string
): Filter {
  const read = (end: End) => boundValue(raw[end] ?? null, ordering, type, context, below(pointer, end))
  return {
    type: 'bound',
    dimension,
    lower: read('lower'),
    upper: read('upper'),
    lowerStrict: raw.lowerStrict ?? false,
    upperStrict: raw.upperStrict ?? false,
    ordering
  }
}

function checkEnds(raw: RawFilter, context: Context, pointer: string): void {
  if (isGiven(raw, 'lower') || isGiven(raw, 'upper')) return
  context.issues.add('missing', pointer, 'the filter has neither "lower" nor "upper", expected at least one')
}

/** A faulty bound counts as given: it has its issue. */
function isGiven(raw: RawFilter, end: End): boolean {
  return end in raw && raw[end] !== null
}

/** The column's own; where it is not known, what the bounds are written as. */
function ownOrdering({ lower, upper }: RawFilter, type: ColumnType | undefined): Comparison {
  if (type !== undefined) return type === 'number' ? 'numeric' : 'lexicographic'
  return typeof (lower ?? upper) === 'number' ? 'numeric' : 'lexicographic'
}

function typedOrdering(type: MatchValueType | undefined): Comparison | undefined {
  if (type === undefined) return undefined
  return type === 'STRING' ? 'lexicographic' : 'numeric'
}

function boundValue(
  value: string | number | null, ordering: Comparison, type: ColumnType | undefined, context: Context, pointer: string
): string | number | null {
  if (ordering === 'numeric' && type !== 'number' && typeof value === 'string' && numberOf(value) === null) {
    context.issues.add('invalid_value', pointer, `got ${describe(value)}, expected a number, since the ordering is numeric`)
  }
  return columnValue(value, type, context, pointer)
}
