/** publica.la's consumption sessions, as SOURCES.md describes them, with a switch for everything that it leaves open. */
import type { Session } from '../../engine/session.js'
import { livelyReading, readingStarts } from './life/reading.js'
import { seeded } from './random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from './server.js'

export interface PublicaOptions extends SandboxOptions {
  readonly seed?: number
  readonly sessions?: number
  /** Sessions as people make them, for who looks at the answers; else all is equally likely, and some of it odd. */
  readonly life?: boolean
  /** Epoch ms of the newest session. */
  readonly end?: number
  /** How likely a session starts in the second of the one before. */
  readonly shared?: number
  /** So many further sessions that start in one second, in the middle of all. */
  readonly burst?: number
  /**
   * `time`: on the start alone, rows of the last second of a page are skipped. `unique`: on start and id.
   * `opaque_time` and `opaque_unique`: the same with cursors that nobody can read.
   */
  readonly paging?: 'time' | 'unique' | 'opaque_time' | 'opaque_unique'
  /** `ignored`: a cursor that the server did not write gives page one. */
  readonly madeCursors?: 'accepted' | 'ignored'
  readonly toDate?: 'inclusive' | 'exclusive'
  readonly nextPageUrl?: 'whole' | 'without_filters' | 'alone'
  readonly clientField?: 'volpe_host' | 'client_type' | 'both'
  /** An empty page with a cursor before every n-th page. */
  readonly emptyEvery?: number
  /** From this page on the cursors lead back to page two. */
  readonly circleAt?: number
  readonly token?: string
}

export interface Publica extends SandboxServer {
  /** Configuration of a source that reads this server. */
  readonly config: Record<string, unknown>
  /** What the sessions must look like in the engine, newest first. */
  truth(source: string): Session[]
  /** The newest sessions go on reading; new ones start. */
  live(touched: number, added: number): void
}

interface Reading {
  readonly id: number
  readonly issue: number
  readonly user: number | null
  readonly email: string | null
  readonly host: string
  readonly reason: string
  readonly reasonValue: string | null
  readonly start: number
  seconds: number
  pages: number
  heartbeat: number | null
}

const PAGE = 25
const TENANT = 77
const END = Date.UTC(2025, 0, 15, 12)
const HOSTS = ['farfalla', 'fenice', 'fenice_desktop']
const REASONS = [
  'purchase', 'subscription', 'plan', 'free', 'preview', 'gift', 'coupon', 'bundle', 'retail', 'library_loan', 'license', 'admin', 'membership'
]
/** What sessions with life are spread over. */
const LIVELY_MS = 30 * 86_400_000
const NAMES = ['ana', 'jürgen', 'søren', '李雷', 'zoë', 'olga']

