/** LZ4 frames (lz4_Frame_format.md 1.6.4), which Feather files are packed with by default. Checksums are not verified. */

const MAGIC = 0x184d2204
const HAS_CONTENT_SIZE = 0x08
const HAS_DICTIONARY = 0x01
const BLOCK_CHECKSUM = 0x10
const STORED = 0x80000000
const MIN_MATCH = 4

/** Unpacks one frame into exactly `length` bytes. Throws Error for anything else. */
export function unpackLz4Frame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.length)
  if (input.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error('no LZ4 frame')
  const flags = input[4]!
  if (flags >> 6 !== 1 || (flags & HAS_DICTIONARY) !== 0) throw new Error('an LZ4 frame of an unknown kind')
  const output = new Uint8Array(length)
  let at = 6 + ((flags & HAS_CONTENT_SIZE) !== 0 ? 8 : 0) + 1
  let filled = 0
  for (;;) {
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) break
    const size = word % STORED
    if (at + size > input.length) throw new Error('an LZ4 block that is cut off')
    const block = input.subarray(at, at + size)
    if (word >= STORED) {
      output.set(block, filled)
      filled += size
    } else filled = unpackBlock(block, output, filled)
    at += size + ((flags & BLOCK_CHECKSUM) !== 0 ? 4 : 0)
  }
  if (filled !== length) throw new Error(`${filled} bytes in an LZ4 frame of ${length}`)
  return output
}

/** Blocks may refer to those before them: all share one output. @returns where the output goes on */
function unpackBlock(input: Uint8Array, output: Uint8Array, start: number): number {
  let at = 0
  let filled = start
  const extended = (length: number): number => {
    if (length < 15) return length
    let sum = length
    for (let byte = 255; byte === 255; sum += byte) {
      if (at >= input.length) throw new Error('an LZ4 length that is cut off')
      byte = input[at++]!
    }
    return sum
  }
  while (at < input.length) {
    const token = input[at++]!
    const literals = extended(token >> 4)
    if (at + literals > input.length || filled + literals > output.length) throw new Error('LZ4 literals beyond the end')
    output.set(input.subarray(at, at + literals), filled)
    at += literals
    filled += literals
    if (at >= input.length) break
    if (at + 2 > input.length) throw new Error('an LZ4 offset that is cut off')
    const distance = input[at]! | input[at + 1]! << 8
    at += 2
    const match = extended(token & 15) + MIN_MATCH
    if (distance === 0 || distance > filled || filled + match > output.length) throw new Error('an LZ4 match out of range')
    // byte by byte: a match may overlap what it writes
    for (let from = filled - distance, end = filled + match; filled < end;) output[filled++] = output[from++]!
  }
  return filled
}
