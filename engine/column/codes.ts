/** Codes of a dictionary, in the narrowest width that holds them. */
import { ownMemory, type Memory } from './memory.js'

export type Codes = Uint8Array | Uint16Array | Uint32Array

/** An empty array of the narrowest type that holds codes below `size`. */
export function codesFor(size: number, length: number, memory: Memory = ownMemory): Codes {
  if (size <= 0x100) return new Uint8Array(memory(length))
  if (size <= 0x10000) return new Uint16Array(memory(length * 2))
  return new Uint32Array(memory(length * 4))
}
