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
/** Larger batches become several records, so that reading back needs little memory. In UTF-16 units of JSON: at most 3 MiB of UTF-8. */
const RECORD_UNITS = 1 << 20

/** The records of a batch, ready to be written. The state stands in the last, so that it never comes before its sessions. */
export function encodeBatch(batch: StoredBatch): Buffer[] {
  const records: Buffer[] = []
  let lines: string[] = []
  let units = 0
  for (const session of batch.sessions) {
    const line = encodeSession(session)
    if (lines.length > 0 && units + line.length > RECORD_UNITS) {
      records.push(encodeRecord({ source: batch.source }, lines))
      lines = []
      units = 0
    }
    lines.push(line)
    units += line.length
  }
  if (lines.length > 0 || batch.state !== undefined) records.push(encodeRecord({ source: batch.source, state: batch.state }, lines))
  return records
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

function encodeRecord(head: object, lines: readonly string[]): Buffer {
  const text = [JSON.stringify(head), ...lines].join('\n')
  const length = Buffer.byteLength(text)
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + length)
  record.write(text, RECORD_HEADER_BYTES)
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
