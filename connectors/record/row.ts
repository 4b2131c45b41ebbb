import type { Session, SessionValue } from '../../engine/session.js'

/** A record that cannot become a session; the message says why and is meant for a dead letter. */
export class RecordFault extends Error {}

/** A session while it is put together. */
export type Row = Record<string, SessionValue>

/**
 * Rows have an empty prototype, so that `__proto__` and `constructor` are ordinary columns,
 * and a constructor, which keeps them fast where Object.create(null) makes hash tables.
 */
const RowConstructor = function () {} as unknown as new () => Row
RowConstructor.prototype = Object.create(null)

export function newRow(): Row {
  return new RowConstructor()
}

/** The row as the session it has become: `session_id` and `started_at` are set. */
export function asSession(row: Row): Session {
  return row as unknown as Session
}
