/** Registers of finished sketches for the next ones. They are held weakly, so that memory needed elsewhere takes them. */
import type { Memory } from '../column/memory.js'

/** 32 MB: the days of a year, and some. */
const MOST_SPARE = 512

/** By where they are. */
const spare = new Map<Memory, WeakRef<Uint8Array[]>>()

/** `length` ranks of any value. */
export function takeRegisters(length: number, memory: Memory): Uint8Array {
  return spare.get(memory)?.deref()?.pop() ?? memory(length)
}

/** All are of one length. The caller must not touch them any more. */
export function giveRegisters(registers: Uint8Array, memory: Memory): void {
  let list = spare.get(memory)?.deref()
  if (list === undefined) {
    list = []
    spare.set(memory, new WeakRef(list))
  }
  if (list.length < MOST_SPARE) list.push(registers)
}
