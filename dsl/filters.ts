/**
 * The filters of the language, one entry each: its JSON Schema, and how it becomes a checked `Filter`.
 * A new filter is one more entry here and one more member of `Filter`.
 */
import { RE2JS } from 're2js'
import type { Context } from './context.js'
import { below, describe, quote } from './issues.js'
import type { ColumnType, Comparison, Filter } from './query.js'
import type { Schema } from './shape.js'
import { columnValue, numberOf, type Literal } from './values.js'

/** A filter as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawFilter {
  readonly type: string
  readonly fields?: readonly (RawFilter | undefined)[]
  readonly field?: RawFilter
  readonly dimension?: string
  readonly value?: Literal
  readonly values?: readonly (Literal | undefined)[]
  readonly lower?: string | number | null
  readonly upper?: string | number | null
  readonly lowerStrict?: boolean
  readonly upperStrict?: boolean
  readonly ordering?: Comparison
  readonly pattern?: string
  readonly escape?: string | null
}

interface FilterKind {
  readonly schema: Schema
  /** What it returns where it reports a fault does not matter: nothing is run then. */
  normalise(raw: RawFilter, context: Context, pointer: string): Filter
}

/** Characters of all regular expressions of a query together: compiling them stays within some 20 ms. */
const MAX_PATTERN_LENGTH = 20_000

const FILTER: Schema = { $ref: '#/definitions/filter' }

const NOTHING: Filter = { type: 'false' }
const EVERYTHING: Filter = { type: 'true' }

const DIMENSION: Schema = { type: 'string', description: 'Name of a dimension. On an array the filter matches if any element does.' }

const LITERAL: Schema = { type: ['string', 'number', 'boolean', 'null'], description: 'The value to match; null matches sessions without a value.' }

const COMPARISONS = ['lexicographic', 'numeric', 'alphanumeric', 'strlen'] as const satisfies readonly Comparison[]

export const COMPARISON: Schema = {
  enum: COMPARISONS,
  description: 'How values compare: by code point, as numbers, by code point with runs of digits as numbers, or by length.'
}

const KINDS = new Map<string, FilterKind>([
  ['and', {
    schema: filterSchema('and', 'Matches where all of its filters do.', { fields: { type: 'array', items: FILTER, description: 'The filters.' } }, ['fields']),
    normalise: (raw, context, pointer) => ({ type: 'and', fields: normaliseAll(raw, context, pointer) })
  }],
  ['or', {
    schema: filterSchema('or', 'Matches where any of its filters does.', { fields: { type: 'array', items: FILTER, description: 'The filters.' } }, ['fields']),
    normalise: (raw, context, pointer) => ({ type: 'or', fields: normaliseAll(raw, context, pointer) })
  }],
  ['not', {
    schema: filterSchema('not', 'Matches where its filter does not.', { field: FILTER }, ['field']),
    normalise: ({ field }, context, pointer) => ({ type: 'not', field: field ? normaliseFilter(field, context, below(pointer, 'field')) : NOTHING })
  }],
  ['selector', {
    schema: filterSchema('selector', 'Matches one value.', { dimension: DIMENSION, value: LITERAL }, ['dimension', 'value']),
    normalise: selector
  }],
  ['in', {
    schema: filterSchema('in', 'Matches any of several values.', {
      dimension: DIMENSION,
      values: { type: 'array', items: LITERAL, description: 'The values to match.' }
    }, ['dimension', 'values']),
    normalise: inValues
  }],
  ['bound', {
    schema: filterSchema('bound', 'Matches values within bounds. At least one of lower and upper is needed.', {
      dimension: DIMENSION,
      lower: { type: ['string', 'number', 'null'], description: 'The lower bound.' },
      upper: { type: ['string', 'number', 'null'], description: 'The upper bound.' },
      lowerStrict: { type: 'boolean', default: false, description: 'Whether the lower bound itself is out.' },
      upperStrict: { type: 'boolean', default: false, description: 'Whether the upper bound itself is out.' },
      ordering: COMPARISON
    }, ['dimension']),
    normalise: bound
  }],
  ['like', {
    schema: filterSchema('like', 'Matches a pattern with % for any characters and _ for one.', {
      dimension: DIMENSION,
      pattern: { type: 'string', description: 'The pattern, e.g. "Hel%".' },
      escape: { type: ['string', 'null'], minLength: 1, maxLength: 1, description: 'A character that makes the % or _ after it an ordinary one.' }
    }, ['dimension', 'pattern']),
    normalise: like
  }],
  ['regex', {
    schema: filterSchema('regex', 'Matches where the expression is found anywhere in the value, in time linear in its length.', {
      dimension: DIMENSION,
      pattern: { type: 'string', description: 'A regular expression in RE2 syntax, e.g. "^Hel".' }
    }, ['dimension', 'pattern']),
    normalise: regex
  }]
])

/** Schemas by the name of their definition. */
export const FILTER_SCHEMAS: Readonly<Record<string, Schema>> = {
  filter: {
    description: 'Which sessions are counted.',
    oneOf: [...KINDS.keys()].map(type => ({ $ref: `#/definitions/${definitionName(type)}` }))
  },
  ...Object.fromEntries([...KINDS].map(([type, kind]) => [definitionName(type), kind.schema]))
}

