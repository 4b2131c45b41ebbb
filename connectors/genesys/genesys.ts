/** Genesys Web Engagement: sessions of a site's visitors, from its history service. */
import { setMaxListeners } from 'node:events'
import { DeadLetters } from '../dead-letters.js'
import { unknownState } from '../errors.js'
import { Budgets, readBudget } from '../http/budgets.js'
import { CHECK_REQUEST, checkResult, type Patience } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import type { StatusMeaning } from '../http/errors.js'
import { requestJson } from '../http/request.js'
import { isRecord } from '../record/fields.js'
import { readSettings, type Settings } from '../settings.js'
import { newReport, type ReadOptions, type Session, type Source } from '../source.js'
import { GENESYS_COLUMNS, mapGenesysRow } from './row.js'
import { GENESYS_CONCURRENCY, walkGenesys, type AskGenesys, type GenesysTargets } from './walk.js'

export { GENESYS_COLUMNS, genesysRows, mapGenesysRow, type GenesysDetails } from './row.js'

export interface GenesysState {
  readonly version: 1
  /** Sessions that had not ended, with their start (epoch ms): they are read again until `max_age`. */
  readonly open: readonly (readonly [id: string, startedAt: number])[]
  /** When the last walk that came to its end began (epoch ms). */
  readonly walked?: number
}

/** Sessions in a batch: answers hold a handful each, and a state is made for every batch. */
const BATCH_SESSIONS = 200

type AskOptions = Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'> & Patience

