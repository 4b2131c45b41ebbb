import { parseUrl } from '../http/url.js'
import { arrayOf, isRecord, textOf } from '../record/fields.js'
import { parseTime } from '../record/time.js'

export interface Page {
  readonly rows: readonly unknown[]
  /** The server's cursor for the page after this one. */
  readonly next: string | null
}

export type AskPage = (cursor: string | null, narrowing?: Readonly<Record<string, string>>) => Promise<Page>

/** A page body; null where it is none. Of `next_page_url` only the cursor is used: the filters may be missing from it. */
export function readPage(body: unknown): Page | null {
  if (!isRecord(body)) return null
  const rows = arrayOf(body['data'])
  if (!rows) return null
  return { rows, next: cursorOf(body) ?? (isRecord(body['meta']) ? cursorOf(body['meta']) : null) }
}

function cursorOf(fields: Readonly<Record<string, unknown>>): string | null {
  const cursor = textOf(fields['next_cursor'])
  if (cursor) return cursor
  const url = textOf(fields['next_page_url'])
  return url ? parseUrl(url, 'https://host')?.searchParams.get('cursor') || null : null
}

/** Unix second of a row's start, null where it has none that can be read. */
export function secondOf(row: unknown): number | null {
  const time = isRecord(row) && typeof row['started_at'] === 'string' ? parseTime(row['started_at']) : null
  return time === null ? null : Math.floor(time / 1000)
}

export function uuidOf(row: unknown): string | null {
  return isRecord(row) ? textOf(row['uuid']) : null
}

export interface Span {
  readonly newest: number
  readonly oldest: number
  readonly descending: boolean
}

/** Of the rows whose start can be read; -Infinity and Infinity without any. */
export function spanOf(rows: readonly unknown[]): Span {
  let newest = -Infinity
  let oldest = Infinity
  let descending = true
  for (const row of rows) {
    const second = secondOf(row)
    if (second === null) continue
    if (second > oldest) descending = false
    newest = Math.max(newest, second)
    oldest = Math.min(oldest, second)
  }
  return { newest, oldest, descending }
}
