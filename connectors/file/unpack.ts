/** Packed files by their first bytes. */
import { Readable } from 'node:stream'
import { FormatFault } from './format-fault.js'

/** Bytes unpacked at a time. */
const CHUNK_BYTES = 256 * 1024
/** Sessions pack to a tenth or a twentieth; what unpacks to more than this many times its size is made to harm. */
const MAX_EXPANSION = 500
/** Up to here any expansion is harmless. */
const FREE_BYTES = 2 ** 30

const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
/** The last four bits are free (RFC 8878 3.1.2). */
const SKIPPABLE = [0x2a, 0x4d, 0x18]

/** Undefined where the first bytes are of neither gzip nor Zstandard. The result throws FormatFault for damaged data. */
export function unpackerOf(head: Uint8Array): ((chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>) | undefined {
  const isZstd = startsWith(head, ZSTD) || (head[0] !== undefined && head[0] >> 4 === 5 && startsWith(head.subarray(1), SKIPPABLE))
  const unpack = isZstd ? unzstd : startsWith(head, GZIP) ? gunzip : undefined
  return unpack && (chunks => {
    const packed = { bytes: 0 }
    return bounded(unpack(counted(chunks, packed)), packed)
  })
}

export function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte)
}

async function* counted(chunks: AsyncIterable<Buffer>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    packed.bytes += chunk.length
    yield chunk
  }
}

async function* bounded(chunks: AsyncIterable<Buffer>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > FREE_BYTES && bytes > MAX_EXPANSION * packed.bytes) {
      throw new FormatFault(`${packed.bytes.toLocaleString('en-US')} packed bytes have become ${bytes.toLocaleString('en-US')}: `
        + `more than ${MAX_EXPANSION} times as many; unpack the file by hand if that is meant`)
    }
    yield chunk
  }
}

/** What unpacks is loaded where something is packed. */
async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* (await import('./zstd.js')).unzstd(chunks)
}

/** All members, one after the other. */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { createGunzip } = await import('node:zlib')
  const input = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK_BYTES })
  const output = createGunzip({ chunkSize: CHUNK_BYTES })
  let failure: unknown = null
  input.on('error', error => {
    failure = error
    output.destroy(error)
  })
  input.pipe(output)
  try {
    yield* output as AsyncIterable<Buffer>
  } catch (error) {
    if (error === failure) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatFault(`the gzip data are damaged or cut off at about byte ${output.bytesWritten.toLocaleString('en-US')} (${reason})`, { cause: error })
  } finally {
    input.destroy()
    output.destroy()
  }
}
