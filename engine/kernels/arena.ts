/**
 * WebAssembly memories in which columns lie, so that the kernels read them there instead of copying them first. Each begins with the areas that
 * the kernels of a thread work in, one set for each thread that reads it. What was taken is never given back: columns of an arena, which come and go
 * together, are let go of with all of it.
 */
import type { Memory } from '../column/memory.js'
import { AREAS } from './areas.js'

const PAGE = 65_536
/** Arenas of small tables are small, later ones as large as keeps areas and ends a small part, and yet lets go of them one by one. */
const FIRST_BYTES = 2 ** 23
const MOST_BYTES = 2 ** 27
/** Areas are so much less than columns. */
const AREAS_SHARE = 1 / 8
/** Columns begin with a line of the cache. */
const LINE = 64
/** Vectors are read behind the end of a column. */
const BEHIND = 64

/** What other threads are told of an arena. */
export interface SharedArena {
  readonly id: number
  readonly memory: WebAssembly.Memory
}

export class Arena implements SharedArena {
  readonly id: number
  readonly memory: WebAssembly.Memory
  /** Where the areas of this thread begin. */
  readonly base: number

  /** @param area of this thread: a number that no other thread has */
  constructor({ id, memory }: SharedArena, area: number) {
    this.id = id
    this.memory = memory
    this.base = area * AREAS
  }
}

const arenas = new WeakMap<ArrayBufferLike, Arena>()

/** The arena that an array lies in. */
export function arenaOf({ buffer }: ArrayBufferView): Arena | undefined {
  return arenas.get(buffer)
}

/** Arenas of other threads. What was made for one is used again, as long as it is there: arenas are not held. */
export class OtherArenas {
  private readonly area: number
  private readonly known = new Map<number, WeakRef<Arena>>()

  /** @param area of this thread: below the number of threads, and another one than those of all others */
  constructor(area: number) {
    this.area = area
  }

  /** Arrays that came in one message with these are found in them. */
  open(shared: readonly SharedArena[]): void {
    for (const [id, arena] of this.known) if (arena.deref() === undefined) this.known.delete(id)
    for (const other of shared) {
      let arena = this.known.get(other.id)?.deref()
      if (arena === undefined) {
        arena = new Arena(other, this.area)
        this.known.set(other.id, new WeakRef(arena))
      }
      arenas.set(other.memory.buffer, arena)
    }
  }
}

let made = 0

/** Memory in arenas for so many threads; what does not get one lies in `otherwise`. */
export function arenaMemory(threads: number, otherwise: Memory): Memory {
  const first = threads * AREAS
  const most = Math.max(MOST_BYTES, Math.ceil(first / AREAS_SHARE))
  let size = Math.max(FIRST_BYTES, first * 2)
  let open: Arena | null = null
  let used = 0
  let isRefused = false
  return bytes => {
    const room = bytes + BEHIND
    if (open === null || used + room > open.memory.buffer.byteLength) {
      if (isRefused || first + room > most) return otherwise(bytes)
      while (first + room > size) size *= 2
      open = createArena(Math.min(size, most), threads > 1)
      isRefused = open === null
      if (open === null) return otherwise(bytes)
      used = first
      size = Math.min(most, size * 2)
    }
    const at = used
    used = Math.ceil((at + bytes) / LINE) * LINE
    return new Uint8Array(open.memory.buffer, at, bytes)
  }
}

/** null where the host has no memory for it, or no WebAssembly. */
function createArena(bytes: number, isShared: boolean): Arena | null {
  if (typeof WebAssembly === 'undefined') return null
  const pages = bytes / PAGE
  try {
    const arena = new Arena({ id: ++made, memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: isShared }) }, 0)
    arenas.set(arena.memory.buffer, arena)
    return arena
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
