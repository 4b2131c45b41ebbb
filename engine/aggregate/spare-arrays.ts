/**
 * Large arrays of finished queries for the next ones, which are spared getting them from the system page by page.
 * Held weakly: memory that is needed elsewhere takes them.
 */

/** Smaller ones are cheap to make. */
const SPARE_FROM = 65_536
/** Groups, items and sorted items of two distinct counts. */
const MAX_SPARES = 6

let spares: WeakRef<ArrayBuffer>[] = []

/** `length` numbers of any value. */
export function takeArray(length: number): Uint32Array<ArrayBuffer> {
  if (length < SPARE_FROM) return new Uint32Array(length)
  const at = spares.findIndex(spare => (spare.deref()?.byteLength ?? 0) >= length * 4)
  const buffer = at < 0 ? undefined : spares.splice(at, 1)[0].deref()
  return buffer === undefined ? new Uint32Array(length) : new Uint32Array(buffer, 0, length)
}

/** The caller must not touch the array any more. */
export function giveBack({ buffer }: Uint32Array<ArrayBuffer>): void {
  if (buffer.byteLength < SPARE_FROM * 4) return
  spares = spares.filter(spare => spare.deref() !== undefined).slice(-MAX_SPARES + 1)
  spares.push(new WeakRef(buffer))
}
