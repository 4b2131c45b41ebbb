/**
 * Large arrays of finished queries for the next ones, which are spared getting them from the system page by page.
 * A few of moderate size are kept; larger ones are held weakly, so that memory needed elsewhere takes them.
 */

/** Smaller ones are cheap to make. */
const SPARE_FROM = 2 ** 18
/** Up to here an array is kept: a round of pairs (grouped-sets.ts). */
const KEEP_UP_TO = 2 ** 24
/** Groups, items and sorted items of a distinct count. */
const MAX_KEPT = 3
const MAX_WEAK = 3

const kept: ArrayBuffer[] = []
let weak: WeakRef<ArrayBuffer>[] = []

/** `length` numbers of any value. */
export function takeArray(length: number): Uint32Array<ArrayBuffer> {
  const bytes = length * 4
  if (bytes < SPARE_FROM) return new Uint32Array(length)
  const buffer = takeKept(bytes) ?? takeWeak(bytes)
  return buffer === undefined ? new Uint32Array(length) : new Uint32Array(buffer, 0, length)
}

function takeKept(bytes: number): ArrayBuffer | undefined {
  const at = kept.findIndex(buffer => buffer.byteLength >= bytes)
  return at < 0 ? undefined : kept.splice(at, 1)[0]
}

function takeWeak(bytes: number): ArrayBuffer | undefined {
  const at = weak.findIndex(spare => (spare.deref()?.byteLength ?? 0) >= bytes)
  return at < 0 ? undefined : weak.splice(at, 1)[0].deref()
}

/** The caller must not touch the array any more. */
export function giveBack({ buffer }: Uint32Array<ArrayBuffer>): void {
  if (buffer.byteLength < SPARE_FROM) return
  if (buffer.byteLength <= KEEP_UP_TO) {
    kept.push(buffer)
    kept.sort((a, b) => a.byteLength - b.byteLength)
    if (kept.length > MAX_KEPT) kept.shift()
    return
  }
  weak = weak.filter(spare => spare.deref() !== undefined).slice(-MAX_WEAK + 1)
  weak.push(new WeakRef(buffer))
}
