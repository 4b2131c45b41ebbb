/**
 * Large arrays of finished queries for the next ones, which are spared getting them from the system page by page. All rest for some seconds, up to
 * a bound; then a few of moderate size are kept, and larger ones are held weakly, so that memory needed elsewhere takes them.
 */

import { isShared, ownMemory, sharedMemory, wordsIn, type Memory } from '../column/memory.js'

/** Smaller ones are cheap to make. */
const SPARE_FROM = 2 ** 18
/** Queries that follow each other, as those of a dashboard do, find what the one before them had. */
const REST_MS = 10_000
const MOST_RESTING = 2 ** 27
/** Up to here an array is kept: a round of pairs (grouped-sets.ts). */
const KEEP_UP_TO = 2 ** 24
/** Groups, items and sorted items of a distinct count. */
const MAX_KEPT = 3
const MAX_WEAK = 3

/** Spare buffers of one kind of memory. */
class Spares {
  private readonly resting: ArrayBufferLike[] = []
  private restingBytes = 0
  private lastPut = 0
  private timer: ReturnType<typeof setTimeout> | null = null
  private readonly kept: ArrayBufferLike[] = []
  private weak: WeakRef<ArrayBufferLike>[] = []

  take(bytes: number): ArrayBufferLike | undefined {
    const found = this.takeResting(bytes) ?? takeFitting(this.kept, bytes) ?? this.takeWeak(bytes)
    // What is asked of the system is not added to what rests.
    if (found === undefined) for (let freed = 0; freed < bytes && this.resting.length > 0;) freed += this.settle(this.resting.pop()!)
    return found
  }

  put(buffer: ArrayBufferLike): void {
    insert(this.resting, buffer)
    this.restingBytes += buffer.byteLength
    while (this.restingBytes > MOST_RESTING) this.settle(this.resting.pop()!)
    this.lastPut = performance.now()
    this.timer ??= this.wake(REST_MS)
  }

  /** Rests no longer; returns its bytes. */
  private settle(buffer: ArrayBufferLike): number {
    this.restingBytes -= buffer.byteLength
    if (buffer.byteLength <= KEEP_UP_TO) {
      insert(this.kept, buffer)
      if (this.kept.length > MAX_KEPT) this.kept.shift()
    } else {
      this.weak = this.weak.filter(spare => spare.deref() !== undefined).slice(-MAX_WEAK + 1)
      this.weak.push(new WeakRef(buffer))
    }
    return buffer.byteLength
  }

  private wake(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      const left = this.lastPut + REST_MS - performance.now()
      this.timer = left > 0 ? this.wake(left) : null
      if (left <= 0) while (this.resting.length > 0) this.settle(this.resting.pop()!)
    }, ms)
    // No process waits for it; browsers have no such thing.
    if (typeof timer === 'object') timer.unref()
    return timer
  }

  private takeResting(bytes: number): ArrayBufferLike | undefined {
    const buffer = takeFitting(this.resting, bytes)
    this.restingBytes -= buffer?.byteLength ?? 0
    return buffer
  }

  private takeWeak(bytes: number): ArrayBufferLike | undefined {
    const at = this.weak.findIndex(spare => (spare.deref()?.byteLength ?? 0) >= bytes)
    return at < 0 ? undefined : this.weak.splice(at, 1)[0].deref()
  }
}

/** Ascending by size. */
function insert(buffers: ArrayBufferLike[], buffer: ArrayBufferLike): void {
  buffers.push(buffer)
  buffers.sort((a, b) => a.byteLength - b.byteLength)
}

/** The smallest that is large enough. */
function takeFitting(buffers: ArrayBufferLike[], bytes: number): ArrayBufferLike | undefined {
  const at = buffers.findIndex(buffer => buffer.byteLength >= bytes)
  return at < 0 ? undefined : buffers.splice(at, 1)[0]
}

const own = new Spares()
const shared = new Spares()

/** `length` numbers of any value, in memory of this thread or of all threads. */
export function takeArray(length: number, memory: Memory = ownMemory): Uint32Array {
  const bytes = length * 4
  if (bytes < SPARE_FROM) return wordsIn(memory, length)
  return new Uint32Array((memory === sharedMemory ? shared : own).take(bytes) ?? memory(bytes).buffer, 0, length)
}

/** `length` zeros in memory of this thread. */
export function takeZeros(length: number): Uint32Array<ArrayBuffer> {
  const spare = length * 4 < SPARE_FROM ? undefined : own.take(length * 4)
  if (spare === undefined) return new Uint32Array(length)
  const zeros = new Uint32Array(spare as ArrayBuffer, 0, length)
  return zeros.fill(0)
}

/** The caller must not touch the array any more, and no other thread either. */
export function giveBack(array: Uint32Array): void {
  if (array.buffer.byteLength < SPARE_FROM) return
  (isShared(array) ? shared : own).put(array.buffer)
}
