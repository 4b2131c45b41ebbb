/** What is stored of a source between two readings: whose state it is, the state itself, and what `status` tells. */
import { SourceError } from './errors.js'
import { arrayOf, isRecord, numberOf } from './record/fields.js'
import type { Gap, Source, SourceReport } from './source.js'

export const BOOKMARK_FORMAT = 'sessionql-bookmark'
export const BOOKMARK_VERSION = 1
/** More gaps than anybody looks at; those left out are counted. */
export const MAX_KEPT_GAPS = 200
/** Enough of an error to act on. */
const MAX_MESSAGE = 500

export interface BookmarkCounts {
  readonly syncs: number
  readonly requests: number
  readonly retries: number
  readonly rows: number
  readonly duplicates: number
  readonly deadLetters: number
}

/** Times in epoch ms. Plain JSON. */
export interface Bookmark {
  readonly format: typeof BOOKMARK_FORMAT
  readonly version: typeof BOOKMARK_VERSION
  /** Null for a state of an earlier version, which did not say. */
  readonly type: string | null
  readonly account: string | null
  readonly scope: string | null
  /** The connector's own; undefined before its first batch. */
  readonly state?: unknown
  readonly watermark: number | null
  /** Of the latest reading; `ending` null while it runs, and after it was cut off. */
  readonly begun: number | null
  readonly ended: number | null
  readonly ending: 'done' | 'failed' | null
  readonly message: string | null
  /** When the last reading that came to its end began. */
  readonly lastDone: number | null
  /** Over all readings. */
  readonly counts: BookmarkCounts
  readonly gaps: readonly Gap[]
  readonly moreGaps: number
}

const NOTHING: Bookmark = {
  format: BOOKMARK_FORMAT, version: BOOKMARK_VERSION, type: null, account: null, scope: null, watermark: null,
  begun: null, ended: null, ending: null, message: null, lastDone: null,
  counts: { syncs: 0, requests: 0, retries: 0, rows: 0, duplicates: 0, deadLetters: 0 }, gaps: [], moreGaps: 0
}

/**
 * The stored value as a bookmark. What is none is the bare state of a connector, which is what versions before bookmarks stored.
 * Throws SourceError invalid_state for a bookmark of a later version.
 */
export function readBookmark(source: string, stored: unknown): Bookmark {
  if (!isRecord(stored) || stored['format'] !== BOOKMARK_FORMAT) return stored === undefined || stored === null ? NOTHING : { ...NOTHING, state: stored }
  const { version } = stored
  if (version === BOOKMARK_VERSION) return stored as unknown as Bookmark
  throw new SourceError('invalid_state', source, `the stored state has version ${JSON.stringify(version)}, this sessionql knows ${BOOKMARK_VERSION}; `
    + 'use the version that wrote it or a later one, or read from the beginning (sync --fresh).')
}

/**
 * The connector's state where it is one of this source; undefined where another scope was read, which begins anew.
 * Throws SourceError invalid_state where it belongs to another system or account: the sessions of both would share one name.
 */
export function stateFor(source: Source, bookmark: Bookmark): unknown {
  const { type, account, scope } = bookmark
  const advice = 'give this source another name, or read it from the beginning under this one (sync --fresh).'
  if (type !== null && type !== source.type) {
    throw new SourceError('invalid_state', source.name, `the data folder has read it as a source of type ${type}, now it is ${source.type}; ${advice}`)
  }
  if (account !== null && source.account !== undefined && account !== source.account) {
    throw new SourceError('invalid_state', source.name, `the data folder has read it from ${account}, now it is ${source.account}; ${advice}`)
  }
  return scope === null || scope === (source.scope ?? '') ? bookmark.state : undefined
}

/** What one reading adds to the bookmark that it began with. */
export function bookmarkAfter(
  before: Bookmark, source: Source, report: SourceReport, reading: Pick<Bookmark, 'state' | 'begun' | 'ended' | 'ending' | 'message'>
): Bookmark {
  const { counts } = before
  const { kept, more } = mergeGaps(before.gaps, report.suspectedGaps)
  const watermark = reading.state === undefined || reading.state === null ? null : source.watermark?.(reading.state) ?? null
  return {
    ...before,
    type: source.type,
    account: source.account ?? null,
    scope: source.scope ?? '',
    ...reading,
    watermark,
    message: reading.message?.slice(0, MAX_MESSAGE) ?? null,
    lastDone: reading.ending === 'done' ? reading.begun : before.lastDone,
    counts: {
      syncs: counts.syncs + 1,
      requests: counts.requests + report.requests,
      retries: counts.retries + report.retries,
      rows: counts.rows + report.rows,
      duplicates: counts.duplicates + report.duplicates,
      deadLetters: counts.deadLetters + report.deadLetters
    },
    gaps: kept,
    moreGaps: before.moreGaps + more
  }
}

/** Gaps of one reason that touch become one; the newest are kept. */
export function mergeGaps(before: readonly Gap[], found: readonly Gap[]): { kept: readonly Gap[]; more: number } {
  if (found.length === 0) return { kept: before, more: 0 }
  const byReason = new Map<string, Gap[]>()
  for (const gap of [...before, ...found]) byReason.set(gap.reason, [...byReason.get(gap.reason) ?? [], gap])
  const merged = [...byReason.values()].flatMap(joinTouching).sort((a, b) => a.from - b.from)
  return { kept: merged.slice(-MAX_KEPT_GAPS), more: Math.max(0, merged.length - MAX_KEPT_GAPS) }
}

function joinTouching(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = []
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (!last || gap.from > last.to) joined.push(gap)
    else joined[joined.length - 1] = wider(last, gap)
  }
  return joined
}

/** The same range read twice lacks the same sessions: the larger number, not the sum. */
function wider(a: Gap, b: Gap): Gap {
  const known = [a.atLeast, b.atLeast].filter(count => count !== undefined)
  return { from: a.from, to: Math.max(a.to, b.to), reason: a.reason, ...known.length > 0 && { atLeast: Math.max(...known) } }
}

/** What `status` shows of a stored value that may be anything. */
export function isBookmark(stored: unknown): stored is Bookmark {
  return isRecord(stored) && stored['format'] === BOOKMARK_FORMAT && stored['version'] === BOOKMARK_VERSION
    && arrayOf(stored['gaps']) !== null && isRecord(stored['counts']) && numberOf(stored['counts']['rows']) !== null
}
