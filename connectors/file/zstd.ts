/**
 * Zstandard (RFC 8878), block by block: a block unpacks to 128 KiB at most, so memory stays flat whatever the data say.
 * The frame around the blocks is read and its checksum verified here, the blocks are unpacked by fzstd.
 */
import { Decompress } from 'fzstd'
import { ByteReader } from './byte-reader.js'
import { FormatFault } from './format-fault.js'
import { Xxh64 } from './xxh64.js'

/** What `zstd -d` allows for without being asked (RFC 8878 asks for 8 MiB at least). The window is held in memory. */
export const MAX_WINDOW_BYTES = 128 * 2 ** 20
const MAX_BLOCK_BYTES = 128 * 1024
const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a5
/** Bytes of the content size by its flag; a single segment has one at least. */
const SIZE_BYTES = [0, 2, 4, 8]
const DICTIONARY_BYTES = [0, 1, 2, 4]

/** Throws FormatFault, naming the offset, for data that are damaged, cut off or need more memory than `MAX_WINDOW_BYTES`. */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const reader = new ByteReader(chunks)
  try {
    for (;;) {
      const magic = await reader.take(4)
      if (magic.length === 0) return
      const number = viewOf(whole(reader, magic, 4)).getUint32(0, true)
      if (number >>> 4 === SKIPPABLE) await skipFrame(reader)
      else if (number === FRAME) yield* readFrame(reader, magic)
      else throw damaged(reader, 'no frame begins here')
    }
  } finally {
    await reader.close()
  }
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const size = viewOf(await take(reader, 4)).getUint32(0, true)
  if (!await reader.skip(size)) throw cutOff(reader)
}

async function* readFrame(reader: ByteReader, magic: Uint8Array): AsyncGenerator<Buffer> {
  const { header, hasChecksum } = await readHeader(reader)
  const unpacked: Buffer[] = []
  const decoder = new Decompress(piece => void unpacked.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length)))
  const hash = hasChecksum ? new Xxh64() : null
  decoder.push(Buffer.concat([magic, header]))
  for (let isLast = false; !isLast;) {
    const start = await take(reader, 3)
    const bits = start[0]! | start[1]! << 8 | start[2]! << 16
    isLast = (bits & 1) === 1
    const type = bits >> 1 & 3
    const size = bits >> 3
    if (type === 3 || size > MAX_BLOCK_BYTES) throw damaged(reader, 'a block of an unknown kind')
    const body = await take(reader, type === 1 ? 1 : size)
    const end = isLast && hasChecksum ? await take(reader, 4) : new Uint8Array(0)
    try {
      decoder.push(Buffer.concat([start, body, end]), isLast)
    } catch (error) {
      throw damaged(reader, error instanceof Error ? error.message : String(error))
    }
    for (const piece of unpacked) hash?.update(piece)
    yield* unpacked.splice(0)
    if (end.length > 0 && viewOf(end).getUint32(0, true) !== Number(BigInt.asUintN(32, hash!.digest()))) throw damaged(reader, 'its checksum is another')
  }
}

async function readHeader(reader: ByteReader): Promise<{ header: Uint8Array, hasChecksum: boolean }> {
  const descriptor = await take(reader, 1)
  const bits = descriptor[0]!
  const isSingle = (bits & 0x20) !== 0
  const sizeBytes = Math.max(SIZE_BYTES[bits >> 6]!, isSingle ? 1 : 0)
  const dictionaryBytes = DICTIONARY_BYTES[bits & 3]!
  const rest = await take(reader, (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes)
  if (rest.subarray(isSingle ? 0 : 1, (isSingle ? 0 : 1) + dictionaryBytes).some(byte => byte !== 0)) {
    throw new FormatFault('the Zstandard data need a dictionary; pack them without one')
  }
  const window = isSingle ? littleEndian(rest.subarray(rest.length - sizeBytes)) : 2 ** (10 + (rest[0]! >> 3)) * (1 + (rest[0]! & 7) / 8)
  if (window > MAX_WINDOW_BYTES) {
    throw new FormatFault(`the Zstandard data need a window of ${window.toLocaleString('en-US')} bytes; the limit is `
      + `${MAX_WINDOW_BYTES.toLocaleString('en-US')}: pack them without --long or --ultra`)
  }
  return { header: Buffer.concat([descriptor, rest]), hasChecksum: (bits & 4) !== 0 }
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0)
}

async function take(reader: ByteReader, bytes: number): Promise<Uint8Array> {
  return whole(reader, await reader.take(bytes), bytes)
}

function whole(reader: ByteReader, piece: Uint8Array, bytes: number): Uint8Array {
  if (piece.length < bytes) throw cutOff(reader)
  return piece
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function cutOff(reader: ByteReader): FormatFault {
  return new FormatFault(`the Zstandard data are cut off at byte ${reader.offset.toLocaleString('en-US')}; copy or write the file again`)
}

function damaged(reader: ByteReader, why: string): FormatFault {
  return new FormatFault(`the Zstandard data are damaged before byte ${reader.offset.toLocaleString('en-US')} (${why}); copy or write the file again`)
}
