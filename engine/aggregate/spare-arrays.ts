/**
 * Large arrays of finished queries for the next ones, which are spared getting them from the system page by page.
 * A few of moderate size are kept; larger ones are held weakly, so that memory needed elsewhere takes them.
 */

import { isShared, ownMemory, sharedMemory, type Memory } from '../column/memory.js'

/** Smaller ones are cheap to make. */
const SPARE_FROM = 2 ** 18
/** Up to here an array is kept: a round of pairs (grouped-sets.ts). */
const KEEP_UP_TO = 2 ** 24
/** Groups, items and sorted items of a distinct count. */
const MAX_KEPT = 3
const MAX_WEAK = 3

/** Spare buffers of one kind of memory. */
class Spares {
  private readonly kept: ArrayBufferLike[] = []
  private weak: WeakRef<ArrayBufferLike>[] = []

  take(bytes: number): ArrayBufferLike | undefined {
    return this.takeKept(bytes) ?? this.takeWeak(bytes)
  }

  put(buffer: ArrayBufferLike): void {
    if (buffer.byteLength <= KEEP_UP_TO) {
      this.kept.push(buffer)
      this.kept.sort((a, b) => a.byteLength - b.byteLength)
      if (this.kept.length > MAX_KEPT) this.kept.shift()
      return
    }
    this.weak = this.weak.filter(spare => spare.deref() !== undefined).slice(-MAX_WEAK + 1)
    this.weak.push(new WeakRef(buffer))
  }

  private takeKept(bytes: number): ArrayBufferLike | undefined {
    const at = this.kept.findIndex(buffer => buffer.byteLength >= bytes)
    return at < 0 ? undefined : this.kept.splice(at, 1)[0]
  }

  private takeWeak(bytes: number): ArrayBufferLike | undefined {
    const at = this.weak.findIndex(spare => (spare.deref()?.byteLength ?? 0) >= bytes)
    return at < 0 ? undefined : this.weak.splice(at, 1)[0].deref()
  }
}

const own = new Spares()
const shared = new Spares()

/** `length` numbers of any value, in memory of this thread or of all threads. */
export function takeArray(length: number, memory: Memory = ownMemory): Uint32Array {
  const bytes = length * 4
  if (bytes < SPARE_FROM) return new Uint32Array(memory(bytes))
  return new Uint32Array((memory === sharedMemory ? shared : own).take(bytes) ?? memory(bytes), 0, length)
}

/** The caller must not touch the array any more, and no other thread either. */
export function giveBack(array: Uint32Array): void {
  if (array.buffer.byteLength < SPARE_FROM) return
  (isShared(array) ? shared : own).put(array.buffer)
}
