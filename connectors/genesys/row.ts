import type { ColumnDescription, Session } from '../../engine/session.js'
import { parseUrl } from '../http/url.js'
import { arrayOf, copyUnknown, integerText, isRecord, numberOf, textOf, type JsonObject } from '../record/fields.js'
import { asSession, newRow, RecordFault } from '../record/row.js'

export const GENESYS_COLUMNS: readonly ColumnDescription[] = [
  { name: 'session_id', type: 'string', description: 'The sessionId.' },
  { name: 'started_at', type: 'number', description: 'Start of the session, UTC, to the millisecond.' },
  { name: 'visitor_id', type: 'string', description: 'The identityId: an e-mail address or an anonymous id.' },
  { name: 'session_duration_secs', type: 'number', description: 'From start to end, to the millisecond; missing while the session is open.' },
  { name: 'is_ended', type: 'string', description: 'Whether the session has ended; one that was abandoned may stay open for ever.' },
  { name: 'distinct_visited_urls', type: 'strings', description: 'Addresses of its pages, at most 100 (with include_pages).' },
  { name: 'distinct_visited_urls_count', type: 'number', description: 'How many different addresses, all of them counted (with include_pages).' },
  { name: 'distinct_landing_urls', type: 'strings', description: 'The first address on each host (with include_pages).' },
  { name: 'page_count', type: 'number', description: 'Pages, repeated ones too (with include_pages).' },
  { name: 'event_count', type: 'number', description: 'Events (with include_events).' },
  { name: 'event_types', type: 'strings', description: 'Different types of its events (with include_events).' },
  { name: 'event_names', type: 'strings', description: 'Different names of its events (with include_events).' },
  { name: 'visit_id', type: 'string', description: 'The visit that the session belongs to.' }
]

/** Genesys' way of saying that there is no session. */
const NO_SESSION = '00000000-0000-1000-8000-000000000000'
/** As many as the engine's giosg column keeps; the count stays true. */
const MAX_URLS = 100
const FIELDS = new Set([
  'sessionId', 'sessionID', 'identityId', 'identityID', 'visitId', 'visitID', 'startDate', 'endDate', 'pages', 'events'
])

/** What belongs to a session and is asked for apart from it; null where it was not asked for. */
export interface GenesysDetails {
  readonly pages?: readonly unknown[] | null
  readonly events?: readonly unknown[] | null
}

/** An entity's id, which documents and answers spell differently; null also for the id that means none. */
export function genesysId(entity: unknown, kind: 'session' | 'visit' | 'identity'): string | null {
  if (!isRecord(entity)) return null
  const id = integerText(entity[`${kind}Id`] ?? entity[`${kind}ID`] ?? entity['id'])
  return id === NO_SESSION ? null : id
}

export function isNoSession(id: string): boolean {
  return id === NO_SESSION
}

/** Elements of an answer: an array, an object around one, a single entity, or nothing (204). */
export function genesysList(body: unknown, name: 'identities' | 'visits' | 'sessions' | 'pages' | 'events'): readonly unknown[] {
  if (body === null || body === undefined) return []
  if (Array.isArray(body)) return body
  return isRecord(body) ? arrayOf(body[name]) ?? arrayOf(body['data']) ?? [body] : [body]
}

/** The sessions of a recorded answer; entries for "no session" are left out. */
export function genesysRows(body: unknown): readonly unknown[] {
  return genesysList(body, 'sessions').filter(row => !isRecord(row) || (row['sessionId'] ?? row['sessionID']) !== NO_SESSION)
}

/** One session. Pages and events inside of it are taken where `details` has none. Throws RecordFault. */
export function mapGenesysRow(row: unknown, source: string, details: GenesysDetails = {}): Session {
  if (!isRecord(row)) throw new RecordFault('a session that is not an object')
  const id = genesysId(row, 'session')
  if (id === null) throw new RecordFault('"sessionId" is missing')
  const start = numberOf(row['startDate'])
  if (start === null || start <= 0) throw new RecordFault('"startDate" is missing or not a time in milliseconds')
  // 0 is how an open session ends
  const end = numberOf(row['endDate']) || null
  const session = newRow()
  session['session_id'] = id
  session['started_at'] = start
  session['source'] = source
  session['visitor_id'] = genesysId({ identityId: row['identityId'] ?? row['identityID'] }, 'identity')
  session['session_duration_secs'] = end === null || end < start ? null : (end - start) / 1000
  session['is_ended'] = end !== null
  const pages = details.pages ?? objectsIn(row['pages'])
  const urls = pages ? [...new Set(urlsOf(pages))] : null
  session['distinct_visited_urls'] = urls?.slice(0, MAX_URLS) ?? null
  session['distinct_visited_urls_count'] = urls?.length ?? null
  session['distinct_landing_urls'] = urls ? landingUrls(urls) : null
  session['page_count'] = pages?.length ?? null
  const events = details.events ?? objectsIn(row['events'])
  session['event_count'] = events?.length ?? null
  session['event_types'] = events ? distinct(events, ['eventType', 'type']) : null
  session['event_names'] = events ? distinct(events, ['eventName', 'name', 'event']) : null
  session['visit_id'] = integerText(row['visitId'] ?? row['visitID'])
  copyUnknown(session, row, FIELDS)
  return asSession(session)
}

/** An array of objects; a list of bare ids tells nothing. */
export function objectsIn(value: unknown): readonly unknown[] | null {
  const list = arrayOf(value)
  return list?.every(isRecord) ? list : null
}

/** In the order of the server's clock where all pages have a time; that of the browser may be wrong. */
function urlsOf(pages: readonly unknown[]): string[] {
  const timed = pages.filter(isRecord).map(page => ({ url: textOf(page['url'] ?? page['pageUrl'] ?? page['location']), time: timeOf(page) }))
  if (timed.every(page => page.time !== null)) timed.sort((a, b) => Number(a.time) - Number(b.time))
  return timed.map(page => page.url).filter(url => url !== null && url !== '') as string[]
}

function timeOf(page: JsonObject): number | null {
  return numberOf(page['serverTimestamp'] ?? page['startDate'] ?? page['timestamp'])
}

function landingUrls(urls: readonly string[]): string[] {
  const first = new Map<string, string>()
  for (const url of urls) {
    const host = parseUrl(url)?.host
    if (host !== undefined && !first.has(host)) first.set(host, url)
  }
  return [...first.values()].slice(0, MAX_URLS)
}

function distinct(events: readonly unknown[], names: readonly string[]): string[] {
  const values = new Set<string>()
  for (const event of events.filter(isRecord)) {
    const value = names.map(name => textOf(event[name])).find(text => text !== null && text !== '')
    if (value) values.add(value)
  }
  return [...values]
}