export function createGenesys(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source<GenesysState> {
  const settings = readSettings(name, config)
  const base = settings.baseUrl() + pathPrefix(settings)
  const headers = authorization(settings)
  const targets = readTargets(settings)
  const maxAgeMs = settings.duration('max_age', 'PT24H')
  const withinMs = config['visits_within'] === undefined ? null : settings.duration('visits_within', 'P7D')
  const budget = readBudget(settings, { concurrency: GENESYS_CONCURRENCY })
  settings.done()
  const limiter = budgets.of('genesys', base, budget)

  function asker(options: AskOptions): AskGenesys {
    return async path => {
      const request = { source: name, url: base + path, headers, credentialKeys: '"username" and "password"', explain, limiter, ...options }
      return (await requestJson(request)).body
    }
  }

  return {
    name,
    type: 'genesys',
    account: base,
    // a walk of other targets says nothing of what is too old for these
    ...withinMs !== null && { scope: JSON.stringify(targets) },
    describe: () => GENESYS_COLUMNS,

    async check(options = {}) {
      return checkResult(async () => {
        await asker({ ...options, ...CHECK_REQUEST })(firstPath(targets))
        return 'The history service answers and the credentials are accepted.'
      })
    },

    async *read(options = {}) {
      const { interval, clock = systemClock } = options
      const report = options.report ?? newReport()
      const saved = readState(name, options.state)
      const begun = clock.now()
      // what was walked before needs no second look, but for visits that are young enough to have new sessions
      const visitAgeSecs = withinMs === null || saved.walked === undefined || interval ? null : Math.ceil((begun - saved.walked + withinMs) / 1000)
      const open = new Map(saved.open.filter(([, startedAt]) => clock.now() - startedAt <= maxAgeMs))
      const letters = new DeadLetters(name, report, options)
      const stop = follow(options.signal)
      const isInside = (started: number | null) => !interval || started !== null && started >= interval.start && started < interval.end
      const ask = asker({ signal: stop.signal, clock, fetch: options.fetch, report })
      const context = { ask, report, clock, wants: isInside, width: budget.concurrency, visitAgeSecs }
      // a part of the time says nothing about the rest: the state stays
      const state = (walked = saved.walked): GenesysState => interval ? saved : { version: 1, open: [...open], ...walked !== undefined && { walked } }
      let sessions: Session[] = []
      try {
        for await (const { session: raw, details } of walkGenesys(targets, interval ? [] : [...open.keys()], context)) {
          const session = letters.attempt(raw, () => mapGenesysRow(raw, name, details))
          if (!session || !isInside(Number(session.started_at))) continue
          const startedAt = Number(session.started_at)
          if (session['is_ended'] === false && clock.now() - startedAt <= maxAgeMs) open.set(session.session_id, startedAt)
          else open.delete(session.session_id)
          report.rows++
          sessions.push(session)
          if (sessions.length < BATCH_SESSIONS) continue
          letters.checkEarly()
          yield { sessions, state: state() }
          sessions = []
        }
        letters.finish()
        report.progress = 1
        yield { sessions, state: state(begun) }
      } finally {
        stop.end()
      }
    }
  }
}

/** A signal of our own that follows the caller's, so that requests ahead end when the consumer stops. */
function follow(signal: AbortSignal | undefined): { signal: AbortSignal; end: () => void } {
  const own = new AbortController()
  // every request that waits listens: a bounded number, and more than Node warns of
  setMaxListeners(0, own.signal)
  const pass = () => own.abort(signal?.reason)
  if (signal?.aborted) pass()
  signal?.addEventListener('abort', pass, { once: true })
  return {
    signal: own.signal,
    end() {
      signal?.removeEventListener('abort', pass)
      own.abort()
    }
  }
}

function pathPrefix(settings: Settings): string {
  const prefix = (settings.optionalString('path_prefix') ?? '/backend/data').replace(/\/+$/, '')
  return prefix === '' || /^\/[^?#]*$/.test(prefix) ? prefix : settings.fail('path_prefix', 'must be a path that begins with a slash')
}

function authorization(settings: Settings): Record<string, string> {
  const username = settings.optionalString('username')
  const password = settings.optionalString('password')
  if (username === undefined && password === undefined) return {}
  if (username === undefined) return settings.fail('username', 'is missing beside "password"')
  if (password === undefined) return settings.fail('password', 'is missing beside "username"')
  if (username.includes(':')) settings.fail('username', 'holds a colon, which Basic authentication cannot carry')
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function readTargets(settings: Settings): GenesysTargets {
  const targets = {
    sessionIds: settings.strings('session_ids'),
    visitIds: settings.strings('visit_ids'),
    identityIds: settings.strings('identity_ids'),
    discover: settings.boolean('discover', false),
    includePages: settings.boolean('include_pages', false),
    includeEvents: settings.boolean('include_events', false)
  }
  const named = targets.sessionIds.length + targets.visitIds.length + targets.identityIds.length
  if (named === 0 && !targets.discover) settings.fail('discover', 'is not true, and there are no session_ids, visit_ids or identity_ids: nothing would be read')
  return targets
}

/** The cheapest request that tells whether the configuration works. */
function firstPath({ sessionIds, visitIds, identityIds }: GenesysTargets): string {
  if (sessionIds[0] !== undefined) return `/sessions/${encodeURIComponent(sessionIds[0])}`
  if (visitIds[0] !== undefined) return `/visits/${encodeURIComponent(visitIds[0])}/sessions`
  return identityIds[0] === undefined ? '/identities' : `/identities/${encodeURIComponent(identityIds[0])}/visits`
}

function readState(source: string, state: unknown): GenesysState {
  if (state === undefined || state === null) return { version: 1, open: [] }
  const open: unknown = isRecord(state) && state['version'] === 1 ? state['open'] : undefined
  const walked = isRecord(state) ? state['walked'] : undefined
  if (Array.isArray(open) && open.every(isOpenSession) && (walked === undefined || Number.isFinite(walked))) return state as GenesysState
  throw unknownState(source)
}

function isOpenSession(pair: unknown): boolean {
  return Array.isArray(pair) && typeof pair[0] === 'string' && Number.isFinite(pair[1])
}

function explain(status: number): StatusMeaning | undefined {
  if (status === 401) return { message: 'user name or password are not accepted, or missing; check "username" and "password"' }
  if (status === 404) return { message: 'there is no such thing; check the ids in the configuration, "base_url" and "path_prefix"' }
  return undefined
}
