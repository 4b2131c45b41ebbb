/** Values of foreign JSON as what a column holds: a missing or odd one becomes null, never another value. */
import { flatten } from './flatten.js'
import { type Row } from './row.js'

export type JsonObject = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function arrayOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** An identifier that a system writes as a number. */
export function integerText(value: unknown): string | null {
  return value === '' ? null : textOf(value)
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** `sessionId` and `pageIDs` as `session_id` and `page_ids`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2').toLowerCase()
}

/** Keeps what no column of the source's table holds, in the source's names; a column that is set already wins. Throws RecordFault. */
export function copyUnknown(session: Row, record: JsonObject, known: ReadonlySet<string>): void {
  const names = Object.keys(record).filter(name => !known.has(name))
  if (names.length === 0) return
  const rest: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const name of names) rest[name] = record[name]
  for (const [path, value] of Object.entries(flatten(rest, null))) {
    const column = snakeCase(path)
    if (!Object.hasOwn(session, column)) session[column] = value
  }
}
