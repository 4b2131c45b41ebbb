/** `sessionql status`: how far each source of a data folder has been read. */
import { isBookmark, type Bookmark } from '../../connectors/bookmark.js'
import type { Engine } from '../../engine/engine.js'
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { REPORT_FORMAT } from '../common-options.js'
import { EXIT, UsageError } from '../exit.js'
import { formatResult } from '../format.js'
import { duration } from '../progress.js'

export const command: Command = {
  name: 'status',
  usage: '--data DIR [--config FILE] [--format table|json]',
  about: `Shows for each source of a data folder up to when it has been read, how long ago that is, how the last sync ended, and what
may be missing. With --config also sources that were never read. Asks no system, and may run beside a sync.`,
  options: {
    data: { value: 'DIR', help: 'data folder' },
    config: { value: 'FILE', help: 'JSON config with named sources' },
    ...REPORT_FORMAT
  },
  examples: ['sessionql status --data store', 'sessionql status --data store --config sources.json --format json'],
  run
}

type State = 'done' | 'failed' | 'reading' | 'unfinished' | 'never'

interface Status {
  readonly source: string
  readonly type: string | null
  readonly state: State
  /** ISO-8601; null where the source has none or was never read. */
  readonly watermark: string | null
  readonly lag_seconds: number | null
  /** Stored under this name. */
  readonly sessions: number
  readonly last_sync: { readonly begun: string | null, readonly ended: string | null, readonly message: string | null }
  readonly last_done: string | null
  readonly counts: Bookmark['counts'] | null
  readonly gaps: readonly { readonly from: string | null, readonly to: string | null, readonly reason: string, readonly at_least: number | null }[]
  readonly more_gaps: number
}

async function run(options: Options, context: Context): Promise<number> {
  if (options.one('data') === undefined) throw new UsageError('no data folder: give --data DIR')
  const { openFolder, openSources } = await import('../open.js')
  const { isLocked } = await import('../../engine/store/folder-lock.js')
  const configured = options.one('config') === undefined ? [] : await openSources(options, context)
  const engine = await openFolder(options, { readOnly: true })
  try {
    const isWritten = await isLocked(options.one('data')!)
    const sessions = await sessionsBySource(engine, context.signal)
    const types = new Map(configured.map(({ name, type }) => [name, type]))
    const names = new Set([...types.keys(), ...engine.states.keys()])
    const rows = [...names].map(name => statusOf({
      source: name, type: types.get(name) ?? null, stored: engine.states.get(name), isWritten, sessions: sessions.get(name) ?? 0
    }, Date.now()))
    const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
    if (json) await context.out.write(rows.map(row => `${JSON.stringify(row)}\n`))
    else await writeTable(rows, context)
    return EXIT.ok
  } finally {
    await engine.close()
  }
}

/** Reads one column of each segment. */
async function sessionsBySource(engine: Engine, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const { range } = engine.status()
  if (!range) return new Map()
  const interval = { start: new Date(range.start).toISOString(), end: new Date(range.end + 1).toISOString() }
  const { data } = await engine.query({ interval, granularity: 'all', group_by: ['source'], aggregations: [{ type: 'count' }] }, { signal })
  return new Map(data.map(([, source, count]) => [String(source), Number(count)]))
}

interface Stored {
  readonly source: string
  /** By the config. */
  readonly type: string | null
  readonly stored: unknown
  /** Some process writes the folder at this moment. */
  readonly isWritten: boolean
  readonly sessions: number
}

function statusOf({ source, type, stored, isWritten, sessions }: Stored, now: number): Status {
  const bookmark = isBookmark(stored) ? stored : null
  const known = bookmark?.watermark ?? bookmark?.lastDone ?? null
  return {
    source,
    type: type ?? bookmark?.type ?? null,
    state: stored === undefined ? 'never' : bookmark?.ending ?? (isWritten ? 'reading' : 'unfinished'),
    watermark: stamp(known),
    lag_seconds: known === null ? null : Math.round((now - known) / 1000),
    sessions,
    last_sync: { begun: stamp(bookmark?.begun), ended: stamp(bookmark?.ended), message: bookmark?.message ?? null },
    last_done: stamp(bookmark?.lastDone),
    counts: bookmark?.counts ?? null,
    gaps: (bookmark?.gaps ?? []).map(({ from, to, reason, atLeast }) => ({ from: stamp(from), to: stamp(to), reason, at_least: atLeast ?? null })),
    more_gaps: bookmark?.moreGaps ?? 0
  }
}

function stamp(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString()
}

/** What fits 80 characters; json has the rest. */
const COLUMNS = ['source', 'state', 'last sync', 'read up to', 'lag'] as const
const METRICS = ['sessions', 'unreadable', 'gaps'] as const

async function writeTable(rows: readonly Status[], context: Context): Promise<void> {
  const fields = [
    ...COLUMNS.map(name => ({ name, type: 'dimension' as const })),
    ...METRICS.map(name => ({ name, type: 'metric' as const }))
  ]
  const data = rows.map(row => [
    row.source, row.state, ago(row.last_sync.begun), minute(row.watermark),
    row.lag_seconds === null ? null : duration(row.lag_seconds * 1000), row.sessions, row.counts?.deadLetters ?? 0, row.gaps.length + row.more_gaps
  ])
  await context.out.write(formatResult({ fields, data }, 'table', context.canvas), context.signal)
  for (const { source, last_sync: { message } } of rows) if (message !== null) context.say(`${source}: the last sync failed: ${message}`)
}

function ago(iso: string | null): string | null {
  return iso === null ? null : `${duration(Math.max(0, Date.now() - Date.parse(iso)))} ago`
}

function minute(iso: string | null): string | null {
  return iso === null ? null : `${iso.slice(0, 16).replace('T', ' ')}Z`
}
