import type { ColumnDescription, Session } from '../../engine/session.js'
import { arrayOf, copyUnknown, integerText, isRecord, numberOf, textOf } from '../record/fields.js'
import { asSession, newRow, RecordFault } from '../record/row.js'
import { parseTime } from '../record/time.js'

export const PUBLICA_CONSUMPTION_COLUMNS: readonly ColumnDescription[] = [
  { name: 'session_id', type: 'string', description: 'The uuid of the session: tenant, issue, user and start.' },
  { name: 'started_at', type: 'number', description: 'Start of reading, UTC, to the second.' },
  { name: 'visitor_id', type: 'string', description: 'The user_id; missing for readers without an account.' },
  { name: 'session_duration_secs', type: 'number', description: 'Seconds of reading so far.' },
  { name: 'is_ended', type: 'string', description: 'Always missing: publica.la does not say whether a session has ended.' },
  { name: 'issue_id', type: 'string', description: 'What was read.' },
  { name: 'user_email', type: 'string', description: 'E-mail address of the user.' },
  { name: 'volpe_host', type: 'string', description: 'The reader: farfalla, fenice or fenice_desktop.' },
  { name: 'client_type', type: 'string', description: 'The reader, under its newer name.' },
  { name: 'reason_type', type: 'string', description: 'Why the user may read: purchase, subscription, …' },
  { name: 'reason_value', type: 'string', description: 'Which purchase, subscription, …' },
  { name: 'page_changes', type: 'number', description: 'Pages turned so far.' },
  { name: 'last_heartbeat_at', type: 'string', description: 'When the reader last gave a sign of life, UTC.' }
]

const FIELDS = new Set([
  'uuid', 'issue_id', 'user_id', 'user_email', 'volpe_host', 'client_type', 'reason_type', 'reason_value',
  'seconds_reading', 'page_changes', 'started_at', 'last_heartbeat_at'
])

/** The rows of a recorded page body, of an array of rows, or of one row. */
export function publicaConsumptionRows(body: unknown): readonly unknown[] {
  return isRecord(body) && !('uuid' in body) ? arrayOf(body['data']) ?? [body] : arrayOf(body) ?? [body]
}

/** One row of publica.la's consumption sessions. Throws RecordFault. */
export function mapPublicaConsumptionRow(row: unknown, source: string): Session {
  if (!isRecord(row)) throw new RecordFault('a row that is not an object')
  const uuid = textOf(row['uuid'])
  if (uuid === null || uuid === '') throw new RecordFault('"uuid" is missing')
  const startedAt = typeof row['started_at'] === 'string' ? parseTime(row['started_at']) : null
  if (startedAt === null) throw new RecordFault('"started_at" is missing or not a time')
  const session = newRow()
  session['session_id'] = uuid
  session['started_at'] = startedAt
  session['source'] = source
  session['visitor_id'] = integerText(row['user_id'])
  session['session_duration_secs'] = numberOf(row['seconds_reading'])
  session['is_ended'] = null
  session['issue_id'] = integerText(row['issue_id'])
  for (const name of ['user_email', 'volpe_host', 'client_type', 'reason_type', 'reason_value'] as const) session[name] = textOf(row[name])
  session['page_changes'] = numberOf(row['page_changes'])
  session['last_heartbeat_at'] = textOf(row['last_heartbeat_at'])
  copyUnknown(session, row, FIELDS)
  return asSession(session)
}

/** Seconds between the start that the uuid tells and `started_at`; null where the uuid ends in no time. */
export function uuidDriftSecs(session: Session): number | null {
  const epoch = /:(\d{9,11})$/.exec(session.session_id)?.[1]
  return epoch === undefined ? null : Math.floor(Number(session.started_at) / 1000) - Number(epoch)
}
