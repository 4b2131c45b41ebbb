/**
 * What reading costs: `npx tsx bench/sources.ts [--sessions N] [--walk N]`. Per source the requests for 1,000 sessions and the sessions a second against
 * the sandbox in this process, into an engine in memory; then the memory of one long walk whose rows are made as they are asked for.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSource } from '../connectors/registry.js'
import { newReport } from '../connectors/source.js'
import { Engine } from '../index.js'
import { startConviva } from '../test/sandbox/conviva.js'
import { startGenesys } from '../test/sandbox/genesys.js'
import { startGiosg } from '../test/sandbox/giosg.js'
import { startPublica } from '../test/sandbox/publica.js'
import { startReader } from '../test/sandbox/reader.js'
import type { SandboxServer } from '../test/sandbox/server.js'
import { virtualClock } from '../test/sandbox/virtual-clock.js'

const NOW = Date.UTC(2025, 0, 15, 12)
const DAYS = 30
const PAGE = 25
const SPACING_SECS = 2
const COLLECT_EVERY = 5_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const { values } = parseArgs({ options: { sessions: { type: 'string', default: '10000' }, walk: { type: 'string', default: '1000000' } } })
const sessions = Number(values.sessions)
const clock = virtualClock(NOW)
const common = { inProcess: clock, now: clock.now, sessions }

type Server = SandboxServer & { readonly config: Readonly<Record<string, unknown>> }

const servers: Record<string, Server> = {
  'publica-consumption': await startPublica({ ...common, end: NOW }),
  'publica-reader': await startReader({ ...common, issues: Math.min(sessions, 1_000) }),
  genesys: await startGenesys({ ...common, end: NOW }),
  conviva: await startConviva({ ...common, days: DAYS }),
  giosg: await startGiosg({ ...common, days: DAYS })
}

for (const [type, server] of Object.entries(servers)) {
  const engine = await Engine.open()
  const source = createSource('one', server.config)
  const report = newReport()
  const begun = performance.now()
  const read = () => source.read({ clock, fetch: server.fetch, report })
  await engine.ingest({ name: 'one', describe: () => source.describe(), read })
  const seconds = (performance.now() - begun) / 1000
  const stored = engine.schema().sessions
  await engine.close()
  print({
    source: type, sessions: stored, requests: report.requests, requests_per_1000: Math.round(report.requests / stored * 10_000) / 10,
    sessions_per_second: Math.round(stored / seconds), lines: linesOf(join(import.meta.dirname, '../connectors', type))
  })
}

for (const count of [Number(values.walk) / 100, Number(values.walk)]) print({ walk: count, ...await walkMemory(count) })

/** Heap that is still in use after a collection, looked at now and then, and the peak of the process; rows are let go of as they come. */
async function walkMemory(count: number): Promise<{ rows: number, requests: number, seconds: number, live_heap_mb: number, peak_rss_mb: number }> {
  const source = createSource('one', { type: 'publica-consumption', base_url: 'http://127.0.0.1:9', api_token: 'token' })
  const report = newReport()
  const begun = performance.now()
  const peak = { heap: 0, rss: 0 }
  let rows = 0
  let batches = 0
  for await (const batch of source.read({ clock, report, fetch: syntheticPages(count) })) {
    rows += batch.sessions.length
    if (batches++ % 100 > 0) continue
    peak.rss = Math.max(peak.rss, process.memoryUsage().rss)
    if (batches % COLLECT_EVERY !== 1) continue
    collect()
    peak.heap = Math.max(peak.heap, process.memoryUsage().heapUsed)
  }
  return {
    rows, requests: report.requests, seconds: Math.round((performance.now() - begun) / 100) / 10,
    live_heap_mb: megabytes(peak.heap), peak_rss_mb: megabytes(peak.rss)
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}

/** Row i started i spaces before now; a cursor names the start before the page. */
function syntheticPages(count: number): typeof fetch {
  const top = NOW / 1000
  return input => {
    const cursor = new URL(input instanceof Request ? input.url : input).searchParams.get('cursor')
    const before = cursor === null ? top + 1 : secondOf(cursor)
    const first = Math.max(0, Math.floor((top - before) / SPACING_SECS) + 1)
    const data = Array.from({ length: Math.min(PAGE, Math.max(0, count - first)) }, (_, i) => rowOf(first + i, top - (first + i) * SPACING_SECS))
    const last = data.at(-1)
    const next = last && first + PAGE < count ? cursorTo(last.started_at) : null
    return Promise.resolve(Response.json({ data, next_cursor: next }))
  }
}

function cursorTo(startedAt: string): string {
  return Buffer.from(JSON.stringify({ started_at: startedAt, _pointsToNextItems: true })).toString('base64')
}

function secondOf(cursor: string): number {
  const fields = JSON.parse(Buffer.from(cursor, 'base64').toString()) as { started_at: string }
  return Date.parse(`${fields.started_at}Z`) / 1000
}

function rowOf(index: number, start: number) {
  return {
    uuid: `77:${index}:${index % 5_000}:${start}`, issue_id: 2 ** 31 + index % 400, user_id: index % 5_000, user_email: `r${index % 5_000}@example.org`,
    volpe_host: 'farfalla', reason_type: 'plan', reason_value: null, seconds_reading: index % 900, page_changes: index % 40, last_heartbeat_at: null,
    started_at: new Date(start * 1000).toISOString().slice(0, 19).replace('T', ' ')
  }
}

function linesOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + readFileSync(join(folder, file), 'utf8').split('\n').length - 1, 0)
}

function print(row: object): void {
  process.stdout.write(`${JSON.stringify(row)}\n`)
}
