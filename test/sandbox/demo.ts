/**
 * The main job from end to end: five local servers that speak the vendors' APIs, read by the real connectors into one engine,
 * and questions over all of them. The servers' clock stands at noon of 15 January 2025, so that the answers are always the same.
 */
import { readFileSync } from 'node:fs'
import { canvasOf } from '../../cli/canvas.js'
import { formatResult } from '../../cli/format.js'
import type { TextFormat } from '../../cli/formats.js'
import { count, plural } from '../../cli/plural.js'
import { Progress } from '../../cli/progress.js'
import { notesOf } from '../../cli/notes.js'
import { readSources, type ReadTask } from '../../cli/reading.js'
import { summaryTable } from '../../cli/summary.js'
import { systemClock } from '../../connectors/http/clock.js'
import { createSource } from '../../connectors/registry.js'
import type { Clock } from '../../connectors/source.js'
import { Engine, type QueryInput } from '../../index.js'
import { startConviva } from './conviva.js'
import { startGenesys } from './genesys.js'
import { startGiosg } from './giosg.js'
import { startPublica } from './publica.js'
import { startReader } from './reader.js'

const NOON = Date.UTC(2025, 0, 15, 12)
const SESSIONS = 10_000
const ISSUES = 36
const DAYS = 30
/** The demo stops by itself, whatever happens. */
const MAX_MS = 110_000

const QUESTIONS: readonly { readonly file: string, readonly about: string, readonly format: TextFormat }[] = [
  { file: 'visitors-per-day', about: 'Unique visitors per day, in Helsinki time, over all sources', format: 'chart' },
  { file: 'sessions-by-source', about: 'Sessions of each source, every six hours of a week', format: 'chart' },
  { file: 'country-device', about: 'By country and device, over all sources that know them', format: 'table' },
  { file: 'video-failures', about: 'Videos that failed, by internet provider', format: 'table' },
  { file: 'reading-time', about: 'Reading time in seconds, by the reason that gave access', format: 'chart' },
  { file: 'rooms', about: 'Chat rooms of the web site: a session counts in each of its rooms', format: 'table' },
  { file: 'opened-issues', about: 'Issues opened by the reader connector just now', format: 'table' },
  { file: 'giosg-example', about: 'The example of giosg\'s documents, answered in giosg\'s response form', format: 'json' }
]

const begun = performance.now()
const now = () => NOON + Math.floor(performance.now() - begun)
const clock: Clock = { now, sleep: (ms, signal) => systemClock.sleep(ms, signal) }
const canvas = canvasOf(process.stdout)

process.stderr.write('Starting five servers, each with its vendor\'s API, paging and limits …\n')
const servers = await startServers()
const engine = await Engine.open()
try {
  await read()
  for (const [i, question] of QUESTIONS.entries()) await ask(question, i + 1)
  const { sessions, bytes } = engine.schema()
  write(`\n${count(sessions)} sessions of five sources in ${(bytes / 1e6).toFixed(1)} MB, ${QUESTIONS.length} answers, ${seconds(begun)} in all.\n`)
} finally {
  await engine.close()
  await Promise.all(Object.values(servers).map(server => server.close()))
}

async function startServers() {
  const [web, visits, video, reading, reader] = await Promise.all([
    startGiosg({ sessions: SESSIONS, life: true, days: DAYS, now }),
    startGenesys({ sessions: SESSIONS, life: true, end: NOON, now }),
    startConviva({ sessions: SESSIONS, life: true, days: DAYS, now }),
    startPublica({ sessions: SESSIONS, life: true, end: NOON, now }),
    startReader({ issues: ISSUES, now })
  ])
  return { web, visits, video, reading, reader }
}

async function read(): Promise<void> {
  const tasks: ReadTask[] = Object.entries(servers).map(([name, { config }]) => ({ source: createSource(name, config) }))
  const progress = new Progress(process.stderr, { announce: true })
  const readings = await readSources(engine, tasks, { signal: AbortSignal.timeout(MAX_MS), progress, clock })
  write('\n')
  for (const line of summaryTable(readings, canvas)) write(line)
  for (const note of readings.flatMap(notesOf)) write(`${note}\n`)
  if (readings.some(({ error }) => error !== null)) process.exitCode = 1
}

async function ask({ file, about, format }: (typeof QUESTIONS)[number], number: number): Promise<void> {
  const text = readFileSync(new URL(`demo-queries/${file}.json`, import.meta.url), 'utf8').trimEnd()
  const start = performance.now()
  const result = await engine.query(JSON.parse(text) as QueryInput)
  const took = (performance.now() - start).toFixed(1)
  write(`\n${heading(`${number}. ${about}`)}\n${dim(text)}\n\n`)
  for (const piece of formatResult(result, format, canvas)) write(piece)
  write(`${dim(`${plural(result.data.length, 'row')} in ${took} ms`)}\n`)
}

function heading(text: string): string {
  return canvas.color ? `\u001b[1m${text}\u001b[22m` : text
}

function dim(text: string): string {
  return canvas.color ? text.split('\n').map(line => `\u001b[2m${line}\u001b[22m`).join('\n') : text
}

function write(text: string): void {
  process.stdout.write(text)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
