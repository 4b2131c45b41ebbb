/** The history service of Genesys Web Engagement. */
import type { Session } from '../../engine/session.js'
import { lasting, SHOPPING, startIn } from './life/habits.js'
import { seeded } from './random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from './server.js'

export interface GenesysOptions extends SandboxOptions {
  readonly seed?: number
  readonly sessions?: number
  /** Sessions as people make them, for who looks at the answers; else all is equally likely, and some of it odd. */
  readonly life?: boolean
  /** Epoch ms of the newest session. */
  readonly end?: number
  readonly idSpelling?: 'Id' | 'ID'
  /** `object`: the lists stand under their name in an object. */
  readonly lists?: 'array' | 'object'
  /** How a single session is answered. */
  readonly single?: 'object' | 'array'
  /** What the age of a visit counts from: its first session, or the last. */
  readonly age?: 'first' | 'last'
  readonly username?: string
  readonly password?: string
}

export interface Genesys extends SandboxServer {
  /** Walks all identities. */
  readonly config: Record<string, unknown>
  readonly ids: { readonly sessions: readonly string[]; readonly visits: readonly string[]; readonly identities: readonly string[] }
  /** What the sessions must look like in the engine. */
  truth(source: string, included?: { readonly pages?: boolean; readonly events?: boolean }): Session[]
  /** Ends every open session, but for the abandoned ones. */
  finish(): void
  /** A session that starts now, of a visit that began no longer than so ago. @returns its id */
  arrive(withinMs: number): string
  /** The entity is gone when it is asked for. */
  forget(path: string): void
}

interface Visited {
  readonly id: string
  readonly visit: string
  readonly identity: string
  readonly start: number
  end: number
  readonly abandoned: boolean
  /** Address and milliseconds after the start, in no order. */
  readonly pages: readonly { readonly url: string; readonly at: number }[]
  readonly events: readonly { readonly type: string; readonly name: string; readonly at: number }[]
}

const NO_SESSION = '00000000-0000-1000-8000-000000000000'
const PREFIX = '/backend/data'
const END = Date.UTC(2025, 0, 15, 12)
/** What sessions with life are spread over, and how long one lasts on average. */
const LIVELY_MS = 30 * 86_400_000
const MEAN_MS = 6 * 60_000
const HOSTS = ['www.shop.example', 'help.shop.example', 'www.läden.example']
const EVENTS = [['SYSTEM', 'VisitStarted'], ['SYSTEM', 'PageEntered'], ['BUSINESS', 'AddToCart'], ['BUSINESS', 'Tidsbokning å']] as const

