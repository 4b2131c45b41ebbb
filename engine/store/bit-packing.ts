/**
 * Whole numbers in as few bits as the largest of a block needs: value i of a block stands at bit i * width, lowest bit first,
 * over little-endian words. Every block starts at a byte.
 */

/** Values of a block: one large value costs no more than its block. */
export const BLOCK_VALUES = 4096
/** A read of eight bytes at the last value stays inside. */
const PADDING = 8

/** A copy of the bits with room behind them. */
let scratch = new Uint8Array(1 << 16)

export type Unsigned = Uint8Array | Uint16Array | Uint32Array

export interface Packed {
  /** Bits a value in each block, 0 … 32. */
  readonly widths: Uint8Array
  readonly bytes: Uint8Array
}

export function pack(values: Unsigned): Packed {
  const blocks = Math.ceil(values.length / BLOCK_VALUES)
  const widths = new Uint8Array(blocks)
  for (let block = 0; block < blocks; block++) {
    let all = 0
    const end = Math.min(values.length, (block + 1) * BLOCK_VALUES)
    for (let i = block * BLOCK_VALUES; i < end; i++) all |= values[i]
    widths[block] = 32 - Math.clz32(all)
  }
  const bytes = new Uint8Array(packedBytes(widths, values.length) + PADDING)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let block = 0; block < blocks; block++) {
    const from = block * BLOCK_VALUES
    const count = Math.min(BLOCK_VALUES, values.length - from)
    packBlock(values, from, count, widths[block], view, at)
    at += blockBytes(widths[block], count)
  }
  return { widths, bytes: bytes.subarray(0, at) }
}

/** The bytes of `length` values. */
export function packedBytes(widths: Uint8Array, length: number): number {
  let bytes = 0
  for (let block = 0; block < widths.length; block++) bytes += blockBytes(widths[block], Math.min(BLOCK_VALUES, length - block * BLOCK_VALUES))
  return bytes
}

/** Fills `into`, whose type must hold the values. */
export function unpack({ widths, bytes }: Packed, into: Unsigned): void {
  if (scratch.length < bytes.length + PADDING) scratch = new Uint8Array(2 * bytes.length + PADDING)
  scratch.set(bytes)
  const view = new DataView(scratch.buffer)
  let at = 0
  for (let block = 0; block < widths.length; block++) {
    const from = block * BLOCK_VALUES
    const count = Math.min(BLOCK_VALUES, into.length - from)
    unpackBlock(view, at, widths[block], into, from, count)
    at += blockBytes(widths[block], count)
  }
}

function blockBytes(width: number, count: number): number {
  return (width * count + 7) >>> 3
}

function packBlock(values: Unsigned, from: number, count: number, width: number, view: DataView, at: number): void {
  if (width === 0) return
  let word = 0
  let used = 0
  for (let i = 0; i < count; i++) {
    const value = values[from + i]
    word |= value << used
    used += width
    if (used < 32) continue
    view.setUint32(at, word, true)
    at += 4
    used -= 32
    // The bits of the value that did not fit; a shift by 32 would be one by 0.
    word = used === 0 ? 0 : value >>> (width - used)
  }
  for (; used > 0; used -= 8, word >>>= 8) view.setUint8(at++, word)
}

function unpackBlock(view: DataView, at: number, width: number, into: Unsigned, from: number, count: number): void {
  if (width === 0) {
    into.fill(0, from, from + count)
    return
  }
  const mask = width === 32 ? -1 : (1 << width) - 1
  if (width <= 25) {
    for (let i = 0, bit = 0; i < count; i++, bit += width) into[from + i] = view.getUint32(at + (bit >>> 3), true) >>> (bit & 7) & mask
    return
  }
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const shift = bit & 7
    const low = view.getUint32(at + (bit >>> 3), true) >>> shift
    const high = shift === 0 ? 0 : view.getUint8(at + (bit >>> 3) + 4) << (32 - shift)
    into[from + i] = (low | high) & mask
  }
}
