/** Stable order of rows by start: a radix sort over milliseconds, 11 bits a pass. */

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
const LOW_BITS = 22
const LOW = 2 ** LOW_BITS

/** Row numbers of `starts` in ascending order of start; null where they are in order already. */
export function sortedOrder(starts: Float64Array): Uint32Array | null {
  const n = starts.length
  let min = Infinity
  let max = -Infinity
  let ordered = true
  for (let i = 0; i < n; i++) {
    const start = starts[i]
    if (start < max) ordered = false
    if (start > max) max = start
    if (start < min) min = start
  }
  if (ordered) return null
  const low = new Uint32Array(n)
  const high = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    const delta = starts[i] - min
    const upper = Math.floor(delta / LOW)
    high[i] = upper
    low[i] = delta - upper * LOW
  }
  let order = new Uint32Array(n)
  let spare = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  const pass = (keys: Uint32Array, shift: number): void => {
    radixPass(keys, shift, order, spare)
    const swap = order
    order = spare
    spare = swap
  }
  const span = max - min
  pass(low, 0)
  if (span >= DIGITS) pass(low, DIGIT_BITS)
  const highest = Math.floor(span / LOW)
  for (let shift = 0; shift < 32 && highest >>> shift > 0; shift += DIGIT_BITS) pass(high, shift)
  return order
}

function radixPass(keys: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): void {
  const n = from.length
  const ends = new Uint32Array(DIGITS + 1)
  const mask = DIGITS - 1
  for (let i = 0; i < n; i++) ends[((keys[i] >>> shift) & mask) + 1]++
  for (let digit = 0; digit < DIGITS; digit++) ends[digit + 1] += ends[digit]
  for (let i = 0; i < n; i++) {
    const row = from[i]
    to[ends[(keys[row] >>> shift) & mask]++] = row
  }
}
