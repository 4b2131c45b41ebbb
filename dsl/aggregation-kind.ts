/** What the aggregations of the language have in common. */
import type { Context } from './context.js'
import type { RawFilter } from './filter-kind.js'
import { below, orList, quote } from './issues.js'
import type { Aggregation } from './query.js'
import type { Schema } from './json-schema.js'

/** An aggregation as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawAggregation {
  readonly type: string
  readonly fields?: readonly (string | undefined)[]
  readonly quantiles?: readonly (number | undefined)[]
  readonly with_error?: boolean
  readonly filter?: RawFilter
  readonly aggregator?: RawAggregation
  readonly bins?: number
  readonly edges?: readonly (number | undefined)[]
  readonly filters?: readonly (RawFilter | undefined)[]
  readonly field?: string
  readonly name?: string
}

/** What a user calls the column, and where. */
export interface GivenName {
  readonly text: string
  readonly pointer: string
}

/** An aggregation of the normalised query, and where the query asks for it. */
export interface PlacedAggregation {
  readonly aggregation: Aggregation
  /** Pointer of what names its column. */
  readonly pointer: string
}

export interface AggregationKind {
  readonly schema: Schema
  /** The columns that it asks for. `name` is in place of the usual one, that of `raw` included. */
  normalise(raw: RawAggregation, name: GivenName | undefined, context: Context, pointer: string): PlacedAggregation[]
}

/** Columns that an aggregation is of: `scalars` are strings and numbers. */
export type Takes = 'all' | 'scalars' | 'numbers'

/** Number columns named in a message. */
const MAX_EXAMPLES = 5

export const NAME: Schema = {
  type: 'string', minLength: 1, description: 'Name of the output column, in place of the usual one. Only with a single field.'
}

export const WITH_ERROR: Schema = {
  type: 'boolean',
  default: false,
  description: 'Whether each column is followed by one with its relative standard error, <column>_error; 0 where it is exact.'
}

const FIELD_WORDS: Record<Takes, string> = {
  all: 'Name of a dimension.',
  scalars: 'Name of a string or number dimension.',
  numbers: 'Name of a number dimension.'
}

export function fieldSchema(takes: Takes): Schema {
  return { type: 'string', description: FIELD_WORDS[takes] }
}

export function fieldsSchema(takes: Takes, description = 'The dimensions; each gives a column of its own.'): Schema {
  return { type: 'array', items: fieldSchema(takes), minItems: 1, description }
}

export function aggregationSchema(type: string, description: string, properties: Record<string, Schema>, required: readonly string[]): Schema {
  return { type: 'object', description, properties: { type: { const: type }, ...properties }, required: ['type', ...required], additionalProperties: false }
}

/** A field of several, known to be fit, and what its columns are called: `name` or, without one, after the field. */
export interface NamedField {
  readonly field: string
  readonly name: string | undefined
  readonly pointer: string
}

/** The sound fields; that a name is for a single one, and that each is of the right type, is checked. */
export function readFields(raw: RawAggregation, name: GivenName | undefined, takes: Takes, context: Context, pointer: string): NamedField[] {
  const fields = raw.fields ?? []
  if (name !== undefined && fields.length > 1) {
    context.issues.add('invalid_value', name.pointer, `got one name for ${fields.length} fields, expected a single field or no name`)
  }
  const own = fields.length === 1 ? name : undefined
  return fields.flatMap((field, index) => {
    if (field === undefined) return []
    const fieldPointer = `${below(pointer, 'fields')}/${index}`
    checkField(field, raw.type, takes, context, fieldPointer)
    return [{ field, name: own?.text, pointer: own?.pointer ?? fieldPointer }]
  })
}

export function checkField(field: string, type: string, takes: Takes, context: Context, pointer: string): void {
  const columnType = context.typeOf(field, pointer)
  if (takes === 'all' || columnType === undefined || columnType === 'number') return
  if (takes === 'scalars') {
    if (columnType === 'strings') context.issues.add('invalid_value', pointer, `${quote(field)} is an array of strings, ${type} expects a string or a number`)
    return
  }
  const what = columnType === 'string' ? 'a string' : 'an array of strings'
  const numbers = [...context.columns!].filter(([, known]) => known === 'number').map(([known]) => known)
  const examples = numbers.length === 0 ? '' : ` such as ${orList(numbers.slice(0, MAX_EXAMPLES))}`
  context.issues.add('not_numeric', pointer, `${quote(field)} is ${what}, ${type} expects a number${examples}`)
}
