/**
 * The contract of every connector as tests for any framework: `for (const { name, run } of contractTests(open)) test(name, run)`.
 * A test that fails throws an Error that says what was promised.
 */
import { deepStrictEqual } from 'node:assert'
import { SessionqlError } from '../../dsl/errors.js'
import { SourceError } from '../errors.js'
import { resumable } from '../resumable.js'
import { newReport, type Clock, type Session, type Source, type SourceReport } from '../source.js'
import { countingFetch, faultyFetch, FETCH_FAULTS, type FetchFault } from './faulty-fetch.js'

export interface ContractWorld {
  readonly source: Source
  /** Reaches the system: one whose data stands still. */
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** What the engine must hold once all has been read; by now, for a source that creates what it reads. */
  truth(): Iterable<Session>
  /** What must show nowhere. */
  readonly secrets: readonly string[]
  close?(): Promise<void>
}

export interface ContractTest {
  readonly name: string
  run(): Promise<void>
}

export interface ContractOptions {
  /** Sources that create what they read (`creates`) may lose sessions to a fault, and then name them as gaps. Default false. */
  readonly creates?: boolean
}

/** Every how-many-th state and request is tried where there are many. */
const MAX_TRIALS = 12
const MAX_CHECK_REQUESTS = 3
/** Readings until one comes to its end; the fault comes once. */
const MAX_READINGS = 3
const FAR_MS = 30 * 86_400_000
const VALUES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: value => typeof value === 'string' || typeof value === 'boolean', number: value => typeof value === 'number', strings: Array.isArray
}

/** `open` gives a new world for each reading that is to begin from nothing. */
export function contractTests(open: () => Promise<ContractWorld>, options: ContractOptions = {}): ContractTest[] {
  const test = (name: string, body: (world: ContractWorld) => Promise<void>): ContractTest => ({ name, run: () => within(open, body) })
  return [
    test('describes itself: a name, a type, columns that the sessions keep to', describesItself),
    test('checks with few requests, and tells in one sentence what is wrong', checks),
    test('reads exactly what the system has', async world => compare(world, (await read(world)).sessions)),
    ...options.creates ? [] : [test('reads the same twice', readsTwice)],
    { name: 'goes on from every state', run: () => resumesEverywhere(open, options) },
    { name: 'yields nothing from a state far in the future', run: () => within(open, staysBehind) },
    test('refuses or ignores a state that is not its own', refusesForeign),
    test('ends with the reason of an abort', aborts),
    ...FETCH_FAULTS.map(fault => ({ name: `survives ${fault}, or says so and goes on the next time`, run: () => survives(open, fault, options) })),
    { name: 'shows no secret', run: () => within(open, hidesSecrets) }
  ]
}

async function within(open: () => Promise<ContractWorld>, body: (world: ContractWorld) => Promise<void>): Promise<void> {
  const world = await open()
  try {
    await body(world)
  } finally {
    await world.close?.()
  }
}

interface Read {
  readonly sessions: Map<string, Session>
  readonly states: unknown[]
  readonly report: SourceReport
  readonly error: SessionqlError | null
}

interface ReadTask {
  readonly state?: unknown
  /** Stops after so many. */
  readonly batches?: number
  readonly fetch?: typeof fetch
  readonly signal?: AbortSignal
}

/** Reads as the engine does: rows and state of a batch are kept together, the state as JSON. */
async function read({ source, fetch: real, clock }: ContractWorld, task: ReadTask = {}): Promise<Read> {
  const { state, batches = Infinity, signal } = task
  const sessions = new Map<string, Session>()
  const states: unknown[] = []
  const report = newReport()
  let error: SessionqlError | null = null
  try {
    const options = { clock, report, fetch: task.fetch ?? real, ...state !== undefined && { state }, ...signal && { signal } }
    for await (const batch of resumable(source).read(options)) {
      for (const session of batch.sessions) sessions.set(session.session_id, { ...session })
      states.push(JSON.parse(JSON.stringify(batch.state)))
      if (states.length >= batches) break
    }
  } catch (caught) {
    if (!(caught instanceof SessionqlError)) throw caught
    error = caught
  }
  return { sessions, states, report, error }
}

function compare(world: ContractWorld, sessions: ReadonlyMap<string, Session>, creates = false): void {
  // what is created starts when it was answered, which only the reader knows
  const rowOf = (session: Session) => comparable(creates ? { ...session, started_at: 0 } : session)
  const wanted = [...world.truth()].map(rowOf).sort(byId)
  deepStrictEqual([...sessions.values()].map(rowOf).sort(byId), wanted, 'the sessions read are those of the system')
}

function byId(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a['session_id']) < String(b['session_id']) ? -1 : 1
}

/** Null, undefined and absent are one. */
function comparable(session: Session): Record<string, unknown> {
  const entries = Object.entries(session).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1))
}

