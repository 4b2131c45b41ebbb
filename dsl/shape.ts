/**
 * Checks a value against the query's JSON Schema and words the faults for a person.
 *
 * The schema is the published one (query.schema.json); this reads the part of draft-07 that it uses.
 * A `oneOf` is decided by the JSON type of the value and then by its `type`, so that a faulty
 * selector is told the faults of a selector and no others.
 */
import { below, describe, orList, quote, type Issues } from './issues.js'

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

type JsonObject = Readonly<Record<string, unknown>>

const TYPE_WORDS: Record<JsonType, string> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null'
}

/** Branches of every `oneOf` met so far: there are as many as the schema has. */
const flattened = new WeakMap<Schema, readonly Schema[]>()

/** Reads values by a schema; `definitions` of the root are what `$ref` points into. */
export class ShapeReader {
  readonly #definitions: Readonly<Record<string, Schema>>
  readonly #issues: Issues

  constructor(root: Schema, issues: Issues) {
    this.#definitions = root.definitions ?? {}
    this.#issues = issues
  }

  /** A copy of the value without its faulty parts (undefined in their place), so that what is sound can be checked further. */
  read(schema: Schema, value: unknown, pointer: string): unknown {
    const resolved = this.#resolve(schema)
    if (resolved.oneOf) return this.#readOneOf(resolved, value, pointer)
    if (!hasType(resolved, value)) {
      this.#issues.add('wrong_type', pointer, `got ${describe(value)}, expected ${this.#expected([resolved])}${hint(resolved, value, pointer)}`)
      return undefined
    }
    if (Array.isArray(value)) return this.#readArray(resolved, value, pointer)
    if (isObject(value)) return this.#readObject(resolved, value, pointer)
    return this.#isAllowed(resolved, value, pointer) ? value : undefined
  }

  #resolve(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : this.#definitions[schema.$ref.slice('#/definitions/'.length)]!
  }

  #readOneOf(schema: Schema, value: unknown, pointer: string): unknown {
    const branches = this.#branches(schema)
    const fitting = branches.filter(branch => hasType(branch, value))
    if (fitting.length === 0) {
      this.#issues.add('wrong_type', pointer, `got ${describe(value)}, expected ${this.#expected(branches)}`)
      return undefined
    }
    if (!isObject(value)) return this.read(fitting[0]!, value, pointer)
    if (Object.keys(value).length === 0 && fitting.some(branch => branch.maxProperties === 0)) return {}
    return this.#readTyped(fitting.filter(branch => branch.maxProperties === undefined), value, pointer)
  }

  /** Branches of a `oneOf`, those of a nested one in its place. */
  #branches(schema: Schema): readonly Schema[] {
    let branches = flattened.get(schema)
    if (!branches) {
      branches = schema.oneOf!.map(branch => this.#resolve(branch)).flatMap(branch => branch.oneOf ? this.#branches(branch) : [branch])
      flattened.set(schema, branches)
    }
    return branches
  }

  /** Objects that say by `type` which of several they are; one without it is told so, unless there is a branch that has none. */
  #readTyped(branches: readonly Schema[], value: JsonObject, pointer: string): unknown {
    const type = own(value, 'type')
    const typed = branches.filter(branch => branch.properties?.type !== undefined)
    const untyped = meant(branches.filter(branch => !typed.includes(branch)), value)
    if (untyped && (type === undefined || typed.length === 0)) return this.#readObject(untyped, value, pointer)
    const known = typed.map(branch => branch.properties!.type!.const!)
    if (type === undefined) {
      this.#issues.add('missing', pointer, `the key "type" is missing, expected one of ${known.join(', ')}`)
    } else if (typeof type !== 'string') {
      this.#issues.add('wrong_type', below(pointer, 'type'), `got ${describe(type)}, expected one of ${known.join(', ')}`)
    } else {
      const branch = typed[known.indexOf(type)]
      if (branch) return this.#readObject(branch, value, pointer)
      this.#issues.add('unknown_type', below(pointer, 'type'), `unknown type ${quote(type)}, expected one of ${known.join(', ')}`, type, known)
    }
    return undefined
  }

  #readObject(schema: Schema, value: JsonObject, pointer: string): unknown {
    const properties = schema.properties ?? {}
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      if (value[key] === undefined) continue
      if (Object.hasOwn(properties, key)) copy[key] = this.read(properties[key]!, value[key], below(pointer, key))
      else this.#unknownKey(key, Object.keys(properties), below(pointer, key))
    }
    for (const key of schema.required ?? []) {
      if (own(value, key) !== undefined) continue
      const property = properties[key]!
      const expected = `${this.#expected([property])} (${firstSentence(this.#resolve(property).description!)})`
      this.#issues.add('missing', pointer, `the key ${quote(key)} is missing, expected ${expected}`)
    }
    return copy
  }

  #unknownKey(key: string, known: readonly string[], pointer: string): void {
    this.#issues.add('unknown_key', pointer, `unknown key ${quote(key)}, expected ${orList(known.filter(name => name !== '$schema'))}`, key, known)
  }

  #readArray(schema: Schema, value: readonly unknown[], pointer: string): unknown {
    if (value.length < (schema.minItems ?? 0)) {
      const got = value.length === 0 ? 'an empty array' : `an array of ${value.length}`
      this.#issues.add('invalid_value', pointer, `got ${got}, expected at least ${schema.minItems === 1 ? 'one item' : `${schema.minItems} items`}`)
    }
    if (value.length > (schema.maxItems ?? Infinity)) {
      this.#issues.add('too_large', pointer, `got ${value.length.toLocaleString('en-US')} items, expected at most ${schema.maxItems}`)
      return undefined
    }
    const items = this.#resolve(schema.items!)
    const takesAnyText = isAnyText(items)
    return Array.from(value, (item, index) => takesAnyText && typeof item === 'string' ? item : this.read(items, item, below(pointer, index)))
  }

  #isAllowed(schema: Schema, value: unknown, pointer: string): boolean {
    if (schema.enum && !schema.enum.includes(value as string)) {
      const wrong = typeof value === 'string' ? value : undefined
      this.#issues.add('invalid_value', pointer, `got ${describe(value)}, expected one of ${schema.enum.join(', ')}`, wrong, schema.enum)
      return false
    }
    if (typeof value === 'number' && value <= (schema.exclusiveMinimum ?? -Infinity)) {
      this.#issues.add('invalid_value', pointer, `got ${describe(value)}, expected more than ${schema.exclusiveMinimum}`)
      return false
    }
    if (typeof value === 'number' && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) {
      this.#issues.add('invalid_value', pointer, `got ${describe(value)}, expected ${rangeWords(schema)}`)
      return false
    }
    if (typeof value === 'string' && (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Infinity))) {
      this.#issues.add('invalid_value', pointer, `got ${describe(value)}, expected ${lengthWords(schema)}`)
      return false
    }
    return true
  }

  #expected(schemas: readonly Schema[]): string {
    const types = schemas.map(schema => this.#resolve(schema)).flatMap(schema => schema.oneOf ? this.#branches(schema) : [schema]).flatMap(typesOf)
    return orList([...new Set(types)].map(type => TYPE_WORDS[type]))
  }
}

