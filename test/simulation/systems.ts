/** The five systems in random moods: every reading of what their documents leave open, few sessions, and a life that goes on. */
import type { Session } from '../../connectors/source.js'
import type { EventClock } from '../sandbox/event-clock.js'
import { startConviva } from '../sandbox/conviva.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import type { Random } from '../sandbox/random.js'
import { startReader } from '../sandbox/reader.js'
import type { SandboxServer } from '../sandbox/server.js'

export const SYSTEMS = ['publica-consumption', 'publica-reader', 'genesys', 'conviva', 'giosg'] as const
export type System = (typeof SYSTEMS)[number]

export interface World {
  readonly server: SandboxServer
  readonly config: Readonly<Record<string, unknown>>
  /** A state to begin with, of the form before bookmarks; absent begins at the beginning. */
  readonly state?: unknown
  /** Requests among which the faults are strewn. */
  readonly span: number
  truth(): Session[]
  /** Sessions change, end and begin. */
  live(): void
}

/** In every secret of every system. */
export const CANARY = 'canary-5e1f'
const NAME = 'one'
const DAY = 86_400_000

export async function startWorld(system: System, random: Random, clock: EventClock): Promise<World> {
  const options = { inProcess: clock, now: clock.now, seed: random.int(1, 1e9), ...random.chance(0.2) && { rateLimit: rateLimit(random) } }
  switch (system) {
    case 'publica-consumption': return publica(random, clock, options)
    case 'publica-reader': return reader(random, options)
    case 'genesys': return genesys(random, clock, options)
    case 'conviva': return conviva(random, clock, options)
    case 'giosg': return giosg(random, options)
  }
}

interface Common {
  readonly inProcess: EventClock
  readonly now: () => number
  readonly seed: number
}

function rateLimit(random: Random) {
  return { requests: random.int(5, 60), perMs: 60_000, headers: random.chance(0.5) }
}

async function publica(random: Random, clock: EventClock, common: Common): Promise<World> {
  const server = await startPublica({
    ...common, end: Math.floor(clock.now() / 1000) * 1000 - 3_600_000, token: CANARY, sessions: random.int(0, 160), shared: random.pick([0.1, 0.4, 0.8]),
    burst: random.pick([0, 0, 0, 26, 60]), paging: random.pick(['time', 'time', 'unique', 'opaque_time', 'opaque_unique']),
    madeCursors: random.pick(['accepted', 'accepted', 'ignored']), toDate: random.pick(['inclusive', 'exclusive']),
    nextPageUrl: random.pick(['whole', 'without_filters', 'alone']), clientField: random.pick(['volpe_host', 'client_type', 'both']),
    emptyEvery: random.pick([0, 0, 3])
  })
  return {
    // what changes are the newest three sessions, which start within two hours
    server, config: { ...server.config, lookback: random.pick(['P3D', 'PT3H']) }, span: 40, truth: () => server.truth(NAME),
    live: () => server.live(random.int(0, 3), random.pick([0, 1, 4, 60]))
  }
}

async function reader(random: Random, common: Common): Promise<World> {
  const server = await startReader({
    ...common, accessToken: CANARY, secret: `${CANARY}-signed`, issues: random.int(1, 9), ...random.chance(0.5) && { readerToken: `${CANARY}-reader` }
  })
  return { server, config: { ...server.config, preview: random.chance(0.5) }, span: 14, truth: () => server.truth(NAME, 0), live: () => undefined }
}

async function genesys(random: Random, clock: EventClock, common: Common): Promise<World> {
  const server = await startGenesys({
    ...common, end: clock.now() - 60_000, password: CANARY, sessions: random.int(1, 80), idSpelling: random.pick(['Id', 'ID']),
    lists: random.pick(['array', 'object']), single: random.pick(['object', 'array'])
  })
  const included = { pages: random.chance(0.3), events: random.chance(0.3) }
  return {
    server, config: { ...server.config, include_pages: included.pages, include_events: included.events }, span: 80,
    truth: () => server.truth(NAME, included), live: () => server.finish()
  }
}

async function conviva(random: Random, clock: EventClock, common: Common): Promise<World> {
  const cap = random.pick([1500, 500, 500])
  const server = await startConviva({
    ...common, clientSecret: CANARY, sessions: random.int(0, 120), days: 1, rangeBy: random.pick(['start', 'end']),
    bounds: random.pick(['closed', 'from', 'to', 'open']), bursts: random.chance(0.3) ? { 5: 30, 6: 3 } : {}, cap
  })
  return {
    server, config: { ...server.config, limit: random.pick([20, 60, 1500]) }, state: { watermark: clock.now() - DAY }, span: 60,
    truth: () => server.truth(NAME), live: () => undefined
  }
}

async function giosg(random: Random, common: Common): Promise<World> {
  const server = await startGiosg({
    ...common, apiKey: CANARY, sessions: random.int(0, 80), days: 2, intervalEnd: random.pick(['exclusive', 'inclusive']),
    columns: random.pick(['documented', 'reversed']), ...random.chance(0.3) && { tooMany: random.int(5, 30) }
  })
  return {
    server, config: { ...server.config, lookback: 'P4D' }, span: 70, truth: () => server.truth(NAME),
    live: () => server.live(random.int(0, 3), random.int(0, 3))
  }
}
