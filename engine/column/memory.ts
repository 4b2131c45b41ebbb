/** Where columns are: in memory of the one thread, or in memory that worker threads read too (engine/parallel/). Zeroed. */
export type Memory = (bytes: number) => ArrayBufferLike

export const ownMemory: Memory = bytes => new ArrayBuffer(bytes)

export const sharedMemory: Memory = bytes => new SharedArrayBuffer(bytes)

export function isShared({ buffer }: ArrayBufferView): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

/** The array in `memory`; itself where that is the one of this thread. */
export function inMemory<A extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(array: A, memory: Memory): A {
  if (memory === ownMemory) return array
  const copy = new (array.constructor as new (buffer: ArrayBufferLike) => A)(memory(array.byteLength))
  copy.set(array)
  return copy
}