export async function startPublica(options: PublicaOptions = {}): Promise<Publica> {
  const random = seeded(options.seed ?? 1)
  const token = options.token ?? 'publica-token-9c1d5e'
  const readings: Reading[] = []
  const written = new Set<string>()
  const uuids = new Set<string>()
  let id = 0

  function evenReading() {
    const user = random.chance(0.1) ? null : random.int(1, 3_000)
    return { user, issue: 2 ** 31 + random.int(1, 400), reason: random.pick(REASONS), seconds: random.int(0, 7_200), pages: random.int(0, 300) }
  }

  function start(at: number): Reading {
    const { user, seconds, pages, reason, ...chosen } = options.life ? livelyReading(random) : evenReading()
    let { issue } = chosen
    while (uuids.has(uuidOf({ issue, user, start: at }))) issue++
    uuids.add(uuidOf({ issue, user, start: at }))
    return {
      id: id++,
      issue,
      user,
      email: user === null || random.chance(0.05) ? null : `${NAMES[user % NAMES.length]}+${user}@example.org`,
      host: random.pick(HOSTS),
      reason,
      reasonValue: random.chance(0.3) ? null : random.chance(0.05) ? '' : `R-${random.int(1, 50)}`,
      start: at,
      seconds,
      pages,
      heartbeat: random.chance(0.1) ? null : at + seconds
    }
  }

  const count = options.sessions ?? 10_000
  const until = options.end ?? END
  let at = Math.floor(until / 1000)
  if (options.life) for (const second of readingStarts(random, count, until - LIVELY_MS, until)) readings.push(start(second))
  for (let i = readings.length; i < count; i++) {
    readings.push(start(at))
    if (i === count >> 1) for (let extra = 0; extra < (options.burst ?? 0); extra++) readings.push(start(at))
    if (!random.chance(options.shared ?? 0.2)) at -= random.int(1, 2_000)
  }
  readings.sort(newestFirst)

  function handle(request: SandboxRequest): SandboxAnswer {
    if (request.path !== '/integration-api/v1/consumption/sessions') return { status: 404, json: { message: 'Not Found' } }
    if (request.headers['x-user-token'] !== token) return { status: 401, json: { message: `Unauthenticated: ${request.headers['x-user-token']}` } }
    const matching = select(readings, request.query, options.toDate ?? 'inclusive')
    if (!matching) return { status: 422, json: { message: 'The given data was invalid.' } }
    return page(request.query, matching)
  }

  function page(query: URLSearchParams, matching: readonly Reading[]): SandboxAnswer {
    const given = query.get('cursor')
    const usable = given !== null && (options.madeCursors !== 'ignored' || written.has(given)) ? parseCursor(given) : null
    const rest = usable ? matching.filter(reading => isBehind(reading, usable)) : matching
    const number = server.requests().length
    if (options.emptyEvery && usable && number % options.emptyEvery === 0 && !usable.afterEmpty) {
      return body([], write({ ...usable, afterEmpty: true }), query)
    }
    const rows = rest.slice(0, PAGE)
    const last = rows.at(-1)
    if (!last || rest.length <= PAGE) return body(rows, null, query)
    const target = options.circleAt && number >= options.circleAt ? matching[PAGE - 1] ?? last : last
    return body(rows, write({ start: target.start, id: target.id }), query)
  }

  function write(cursor: Cursor): string {
    const text = formatCursor(cursor, options.paging ?? 'time')
    if (options.madeCursors === 'ignored') written.add(text)
    return text
  }

  function body(rows: readonly Reading[], cursor: string | null, query: URLSearchParams): SandboxAnswer {
    const params = new URLSearchParams(options.nextPageUrl === 'without_filters' ? [] : query)
    if (cursor !== null) params.set('cursor', cursor)
    const json = {
      data: rows.map(reading => rowOf(reading, options.clientField ?? 'volpe_host')),
      per_page: PAGE,
      ...options.nextPageUrl === 'alone' ? {} : { next_cursor: cursor },
      next_page_url: cursor === null ? null : `${server.url}/integration-api/v1/consumption/sessions?${params}`,
      prev_cursor: null
    }
    return { json }
  }

  const server: SandboxServer = await startServer(handle, options)
  return {
    ...server,
    config: { type: 'publica-consumption', base_url: server.url, api_token: token },
    truth: source => readings.map(reading => sessionOf(reading, source, options.clientField ?? 'volpe_host')),
    live(touched, added) {
      for (const reading of readings.slice(0, touched)) {
        reading.seconds += 30
        reading.pages += 2
        reading.heartbeat = (reading.heartbeat ?? reading.start) + 30
      }
      const newest = readings[0]?.start ?? at
      for (let i = 0; i < added; i++) readings.push(start(newest + 1 + (i >> 1)))
      readings.sort(newestFirst)
    }
  }
}

function newestFirst(a: Reading, b: Reading): number {
  return b.start - a.start || b.id - a.id
}

interface Cursor {
  readonly start: number
  /** Null pages on the start alone. */
  readonly id: number | null
  readonly afterEmpty?: boolean
}

