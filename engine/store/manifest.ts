/**
 * The manifest: which files make up the table, and from which log on sessions are not in them yet. Replaced as a whole:
 * written beside, made durable, renamed. A line of magic, version, CRC-32 and length of what follows; then JSON.
 */
import { join } from 'node:path'
import { SessionqlError } from '../../dsl/errors.js'
import type { ColumnType } from '../../dsl/query.js'
import type { BlockRef } from './block-file.js'
import { crc32 } from './crc32.js'
import { MANIFEST_FILE, NEW_MANIFEST_FILE } from './file-names.js'
import type { FileSystem } from './file-system.js'
import { storeDamaged, storeFailed } from './store-error.js'

const MAGIC = 'sessionql-manifest '
const VERSION = 1
const HEADER = /^sessionql-manifest (\d+) ([0-9a-f]{8}) (\d+)\n/
/** Longer than any header line. */
const HEADER_BYTES = 64

/** A file of blocks: its name, its bytes and the checksum of its footer. */
export interface FileEntry {
  readonly file: string
  readonly bytes: number
  readonly check: number
}

export interface SegmentEntry extends FileEntry {
  readonly rows: number
  /** Starts of its first and last row, epoch ms. */
  readonly start: number
  readonly end: number
  /** Rows before this one do not count. */
  readonly from: number
  /** 0: it may overlap others in time. */
  readonly level: 0 | 1
  /** Where the file of deletions has its bits: one a row, in 32-bit words. */
  readonly deleted: BlockRef | null
}

export interface ChunkEntry extends FileEntry {
  readonly from: number
  readonly to: number
}

export interface ColumnEntry {
  readonly name: string
  readonly type: ColumnType
  readonly declared: boolean
  /** Of string and strings: the chunks of its dictionary, from code 1 on. */
  readonly dictionary: readonly ChunkEntry[] | null
}

export interface Manifest {
  /** The first log whose sessions are not in the segments. */
  readonly log: number
  /** Written with this, in ms since 1970. */
  readonly written: number
  readonly states: readonly (readonly [source: string, state: unknown])[]
  readonly columns: readonly ColumnEntry[]
  readonly segments: readonly SegmentEntry[]
  readonly deletions: FileEntry | null
}

/** null where the folder has none. */
export async function readManifest(files: FileSystem, folder: string): Promise<Manifest | null> {
  const path = join(folder, MANIFEST_FILE)
  let bytes: Buffer
  try {
    if (!(await files.list(folder)).includes(MANIFEST_FILE)) return null
    bytes = await readWhole(files, path)
  } catch (error) {
    throw storeFailed('read', path, error)
  }
  const header = HEADER.exec(bytes.toString('latin1', 0, HEADER_BYTES))
  if (header === null) throw storeDamaged(path, 0, `it does not begin with ${JSON.stringify(MAGIC)}, a version, a checksum and a length`)
  const body = bytes.subarray(header[0].length)
  if (Number(header[1]) !== VERSION && body.length === Number(header[3])) {
    throw new SessionqlError('store_failed', `${path} has format version ${header[1]}, this version of sessionql reads ${VERSION} only`)
  }
  if (Number(header[1]) !== VERSION || body.length !== Number(header[3])) {
    throw storeDamaged(path, Math.min(bytes.length, header[0].length + Number(header[3])), `${body.length} bytes follow its first line, which says ${header[3]}`)
  }
  if (crc32(body) !== Number.parseInt(header[2], 16)) throw storeDamaged(path, header[0].length, 'it does not match its checksum')
  return JSON.parse(body.toString()) as Manifest
}

/** Durable when it resolves. When it fails, the folder has this manifest or the one before it. */
export async function writeManifest(files: FileSystem, folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, NEW_MANIFEST_FILE)
  const body = Buffer.from(JSON.stringify(manifest))
  const header = Buffer.from(`${MAGIC}${VERSION} ${crc32(body).toString(16).padStart(8, '0')} ${body.length}\n`)
  try {
    const file = await files.open(path, 'create')
    try {
      await file.write(Buffer.concat([header, body]), 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(path, join(folder, MANIFEST_FILE))
    await files.syncFolder(folder)
  } catch (error) {
    throw storeFailed('write', path, error)
  }
}

async function readWhole(files: FileSystem, path: string): Promise<Buffer> {
  const file = await files.open(path, 'read')
  try {
    const bytes = Buffer.alloc(await file.size())
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}
