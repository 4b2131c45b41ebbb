/** What the filters of the language have in common. */
import type { Context } from './context.js'
import type { RawRange } from './intervals.js'
import type { MatchValueType } from './match-value.js'
import type { Comparison, Filter } from './query.js'
import type { Schema } from './json-schema.js'
import type { Literal } from './values.js'

/** A filter as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawFilter {
  readonly type: string
  readonly fields?: readonly (RawFilter | undefined)[]
  readonly field?: RawFilter
  readonly dimension?: string
  readonly dimensions?: readonly (string | undefined)[]
  readonly column?: string
  readonly value?: Literal
  readonly values?: readonly (Literal | undefined)[]
  readonly lower?: string | number | null
  readonly upper?: string | number | null
  readonly lowerStrict?: boolean
  readonly upperStrict?: boolean
  readonly lowerOpen?: boolean
  readonly upperOpen?: boolean
  readonly ordering?: Comparison
  readonly matchValueType?: MatchValueType
  readonly matchValue?: Literal
  readonly elementMatchValueType?: MatchValueType
  readonly elementMatchValue?: Literal
  readonly pattern?: string
  readonly escape?: string | null
  readonly query?: RawSearch
  readonly intervals?: readonly (string | RawRange | undefined)[]
}

export interface RawSearch {
  readonly type: string
  readonly value?: string
  readonly values?: readonly (string | undefined)[]
  readonly caseSensitive?: boolean
}

export interface FilterKind {
  readonly schema: Schema
  /** What it returns where it reports a fault does not matter: nothing is run then. */
  normalise(raw: RawFilter, context: Context, pointer: string): Filter
}

/** Stands for a faulty filter. */
export const NOTHING: Filter = { type: 'false' }

export const DIMENSION: Schema = { type: 'string', description: 'Name of a dimension. On an array the filter matches if any element does.' }

export function filterSchema(type: string, description: string, properties: Record<string, Schema>, required: readonly string[]): Schema {
  return { type: 'object', description, properties: { type: { const: type }, ...properties }, required: ['type', ...required], additionalProperties: false }
}
