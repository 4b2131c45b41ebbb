/** Growing files of lines, for ever: as `tail -F` does, across rotation, truncation and files that are not there yet. */
import { open, type FileHandle } from 'node:fs/promises'
import { systemClock } from '../http/clock.js'
import { errorCode } from './error-code.js'
import { marksOf, newPart, printAt, stateOf, type FileMark, type FileState } from './file-state.js'
import type { LinePosition } from './formats/lines.js'
import { readNdjson } from './formats/ndjson.js'
import { findFiles, type FoundFile } from './open.js'
import type { SessionSink } from './session-sink.js'

/** How often is looked for new lines: a person does not notice it, and a look costs one stat per file. */
const POLL_MS = 200
const CHUNK_BYTES = 256 * 1024
/** Sessions that are handed on before the end of what is there. */
const TURN_SESSIONS = 4_096
const START: LinePosition = { offset: 0, line: 1 }
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** One file that is held open, so that nothing of it is lost when its name passes to another. */
interface Followed {
  readonly path: string
  readonly handle: FileHandle
  readonly inode: string
  position: LinePosition
  turn: number
  /** Its size when it was last read. */
  seen: number
}

interface FollowOptions {
  readonly state?: unknown
  readonly signal?: AbortSignal | undefined
  /** Called whenever all that is there has been read and taken. */
  caughtUp(): void
}

/**
 * Fills `sink` and stops whenever something is to be handed on, with the state that stands for all before.
 * Ends by the signal alone, throwing its reason.
 */
export async function* followFiles(
  pattern: string, sink: SessionSink, { state, signal, caughtUp }: FollowOptions
): AsyncGenerator<FileState> {
  const marks = marksOf(state)
  const followed = new Map<string, Followed>()
  try {
    for (;;) {
      for (const file of await findFiles(pattern)) {
        for await (const _ of follow(file, followed, marks, sink)) {
          signal?.throwIfAborted()
          yield stateOf(marks)
        }
      }
      caughtUp()
      await systemClock.sleep(POLL_MS, signal)
    }
  } finally {
    for (const { handle } of followed.values()) await handle.close()
  }
}

async function* follow(found: FoundFile, followed: Map<string, Followed>, marks: Map<string, FileMark>, sink: SessionSink): AsyncGenerator<void> {
  let file = followed.get(found.path) ?? null
  if (file !== null && file.inode !== found.inode) {
    // renamed away: what it still got is read to its end, its last line included
    yield* readOn(file, marks, sink, false)
    await file.handle.close()
    followed.delete(file.path)
    const { path, turn } = file
    file = await openFollowed(path, START, turn + 1)
  } else if (file === null) {
    const mark = marks.get(found.path)
    const part = await newPart(found, mark)
    const isNew = part === 'all' || mark === undefined
    file = await openFollowed(found.path, isNew ? START : part === 'nothing' ? mark.position ?? START : part, isNew && mark !== undefined ? mark.turn + 1 : mark?.turn ?? 0)
  }
  if (file === null) return
  followed.set(file.path, file)
  const { size } = await file.handle.stat()
  if (size < file.position.offset) Object.assign(file, { position: START, turn: file.turn + 1, seen: 0 })
  if (size !== file.seen && size > file.position.offset) yield* readOn(file, marks, sink, true)
}

/** Null where it has gone again. */
async function openFollowed(path: string, position: LinePosition, turn: number): Promise<Followed | null> {
  try {
    const handle = await open(path)
    const { dev, ino } = await handle.stat()
    return { path, handle, inode: `${dev}:${ino}`, position, turn, seen: 0 }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

async function* readOn(file: Followed, marks: Map<string, FileMark>, sink: SessionSink, isGrowing: boolean): AsyncGenerator<void> {
  const { path, handle } = file
  sink.open(file.turn === 0 ? path : `${path}~${file.turn}`)
  if (file.position.offset === 0 && await hasBom(handle)) file.position = { offset: BOM.length, line: 1 }
  const from = file.position
  const reached = (position: LinePosition) => void (file.position = position)
  for await (const _ of readNdjson(chunksOf(file), sink, undefined, { from, isGrowing, reached })) {
    if (sink.size < TURN_SESSIONS) continue
    // the position follows the lines once they are taken; until then the mark stands for those before
    yield
  }
  const { offset } = file.position
  const { mtimeMs } = await handle.stat()
  marks.set(path, {
    path, inode: file.inode, size: offset, modified: mtimeMs, position: file.position, print: await printAt(handle, offset), turn: file.turn
  })
  yield
}

async function hasBom(handle: FileHandle): Promise<boolean> {
  const head = Buffer.alloc(BOM.length)
  await handle.read(head, 0, BOM.length, 0)
  return head.equals(BOM)
}

async function* chunksOf(file: Followed): AsyncGenerator<Buffer> {
  let { offset } = file.position
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await file.handle.read(chunk, 0, CHUNK_BYTES, offset)
    if (bytesRead === 0) break
    offset += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
  file.seen = offset
}
