/** What has been read of files, so that the next reading takes only what is new. */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { arrayOf, isRecord } from '../record/fields.js'
import type { LinePosition } from './formats/lines.js'
import type { FoundFile } from './open.js'

/** States are stored with every batch: of more files than this there is none, and they are read as a whole each time. */
export const MAX_TRACKED_FILES = 10_000
/** Bytes at the beginning, and before the place where reading goes on, that tell whether it is the same file still. */
const PRINT_BYTES = 1_024
const PRINT_DIGITS = 16

/** Of one file that has been read to its end. */
export interface FileMark {
  readonly path: string
  readonly inode: string
  /** Bytes. */
  readonly size: number
  /** Epoch ms of its last change. */
  readonly modified: number
  /** Where a file of lines goes on: after its last line feed. Null for formats that cannot be gone on with. */
  readonly position: LinePosition | null
  /** Of the bytes around that place. */
  readonly print: string
  /** How often the name has passed to another file while it was followed: part of the keys of records without an id. */
  readonly turn: number
}

/** Null where nothing is tracked. */
export type FileState = { readonly files: readonly FileMark[] } | null

/** Empty for what is none. */
export function marksOf(state: unknown): Map<string, FileMark> {
  const files = isRecord(state) ? arrayOf(state['files']) ?? [] : []
  return new Map((files as FileMark[]).filter(isMark).map(mark => [mark.path, mark]))
}

function isMark(mark: unknown): mark is FileMark {
  return isRecord(mark) && typeof mark['path'] === 'string' && typeof mark['size'] === 'number' && typeof mark['print'] === 'string'
}

export function stateOf(marks: ReadonlyMap<string, FileMark>): FileState {
  return marks.size > MAX_TRACKED_FILES ? null : { files: [...marks.values()] }
}

/** What of a file is to be read: nothing, all of it, or what has come since. */
export async function newPart(file: FoundFile, mark: FileMark | undefined): Promise<'nothing' | 'all' | LinePosition> {
  if (mark === undefined) return 'all'
  if (mark.inode === file.inode && mark.size === file.size && mark.modified === file.modified) return 'nothing'
  const { position } = mark
  if (position === null || position.offset === 0 || file.size < Math.max(mark.size, position.offset)) return 'all'
  return await printOf(file.path, position.offset) === mark.print ? position : 'all'
}

export async function markOf(file: FoundFile, position: LinePosition | null, turn = 0): Promise<FileMark> {
  const { path, inode, size, modified } = file
  return { path, inode, size, modified, position, print: position === null ? '' : await printOf(path, position.offset), turn }
}

async function printOf(path: string, offset: number): Promise<string> {
  const file = await open(path)
  try {
    return await printAt(file, offset)
  } finally {
    await file.close()
  }
}

/** '' where the file is shorter than that. */
export async function printAt(file: FileHandle, offset: number): Promise<string> {
  const length = Math.min(PRINT_BYTES, offset)
  const bytes = Buffer.alloc(2 * length)
  const head = await file.read(bytes, 0, length, 0)
  const tail = await file.read(bytes, length, length, offset - length)
  if (head.bytesRead + tail.bytesRead < bytes.length) return ''
  return createHash('sha256').update(`${offset}:`).update(bytes).digest('hex').slice(0, PRINT_DIGITS)
}
