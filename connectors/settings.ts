import { Duration } from 'luxon'
import { SourceError } from './errors.js'
import { checkBaseUrl } from './http/base-url.js'

/** Keys that every source may have beside its own. */
const COMMON_KEYS = ['type', 'base_url', 'allow_http']
/** A session id list is typed or generated; more than this is better given as a file of recorded responses. */
const MAX_LIST = 100_000

/** Reads the keys of one source, each with its type checked. Every method throws SourceError invalid_config naming source and key. */
export interface Settings {
  string(key: string): string
  optionalString(key: string): string | undefined
  /** A string, or an integer as its digits. */
  id(key: string): string
  /** A positive integer, also as a string of digits; given as digits. */
  optionalId(key: string): string | undefined
  boolean(key: string, fallback: boolean): boolean
  integer(key: string, fallback: number, min: number, max: number): number
  /** Strings; integers are taken as their digits. Empty where absent. */
  strings(key: string): readonly string[]
  /** An ISO-8601 duration such as PT24H, or a number of seconds; in milliseconds. */
  duration(key: string, fallback: string): number
  /** A nested object; empty where absent. */
  section(key: string): Settings
  baseUrl(fallback?: string): string
  fail(key: string, problem: string): never
  /** Takes a key that is read elsewhere for one of this source's. */
  known(key: string): void
  /** Refuses keys that nothing has asked for. Call it last. */
  done(): void
}

export function readSettings(source: string, config: Readonly<Record<string, unknown>>, prefix = ''): Settings {
  const values = new Map(Object.entries(config))
  const known = new Set<string>(prefix === '' ? COMMON_KEYS : [])

  function fail(key: string, problem: string): never {
    throw new SourceError('invalid_config', source, `"${prefix}${key}" ${problem}.`)
  }

  function get(key: string): unknown {
    known.add(key)
    return values.get(key) ?? undefined
  }

  function optionalString(key: string): string | undefined {
    const value = get(key)
    if (value === undefined) return undefined
    if (typeof value !== 'string') return fail(key, `must be a string, got ${kindOf(value)}`)
    return value.trim() === '' ? fail(key, 'is empty') : value
  }

  function optionalId(key: string): string | undefined {
    const value = get(key)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value)
    return typeof value === 'string' && /^\d{1,19}$/.test(value) ? value : fail(key, `must be an integer, got ${kindOf(value)}`)
  }

  function id(key: string): string {
    const value = get(key)
    return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : string(key)
  }

  function string(key: string): string {
    return optionalString(key) ?? fail(key, 'is missing; it must be a string')
  }

  function boolean(key: string, fallback: boolean): boolean {
    const value = get(key) ?? fallback
    return typeof value === 'boolean' ? value : fail(key, `must be true or false, got ${kindOf(value)}`)
  }

  function integer(key: string, fallback: number, min: number, max: number): number {
    const value = get(key) ?? fallback
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    return fail(key, `must be an integer from ${min} to ${max}, got ${kindOf(value)}`)
  }

  function strings(key: string): readonly string[] {
    const value = get(key) ?? []
    if (!Array.isArray(value)) return fail(key, `must be an array of strings, got ${kindOf(value)}`)
    if (value.length > MAX_LIST) fail(key, `has ${value.length} entries, the limit is ${MAX_LIST}; split the source`)
    const texts = value.map((item: unknown, index) => {
      if (typeof item === 'string' && item.trim() !== '') return item
      if (typeof item === 'number' && Number.isSafeInteger(item)) return String(item)
      return fail(key, `must be an array of strings, its element ${index} is ${kindOf(item)}`)
    })
    return [...new Set(texts)]
  }

  function duration(key: string, fallback: string): number {
    const value = get(key) ?? fallback
    const parsed = typeof value === 'number' ? Duration.fromMillis(value * 1000) : Duration.fromISO(String(value))
    const ms = parsed.isValid ? parsed.toMillis() : Number.NaN
    return ms >= 0 ? ms : fail(key, `must be an ISO-8601 duration such as "${fallback}", got ${kindOf(value)}`)
  }

  function section(key: string): Settings {
    const value = get(key) ?? {}
    if (typeof value !== 'object' || Array.isArray(value)) return fail(key, `must be an object, got ${kindOf(value)}`)
    return readSettings(source, value as Record<string, unknown>, `${prefix}${key}.`)
  }

  return {
    string, id, optionalString, optionalId, boolean, integer, strings, duration, section, fail,
    known: key => void known.add(key),
    baseUrl: fallback => checkBaseUrl(source, optionalString('base_url') ?? fallback ?? string('base_url'), boolean('allow_http', false)),
    done() {
      for (const key of values.keys()) {
        if (!known.has(key)) fail(key, `is not a key of this source; its keys are ${[...known].filter(name => name !== 'type').join(', ')}`)
      }
    }
  }
}

/** The type alone: the value may be a secret put under the wrong key. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string of another form'
  return typeof value === 'object' ? 'an object' : `${typeof value}`
}
