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

/** Unix second that a cursor leads to; null where it cannot be read. */
export function cursorSecond(cursor: string): number | null {
  if (cursorKind(cursor) === 'opaque') return null
  const time = parseTime(String(decode(cursor)?.get('started_at')))
  return time === null ? null : Math.floor(time / 1000)
}

/** A cursor of kind `time`, written like `like`, so that the page behind it begins with this Unix second. */
export function cursorToBegin(second: number, like: string): string {
  const [, , fraction = ''] = FORM.exec(String(decode(like)?.get('started_at'))) ?? []
  return encode(`${new Date((second + 1) * 1000).toISOString().slice(0, 19).replace('T', ' ')}${fraction}`, like)
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
