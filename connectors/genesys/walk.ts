/** From identities over visits to sessions. A visit has several identities, so whatever was met before is left out. */
import { SourceError } from '../errors.js'
import { isRecord, numberOf } from '../record/fields.js'
import type { Clock, SourceReport } from '../source.js'
import { ahead } from './ahead.js'
import { genesysId, genesysList, isNoSession, objectsIn, type GenesysDetails } from './row.js'

/** Requests under way at once, unless configured: the walk needs one per identity and visit, and the server is one that agents work with. */
export const GENESYS_CONCURRENCY = 4

/** Resolved away in a path, even when percent-encoded. */
const DOTS = /^\.{1,2}$/

/** The parsed answer to a path such as `/visits/5/sessions`; null for an empty collection. */
export type AskGenesys = (path: string) => Promise<unknown>

export interface GenesysTargets {
  readonly sessionIds: readonly string[]
  readonly visitIds: readonly string[]
  readonly identityIds: readonly string[]
  readonly discover: boolean
  readonly includePages: boolean
  readonly includeEvents: boolean
}

export interface WalkContext {
  readonly ask: AskGenesys
  readonly report: SourceReport
  readonly clock: Clock
  /** Requests under way at once. */
  readonly width: number
  /** Only visits of identities that are no older; null for all of them. */
  readonly visitAgeSecs: number | null
  /** False saves asking for details that nobody needs. */
  readonly wants: (started: number | null) => boolean
}

export interface FoundSession {
  readonly session: unknown
  readonly details: GenesysDetails
}

interface Entity {
  readonly id: string
  /** Named in the configuration: that it does not exist is an error, not a change in between. */
  readonly configured: boolean
}

/** `again` are sessions of earlier readings that were still open; they come last, unless the walk meets them. */
export async function* walkGenesys(targets: GenesysTargets, again: readonly string[], context: WalkContext): AsyncGenerator<FoundSession> {
  const seen = new Set<string>()
  const walker = new Walker(targets, context)
  for await (const found of ahead(fresh(walker.sessions(), seen, context.report), context.width, session => walker.withDetails(session))) {
    yield found
  }
  const left = again.filter(id => !seen.has(id)).map(id => ({ id, configured: false }))
  for await (const list of ahead(left, context.width, entity => walker.one(entity))) {
    for (const session of list) yield await walker.withDetails(session)
  }
}

/** Sessions met for the first time. Those without an id pass: they are dead letters, not duplicates. */
async function* fresh(sessions: AsyncIterable<unknown>, seen: Set<string>, report: SourceReport): AsyncGenerator<unknown> {
  for await (const session of sessions) {
    const id = genesysId(session, 'session')
    if (id !== null && seen.has(id)) report.duplicates++
    else {
      if (id !== null) seen.add(id)
      yield session
    }
  }
}

class Walker {
  readonly #targets: GenesysTargets
  readonly #context: WalkContext

  constructor(targets: GenesysTargets, context: WalkContext) {
    this.#targets = targets
    this.#context = context
  }

  async *sessions(): AsyncGenerator<unknown> {
    const configured = this.#targets.sessionIds.map(id => ({ id, configured: true }))
    for await (const list of ahead(configured, this.#context.width, entity => this.one(entity))) yield* list
    for await (const list of ahead(this.#visits(), this.#context.width, visit => this.#list('visits', visit, 'sessions'))) yield* list.filter(isSession)
  }

  async one(entity: Entity): Promise<readonly unknown[]> {
    return (await this.#list('sessions', entity, null)).filter(isSession)
  }

  async withDetails(session: unknown): Promise<FoundSession> {
    const id = genesysId(session, 'session')
    if (id === null || !isRecord(session) || !this.#context.wants(numberOf(session['startDate']))) return { session, details: {} }
    const entity = { id, configured: false }
    const { includePages, includeEvents } = this.#targets
    const [pages, events] = await Promise.all([
      includePages ? objectsIn(session['pages']) ?? this.#list('sessions', entity, 'pages') : null,
      includeEvents ? objectsIn(session['events']) ?? this.#list('sessions', entity, 'events') : null
    ])
    return { session, details: { pages, events } }
  }

  async *#visits(): AsyncGenerator<Entity> {
    const seen = new Set<string>()
    for (const id of this.#targets.visitIds) {
      seen.add(id)
      yield { id, configured: true }
    }
    for await (const visits of ahead(this.#identities(), this.#context.width, identity => this.#list('identities', identity, 'visits'))) {
      for (const visit of visits) {
        const id = genesysId(visit, 'visit')
        if (id === null || seen.has(id)) continue
        seen.add(id)
        yield { id, configured: false }
      }
    }
  }

  async *#identities(): AsyncGenerator<Entity> {
    const { report, ask } = this.#context
    const seen = new Set(this.#targets.identityIds)
    for (const id of this.#targets.identityIds) yield { id, configured: true }
    if (!this.#targets.discover) return
    const all = genesysList(await ask('/identities'), 'identities')
    for (const [index, identity] of all.entries()) {
      const id = genesysId(identity, 'identity')
      report.position = `identity ${index + 1} of ${all.length}`
      report.progress = index / all.length
      if (id === null || seen.has(id)) continue
      seen.add(id)
      yield { id, configured: false }
    }
  }

  /** What belongs to an entity, or the entity itself. One that has gone since it was listed is reported. */
  async #list(
    kind: 'sessions' | 'visits' | 'identities', entity: Entity, part: 'sessions' | 'visits' | 'pages' | 'events' | null
  ): Promise<readonly unknown[]> {
    const { ask, report, clock, visitAgeSecs } = this.#context
    const gap = (reason: string) => report.suspectedGaps.push({ from: 0, to: clock.now(), reason: `${part ?? 'one'} of ${kind}: ${reason}` })
    if (DOTS.test(entity.id)) {
      gap('the id is nothing but dots, which no address can hold')
      return []
    }
    try {
      // identity ids are e-mail addresses
      const age = part === 'visits' && visitAgeSecs !== null ? `?age=${visitAgeSecs}` : ''
      const body = await ask(`/${kind}/${encodeURIComponent(entity.id)}${part ? `/${part}` : ''}${age}`)
      return genesysList(body, part ?? kind)
    } catch (error) {
      if (entity.configured || !(error instanceof SourceError) || error.code !== 'source_not_found') throw error
      gap('no longer there when asked for')
      return []
    }
  }
}

function isSession(entity: unknown): boolean {
  const id = isRecord(entity) ? entity['sessionId'] ?? entity['sessionID'] : undefined
  return typeof id !== 'string' || !isNoSession(id)
}
