/** Where columns are: in memory of the one thread, or in memory that worker threads read too (engine/parallel/). Zeroed. */
export type Memory = (bytes: number) => ArrayBufferLike

export const ownMemory: Memory = bytes => new ArrayBuffer(bytes)

export const sharedMemory: Memory = bytes => new SharedArrayBuffer(bytes)

export function isShared({ buffer }: ArrayBufferView): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
