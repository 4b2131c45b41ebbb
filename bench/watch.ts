/**
 * What standing queries cost and how late their frames are: `npm run bench:watch -- [--seconds N] [--rate N] [--rows N] [--watches 0,1,10,100] [--seed N]`.
 *
 * Sessions come at a steady rate into an engine that holds some already, a few every ten milliseconds. The cost is processor time of the whole
 * process (kernel, compiler and collector of garbage included) beside that of a run without standing queries.
 */
import { parseArgs } from 'node:util'
import { Engine, type AnyQueryInput, type Session, type Watch } from '../index.js'
import { DEFAULT_SEED } from './generate.js'
import { machine } from './machine.js'
import { count, milliseconds, table } from './markdown.js'
import { commaSeparated, runMain, wholeNumber } from './options.js'
import { DAY_MS, sessions, YEAR_START } from './sessions.js'

const TICK_MS = 10
/** What is there before spreads over so many days, and what comes is of the day after. */
const DAYS_BEFORE = 6

const INTERVAL = { start: '2025-01-01T00:00:00Z', end: '2025-01-08T00:00:00Z' }
const COUNT = { type: 'count' } as const
const LENGTH = { type: 'avg', fields: ['session_duration_secs'] } as const
const LONG = { type: 'bound', dimension: 'session_duration_secs', lower: 60 } as const
const BY_COUNT = { column: 'count', direction: 'desc' } as const
const VISITORS = { type: 'hyperUnique', fields: ['visitor_id'] } as const

/** What dashboards show: totals, days in a zone, tables by dimension, the first of many, shares, curves by minute. */
const SHAPES: readonly AnyQueryInput[] = [
  { interval: INTERVAL, granularity: 'all', aggregations: [COUNT] },
  { interval: INTERVAL, granularity: 'day', group_by: ['country'], aggregations: [COUNT, LENGTH, VISITORS] },
  { interval: { ...INTERVAL, time_zone: 'Europe/Helsinki' }, granularity: 'hour', aggregations: [COUNT, { type: 'filtered', filter: LONG, aggregator: COUNT, name: 'long' }, VISITORS] },
  { interval: INTERVAL, granularity: 'all', group_by: ['city'], aggregations: [COUNT, LENGTH], order_by: [BY_COUNT], limit: 20 },
  { interval: INTERVAL, granularity: 'day', group_by: ['rooms'], aggregations: [COUNT, VISITORS] },
  { interval: INTERVAL, granularity: 'hour', aggregations: [COUNT, VISITORS], filters: { type: 'selector', dimension: 'country', value: 'country_0' } },
  { interval: INTERVAL, granularity: 'all', group_by: ['visitor_id'], aggregations: [COUNT, LENGTH], order_by: [BY_COUNT], limit: 100 },
  { interval: INTERVAL, granularity: 'minute', aggregations: [COUNT], filters: { type: 'in', dimension: 'browser_name', values: ['Safari', 'Edge'] } },
  { interval: INTERVAL, granularity: 'day', aggregations: [{ type: 'sum', fields: ['session_duration_secs'] }, { type: 'max', fields: ['distinct_visited_urls_count'] }] },
  { interval: INTERVAL, granularity: 'all', group_by: ['browser_name'], aggregations: [COUNT, { type: 'quantile', fields: ['distinct_visited_urls_count'], quantiles: [0.5] }] }
]

interface Load {
  readonly rows: number
  readonly rate: number
  readonly seconds: number
  readonly seed: number
}

/** Inserts: every session is new. Updates: each comes open and again, longer, half a second later. */
type Stream = 'inserts' | 'updates'

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

const sleep = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

/** Sessions that are there, and those that come, by tick. */
function prepare(load: Load, stream: Stream): { before: Session[], ticks: Session[][] } {
  const perTick = Math.max(1, Math.round(load.rate * TICK_MS / 1000))
  const coming = Math.round(load.seconds * 1000 / TICK_MS) * perTick
  const fresh = stream === 'inserts' ? coming : Math.ceil(coming / 2)
  const dayStart = YEAR_START + DAYS_BEFORE * DAY_MS
  const startOf = (i: number): number => i < load.rows ? YEAR_START + Math.floor(i / load.rows * DAYS_BEFORE * DAY_MS) : dayStart + (i - load.rows)
  const all = [...sessions({ rows: load.rows + fresh, seed: load.seed })]
  all.forEach((session, i) => Object.assign(session, { started_at: startOf(i) }))
  const before = all.slice(0, load.rows)
  const stretch = all.slice(load.rows)
  const later = Math.round(500 / TICK_MS) * Math.ceil(perTick / 2)
  const order = stream === 'inserts' ? stretch : stretch.flatMap((session, i) => {
    const again = stretch[Math.max(0, i - later)]!
    return [session, { ...again, session_duration_secs: Number(again['session_duration_secs']) + 60 }]
  })
  return { before, ticks: Array.from({ length: Math.floor(coming / perTick) }, (_, i) => order.slice(i * perTick, (i + 1) * perTick)) }
}

interface Cost {
  readonly cpuMicros: number
  readonly sessions: number
  readonly seconds: number
  readonly frames: number
  readonly rebuilds: number
}

/** Takes frames until the watch ends. */
async function take(watch: Watch, seen: () => void): Promise<void> {
  for await (const _ of watch) seen()
}

