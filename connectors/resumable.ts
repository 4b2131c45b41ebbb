/** A source whose states are bookmarks: they know whose they are, and what became of each reading. */
import { bookmarkAfter, readBookmark, stateFor, type Bookmark } from './bookmark.js'
import { systemClock } from './http/clock.js'
import { newReport, type Batch, type ReadOptions, type Source } from './source.js'

/** Two clocks of well-kept machines differ by seconds; a day is a clock that was set wrong when the state was made, or is now. */
const MAX_AHEAD_MS = 86_400_000

const wrapped = new WeakSet<Source>()

/** Reading an interval moves no state. A reading that fails yields its bookmark before the error, so that `status` can tell of it. */
export function resumable(source: Source): Source {
  if (wrapped.has(source)) return source
  const outer: Source = {
    name: source.name,
    type: source.type,
    ...source.account !== undefined && { account: source.account },
    ...source.scope !== undefined && { scope: source.scope },
    describe: () => source.describe(),
    check: options => source.check(options),
    watermark: stored => readBookmark(source.name, stored).watermark,
    creates: stored => source.creates?.(stateFor(source, readBookmark(source.name, stored))) ?? 0,
    read: (options = {}) => options.interval ? readInterval(source, options) : readOn(source, options)
  }
  wrapped.add(outer)
  return outer
}

async function* readInterval(source: Source, options: ReadOptions): AsyncGenerator<Batch> {
  const { state: stored, ...rest } = options
  const state = stateFor(source, readBookmark(source.name, stored))
  for await (const batch of source.read({ ...rest, state })) yield { ...batch, state: stored }
}

async function* readOn(source: Source, options: ReadOptions): AsyncGenerator<Batch> {
  const { clock = systemClock, report = newReport() } = options
  const before = readBookmark(source.name, options.state)
  const begun = clock.now()
  let state = stateFor(source, before)
  const mark = (ending: Bookmark['ending'], message: string | null = null): Bookmark => {
    const ended = ending === null ? null : clock.now()
    const bookmark = bookmarkAfter(before, source, report, { ...state !== undefined && { state }, begun, ended, ending, message })
    report.watermark = bookmark.watermark
    return bookmark
  }
  const ahead = state === undefined || state === null ? null : source.watermark?.(state) ?? null
  if (ahead !== null && ahead > begun + MAX_AHEAD_MS) {
    report.warnings.push(`Everything up to ${new Date(ahead).toISOString()} counts as read, and by this machine's clock it is only `
      + `${new Date(begun).toISOString()}: nothing was read. Set the clock right, or read from the beginning (sync --fresh).`)
    return
  }
  try {
    for await (const batch of source.read({ ...options, state, report })) {
      state = batch.state
      yield { ...batch, state: mark(null) }
    }
  } catch (error) {
    if (!options.signal?.aborted) yield { sessions: [], state: mark('failed', error instanceof Error ? error.message : String(error)) }
    throw error
  }
  yield { sessions: [], state: mark('done') }
}
