/**
 * Copies of columns and lines into the memory of the kernels, and out of or into shared memory. There V8's own `set` copies a word at a time, or a
 * byte, since others may be writing, which takes twice as long as in memory of one thread, or ten times. Node's `Buffer.fill` copies both alike;
 * what is copied here is written by nobody.
 */
import type { Codes } from '../column/codes.js'
import { isShared } from '../column/memory.js'

type Fill = (this: Uint8Array, value: Uint8Array, start: number, end: number) => unknown

/** A call costs as much as copying about so many bytes a word at a time. */
const FEW = 4096

const fill = (globalThis as { Buffer?: { prototype: { fill: Fill } } }).Buffer?.prototype.fill

/** Copies `source` to byte `place` of `memory`, which is `own` in the elements of the source; a place is a multiple of their size. */
export function copyIn(source: Codes | Float64Array, own: Codes | Float64Array, memory: Uint8Array, place: number): void {
  const { byteLength } = source
  if (fill !== undefined && byteLength >= FEW && (isShared(source) || isShared(memory))) {
    fill.call(memory, bytesOf(source), place, place + byteLength)
  } else own.set(source, place / source.BYTES_PER_ELEMENT)
}

/** Copies `source`, a part of the memory of the kernels, to the elements of `into` from `at` on. */
export function copyOut(source: Codes | Float64Array, into: Codes | Float64Array, at: number): void {
  const { byteLength } = source
  if (fill !== undefined && byteLength >= FEW && (isShared(source) || isShared(into))) {
    const from = at * into.BYTES_PER_ELEMENT
    fill.call(bytesOf(into), bytesOf(source), from, from + byteLength)
  } else into.set(source, at)
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