async function cost(load: Load, stream: Stream, watches: number): Promise<Cost> {
  const { before, ticks } = prepare(load, stream)
  const engine = await Engine.open()
  await engine.ingest(before)
  let frames = 0
  const hasBegun = (): boolean => frames >= watches
  const standing = Array.from({ length: watches }, (_, i) => engine.watch(SHAPES[i % SHAPES.length]!))
  const taken = standing.map(watch => take(watch, () => { frames++ }))
  while (!hasBegun()) await sleep(TICK_MS)
  frames = 0
  const cpu = process.cpuUsage()
  const started = performance.now()
  await feed(ticks, sessionsOfTick => engine.ingest(sessionsOfTick))
  // What stands for the last ones is part of the cost.
  for (const watch of standing) watch.finish()
  await Promise.all(taken)
  const { user, system } = process.cpuUsage(cpu)
  const result = {
    cpuMicros: user + system, sessions: ticks.reduce((sum, { length }) => sum + length, 0), seconds: (performance.now() - started) / 1000,
    frames, rebuilds: standing.reduce((sum, { rebuilds }) => sum + rebuilds - 1, 0)
  }
  await engine.close()
  return result
}

/** One tick after the other at its time, or as soon as the one before it is in. */
async function feed(ticks: readonly Session[][], ingest: (sessions: Session[]) => Promise<unknown>): Promise<void> {
  const started = performance.now()
  for (const [i, tick] of ticks.entries()) {
    const early = started + i * TICK_MS - performance.now()
    if (early > 0) await sleep(early)
    await ingest(tick)
  }
}

/** Where the clock starts; in the last one frames are taken from a stream as well. */
const STARTS = ['ingest resolved', 'hand-over to an iterable', 'hand-over to a stream'] as const

/** Milliseconds from when sessions were in (or were handed over) to the frame that counts them, one figure a tick. */
async function latency(load: Load, watches: number, from: typeof STARTS[number]): Promise<number[]> {
  const { before, ticks } = prepare(load, 'inserts')
  const engine = await Engine.open()
  await engine.ingest(before)
  const waiting: { sessions: number, since: number }[] = []
  const found: number[] = []
  const standing = SHAPES.slice(0, watches).map(query => engine.watch(query))
  const taken = standing.slice(1).map(watch => take(watch, () => { /* its cost is what counts here */ }))
  const counted = (async () => {
    for await (const frame of from === 'hand-over to a stream' ? standing[0]!.stream() : standing[0]!) {
      const sessionsSoFar = (frame.type === 'result' ? frame.data : frame.changed.map(({ row }) => row))[0]![1] as number
      while (waiting.length > 0 && waiting[0]!.sessions <= sessionsSoFar) found.push(performance.now() - waiting.shift()!.since)
    }
  })()
  await sleep(300)
  let sent = load.rows
  const wait = (tick: readonly Session[]): void => void waiting.push({ sessions: sent += tick.length, since: performance.now() })
  if (from === 'ingest resolved') {
    await feed(ticks, async tick => {
      await engine.ingest(tick)
      wait(tick)
    })
  } else await engine.ingest(from === 'hand-over to a stream' ? streamOf(handedOver(ticks, wait)) : handedOver(ticks, wait))
  for (const watch of standing) watch.finish()
  await Promise.all([counted, ...taken])
  await engine.close()
  return found
}

function streamOf(coming: AsyncGenerator<Session, void, void>): ReadableStream<Session> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await coming.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    }
  })
}

async function* handedOver(ticks: readonly Session[][], wait: (tick: readonly Session[]) => void): AsyncGenerator<Session, void, void> {
  const started = performance.now()
  for (const [i, tick] of ticks.entries()) {
    const early = started + i * TICK_MS - performance.now()
    if (early > 0) await sleep(early)
    wait(tick)
    yield* tick
  }
}

function at(sorted: readonly number[], share: number): string {
  return milliseconds(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '200000' }, rate: { type: 'string', default: '20000' }, seconds: { type: 'string', default: '4' },
      watches: { type: 'string', default: '0,1,10,100' }, seed: { type: 'string', default: String(DEFAULT_SEED) }
    }
  })
  const load: Load = {
    rows: wholeNumber('rows', values.rows, 1), rate: wholeNumber('rate', values.rate, 1), seconds: wholeNumber('seconds', values.seconds, 1),
    seed: wholeNumber('seed', values.seed, 0)
  }
  const numbers = [...new Set([0, ...commaSeparated(values.watches).map(text => wholeNumber('watches', text, 0))])]
  const { cpu, cores, node } = machine()
  const lines = [`${cpu}, ${cores} cores, Node ${node}; ${count(load.rows)} sessions there, ${count(load.rate)} a second come for ${load.seconds} s.`, '']
  // The first run is for the compiler alone.
  await cost({ ...load, seconds: 1 }, 'updates', SHAPES.length)
  for (const stream of ['inserts', 'updates'] as const) {
    const rows: string[][] = []
    let without = 0
    for (const watches of numbers) {
      log(`${stream}, ${watches} standing queries`)
      const found = await cost(load, stream, watches)
      const each = found.cpuMicros / found.sessions
      if (watches === 0) without = each
      rows.push([
        String(watches), each.toFixed(2), watches === 0 ? '–' : ((each - without) / watches).toFixed(3), count(Math.round(found.sessions / found.seconds)),
        watches === 0 ? '–' : (found.frames / watches / found.seconds).toFixed(1), count(found.rebuilds)
      ])
    }
    lines.push(...table([`${stream}: standing queries`, 'µs a session', 'µs a session and query', 'sessions/s', 'frames/s of each', 'asked again'], rows), '')
  }
  const rows: string[][] = []
  for (const from of STARTS) {
    for (const watches of [1, SHAPES.length]) {
      log(`latency, ${watches} standing queries, from ${from}`)
      const sorted = (await latency(load, watches, from)).sort((a, b) => a - b)
      rows.push([`from ${from}, ${watches}`, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1)])
    }
  }
  lines.push(...table(['until the frame; standing queries', 'p50 ms', 'p99 ms', 'max ms'], rows))
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

await runMain(main)
