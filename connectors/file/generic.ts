import type { Session } from '../../engine/session.js'
import { flatten, Renames } from '../record/flatten.js'
import { asSession, newRow, RecordFault } from '../record/row.js'
import { parseTime } from '../record/time.js'

/** Where the time of a record is looked for, in this order. */
export const TIME_FIELDS = ['started_at', 'timestamp', 'time', '__time'] as const
/** `source` names the connector; what a record calls so is kept under this name. */
export const ORIGINAL_SOURCE = 'original_source'

export interface GenericRules {
  /** Configured name of the source. */
  readonly source: string
  /** Null where nothing is renamed. */
  readonly renames: Renames | null
}

/** One record of no particular system as a session; `key` is its id where it has none. Throws RecordFault. */
export function genericSession(record: Readonly<Record<string, unknown>>, key: string, rules: GenericRules): Session {
  const { renames, source } = rules
  const row = newRow()
  // set first: rows that begin alike share their hidden class
  row['session_id'] = key
  row['started_at'] = undefined
  const field = timeField(record, renames)
  flatten(record, renames, row)
  const chosen = isMissing(row['started_at']) ? field : 'started_at'
  if (chosen === null) throw new RecordFault(`no time: none of ${TIME_FIELDS.join(', ')} has a value; "map" can name another field for "started_at"`)
  row['started_at'] = timeOf(row[chosen], chosen)
  // the value has moved to started_at
  if (chosen !== 'started_at') row[chosen] = undefined
  row['session_id'] = keyOf(row['session_id'], key)
  if (row['source'] !== undefined && row['source'] !== source) row[ORIGINAL_SOURCE] = row['source']
  row['source'] = source
  return asSession(row)
}

function timeField(record: Readonly<Record<string, unknown>>, renames: Renames | null): string | null {
  for (const field of TIME_FIELDS) {
    if (!Object.hasOwn(record, field) || renames?.mapsPath(field) || renames?.has(field)) continue
    if (!isMissing(record[field])) return field
  }
  return null
}

function timeOf(value: unknown, field: string): number {
  const time = parseTime(value)
  if (time !== null) return time
  const shown = JSON.stringify(value)?.slice(0, 60) ?? 'an object'
  throw new RecordFault(`${JSON.stringify(field)} is ${shown}, which is not a time (ISO-8601, or epoch seconds or milliseconds)`)
}

function keyOf(value: unknown, key: string): string {
  if (isMissing(value)) return key
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new RecordFault('"session_id" is a list; it must be one string or number')
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === ''
}