function formatCursor(cursor: Cursor, paging: NonNullable<PublicaOptions['paging']>): string {
  const unique = paging === 'unique' || paging === 'opaque_unique'
  const fields = {
    started_at: dateTime(cursor.start),
    ...unique ? { id: cursor.id } : {},
    _pointsToNextItems: true,
    // the half second makes it another cursor, to the same place
    ...cursor.afterEmpty ? { started_at: `${dateTime(cursor.start)}.000` } : {}
  }
  const text = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return paging.startsWith('opaque') ? `x${[...text].reverse().join('')}` : text
}

function parseCursor(text: string): Cursor | null {
  try {
    const plain = text.startsWith('x') ? Array.from(text.slice(1)).reverse().join('') : text
    const fields = JSON.parse(Buffer.from(plain, 'base64url').toString('utf8')) as { started_at: string; id?: number }
    return {
      start: Date.parse(`${fields.started_at.slice(0, 19).replace(' ', 'T')}Z`) / 1000,
      id: fields.id ?? null,
      afterEmpty: fields.started_at.length > 19
    }
  } catch {
    return null
  }
}

function isBehind(reading: Reading, { start, id }: Cursor): boolean {
  return reading.start < start || id !== null && reading.start === start && reading.id < id
}

function select(readings: readonly Reading[], query: URLSearchParams, toDate: 'inclusive' | 'exclusive'): readonly Reading[] | null {
  const [from, to] = [query.get('from_date'), query.get('to_date')]
  if ((from === null) !== (to === null) || query.has('reason_value') && !query.has('reason_type')) return null
  const tests: ((reading: Reading) => boolean)[] = []
  if (from !== null && to !== null) {
    if (![from, to].every(date => /^\d{4}-\d\d-\d\d$/.test(date))) return null
    const begin = Date.parse(from) / 1000
    const end = Date.parse(to) / 1000 + (toDate === 'inclusive' ? 86_400 : 0)
    tests.push(reading => reading.start >= begin && reading.start < end)
  }
  const equals = (name: string, value: (reading: Reading) => string) => {
    const wanted = query.get(name)
    if (wanted !== null) tests.push(reading => value(reading) === wanted)
  }
  equals('issue_id', reading => String(reading.issue))
  equals('user_id', reading => String(reading.user))
  equals('reason_type', reading => reading.reason)
  equals('reason_value', reading => String(reading.reasonValue))
  return tests.length === 0 ? readings : readings.filter(reading => tests.every(matches => matches(reading)))
}

function rowOf(reading: Reading, client: NonNullable<PublicaOptions['clientField']>): Record<string, unknown> {
  return {
    uuid: uuidOf(reading),
    issue_id: reading.issue,
    user_id: reading.user,
    user_email: reading.email,
    ...client === 'client_type' ? {} : { volpe_host: reading.host },
    ...client === 'volpe_host' ? {} : { client_type: reading.host },
    reason_type: reading.reason,
    reason_value: reading.reasonValue,
    seconds_reading: reading.seconds,
    page_changes: reading.pages,
    started_at: dateTime(reading.start),
    last_heartbeat_at: reading.heartbeat === null ? null : dateTime(reading.heartbeat)
  }
}

function sessionOf(reading: Reading, source: string, client: NonNullable<PublicaOptions['clientField']>): Session {
  return {
    session_id: uuidOf(reading),
    started_at: reading.start * 1000,
    source,
    visitor_id: reading.user === null ? null : `${reading.user}`,
    session_duration_secs: reading.seconds,
    is_ended: null,
    issue_id: `${reading.issue}`,
    user_email: reading.email,
    volpe_host: client === 'client_type' ? null : reading.host,
    client_type: client === 'volpe_host' ? null : reading.host,
    reason_type: reading.reason,
    reason_value: reading.reasonValue,
    page_changes: reading.pages,
    last_heartbeat_at: reading.heartbeat === null ? null : dateTime(reading.heartbeat)
  }
}

function uuidOf(reading: Pick<Reading, 'issue' | 'user' | 'start'>): string {
  return `${TENANT}:${reading.issue}:${reading.user ?? ''}:${reading.start}`
}

function dateTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
