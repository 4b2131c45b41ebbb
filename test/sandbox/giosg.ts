/** giosg's visitor sessions, as SOURCES.md describes them: queries in, grouped answers out, with a switch for everything left open. */
import type { Session } from '../../engine/session.js'
import { answerGiosg, type GiosgQuery } from './giosg-answer.js'
import { livelyVisit } from './life/web.js'
import { seeded, type Random } from './random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from './server.js'

export interface GiosgOptions extends SandboxOptions {
  readonly seed?: number
  readonly sessions?: number
  /** Sessions as people make them, for who looks at the answers; else all is equally likely, and some of it odd. */
  readonly life?: boolean
  /** Sessions are spread over so many days before `now()`; 400 where absent. */
  readonly days?: number
  /** Whether a session that starts at the end of an interval is in it. */
  readonly intervalEnd?: 'exclusive' | 'inclusive'
  /** The order of the columns in answers. */
  readonly columns?: 'documented' | 'reversed'
  /** Dimensions that this giosg refuses. */
  readonly refused?: readonly string[]
  /** Columns that answers lack, although they were asked for. */
  readonly lacking?: readonly string[]
  /** A column that nobody asked for. */
  readonly extra?: string
  /** Intervals with more sessions than this end in a 504. */
  readonly tooMany?: number
  /** Every n-th row of grouped answers is left out. */
  readonly loseEvery?: number
  readonly apiKey?: string
}

export interface Giosg extends SandboxServer {
  /** Configuration of a source that reads this server. */
  readonly config: Record<string, unknown>
  /** What the sessions must look like in the engine. */
  truth(source: string): Session[]
  /** The newest sessions go on; new ones start. */
  live(touched: number, added: number): void
}

/** One session as giosg keeps it: dimensions by name, the start in epoch ms. */
export interface Visit {
  readonly start: number
  readonly session_id: string
  readonly visitor_id: string
  readonly browser_name: string
  readonly browser_version: string | null
  readonly city: string | null
  readonly country: string | null
  readonly device_type: string
  readonly ip_organization: string | null
  readonly os_name: string
  session_duration_secs: number | null
  distinct_visited_urls_count: number
  distinct_visited_urls: readonly string[]
  readonly distinct_landing_urls: readonly string[]
  readonly distinct_referrer_urls: readonly string[]
  readonly distinct_search_terms: readonly string[]
  rooms: readonly string[]
}

const MINUTE = 60_000
const DAY = 86_400_000
const LONGEST_DAYS = 180
const ORGANIZATION = 'a17cea80-e397-11e0-b51a-00163e0c01f2'
const FORBIDDEN = 'forbidden-organization'
const CITIES = [['Helsinki', 'Finland'], ['Espoo', 'Finland'], ['Stockholm', 'Sweden'], ['Tallinn', 'Estonia'], [null, 'Norway'], [null, null]] as const
const BROWSERS = [['Chrome', '120.0'], ['Safari', '17.2'], ['Firefox', '121'], ['Edge', null]] as const
const ROOMS = ['sales', 'support', 'Ålands, "kök"', '', 'null']