function promise(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken promise: ${what}`)
}

async function describesItself(world: ContractWorld): Promise<void> {
  const { source } = world
  promise(source.name !== '' && source.type !== '', 'name and type are not empty')
  const columns = new Map(source.describe().map(column => [column.name, column]))
  promise(columns.size === source.describe().length, 'no column is described twice')
  promise(columns.has('session_id') && columns.has('started_at'), 'session_id and started_at are described')
  for (const { name, description } of columns.values()) promise(/^\S.*[.…]$/.test(description), `the description of ${name} is a sentence`)
  for (const session of (await read(world)).sessions.values()) {
    promise(typeof session.session_id === 'string' && session.session_id !== '', 'session_id is a string that is not empty')
    promise(Number.isSafeInteger(session.started_at), 'started_at is in epoch milliseconds')
    promise(session.source === source.name, 'source is the name of the source')
    for (const [name, value] of Object.entries(session)) {
      const column = columns.get(name)
      const fits = value === null || value === undefined || column === undefined || VALUES[column.type]?.(value) === true
      promise(fits, `${name} is ${column?.type ?? ''}, got ${JSON.stringify(value)}`)
    }
  }
}

async function checks({ source, clock, fetch: real }: ContractWorld): Promise<void> {
  const counted = countingFetch(real)
  const { ok, message } = await source.check({ clock, fetch: counted.fetch })
  promise(ok && message.endsWith('.'), `a check says in a sentence that all is well, got ${message}`)
  promise(counted.count() <= MAX_CHECK_REQUESTS, `a check takes ${MAX_CHECK_REQUESTS} requests at most, got ${counted.count()}`)
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const down = await source.check({ clock, fetch: () => Promise.reject(new TypeError('fetch failed', { cause: refused })) })
  promise(!down.ok && down.message.includes(source.name), `a check names the source that cannot be reached, got ${down.message}`)
}

async function readsTwice(world: ContractWorld): Promise<void> {
  const [first, second] = [await read(world), await read(world)]
  deepStrictEqual([...second.sessions.values()], [...first.sessions.values()], 'two readings are equal')
  promise(first.report.rows >= first.sessions.size && first.report.requests > 0, 'rows and requests are counted')
}

async function resumesEverywhere(open: () => Promise<ContractWorld>, { creates }: ContractOptions): Promise<void> {
  let states = 0
  await within(open, async world => { states = (await read(world)).states.length })
  for (let batches = 1; batches < states; batches += Math.ceil(states / MAX_TRIALS)) {
    await within(open, async world => {
      const first = await read(world, { batches })
      const second = await read(world, { state: first.states.at(-1) })
      promise(second.error === null, `reading goes on after batch ${batches}, got ${String(second.error)}`)
      // stopped after it said that it would ask, and before it asked, a source that creates gives that one up
      if (!creates || second.report.suspectedGaps.length === 0) compare(world, new Map([...first.sessions, ...second.sessions]), creates)
    })
  }
}

async function staysBehind(world: ContractWorld): Promise<void> {
  const { states } = await read(world)
  const watermark = resumable(world.source).watermark?.(states.at(-1)) ?? null
  if (watermark === null) return
  const past: Clock = { now: () => watermark - FAR_MS, sleep: (ms, signal) => world.clock.sleep(ms, signal) }
  const again = await read({ ...world, clock: past }, { state: states.at(-1) })
  promise(again.sessions.size === 0 && again.report.warnings.length > 0, 'a state far in the future yields nothing and a warning')
}

async function refusesForeign(world: ContractWorld): Promise<void> {
  const { error } = await read(world, { state: { nobody: 'knows', this: ['state'] } })
  promise(error === null || error.code === 'invalid_state', `a foreign state is refused with invalid_state, got ${String(error)}`)
}

async function aborts(world: ContractWorld): Promise<void> {
  const stop = new AbortController()
  const reason = new Error('enough')
  const stopping: typeof fetch = (...request) => {
    stop.abort(reason)
    return world.fetch(...request)
  }
  const error = await read(world, { signal: stop.signal, fetch: stopping }).then(() => null, (caught: unknown) => caught)
  promise(error === reason, `an abort ends the reading with its reason, got ${String(error)}`)
}

async function survives(open: () => Promise<ContractWorld>, fault: FetchFault, { creates }: ContractOptions): Promise<void> {
  let requests = 0
  await within(open, async world => { requests = (await read(world)).report.requests })
  for (let at = 0; at < requests; at += Math.ceil(requests / MAX_TRIALS)) {
    await within(open, async world => {
      const fetch = faultyFetch(world.fetch, fault, at)
      const sessions = new Map<string, Session>()
      let last = await read(world, { fetch })
      for (const [id, session] of last.sessions) sessions.set(id, session)
      for (let i = 1; last.error !== null && i < MAX_READINGS; i++) {
        promise(last.error instanceof SourceError, `a failure is a SourceError, got ${String(last.error)}`)
        const state = last.states.at(-1)
        last = await read(world, { fetch, state })
        for (const [id, session] of last.sessions) sessions.set(id, session)
      }
      promise(last.error === null, `reading comes to its end after ${fault} at request ${at}, got ${String(last.error)}`)
      const gaps = last.report.suspectedGaps.length
      if (!creates || gaps === 0) compare(world, sessions, creates)
    })
  }
}

async function hidesSecrets(world: ContractWorld): Promise<void> {
  const good = await read(world)
  const refusal = () => Response.json({ message: `who is ${world.secrets.join(', ')}?` }, { status: 401 })
  const bad = await read(world, { fetch: () => Promise.resolve(refusal()) })
  const check = await world.source.check({ clock: world.clock, fetch: () => Promise.resolve(new Response(world.secrets.join(' '), { status: 403 })) })
  const { error } = bad
  const readings = [[...good.sessions.values()], good.states, good.report, bad.states, bad.report]
  const shown = JSON.stringify([readings, error?.message, error?.stack, check, world.source])
  for (const secret of world.secrets) promise(!shown.includes(secret), 'no secret shows in rows, states, reports or errors')
}