export async function startGenesys(options: GenesysOptions = {}): Promise<Genesys> {
  const random = seeded(options.seed ?? 1)
  const spelling = options.idSpelling ?? 'Id'
  const username = options.username ?? 'reader'
  const password = options.password ?? 'genesys-pass-40d2'
  const all = new Map<string, Visited>()
  const visits = new Map<string, Visited[]>()
  const identities = new Map<string, string[]>()
  const gone = new Set<string>()
  const count = options.sessions ?? 10_000
  const newest = options.end ?? END
  let start = newest

  function uuid(): string {
    return [8, 4, 4, 4, 12].map(digits => random.hex(digits)).join('-')
  }

  function times(): Pick<Visited, 'start' | 'end' | 'abandoned'> {
    start -= random.int(0, 90_000)
    const length = random.pick([0, 454, random.int(1, 3_600_000)])
    // of the newest some are still open, of the others a few were abandoned
    return { start, end: random.chance(all.size < 40 ? 0.3 : 0.01) || length === 0 ? 0 : start + length, abandoned: all.size >= 40 }
  }

  function livelyTimes(): Pick<Visited, 'start' | 'end' | 'abandoned'> {
    const begun = startIn(random, SHOPPING, newest - LIVELY_MS, newest)
    const end = begun + Math.floor(1_000 + lasting(random, MEAN_MS))
    return { start: begun, end: end > newest ? 0 : end, abandoned: false }
  }

  function sessionOf(visit: string, identity: string): Visited {
    return {
      id: uuid(), visit, identity, ...options.life ? livelyTimes() : times(),
      pages: Array.from({ length: random.int(0, 5) }, () => ({ url: `https://${random.pick(HOSTS)}/p/${random.int(1, 9)}`, at: random.int(0, 999_999) })),
      events: Array.from({ length: random.int(0, 4) }, () => random.pick(EVENTS)).map(([type, name]) => ({ type, name, at: random.int(0, 999) }))
    }
  }

  for (let index = 0; all.size < count; index++) {
    const identity = random.chance(0.5) ? `søren+${index}/x@example.org` : uuid()
    const own: string[] = []
    identities.set(identity, own)
    // every tenth identity has no visit, and is answered 204
    for (let visit = random.chance(0.1) ? 0 : random.int(1, 5); visit > 0; visit--) {
      const id = uuid()
      const sessions = Array.from({ length: random.chance(0.05) ? 0 : random.int(1, 8) }, () => sessionOf(id, identity)).slice(0, count - all.size)
      visits.set(id, sessions)
      for (const session of sessions) all.set(session.id, session)
      own.push(id)
    }
    // the visitor was recognised later: the visit belongs to another identity as well
    const before = [...identities.values()].at(-2)
    if (before?.[0] !== undefined && random.chance(0.3)) own.push(before[0])
  }

  function list(name: string, items: readonly unknown[]): SandboxAnswer {
    if (items.length === 0) return { status: 204 }
    return { json: options.lists === 'object' ? { [name]: items } : items }
  }

  function isYoung(visit: string, maxSecs: string | null): boolean {
    const starts = (visits.get(visit) ?? []).map(session => session.start)
    const begun = options.age === 'last' ? Math.max(...starts) : Math.min(...starts)
    return maxSecs === null || (options.now ?? Date.now)() - begun <= Number(maxSecs) * 1000
  }

  function handle(request: SandboxRequest): SandboxAnswer {
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    if (request.headers['authorization'] !== expected) return { status: 401, json: { error: 'Full authentication is required' } }
    if (!request.path.startsWith(`${PREFIX}/`)) return { status: 404 }
    const [kind = '', encoded, part] = request.path.slice(PREFIX.length + 1).split('/')
    if (encoded === undefined) return kind === 'identities' ? list(kind, [...identities.keys()].map(id => ({ [`identity${spelling}`]: id }))) : { status: 400 }
    const id = decodeURIComponent(encoded)
    if (gone.has(request.path)) return notFound(kind, id)
    return answer(kind, id, part, request.query.get('age')) ?? notFound(kind, id)
  }

  function answer(kind: string, id: string, part: string | undefined, age: string | null): SandboxAnswer | null {
    const session = all.get(id)
    if (kind === 'identities' && part === 'visits') {
      const own = identities.get(id)
      return own ? list('visits', own.filter(visit => isYoung(visit, age)).map(visit => ({ visitId: visit, identityId: id }))) : null
    }
    if (kind === 'visits' && part === 'sessions') {
      const own = visits.get(id)
      // a visit that began without a session lists the one that means none
      const none = own && own.length > 2 ? [{ [`session${spelling}`]: NO_SESSION, startDate: 0, endDate: 0 }] : []
      return own ? list('sessions', [...none, ...own.map(each => rowOf(each, spelling))]) : null
    }
    if (kind !== 'sessions' || !session) return null
    if (part === undefined) return { json: options.single === 'array' ? [rowOf(session, spelling)] : rowOf(session, spelling) }
    if (part === 'pages') return list(part, session.pages.map(page => ({ pageID: uuid(), url: page.url, serverTimestamp: session.start + page.at })))
    return part === 'events' ? list(part, session.events.map(event => eventOf(event, session))) : null
  }

  const server = await startServer(handle, options)
  return {
    ...server,
    config: { type: 'genesys', base_url: server.url, username, password, discover: true },
    ids: { sessions: [...all.keys()], visits: [...visits.keys()], identities: [...identities.keys()] },
    truth: (source, included = {}) => [...all.values()].map(session => expectedOf(session, source, included)),
    finish() {
      for (const session of all.values()) if (session.end === 0 && !session.abandoned) session.end = session.start + 60_000
    },
    arrive(withinMs) {
      const now = (options.now ?? Date.now)()
      const [visit, sessions] = [...visits].find(([, own]) => own.length > 0 && own.every(each => each.start > now - withinMs))!
      const added: Visited = { ...sessions[0]!, id: uuid(), start: now, end: now + 1000, abandoned: false }
      visits.set(visit, [...sessions, added])
      all.set(added.id, added)
      return added.id
    },
    forget: path => void gone.add(PREFIX + path)
  }
}

function notFound(kind: string, id: string): SandboxAnswer {
  return { status: 404, json: { error: `${kind} with id ${id} not found` } }
}

function rowOf(session: Visited, spelling: string): Record<string, unknown> {
  return {
    [`session${spelling}`]: session.id,
    [`identity${spelling}`]: session.identity,
    visitId: session.visit,
    startDate: session.start,
    endDate: session.end,
    duration: session.end === 0 ? 0 : Math.floor((session.end - session.start) / 1000),
    accountState: 'AUTHENTICATED'
  }
}

function eventOf(event: Visited['events'][number], session: Visited): Record<string, unknown> {
  const at = session.start + event.at
  return { eventType: event.type, eventName: event.name, visitID: session.visit, timestamp: at - 7_200_000, serverTimestamp: at }
}

function first(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) === index)
}

function expectedOf(session: Visited, source: string, { pages, events }: { readonly pages?: boolean; readonly events?: boolean }): Session {
  const inOrder = session.pages.toSorted((a, b) => a.at - b.at).map(page => page.url)
  const urls = first(inOrder)
  const hosts = urls.map(url => new URL(url).host)
  return {
    session_id: session.id,
    started_at: session.start,
    source,
    visitor_id: session.identity,
    session_duration_secs: session.end === 0 ? null : (session.end - session.start) / 1000,
    is_ended: session.end !== 0,
    distinct_visited_urls: pages ? urls : null,
    distinct_visited_urls_count: pages ? urls.length : null,
    distinct_landing_urls: pages ? urls.filter((_, index) => !hosts.slice(0, index).includes(hosts[index] ?? '')) : null,
    page_count: pages ? session.pages.length : null,
    event_count: events ? session.events.length : null,
    event_types: events ? first(session.events.map(event => event.type)) : null,
    event_names: events ? first(session.events.map(event => event.name)) : null,
    visit_id: session.visit,
    duration: session.end === 0 ? 0 : Math.floor((session.end - session.start) / 1000),
    account_state: 'AUTHENTICATED'
  }
}
