/** Asks an engine random queries: each must give a result or one of our own errors. */
import { readRequestText } from '../../dsl/dialect.js'
import { SessionqlError } from '../../dsl/errors.js'
import type { AnyInput, Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import { Engine as Opened } from '../../index.js'
import { Random } from '../support/random.js'
import { Grammar } from './grammar.js'
import { mutate, mutateText } from './mutate.js'

export interface Failure {
  readonly input: string
  readonly error: string
}

export interface Outcome {
  inputs: number
  answered: number
  refused: number
  limited: number
  /** Milliseconds of the slowest input, and the input. */
  slowest: { ms: number, input: string }
  readonly failures: Failure[]
}

const SESSIONS = 300
const MEMORY = 64 * 1024 * 1024
/** Inputs are shown up to this many characters. */
const SHOWN = 2000

/** A small table, with budgets that a query can pass. */
export async function fuzzEngine(seed: number): Promise<Engine> {
  const engine = await Opened.open({ memoryBudget: MEMORY, maxGroups: 20_000, maxBuckets: 20_000, segmentRows: 64 })
  await engine.ingest(sessionsOf(new Random(seed)))
  return engine
}

function sessionsOf(random: Random): Session[] {
  const texts = ['Finland', 'Sweden', '', 'null', '__proto__', 'constructor', 'Å', '10', '𝒳', null]
  return Array.from({ length: SESSIONS }, (_, id): Session => ({
    session_id: `s${id}`,
    started_at: Date.parse('2024-03-01T00:00:00Z') + random.between(0, 40 * 86_400_000),
    visitor_id: `v${random.between(0, 40)}`,
    country: random.pick(texts),
    city: random.pick(texts),
    seconds: random.pick([0, -0, 1, 2.5, -7, 1e300, 5e-324, null]),
    pages: random.between(0, 9),
    rooms: random.sample(['sales', 'support', '', '__proto__', 'a'], random.between(0, 3)),
    ['__proto__']: random.pick(texts)
  }))
}

export async function fuzz(engine: Engine, seed: number, inputs: number): Promise<Outcome> {
  const outcome: Outcome = { inputs: 0, answered: 0, refused: 0, limited: 0, slowest: { ms: 0, input: '' }, failures: [] }
  for (let number = 0; number < inputs; number++) {
    const random = new Random(seed * 1_000_003 + number)
    const query = new Grammar(random).query()
    const kind = random.between(0, 9)
    const input = kind < 4 ? query : kind < 7 ? mutate(query, random) : mutateText(JSON.stringify(query), random)
    await tell(engine, input, kind >= 7, outcome)
  }
  return outcome
}

async function tell(engine: Engine, input: unknown, isText: boolean, outcome: Outcome): Promise<void> {
  const shown = (isText ? String(input) : JSON.stringify(input) ?? String(input)).slice(0, SHOWN)
  const start = performance.now()
  outcome.inputs++
  try {
    const answer = isText ? await askText(engine, input as string) : await engine.query(input as AnyInput)
    outcome.answered++
    const wrong = notFinite(answer)
    if (wrong !== null) outcome.failures.push({ input: shown, error: wrong })
  } catch (error) {
    if (!(error instanceof SessionqlError)) outcome.failures.push({ input: shown, error: error instanceof Error ? error.stack ?? error.message : String(error) })
    else if (error.code === 'invalid_query') outcome.refused++
    else outcome.limited++
  }
  const ms = performance.now() - start
  if (ms > outcome.slowest.ms) outcome.slowest = { ms, input: shown }
}

async function askText(engine: Engine, text: string): Promise<unknown> {
  readRequestText(text, engine.columns)
  return engine.query(JSON.parse(text) as AnyInput)
}

/** What makes the answer none that JSON can hold, or null. */
function notFinite(answer: unknown): string | null {
  if (typeof answer === 'number') return Number.isFinite(answer) ? null : `the answer holds ${answer}`
  if (answer === undefined) return 'the answer holds undefined'
  if (typeof answer !== 'object' || answer === null) return null
  for (const held of Object.values(answer)) {
    const wrong = notFinite(held)
    if (wrong !== null) return wrong
  }
  return null
}
