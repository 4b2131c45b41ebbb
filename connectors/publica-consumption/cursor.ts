/**
 * publica.la's cursors: base64 of `{"started_at":"2024-09-18 16:13:10","_pointsToNextItems":true}`, "rows older than this second".
 * Undocumented but for an example, so everything else is an opaque string that can only be handed back.
 */
import { parseTime } from '../record/time.js'

const FORM = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?$/

/** `time`: pages on the start alone, so rows that share a second at the edge of a page are skipped. `unique`: on more than that. */
export type CursorKind = 'time' | 'unique' | 'opaque'

export function cursorKind(cursor: string): CursorKind {
  const fields = decode(cursor)
  if (!fields || fields.get('_pointsToNextItems') !== true) return 'opaque'
  const { size } = fields
  if (typeof fields.get('started_at') !== 'string') return 'opaque'
  if (size > 2) return 'unique'
  return FORM.test(String(fields.get('started_at'))) ? 'time' : 'opaque'
}

/** A cursor of kind `time` that points one second less far back, so that the page behind it begins with the second of the edge. */
export function cursorBefore(cursor: string): string {
  const fields = decode(cursor)
  const [, second = '', fraction = ''] = FORM.exec(String(fields?.get('started_at'))) ?? []
  const later = (parseTime(second) ?? Number.NaN) + 1000
  return encode(`${new Date(later).toISOString().slice(0, 19).replace('T', ' ')}${fraction}`, cursor)
}

/** Written as the server writes its own: the alphabet and the padding of `like`. */
function encode(startedAt: string, like: string): string {
  const base64 = Buffer.from(JSON.stringify({ started_at: startedAt, _pointsToNextItems: true })).toString('base64')
  const padded = like.endsWith('=') ? base64 : base64.replace(/=+$/, '')
  return /[+/]/.test(like) ? padded : padded.replaceAll('+', '-').replaceAll('/', '_')
}

function decode(cursor: string): Map<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'))
    return typeof parsed === 'object' && parsed !== null ? new Map(Object.entries(parsed)) : null
  } catch {
    return null
  }
}
