/** A data folder that another process writes, as frames: it is looked at again and again, and asked anew when something was stored. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readStanding } from '../dsl/dialect.js'
import type { AnyQueryInput, QueryResult } from '../dsl/input.js'
import type { Engine } from '../engine/engine.js'
import { frameBetween, type Frame } from '../engine/live/frame.js'

/** A look costs one stat a file; opening again costs reading what the log holds. */
const POLL_MS = 500

export interface FolderQuery {
  readonly path: string
  readonly query: AnyQueryInput
  /** The folder as it is at this moment. */
  open(): Promise<Engine>
  readonly signal: AbortSignal
}

/** Ends by the signal alone, throwing its reason. @throws as `Engine.open` and `query` do */
export async function* folderFrames({ path, query, open, signal }: FolderQuery): AsyncGenerator<Frame, never, void> {
  let before: QueryResult | null = null
  let engine: Engine | null = null
  let seen = ''
  let asked = ''
  try {
    for (;;) {
      const found = await filesOf(path)
      if (engine === null || found !== seen) {
        seen = found
        await engine?.close()
        engine = await open()
        asked = ''
      }
      // An interval such as the last hour moves although nothing was stored.
      const standing = JSON.stringify(readStanding(query, engine.columns))
      if (standing !== asked) {
        asked = standing
        const answer: QueryResult = await engine.query(query, { signal })
        const frame: Frame | null = before === null ? { type: 'result', ...answer } : frameBetween(before, answer)
        before = answer
        if (frame !== null) yield frame
      }
      await sleep(POLL_MS, undefined, { signal })
    }
  } finally {
    await engine?.close()
  }
}

/** Names and sizes: what is stored changes one of them. Times too, for a file that was replaced. */
async function filesOf(path: string): Promise<string> {
  const names = (await readdir(path).catch(() => [])).filter(name => !name.startsWith('lock'))
  const files = await Promise.all(names.sort().map(async name => {
    const found = await stat(join(path, name)).catch(() => null)
    return found === null ? name : `${name} ${found.size} ${found.mtimeMs}`
  }))
  return files.join('\n')
}
