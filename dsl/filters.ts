/**
 * The filters of the language, one entry each: its JSON Schema, and how it becomes a checked `Filter`.
 * A new filter is one more entry here and one more member of `Filter`.
 */
import { RE2JS } from 're2js'
import { BOUND, RANGE } from './bound-filters.js'
import type { Context } from './context.js'
import { DIMENSION, filterSchema, NOTHING, type FilterKind, type RawFilter } from './filter-kind.js'
import { INTERVAL } from './interval-filter.js'
import { below, quote } from './issues.js'
import { MATCH_VALUE_TYPE, typedValue, type MatchValueType } from './match-value.js'
import type { Filter } from './query.js'
import { SEARCH } from './search-filter.js'
import type { Schema } from './json-schema.js'
import { columnValue, type Literal } from './values.js'

export type { RawFilter } from './filter-kind.js'

/** Characters of all regular expressions of a query together: compiling them stays within some 20 ms. */
const MAX_PATTERN_LENGTH = 20_000

/** Each is compared with every other. */
const MAX_COMPARED = 10

export const FILTER: Schema = { $ref: '#/definitions/filter' }

/** Stands for a filter that is absent. */
export const EVERYTHING: Filter = { type: 'true' }

const LITERAL: Schema = { type: ['string', 'number', 'boolean', 'null'], description: 'The value to match; null matches sessions without a value.' }

const VALUE: Schema = { type: ['string', 'number', 'boolean'], description: 'The value to match. Sessions without a value are matched by the filter null.' }

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
  ['bound', BOUND],
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
  }],
  ['range', RANGE],
  ['equals', {
    schema: filterSchema('equals', 'Matches one value.', { column: DIMENSION, matchValueType: MATCH_VALUE_TYPE, matchValue: VALUE }, ['column', 'matchValue']),
    normalise: ({ column, matchValueType, matchValue }, context, pointer) =>
      typedSelector(column, matchValueType, matchValue, context, pointer, 'matchValue')
  }],
  ['arrayContainsElement', {
    schema: filterSchema('arrayContainsElement', 'Matches arrays that have an element.', {
      column: DIMENSION, elementMatchValueType: MATCH_VALUE_TYPE, elementMatchValue: VALUE
    }, ['column', 'elementMatchValue']),
    normalise: ({ column, elementMatchValueType, elementMatchValue }, context, pointer) =>
      typedSelector(column, elementMatchValueType, elementMatchValue, context, pointer, 'elementMatchValue')
  }],
  ['null', {
    schema: filterSchema('null', 'Matches sessions without a value, or with an empty array.', { column: DIMENSION }, ['column']),
    normalise({ column }, context, pointer) {
      if (column === undefined) return NOTHING
      context.typeOf(column, below(pointer, 'column'))
      return { type: 'selector', dimension: column, value: null }
    }
  }],
  ['search', SEARCH],
  ['interval', INTERVAL],
  ['columnComparison', {
    schema: filterSchema('columnComparison', 'Matches sessions whose dimensions are equal: each two share a value, or have none both.', {
      dimensions: {
        type: 'array',
        items: { type: 'string', description: 'Name of a dimension.' },
        minItems: 2,
        maxItems: MAX_COMPARED,
        description: 'The dimensions. A number equals a text that is written like it.'
      }
    }, ['dimensions']),
    normalise: ({ dimensions = [] }, context, pointer) => ({
      type: 'columnComparison',
      dimensions: dimensions.flatMap((dimension, index) => {
        if (dimension === undefined) return []
        context.typeOf(dimension, `${pointer}/dimensions/${index}`)
        return [dimension]
      })
    })
  }],
  ['true', { schema: filterSchema('true', 'Matches every session.', {}, []), normalise: () => EVERYTHING }],
  ['false', { schema: filterSchema('false', 'Matches no session.', {}, []), normalise: () => NOTHING }]
])

/** Schemas by the name of their definition. */
export const FILTER_SCHEMAS: Readonly<Record<string, Schema>> = {
  filter: {
    description: 'Which sessions are counted.',
    oneOf: [...KINDS.keys()].map(type => ({ $ref: `#/definitions/${definitionName(type)}` }))
  },
  ...Object.fromEntries([...KINDS].map(([type, kind]) => [definitionName(type), kind.schema]))
}

/** `filters` of a query. */
export const FILTERS_SCHEMA: Schema = {
  description: 'Which sessions are counted: one filter, or an array of filters that all must match. Absent, null or {}: all.',
  oneOf: [
    FILTER,
    { type: 'array', items: FILTER },
    { type: 'object', maxProperties: 0 },
    { type: 'null' }
  ]
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

/** One filter of a query; its faults are reported. */
export function normaliseFilter(raw: RawFilter, context: Context, pointer: string): Filter {
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
  const isText = type !== 'number'
  const read = (value: Literal | undefined, index: number) => {
    if (value === undefined || (isText && typeof value === 'string')) return value ?? null
    return columnValue(value, type, context, `${pointer}/values/${index}`)
  }
  return { type: 'in', dimension, values: values.map(read) }
}

/** A selector whose value says of which type it is. */
function typedSelector(
  dimension: string | undefined, valueType: MatchValueType | undefined, value: Literal | undefined, context: Context, pointer: string, key: string
): Filter {
  if (dimension === undefined) return NOTHING
  const type = context.typeOf(dimension, below(pointer, 'column'))
  const typed = value === undefined ? undefined : typedValue(value, valueType, context, below(pointer, key))
  if (typed === undefined) return NOTHING
  const own = valueType === 'STRING' && type === undefined ? String(typed) : typed
  return { type: 'selector', dimension, value: columnValue(own, type, context, below(pointer, key)) }
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

/** Reports a pattern that does not parse, or that makes the patterns of the query too long. */
export function checkPattern(pattern: string, context: Context, pointer: string): void {
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

function definitionName(type: string): string {
  return `${type}Filter`
}

function isArray<T>(value: T | readonly (T | undefined)[]): value is readonly (T | undefined)[] {
  return Array.isArray(value)
}
