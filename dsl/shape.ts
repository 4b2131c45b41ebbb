/**
 * Checks a value against the query's JSON Schema and words the faults for a person.
 *
 * The schema is the published one (query.schema.json); this reads the part of draft-07 that it uses.
 * A `oneOf` is decided by the JSON type of the value and then by its `type`, so that a faulty
 * selector is told the faults of a selector and no others.
 */
import { bitsOfValue, type Choice, type CompiledSchema, type CompiledSchemas } from './compiled-schema.js'
import { below, describe, orList, quote, type Issues } from './issues.js'
import type { JsonType, Schema } from './json-schema.js'

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

/** Reads values by a schema. */
export class ShapeReader {
  readonly #schemas: CompiledSchemas
  readonly #issues: Issues

  constructor(schemas: CompiledSchemas, issues: Issues) {
    this.#schemas = schemas
    this.#issues = issues
  }

  /** A copy of the value without its faulty parts (undefined in their place), so that what is sound can be checked further. */
  read(schema: Schema, value: unknown): unknown {
    return this.#read(this.#schemas.of(schema), value, '')
  }

  #read(schema: CompiledSchema, value: unknown, pointer: string): unknown {
    const { choice } = schema
    if (choice !== null) return this.#readOneOf(choice, value, pointer)
    if (!schema.takes(bitsOfValue(value))) {
      this.#issues.add('wrong_type', pointer, `got ${describe(value)}, expected ${expected([schema])}${hint(schema, value, pointer)}`)
      return undefined
    }
    if (Array.isArray(value)) return this.#readArray(schema, value, pointer)
    if (isObject(value)) return this.#readObject(schema, value, pointer)
    return schema.isUnbounded || this.#isAllowed(schema.schema, value, pointer) ? value : undefined
  }

  #readOneOf(choice: Choice, value: unknown, pointer: string): unknown {
    const bits = bitsOfValue(value)
    const fitting = choice.branches.find(branch => branch.takes(bits))
    if (fitting === undefined) {
      this.#issues.add('wrong_type', pointer, `got ${describe(value)}, expected ${expected(choice.branches)}`)
      return undefined
    }
    if (!isObject(value)) return this.#read(fitting, value, pointer)
    if (choice.takesEmptyObject && Object.keys(value).length === 0) return {}
    return this.#readTyped(choice, value, pointer)
  }

  /** Objects that say by `type` which of several they are; one without it is told so, unless there is a branch that has none. */
  #readTyped({ typed, untyped }: Choice, value: JsonObject, pointer: string): unknown {
    const type = own(value, 'type')
    if (untyped.length > 0 && (type === undefined || typed.size === 0)) return this.#readObject(meant(untyped, value), value, pointer)
    const branch = typeof type === 'string' ? typed.get(type) : undefined
    if (branch !== undefined) return this.#readObject(branch, value, pointer)
    const known = [...typed.keys()]
    if (type === undefined) {
      this.#issues.add('missing', pointer, `the key "type" is missing, expected one of ${known.join(', ')}`)
    } else if (typeof type !== 'string') {
      this.#issues.add('wrong_type', below(pointer, 'type'), `got ${describe(type)}, expected one of ${known.join(', ')}`)
    } else {
      this.#issues.add('unknown_type', below(pointer, 'type'), `unknown type ${quote(type)}, expected one of ${known.join(', ')}`, type, known)
    }
    return undefined
  }

  #readObject(schema: CompiledSchema, value: JsonObject, pointer: string): unknown {
    const { properties } = schema
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const held = value[key]
      if (held === undefined) continue
      const property = properties.get(key)
      if (property !== undefined) copy[key] = this.#read(property.schema, held, pointer + property.step)
      else this.#unknownKey(key, [...properties.keys()], below(pointer, key))
    }
    for (const key of schema.required) {
      if (own(value, key) !== undefined) continue
      const { schema: lacking } = properties.get(key)!
      const words = `${expected([lacking])} (${firstSentence(lacking.schema.description!)})`
      this.#issues.add('missing', pointer, `the key ${quote(key)} is missing, expected ${words}`)
    }
    return copy
  }

  #unknownKey(key: string, known: readonly string[], pointer: string): void {
    this.#issues.add('unknown_key', pointer, `unknown key ${quote(key)}, expected ${orList(known.filter(name => name !== '$schema'))}`, key, known)
  }

  #readArray({ schema, items }: CompiledSchema, value: readonly unknown[], pointer: string): unknown {
    if (value.length < (schema.minItems ?? 0)) {
      const got = value.length === 0 ? 'an empty array' : `an array of ${value.length}`
      this.#issues.add('invalid_value', pointer, `got ${got}, expected at least ${schema.minItems === 1 ? 'one item' : `${schema.minItems} items`}`)
    }
    if (value.length > (schema.maxItems ?? Infinity)) {
      this.#issues.add('too_large', pointer, `got ${value.length.toLocaleString('en-US')} items, expected at most ${schema.maxItems}`)
      return undefined
    }
    const { takesAnyText } = items
    return Array.from(value, (item, index) => takesAnyText && typeof item === 'string' ? item : this.#read(items, item, below(pointer, index)))
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
}

/** What one of several schemas takes, in words. */
function expected(schemas: readonly CompiledSchema[]): string {
  const types = schemas.flatMap(schema => schema.choice?.branches ?? [schema]).flatMap(branch => branch.types)
  return orList([...new Set(types)].map(type => TYPE_WORDS[type]))
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
function meant(branches: readonly CompiledSchema[], value: JsonObject): CompiledSchema {
  return branches.find(({ required }) => required.some(key => own(value, key) !== undefined)) ?? branches[0]!
}

/** What is meant by a value of the wrong type, where that is plain. */
function hint({ types }: CompiledSchema, value: unknown, pointer: string): string {
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
