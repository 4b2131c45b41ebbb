import { createHash } from 'node:crypto'
import type { ColumnDescription, Session } from '../../engine/session.js'
import { arrayOf, integerText, isRecord, numberOf, textOf, type JsonObject } from '../record/fields.js'
import { asSession, newRow, RecordFault } from '../record/row.js'
import { parseTime } from '../record/time.js'

export const PUBLICA_READER_COLUMNS: readonly ColumnDescription[] = [
  { name: 'session_id', type: 'string', description: 'First 32 hex digits of the SHA-256 of the session token, which itself is not kept.' },
  { name: 'started_at', type: 'number', description: 'When the answer that opened the session came.' },
  { name: 'issue_id', type: 'string', description: 'What was opened.' },
  { name: 'tenant_id', type: 'string', description: 'The tenant that it was opened for.' },
  { name: 'content_format', type: 'string', description: 'epub, pdf or audiobook.' },
  { name: 'is_preview', type: 'string', description: 'Whether a preview was asked for.' },
  { name: 'total_words', type: 'number', description: 'Words in the whole text.' },
  { name: 'page_count', type: 'number', description: 'Pages that the answer gives addresses of.' },
  { name: 'chapter_count', type: 'number', description: 'Entries of the spine.' },
  { name: 'track_count', type: 'number', description: 'Audio tracks.' },
  { name: 'audio_duration_secs', type: 'number', description: 'All tracks together; missing where one of them does not say.' },
  { name: 'toc_entries', type: 'number', description: 'Entries of the table of contents, nested ones included.' },
  { name: 'article_count', type: 'number', description: 'Articles of the issue.' }
]

/** The keys of every answer, whatever the format. */
export const READER_KEYS = [
  'token', 'cover', 'table_of_contents', 'file_url', 'custom_preview', 'spine', 'total_words', 'tracks', 'files_urls', 'files_info', 'articles'
] as const

/** A SHA-256 cut to 128 bits: no two sessions share it, and nobody gets back from it. */
const ID_HEX_DIGITS = 32
/** Deeper tables of contents do not exist; what is below is not counted. */
const MAX_TOC_DEPTH = 16
/** What an answer does not say about itself. */
export interface ReaderContext {
  readonly issueId: string | null
  readonly tenantId: string | null
  readonly preview: boolean | null
  /** Epoch ms. */
  readonly answeredAt: number
}

/** One answer as a session. Token and addresses are left behind. Throws RecordFault, which never quotes the answer. */
export function mapPublicaReaderRow(answer: unknown, source: string, context: ReaderContext): Session {
  if (!isRecord(answer)) throw new RecordFault('an answer that is not an object')
  const token = answer['token']
  if (typeof token !== 'string' || token === '') throw new RecordFault('"token" is missing')
  const session = newRow()
  session['session_id'] = createHash('sha256').update(token).digest('hex').slice(0, ID_HEX_DIGITS)
  session['started_at'] = context.answeredAt
  session['source'] = source
  session['issue_id'] = context.issueId
  session['tenant_id'] = context.tenantId
  session['content_format'] = formatOf(answer)
  session['is_preview'] = context.preview
  session['total_words'] = numberOf(answer['total_words'])
  session['page_count'] = lengthOf(answer['files_urls'])
  session['chapter_count'] = lengthOf(answer['spine'])
  session['track_count'] = lengthOf(answer['tracks'])
  session['audio_duration_secs'] = audioSecs(answer['tracks'])
  session['toc_entries'] = tocEntries(answer['table_of_contents'])
  session['article_count'] = lengthOf(answer['articles'])
  return asSession(session)
}

/**
 * A recorded answer: either as it came, with `issue_id`, `tenant_id`, `preview` and `answered_at` beside its own keys,
 * or with the answer itself under `response`. `fallback` fills what the record does not say. Throws RecordFault.
 */
export function mapPublicaReaderRecord(record: unknown, source: string, fallback: Partial<ReaderContext> = {}): Session {
  if (!isRecord(record)) throw new RecordFault('an answer that is not an object')
  const said = parseTime(record['answered_at'] ?? record['started_at'])
  const answeredAt = said ?? fallback.answeredAt
  if (answeredAt === undefined) throw new RecordFault('no time: the answer does not say when it came; add "answered_at"')
  const preview = record['preview']
  return mapPublicaReaderRow(record['response'] ?? record, source, {
    issueId: integerText(record['issue_id']) ?? fallback.issueId ?? null,
    tenantId: textOf(record['tenant_id']) ?? fallback.tenantId ?? null,
    preview: typeof preview === 'boolean' ? preview : fallback.preview ?? null,
    answeredAt
  })
}

/** The answers of a recorded file: an array of them, or one. */
export function publicaReaderRows(body: unknown): readonly unknown[] {
  return arrayOf(body) ?? (isRecord(body) ? arrayOf(body['data']) : null) ?? [body]
}

function formatOf(answer: JsonObject): string | null {
  if (lengthOf(answer['tracks'])) return 'audiobook'
  if (lengthOf(answer['spine'])) return 'epub'
  if (lengthOf(answer['files_urls']) || lengthOf(answer['files_info'])) return 'pdf'
  // an EPUB without a spine still counts its words, a PDF in one file does not
  if (textOf(answer['file_url'])) return numberOf(answer['total_words']) === null ? 'pdf' : 'epub'
  return null
}

/** Elements of an array, or members of an object that stands for one; null where there is neither. */
function lengthOf(value: unknown): number | null {
  if (Array.isArray(value)) return value.length
  return isRecord(value) ? Object.keys(value).length : null
}

function audioSecs(tracks: unknown): number | null {
  const list = arrayOf(tracks)
  if (!list || list.length === 0) return null
  let total = 0
  for (const track of list) {
    const secs = isRecord(track) ? durationSecs(track['duration']) : null
    if (secs === null) return null
    total += secs
  }
  return total
}

/** Seconds as a number, or a clock such as 1:02:03. */
function durationSecs(value: unknown): number | null {
  if (typeof value === 'string' && /^\d+(:\d{1,2}){1,2}(\.\d+)?$/.test(value)) {
    return value.split(':').reduce((secs, part) => secs * 60 + Number(part), 0)
  }
  return numberOf(value)
}

function tocEntries(toc: unknown, depth = 1): number | null {
  const list = arrayOf(toc)
  if (!list) return null
  let entries = list.length
  for (const entry of list) {
    if (isRecord(entry) && depth < MAX_TOC_DEPTH) entries += tocEntries(entry['children'] ?? entry['items'] ?? entry['subitems'], depth + 1) ?? 0
  }
  return entries
}