export async function startGiosg(options: GiosgOptions = {}): Promise<Giosg> {
  const now = options.now ?? Date.now
  const random = seeded(options.seed ?? 3)
  const apiKey = options.apiKey ?? 'giosg-key-58be21'
  const visits: Visit[] = []
  const count = options.sessions ?? 10_000
  const span = (options.days ?? 400) * DAY
  for (let i = 0; i < count; i++) {
    const visit = newVisit(random, i, now() - random.int(1, span))
    visits.push(options.life ? { ...visit, ...livelyVisit(random, now() - span, now()) } : visit)
  }
  // starts on the edges of minutes, days and windows
  for (const [index, visit] of visits.entries()) if (index % 20 === 0 && !options.life) visits[index] = { ...visit, start: Math.floor(visit.start / DAY) * DAY }
  visits.sort((a, b) => a.start - b.start)

  function handle(request: SandboxRequest): SandboxAnswer {
    const organization = /^\/api\/reporting\/v1\/orgs\/([^/]+)\/visitor_sessions$/.exec(request.path)?.[1]
    if (organization === undefined) return { status: 404, json: { detail: 'Not found.' } }
    if (request.headers.authorization !== `Token ${apiKey}`) return { status: 401, json: { detail: `Invalid token ${request.headers.authorization}` } }
    if (organization === FORBIDDEN) return { status: 403, json: { detail: 'You do not have permission to perform this action.' } }
    if (organization !== ORGANIZATION) return { status: 404, json: { detail: 'Not found.' } }
    if (request.method !== 'POST') return { status: 405, json: { detail: 'Method not allowed.' } }
    const query = JSON.parse(request.body) as GiosgQuery
    const start = Date.parse(query.interval.start)
    const end = Date.parse(query.interval.end)
    if (!(end > start) || end - start > LONGEST_DAYS * DAY) return { status: 400, json: { detail: 'Invalid interval.' } }
    const inside = visits.filter(visit => visit.start >= start && (visit.start < end || options.intervalEnd === 'inclusive' && visit.start === end))
    if (inside.length > (options.tooMany ?? Infinity)) return { status: 504, json: { detail: 'Query timed out.' } }
    const unknown = query.group_by.find(name => options.refused?.includes(name))
    if (unknown !== undefined) return { status: 400, json: { detail: `Unknown dimension "${unknown}".` } }
    const answer = answerGiosg(query, inside, start)
    return typeof answer === 'string' ? { status: 400, json: { detail: answer } } : { json: distorted(answer, query, options) }
  }

  const server = await startServer(handle, options)
  return {
    ...server,
    config: { type: 'giosg', base_url: server.url, organization_id: ORGANIZATION, api_key: apiKey },
    truth: source => visits.map(visit => sessionOf(visit, source)),
    live(touched, added) {
      for (const visit of visits.slice(-touched)) {
        visit.session_duration_secs = (visit.session_duration_secs ?? 0) + 60
        visit.rooms = [...new Set(['late room', ...visit.rooms])]
      }
      for (let i = 0; i < added; i++) visits.push(newVisit(random, visits.length, now() - random.int(1, MINUTE)))
      visits.sort((a, b) => a.start - b.start)
    }
  }
}

function newVisit(random: Random, index: number, start: number): Visit {
  const [city, country] = random.pick(CITIES)
  const [browser, version] = random.pick(BROWSERS)
  const some = (name: string, most: number): string[] => Array.from({ length: random.int(0, most) }, (_, i) => `${name}/${i}/${random.int(1, 40)}`)
  const urls = some('https://shop.example', 4)
  return {
    start,
    session_id: `${random.hex(12)}${index}`,
    visitor_id: `v${random.int(1, 3_000)}`,
    browser_name: browser,
    browser_version: version,
    city,
    country,
    device_type: random.pick(['desktop', 'mobile', 'tablet']),
    ip_organization: random.chance(0.3) ? null : random.pick(['Elisa Oyj', 'Telia', 'DNA']),
    os_name: random.pick(['Windows', 'iOS', 'Android', 'macOS']),
    session_duration_secs: random.chance(0.02) ? null : random.int(0, 3_600),
    // the list ends at 100, the count does not
    distinct_visited_urls_count: urls.length + (random.chance(0.01) ? 100 : 0),
    distinct_visited_urls: urls,
    distinct_landing_urls: urls.slice(0, 1),
    distinct_referrer_urls: random.chance(0.6) ? [] : ['https://search.example/'],
    distinct_search_terms: random.chance(0.7) ? [] : [...new Set(some('term', 3))],
    rooms: ROOMS.filter(() => random.chance(0.3))
  }
}

interface Answer {
  readonly fields: readonly { readonly name: string; readonly type: string }[]
  readonly data: readonly (readonly unknown[])[]
}

/** The answer with the faults that the options ask for. */
function distorted({ fields, data }: Answer, query: GiosgQuery, options: GiosgOptions): Answer {
  const grouped = query.group_by.length > 0
  const order = fields.map((_, index) => index).filter(index => !options.lacking?.includes(fields[index]!.name))
  if (options.columns === 'reversed') order.reverse()
  const extra = options.extra !== undefined && grouped
  return {
    fields: [...order.map(index => fields[index]!), ...extra ? [{ name: options.extra, type: 'dimension' }] : []],
    data: data.filter((_, index) => !grouped || options.loseEvery === undefined || index % options.loseEvery !== 0)
      .map(row => order.map(index => row[index]).concat(extra ? ['new'] : []))
  }
}

function sessionOf(visit: Visit, source: string): Session {
  const { start, ...dimensions } = visit
  return { source, started_at: start - start % MINUTE, ...dimensions }
}
