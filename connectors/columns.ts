/** A table of columns as the mapping of a system's rows: all that most systems need. */
import type { ColumnDescription, Session, SessionValue } from '../engine/session.js'
import { arrayOf, copyUnknown, isRecord, numberOf, textOf, type JsonObject } from './record/fields.js'
import { asSession, newRow, RecordFault } from './record/row.js'
import { parseTime } from './record/time.js'

export interface MappedColumn extends ColumnDescription {
  /** The field of the row, with dots into nested objects; or what makes the value of the row. */
  readonly from: string | ((row: JsonObject) => unknown)
}

/**
 * One row as a session. A value that is missing, or of another type than its column, becomes null; fields that no column takes are kept
 * under their own names in snake_case. Throws RecordFault for a row without `session_id` or a readable `started_at`.
 */
export function mapColumns(columns: readonly MappedColumn[], row: unknown, source: string): Session {
  if (!isRecord(row)) throw new RecordFault('a row that is not an object')
  const session = newRow()
  session['source'] = source
  const taken = new Set<string>()
  for (const { name, type, from } of columns) {
    const value = typeof from === 'string' ? at(row, from) : from(row)
    if (typeof from === 'string') taken.add(from.split('.')[0] as string)
    session[name] = name === 'started_at' ? parseTime(value) : CONVERT[type](value)
  }
  if (session['session_id'] === null || session['session_id'] === '') throw new RecordFault(`"${fieldOf(columns, 'session_id')}" is missing`)
  if (session['started_at'] === null) throw new RecordFault(`"${fieldOf(columns, 'started_at')}" is missing or not a time`)
  copyUnknown(session, row, taken)
  return asSession(session)
}

const CONVERT: Readonly<Record<ColumnDescription['type'], (value: unknown) => SessionValue>> = {
  string: textOf,
  number: numberOf,
  strings: value => arrayOf(value)?.map(textOf) ?? null
}

function at(row: JsonObject, path: string): unknown {
  if (Object.hasOwn(row, path)) return row[path]
  let value: unknown = row
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return null
    value = value[key]
  }
  return value
}

function fieldOf(columns: readonly MappedColumn[], name: string): string {
  const from = columns.find(column => column.name === name)?.from
  return typeof from === 'string' ? from : name
}
