/** A small start stays in the cache; the table grows within one call as the distinct values do. */
const LARGEST_START = 1 << 14
const SMALLEST_START = 16
/** 2³² over the golden ratio: spreads neighbouring values, its top bits choose the place. */
const SPREAD = 0x9e3779b1

/** Working memory of `distinctInto`, made once and used for any number of calls; it keeps the size of the largest. */
export class DistinctScratch {
  /** The distinct values of the last call, in the order of their first appearance: `values[0, count)`. A call may replace the array. */
  values: Uint32Array = new Uint32Array(SMALLEST_START)
  /** Open addressing, 0 = free. All free between calls. */
  table: Uint32Array = new Uint32Array(SMALLEST_START * 2)
  /** Place in `table` of each of `values`: clearing costs what was put in, not the size of the table. */
  places: Uint32Array = new Uint32Array(SMALLEST_START)

  get bytes(): number {
    return this.values.byteLength + this.table.byteLength + this.places.byteLength
  }
}

/**
 * Finds the distinct values of `input[from, to)`, unsigned 32-bit integers of which 0 counts nothing, leaves them in `scratch.values`
 * and returns their number. `scratch.values.slice(0, count)` is an exact-fit copy.
 */
export function distinctInto(scratch: DistinctScratch, input: Uint32Array, from: number, to: number): number {
  let size = SMALLEST_START
  while (size < LARGEST_START && size < (to - from) * 2) size *= 2
  reserve(scratch, size)
  let { values, table, places } = scratch
  let shift = Math.clz32(size) + 1
  let mask = size - 1
  let count = 0
  for (let at = from; at < to; at++) {
    const value = input[at]
    if (value === 0) continue
    let place = Math.imul(value, SPREAD) >>> shift
    let held = table[place]
    while (held !== 0 && held !== value) {
      place = place + 1 & mask
      held = table[place]
    }
    if (held === value) continue
    table[place] = value
    values[count] = value
    places[count++] = place
    if (count * 2 < size) continue
    size *= 4
    regrow(scratch, count, size)
    values = scratch.values
    table = scratch.table
    places = scratch.places
    shift = Math.clz32(size) + 1
    mask = size - 1
  }
  clear(scratch, count)
  return count
}

/** Room for `size` places, which are never more than half taken. */
function reserve(scratch: DistinctScratch, size: number): void {
  if (scratch.table.length >= size) return
  scratch.table = new Uint32Array(size)
  const values = new Uint32Array(size / 2)
  values.set(scratch.values)
  scratch.values = values
  scratch.places = new Uint32Array(size / 2)
}

function clear(scratch: DistinctScratch, count: number): void {
  const { table, places } = scratch
  for (let at = 0; at < count; at++) table[places[at]] = 0
}

function regrow(scratch: DistinctScratch, count: number, size: number): void {
  clear(scratch, count)
  reserve(scratch, size)
  const { values, table, places } = scratch
  const shift = Math.clz32(size) + 1
  for (let at = 0; at < count; at++) {
    const value = values[at]
    let place = Math.imul(value, SPREAD) >>> shift
    while (table[place] !== 0) place = place + 1 & size - 1
    table[place] = value
    places[at] = place
  }
}