/** Reads the sound items of a list that the shape check left. */
export function readAll<Raw, Read>(items: readonly (Raw | undefined)[] | undefined, read: (item: Raw, index: number) => Read | null): Read[] {
  const results: Read[] = []
  for (const [index, item] of (items ?? []).entries()) {
    const result = item === undefined ? null : read(item, index)
    if (result !== null) results.push(result)
  }
  return results
}

/** The first of several objects that needs a key which the value has. */
function meant(branches: readonly Schema[], value: JsonObject): Schema | undefined {
  return branches.find(({ required }) => required?.some(key => own(value, key) !== undefined)) ?? branches[0]
}

function typesOf(schema: Schema): readonly JsonType[] {
  const { type } = schema
  if (type === undefined) return schema.enum || schema.const !== undefined ? ['string'] : []
  return typeof type === 'string' ? [type] : type
}

function hasType(schema: Schema, value: unknown): boolean {
  return typesOf(schema).some(type => isOfType(type, value))
}

function isOfType(type: JsonType, value: unknown): boolean {
  switch (type) {
    case 'null': return value === null
    case 'array': return Array.isArray(value)
    case 'object': return isObject(value)
    case 'integer': return Number.isSafeInteger(value)
    case 'number': return Number.isFinite(value)
    default: return typeof value === type
  }
}

/** Whether every text is sound: lists of literals are long. */
function isAnyText(schema: Schema): boolean {
  const { oneOf, enum: words, const: word, minLength, maxLength } = schema
  return [oneOf, words, word, minLength, maxLength].every(bound => bound === undefined) && hasType(schema, '')
}

/** What is meant by a value of the wrong type, where that is plain. */
function hint(schema: Schema, value: unknown, pointer: string): string {
  const types = typesOf(schema)
  const isNumber = types.includes('number') || types.includes('integer')
  if (types.includes('array') && typeof value === 'string') return `, as in [${quote(value)}]`
  if (types.includes('array') && isObject(value)) return ': put it in [ ]'
  if (isNumber && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return ', without quotes'
  if (Array.isArray(value) && pointer.endsWith('/value')) return '; the filter "in" takes several values'
  return typeof value === 'number' && /\/(?:start|end)$/.test(pointer) ? ' such as "2019-01-01T00:00:00Z"' : ''
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: JsonObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function rangeWords({ minimum, maximum }: Schema): string {
  return maximum === undefined ? `at least ${minimum}` : `a number from ${minimum} to ${maximum}`
}

function lengthWords({ minLength, maxLength }: Schema): string {
  if (minLength === 1) return maxLength === 1 ? 'one character' : 'a string that is not empty'
  return `at most ${maxLength} characters`
}

function firstSentence(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/[.;].*$/s, '')
}
