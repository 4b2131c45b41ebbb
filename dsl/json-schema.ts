/** JSON Schema, as far as the query's own schema (query.schema.json) is written in it. */

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'

/** The part of JSON Schema draft-07 that the query's schema is written in. */
export interface Schema {
  readonly $schema?: string
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly type?: JsonType | readonly JsonType[]
  readonly const?: string
  readonly enum?: readonly string[]
  readonly exclusiveMinimum?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly maxProperties?: 0
  readonly oneOf?: readonly Schema[]
  readonly definitions?: Readonly<Record<string, Schema>>
}

/** `$schema` of a query. */
export const EDITOR_SCHEMA: Schema = { type: 'string', description: 'For editors; ignored.' }
