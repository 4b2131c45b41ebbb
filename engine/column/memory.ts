/**
 * Where columns are: in memory of the one thread, or in memory that worker threads read too (engine/parallel/). Gives so many zeroed bytes,
 * from a multiple of eight on.
 */
export type Memory = (bytes: number) => Uint8Array

export const ownMemory: Memory = bytes => new Uint8Array(new ArrayBuffer(bytes))

export const sharedMemory: Memory = bytes => new Uint8Array(new SharedArrayBuffer(bytes))

const PAGE = 65_536
/** As much as the columns of a full segment take, or more, of which only what is written to is there. */
const PASSING_BYTES = 2 ** 24
const ALIGNMENT = 8

/**
 * For columns of this thread that come and go together, many of them: a WebAssembly memory goes back to the system as soon as V8 collects it, while
 * memory of many buffers stays with the process, for others of about their size. Own memory where the host has none of the kind.
 */
export function passingMemory(): Memory {
  let buffer: ArrayBufferLike = new ArrayBuffer(0)
  let used = 0
  return bytes => {
    if (used + bytes > buffer.byteLength) {
      const opened = openPassing(Math.max(PASSING_BYTES, bytes))
      if (opened === null) return ownMemory(bytes)
      buffer = opened
      used = 0
    }
    const at = used
    used = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT
    return new Uint8Array(buffer, at, bytes)
  }
}

function openPassing(bytes: number): ArrayBufferLike | null {
  if (typeof WebAssembly === 'undefined') return null
  const pages = Math.ceil(bytes / PAGE)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

export function wordsIn(memory: Memory, length: number): Uint32Array {
  const { buffer, byteOffset } = memory(length * 4)
  return new Uint32Array(buffer, byteOffset, length)
}

export function doublesIn(memory: Memory, length: number): Float64Array {
  const { buffer, byteOffset } = memory(length * 8)
  return new Float64Array(buffer, byteOffset, length)
}

export function isShared({ buffer }: ArrayBufferView): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

/** The array in `memory`; itself where that is the one of this thread. */
export function inMemory<A extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(array: A, memory: Memory): A {
  if (memory === ownMemory) return array
  const { buffer, byteOffset } = memory(array.byteLength)
  const copy = new (array.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => A)(buffer, byteOffset, array.length)
  copy.set(array)
  return copy
}
