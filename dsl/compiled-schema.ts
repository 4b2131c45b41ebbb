/** A JSON Schema made ready for reading: what it says of every value alike is found out once, where it is met first. */
import { below } from './issues.js'
import type { JsonType, Schema } from './json-schema.js'

/** Types as bits: a value may be of several, for a whole number is a number too. */
const BITS: Readonly<Record<JsonType, number>> = { object: 1, array: 2, string: 4, number: 8, integer: 16, boolean: 32, null: 64 }

/** The schemas of one root, with the definitions that `$ref` points into. */
export class CompiledSchemas {
  readonly #definitions: Readonly<Record<string, Schema>>
  readonly #compiled = new Map<Schema, CompiledSchema>()

  constructor(definitions: Readonly<Record<string, Schema>> = {}) {
    this.#definitions = definitions
  }

  of(schema: Schema): CompiledSchema {
    const known = this.#compiled.get(schema)
    if (known !== undefined) return known
    const { $ref } = schema
    const compiled = $ref === undefined ? new CompiledSchema(schema, this) : this.of(this.#definitions[$ref.slice('#/definitions/'.length)]!)
    this.#compiled.set(schema, compiled)
    return compiled
  }
}

/** One schema, no reference. */
export class CompiledSchema {
  readonly schema: Schema
  readonly types: readonly JsonType[]
  /** Every value of its type is sound. */
  readonly isUnbounded: boolean
  readonly required: readonly string[]
  readonly #schemas: CompiledSchemas
  readonly #bits: number
  #properties: ReadonlyMap<string, Property> | null = null
  #items: CompiledSchema | null = null
  #choice: Choice | null = null

  constructor(schema: Schema, schemas: CompiledSchemas) {
    const { enum: words, exclusiveMinimum, minimum, maximum, minLength, maxLength } = schema
    this.schema = schema
    this.#schemas = schemas
    this.types = typesOf(schema)
    this.#bits = bitsOf(this.types)
    this.required = schema.required ?? []
    this.isUnbounded = words === undefined && exclusiveMinimum === undefined && minimum === undefined && maximum === undefined && minLength === undefined && maxLength === undefined
  }

  /** Whether it takes values of any of these bits (`bitsOfValue`). */
  takes(bits: number): boolean {
    return (this.#bits & bits) !== 0
  }

  /** Whether every text is sound: lists of literals are long. */
  get takesAnyText(): boolean {
    return this.schema.oneOf === undefined && this.schema.const === undefined && this.isUnbounded && this.takes(BITS.string)
  }

  get properties(): ReadonlyMap<string, Property> {
    this.#properties ??= new Map(Object.entries(this.schema.properties ?? {}).map(([key, schema]) => [key, { step: below('', key), schema: this.#schemas.of(schema) }]))
    return this.#properties
  }

  get items(): CompiledSchema {
    this.#items ??= this.#schemas.of(this.schema.items!)
    return this.#items
  }

  /** null of a schema without `oneOf`. */
  get choice(): Choice | null {
    if (this.schema.oneOf === undefined) return null
    this.#choice ??= new Choice(this.schema.oneOf.map(branch => this.#schemas.of(branch)).flatMap(branch => branch.choice?.branches ?? [branch]))
    return this.#choice
  }
}

export interface Property {
  /** From the pointer of the object to that of the property. */
  readonly step: string
  readonly schema: CompiledSchema
}

/** What a `oneOf` has to choose from. */
export class Choice {
  /** Those of a nested `oneOf` are in its place. */
  readonly branches: readonly CompiledSchema[]
  readonly takesEmptyObject: boolean
  /** Objects that say by `type` which they are. */
  readonly typed: ReadonlyMap<string, CompiledSchema>
  readonly untyped: readonly CompiledSchema[]

  constructor(branches: readonly CompiledSchema[]) {
    const objects = branches.filter(branch => branch.takes(BITS.object))
    const filled = objects.filter(({ schema }) => schema.maxProperties === undefined)
    this.branches = branches
    this.takesEmptyObject = filled.length < objects.length
    this.typed = new Map(filled.flatMap(branch => branch.schema.properties?.type === undefined ? [] : [[branch.schema.properties.type.const!, branch]]))
    this.untyped = filled.filter(({ schema }) => schema.properties?.type === undefined)
  }
}

/** All types that a value is of. */
export function bitsOfValue(value: unknown): number {
  switch (typeof value) {
    case 'string': return BITS.string
    case 'number': return Number.isSafeInteger(value) ? BITS.number | BITS.integer : Number.isFinite(value) ? BITS.number : 0
    case 'boolean': return BITS.boolean
    case 'object': return value === null ? BITS.null : Array.isArray(value) ? BITS.array : BITS.object
    default: return 0
  }
}

function bitsOf(types: readonly JsonType[]): number {
  return types.reduce((bits, type) => bits | BITS[type], 0)
}

function typesOf(schema: Schema): readonly JsonType[] {
  const { type } = schema
  if (type === undefined) return schema.enum || schema.const !== undefined ? ['string'] : []
  return typeof type === 'string' ? [type] : type
}
