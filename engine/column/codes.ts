/** Codes of a dictionary, in the narrowest width that holds them. */
import { ownMemory, wordsIn, type Memory } from './memory.js'

export type Codes = Uint8Array | Uint16Array | Uint32Array

/** An empty array of the narrowest type that holds codes below `size`. */
export function codesFor(size: number, length: number, memory: Memory = ownMemory): Codes {
  if (size <= 0x100) return memory(length)
  if (size > 0x10000) return wordsIn(memory, length)
  const { buffer, byteOffset } = memory(length * 2)
  return new Uint16Array(buffer, byteOffset, length)
}
