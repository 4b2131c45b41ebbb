/**
 * One life of a source in virtual time: syncs that fail and are killed at random, faults of every kind, sessions that go on meanwhile. When all is
 * quiet again and a sync has come to its end, the table is what the source has, or the report names what may be missing.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Bookmark } from '../../connectors/bookmark.js'
import { SourceError } from '../../connectors/errors.js'
import { createSource } from '../../connectors/registry.js'
import type { PublicaReaderState } from '../../connectors/publica-reader/publica-reader.js'
import { newReport, type Gap, type Session } from '../../connectors/source.js'
import { UNKNOWN_FIELD } from '../sandbox/edits.js'
import { eventClock, type EventClock } from '../sandbox/event-clock.js'
import { seeded, type Random } from '../sandbox/random.js'
import { randomPlan } from './schedule.js'
import { CANARY, startWorld, type System, type World } from './systems.js'

const BEGIN = Date.UTC(2025, 0, 15, 12)
const NAME = 'one'
/** With faults, then without: more syncs than that are a source that gets nowhere. */
const MAX_STORMY = 6
const MAX_QUIET = 8
const KILL_SHARE = 0.06

export interface Life {
  readonly system: System
  readonly seed: number
  readonly faults: readonly string[]
  readonly syncs: number
  readonly kills: number
  readonly failures: Readonly<Record<string, number>>
  readonly requests: number
  readonly gaps: readonly Gap[]
  /** Sessions of the source that the table lacks or holds in an older form, all of them inside the gaps. */
  readonly missing: number
  readonly virtualMs: number
}

/** What a crash leaves: rows, and the state that says how far they reach. */
interface Disk {
  readonly table: Map<string, Session>
  state: unknown
}

/** Throws an Error that names the seed where a promise is broken. */
export async function simulate(system: System, seed: number): Promise<Life> {
  const random = seeded(seed)
  const jitter = seeded(seed + 1)
  const systemRandom = Math.random
  // the jitter of waits is the one thing that connectors leave to chance
  Math.random = jitter.next
  try {
    return await live(system, seed, random)
  } catch (error) {
    throw new Error(`${system}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    Math.random = systemRandom
  }
}

async function live(system: System, seed: number, random: Random): Promise<Life> {
  const clock = eventClock(BEGIN)
  const world = await startWorld(system, random, clock)
  const plan = randomPlan(system, random, world.span, world.live)
  world.server.misbehave(...plan.map(({ fault }) => fault))
  const disk: Disk = { table: new Map(), state: world.state }
  const failures: Record<string, number> = {}
  let syncs = 0
  let kills = 0
  const storms = random.int(1, MAX_STORMY)
  let ending: string | SourceError = ''
  let truth: readonly Session[] = []
  while (syncs < storms + MAX_QUIET && (syncs <= storms || ending !== 'done')) {
    if (syncs === storms) world.server.calm()
    // what comes about while the last sync runs is for the one after it
    truth = world.truth()
    ending = await sync(world, disk, clock, syncs < storms ? random : null)
    syncs++
    if (ending === 'killed') kills++
    else if (typeof ending !== 'string') failures[ending.code] = (failures[ending.code] ?? 0) + 1
    if (syncs < storms) {
      clock.pass(random.int(0, 20 * 60_000))
      world.live()
    }
    // the reader opens all again once all are open, also where it was killed just then
    if (system === 'publica-reader' && hasOpenedAll(disk.state)) {
      ending = 'done'
      break
    }
  }
  if (ending !== 'done') throw new Error(`no sync came to its end, the last one ended with ${String(ending)}`)
  const { gaps } = disk.state as Bookmark
  const missing = system === 'publica-reader' ? compareOpened(world.truth(), disk.table, gaps) : compare(truth, world.truth(), disk.table, gaps)
  guard(JSON.stringify([...disk.table.values()]))
  return {
    system, seed, faults: plan.map(({ name }) => name), syncs, kills, failures, requests: world.server.requests().length, gaps, missing,
    virtualMs: clock.now() - BEGIN
  }
}

function hasOpenedAll(state: unknown): boolean {
  const { opened, pending } = ((state as Bookmark | undefined)?.state ?? {}) as Partial<PublicaReaderState>
  return opened?.length === 0 && pending === null
}

/** `done`, `killed`, or the error. */
async function sync(world: World, disk: Disk, clock: EventClock, random: Random | null): Promise<'done' | 'killed' | SourceError> {
  const source = createSource(NAME, world.config)
  const report = newReport()
  try {
    for await (const { sessions, state } of source.read({ state: disk.state, clock, fetch: world.server.fetch, report })) {
      if (random?.chance(KILL_SHARE)) return 'killed'
      const text = JSON.stringify(state)
      guard(text)
      for (const session of sessions) disk.table.set(session.session_id, { ...session })
      disk.state = JSON.parse(text)
      if (random?.chance(KILL_SHARE)) return 'killed'
    }
    return 'done'
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    guard(`${error.message} ${error.stack ?? ''}`)
    return error
  } finally {
    guard(JSON.stringify(report))
  }
}

function guard(text: string): void {
  if (text.includes(CANARY)) throw new Error(`a secret shows in ${text.slice(0, 300)}`)
}

/** How many sessions are missing or stale, all of them explained; throws for one that is not. */
function compare(truth: readonly Session[], later: readonly Session[], table: ReadonlyMap<string, Session>, gaps: readonly Gap[]): number {
  let missing = 0
  for (const expected of truth) {
    const found = table.get(expected.session_id)
    if (found && isDeepStrictEqual(comparable(found), comparable(expected))) continue
    missing++
    const at = Number(expected.started_at)
    if (gaps.some(gap => at >= gap.from && at < gap.to)) continue
    const what = found ? `stored as ${JSON.stringify(found)}` : 'missing'
    throw new Error(`a session is ${what} outside of every reported gap (${JSON.stringify(gaps)}): ${JSON.stringify(expected)}`)
  }
  const known = new Set(later.map(session => session.session_id))
  for (const id of table.keys()) if (!known.has(id)) throw new Error(`the source has no session ${id}`)
  return missing
}

/** No issue was opened twice, and an opened one that is not stored is named. */
function compareOpened(truth: readonly Session[], table: ReadonlyMap<string, Session>, gaps: readonly Gap[]): number {
  const issues = truth.map(session => session['issue_id'])
  if (new Set(issues).size !== issues.length) throw new Error(`an issue was opened twice: ${issues.join(', ')}`)
  const lost = truth.filter(session => !table.has(session.session_id))
  for (const session of lost) {
    const issue = String(session['issue_id'])
    if (!gaps.some(gap => gap.reason.includes(`issue ${issue} `))) throw new Error(`issue ${issue} was opened and is not named`)
  }
  for (const session of truth) {
    const found = table.get(session.session_id)
    // when it was answered only the client knows
    const isRight = !found || isDeepStrictEqual(comparable({ ...found, started_at: 0 }), comparable(session))
    if (!isRight) throw new Error(`stored as ${JSON.stringify(found)}`)
  }
  return lost.length
}

/** Without what is missing either way, and without the field that a fault added. */
function comparable(session: Session): Record<string, unknown> {
  const entries = Object.entries(session).filter(([name, value]) => value !== null && value !== undefined && !name.startsWith(UNKNOWN_FIELD))
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1))
}
