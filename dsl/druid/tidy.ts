/**
 * Druid's JSON as programs write it, brought to one form before it is checked: keys that are null are absent,
 * what may be left out is there, and the time has one name. Pointers into the query stay as they are.
 */

/** Druid's name of the time of a row, and the column that it is here. */
export const TIME = '__time'
export const TIME_COLUMN = 'started_at'

type JsonObject = Readonly<Record<string, unknown>>

const FILTER_KEYS = new Set(['dimension', 'column'])

/** Keys that tune how Druid filters, and change no answer. */
const TUNING = 'filterTuning'

/** A copy without keys that are null. The query's depth is bounded before. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, withoutNulls)
  if (!isObject(value)) return value
  return copyOf(value, (_key, held) => held === null ? undefined : withoutNulls(held))
}

/** A filter in our form: the time under our name, a selector with its value. */
export function tidyFilter(filter: unknown): unknown {
  if (Array.isArray(filter)) return filter.map(tidyFilter)
  if (!isObject(filter)) return filter
  const isInterval = filter.type === 'interval'
  const copy = copyOf(filter, (key, held) => {
    if (key === TUNING) return undefined
    if (FILTER_KEYS.has(key)) return held === TIME && !isInterval ? TIME_COLUMN : held
    if (key === 'dimensions' && Array.isArray(held)) return held.map(one => one === TIME ? TIME_COLUMN : one as unknown)
    return key === 'field' || key === 'fields' ? tidyFilter(held) : held
  })
  if (filter.type === 'selector' && copy.value === undefined) copy.value = null
  return copy
}

/** An object whose `type` may be left out, with it. */
export function withType(value: unknown, type: string): unknown {
  if (!isObject(value) || Object.hasOwn(value, 'type')) return value
  return Object.assign(copyOf(value, (_key, held) => held), { type })
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without a prototype: `__proto__` is a key like any other. */
export function copyOf(value: JsonObject, each: (key: string, held: unknown) => unknown): Record<string, unknown> {
  const copy = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) {
    const held = each(key, value[key])
    if (held !== undefined) copy[key] = held
  }
  return copy
}