/** `filters` of a query: nothing selects all, an array is an implicit `and`. */
export function normaliseFilters(raw: RawFilter | readonly (RawFilter | undefined)[] | null | undefined, context: Context): Filter {
  if (raw === null || raw === undefined) return EVERYTHING
  if (isArray(raw)) {
    const fields = raw.map((field, index) => field ? normaliseFilter(field, context, `/filters/${index}`) : NOTHING)
    return fields.length === 0 ? EVERYTHING : { type: 'and', fields }
  }
  return raw.type === undefined ? EVERYTHING : normaliseFilter(raw, context, '/filters')
}

function normaliseFilter(raw: RawFilter, context: Context, pointer: string): Filter {
  return KINDS.get(raw.type)!.normalise(raw, context, pointer)
}

function normaliseAll({ fields = [] }: RawFilter, context: Context, pointer: string): Filter[] {
  return fields.map((field, index) => field ? normaliseFilter(field, context, `${pointer}/fields/${index}`) : NOTHING)
}

function selector({ dimension, value }: RawFilter, context: Context, pointer: string): Filter {
  if (dimension === undefined) return NOTHING
  const type = context.typeOf(dimension, below(pointer, 'dimension'))
  if (value === undefined) return NOTHING
  return { type: 'selector', dimension, value: columnValue(value, type, context, below(pointer, 'value')) }
}

function inValues({ dimension, values }: RawFilter, context: Context, pointer: string): Filter {
  if (dimension === undefined) return NOTHING
  const type = context.typeOf(dimension, below(pointer, 'dimension'))
  if (values === undefined) return NOTHING
  const read = (value: Literal | undefined, index: number) => value === undefined ? null : columnValue(value, type, context, `${pointer}/values/${index}`)
  return { type: 'in', dimension, values: values.map(read) }
}

function bound(raw: RawFilter, context: Context, pointer: string): Filter {
  const { dimension } = raw
  if (!isGiven(raw, 'lower') && !isGiven(raw, 'upper')) {
    context.issues.add('missing', pointer, 'the filter has neither "lower" nor "upper", expected at least one')
  }
  if (dimension === undefined) return NOTHING
  const type = context.typeOf(dimension, below(pointer, 'dimension'))
  const ordering = raw.ordering ?? ownOrdering(raw, type)
  const read = (end: 'lower' | 'upper') => boundValue(raw[end] ?? null, ordering, type, context, below(pointer, end))
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

/** A faulty bound counts as given: it has its issue. */
function isGiven(raw: RawFilter, end: 'lower' | 'upper'): boolean {
  return end in raw && raw[end] !== null
}

/** The column's own; where it is not known, what the bounds are written as. */
function ownOrdering({ lower, upper }: RawFilter, type: ColumnType | undefined): Comparison {
  if (type !== undefined) return type === 'number' ? 'numeric' : 'lexicographic'
  return typeof (lower ?? upper) === 'number' ? 'numeric' : 'lexicographic'
}

function boundValue(
  value: string | number | null, ordering: Comparison, type: ColumnType | undefined, context: Context, pointer: string
): string | number | null {
  if (ordering === 'numeric' && type !== 'number' && typeof value === 'string' && numberOf(value) === null) {
    context.issues.add('invalid_value', pointer, `got ${describe(value)}, expected a number, since the ordering is numeric`)
  }
  return columnValue(value, type, context, pointer)
}

function like({ dimension, pattern, escape }: RawFilter, context: Context, pointer: string): Filter {
  if (dimension === undefined) return NOTHING
  context.typeOf(dimension, below(pointer, 'dimension'))
  return { type: 'like', dimension, pattern: pattern ?? '', escape: escape ?? null }
}

function regex({ dimension, pattern }: RawFilter, context: Context, pointer: string): Filter {
  if (dimension !== undefined) context.typeOf(dimension, below(pointer, 'dimension'))
  if (pattern !== undefined) checkPattern(pattern, context, below(pointer, 'pattern'))
  return dimension === undefined || pattern === undefined ? NOTHING : { type: 'regex', dimension, pattern }
}

function checkPattern(pattern: string, context: Context, pointer: string): void {
  context.patternLength += pattern.length
  if (context.patternLength > MAX_PATTERN_LENGTH) {
    const limit = MAX_PATTERN_LENGTH.toLocaleString('en-US')
    context.issues.add('too_large', pointer, `the regular expressions of the query have together more than ${limit} characters, expected fewer`)
    return
  }
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.issues.add('invalid_pattern', pointer, `got ${quote(pattern)}, expected a regular expression in RE2 syntax (${reason})`)
  }
}

function filterSchema(type: string, description: string, properties: Record<string, Schema>, required: readonly string[]): Schema {
  return { type: 'object', description, properties: { type: { const: type }, ...properties }, required: ['type', ...required], additionalProperties: false }
}

function definitionName(type: string): string {
  return `${type}Filter`
}

function isArray<T>(value: T | readonly (T | undefined)[]): value is readonly (T | undefined)[] {
  return Array.isArray(value)
}
