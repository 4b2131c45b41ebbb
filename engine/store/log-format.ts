/**
 * A log file: a header line with magic and version, then records. A record is 12 bytes (little-endian: length of the payload,
 * CRC-32 of the payload, CRC-32 of these 8 bytes) and a payload. The first says where the log before it ends, `{"after":bytes}`;
 * the others are JSON lines: `{"source":…,"state":…}`, then one session each. Version 1 has no first record: it was the only log.
 * The check of the length itself tells a record that was cut short (the file ends before it does) from a changed length.
 */
import { SessionqlError } from '../../dsl/errors.js'
import type { Session } from '../session.js'
import { crc32 } from './crc32.js'
import type { StoredBatch } from './storage.js'

export const LOG_MAGIC = 'sessionql-log '
const VERSION = 2
export const LOG_HEADER = Buffer.from(`${LOG_MAGIC}${VERSION}\n`)
/** Of the folders that had one log and nothing else. */
export const FIRST_LOG_HEADER = Buffer.from(`${LOG_MAGIC}1\n`)
export const RECORD_HEADER_BYTES = 12
/** Larger batches become several records, so that reading back needs little memory. A longer line is a record of its own. */
const RECORD_BYTES = 1 << 20
/** Short lines are encoded together. In UTF-16 units. */
const TEXT_UNITS = 1 << 16
const LINE_FEED = 10

/** The records of a batch, ready to be written. The state stands in the last, so that it never comes before its sessions. */
export function encodeBatch({ source, sessions, lines = [], state }: StoredBatch): Buffer[] {
  const records: Buffer[] = []
  let pieces: Uint8Array[] = []
  let bytes = 0
  for (const piece of piecesOf(sessions, lines)) {
    if (pieces.length > 0 && bytes + piece.length > RECORD_BYTES) {
      records.push(encodeRecord({ source }, pieces))
      pieces = []
      bytes = 0
    }
    pieces.push(piece)
    bytes += piece.length
  }
  if (pieces.length > 0 || state !== undefined) records.push(encodeRecord({ source, state }, pieces))
  return records
}

/** One or more whole lines each, in their order. */
function* piecesOf(sessions: readonly Session[], lines: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  let text: string[] = []
  let units = 0
  for (const session of sessions) {
    const line = encodeSession(session)
    text.push(line)
    units += line.length
    if (units < TEXT_UNITS) continue
    yield Buffer.from(text.join('\n'))
    text = []
    units = 0
  }
  if (text.length > 0) yield Buffer.from(text.join('\n'))
  for (const block of lines) {
    for (let from = 0; from < block.length;) {
      const end = lineEnd(block, from)
      yield block.subarray(from, end)
      from = end + 1
    }
  }
}

/** Where the last line ends that fits a record with those from `from` on; the first one is taken whatever its length. */
function lineEnd(block: Uint8Array, from: number): number {
  if (block.length - from <= RECORD_BYTES) return block.length
  const fitting = block.lastIndexOf(LINE_FEED, from + RECORD_BYTES)
  const end = fitting > from ? fitting : block.indexOf(LINE_FEED, from)
  return end < 0 ? block.length : end
}

function encodeSession(session: Session): string {
  try {
    return JSON.stringify(session)
  } catch (error) {
    throw new SessionqlError('invalid_session', `session ${JSON.stringify(String(session.session_id))} cannot be stored as JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** What a new log begins with. `after`: the bytes of the log before it that were acknowledged; null where there is none before it. */
export function encodeLogStart(after: number | null): Buffer {
  return Buffer.concat([LOG_HEADER, encodeRecord({ after }, [])])
}

function encodeRecord(head: object, pieces: readonly Uint8Array[]): Buffer {
  const first = Buffer.from(JSON.stringify(head))
  const length = pieces.reduce((sum, piece) => sum + 1 + piece.length, first.length)
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + length)
  let at = RECORD_HEADER_BYTES + first.copy(record, RECORD_HEADER_BYTES)
  for (const piece of pieces) {
    record[at++] = LINE_FEED
    record.set(piece, at)
    at += piece.length
  }
  record.writeUInt32LE(length, 0)
  record.writeUInt32LE(crc32(record.subarray(RECORD_HEADER_BYTES)), 4)
  record.writeUInt32LE(crc32(record.subarray(0, 8)), 8)
  return record
}

/** Length and checksum of the payload that follows; null where the header does not match its own checksum. */
export function decodeHeader(header: Buffer): { length: number, checksum: number } | null {
  if (crc32(header.subarray(0, 8)) !== header.readUInt32LE(8)) return null
  return { length: header.readUInt32LE(0), checksum: header.readUInt32LE(4) }
}

/** The `after` of a payload that matches its checksum. */
export function decodeLogStart(payload: Buffer): number | null {
  return (JSON.parse(payload.toString()) as { after: number | null }).after
}

/** The batch of a payload that matches its checksum. */
export function decodePayload(payload: Buffer): StoredBatch {
  const [head, ...lines] = payload.toString().split('\n')
  const { source, state } = JSON.parse(head) as { source: string, state?: unknown }
  return { source, sessions: lines.map(line => JSON.parse(line) as Session), state }
}
