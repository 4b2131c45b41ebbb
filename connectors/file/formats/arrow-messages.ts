/**
 * Arrow IPC (columnar format 1.5) as a stream of messages. The file form is the same stream with a magic word before and a footer
 * after it, so that it needs no random access.
 */
import { ByteReader } from '../byte-reader.js'
import { FormatFault } from '../format-fault.js'
import { parseMetadata, type ArrowMetadata } from './arrow-metadata.js'

/** A message is held in memory; writers make batches of 64 Ki rows by habit. */
export const MAX_MESSAGE_BYTES = 2 ** 30
const MAX_METADATA_BYTES = 2 ** 26
const FILE_MAGIC = 'ARROW1'
const CONTINUATION = 0xffffffff

export interface ArrowMessage extends Pick<ArrowMetadata, 'kind' | 'dictionary'> {
  /** The whole message, framed: what a reader takes. */
  readonly bytes: Uint8Array
  /** Where in the stream it begins. */
  readonly offset: number
}

/** Throws FormatFault for what is no Arrow, and where the stream ends inside of a message. */
export async function* arrowMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ArrowMessage> {
  const reader = new ByteReader(chunks)
  try {
    let start = await reader.take(8)
    if (Buffer.from(start.subarray(0, 6)).toString('latin1') === FILE_MAGIC) start = await reader.take(8)
    for (; ; start = await reader.take(8)) {
      if (start.length === 0) return
      const offset = reader.offset - start.length
      const view = viewOf(start)
      // the oldest writers put no continuation before the length
      const isFramed = start.length >= 4 && view.getUint32(0, true) === CONTINUATION
      if (start.length >= 4 && !isFramed && view.getInt32(0, true) === 0) return
      if (start.length < 8) throw cutOff(reader)
      const length = view.getInt32(isFramed ? 4 : 0, true)
      if (length === 0) return
      yield await readMessage(reader, start, isFramed ? length : length - 4, offset)
    }
  } finally {
    await reader.close()
  }
}

async function readMessage(reader: ByteReader, start: Uint8Array, rest: number, offset: number): Promise<ArrowMessage> {
  if (rest < 8 || rest > MAX_METADATA_BYTES) throw damaged(offset, `its metadata would be ${rest} bytes long`)
  const metadata = await reader.take(rest)
  if (metadata.length < rest) throw cutOff(reader)
  const isFramed = viewOf(start).getUint32(0, true) === CONTINUATION
  const head = Buffer.concat([start, metadata])
  const { kind, bodyLength, dictionary } = metadataOf(head.subarray(isFramed ? 8 : 4), offset)
  if (!(bodyLength >= 0 && bodyLength <= MAX_MESSAGE_BYTES)) {
    throw new FormatFault(`the Arrow message at byte ${offset} has ${bodyLength.toLocaleString('en-US')} bytes; the limit is `
      + `${MAX_MESSAGE_BYTES.toLocaleString('en-US')}: write smaller record batches`)
  }
  const body = await reader.take(bodyLength)
  if (body.length < bodyLength) throw cutOff(reader)
  // buffers are views of 8-byte items: both parts of a message are multiples of 8 long, and begin anew here
  return { kind, dictionary, offset, bytes: aligned(head, body) }
}

function aligned(head: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

function metadataOf(bytes: Uint8Array, offset: number): ArrowMetadata {
  try {
    return parseMetadata(bytes)
  } catch (error) {
    throw error instanceof RangeError ? damaged(offset, `its metadata are no flatbuffer of Arrow's (${error.message})`) : error
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function cutOff(reader: ByteReader): FormatFault {
  return new FormatFault(`the Arrow data are cut off at byte ${reader.offset.toLocaleString('en-US')}; copy or write the file again`)
}

function damaged(offset: number, why: string): FormatFault {
  return new FormatFault(`at byte ${offset.toLocaleString('en-US')} there is no Arrow message: ${why}; copy or write the file again`)
}
