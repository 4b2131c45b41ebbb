/** Files that are read from their end. */
import { open } from 'node:fs/promises'
import { FormatFault } from './format-fault.js'

/** What can be read at random only, but comes as a stream, is held in memory up to this size. */
export const MAX_HELD_BYTES = 512 * 2 ** 20

export interface RandomAccess {
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
  close(): Promise<void>
}

export async function openAccess(path: string): Promise<RandomAccess> {
  const file = await open(path)
  const { size } = await file.stat()
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (start < 0 || end > size || end < start) throw new FormatFault(`bytes ${start} to ${end} are asked for, the file has ${size}`)
      const buffer = new ArrayBuffer(end - start)
      const { bytesRead } = await file.read(new Uint8Array(buffer), 0, end - start, start)
      if (bytesRead < end - start) throw new FormatFault(`the file ends at byte ${start + bytesRead}; it has become shorter while it was read`)
      return buffer
    },
    close: () => file.close()
  }
}

/** Throws FormatFault over `MAX_HELD_BYTES`. */
export async function holdAll(chunks: AsyncIterable<Uint8Array>): Promise<RandomAccess> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MAX_HELD_BYTES) {
      throw new FormatFault(`more than ${MAX_HELD_BYTES.toLocaleString('en-US')} bytes that must be read from their end; write them to a file, unpacked`)
    }
    pieces.push(chunk)
  }
  const { buffer, byteOffset } = Buffer.concat(pieces)
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      if (start < 0 || end > size || end < start) throw new FormatFault(`bytes ${start} to ${end} are asked for, there are ${size}`)
      return (buffer as ArrayBuffer).slice(byteOffset + start, byteOffset + end)
    },
    close: async () => undefined
  }
}
