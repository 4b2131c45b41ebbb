/** Sorting by several numeric keys, and the best few of many. In steps, because there may be millions of rows. */
import { sortInSteps, sortNumbersInSteps, STEP } from '../steps.js'

/** Row numbers 0 … n-1 by keys[0], then keys[1] and so on, all ascending; at least the first `most` of them. Keys are finite or ±Infinity. */
export function* orderByKeys(keys: readonly Float64Array[], n: number, most = n): Generator<void, Uint32Array, void> {
  return (yield* orderWhole(keys, n, most)) ?? (yield* orderCompared(keys, n))
}

/** A limit below this share of the rows is few. */
const FEW_OF_MANY = 1 / 64

/** Keys below this many, and so many for each row, are sorted by counting them. */
const COUNTED_ALWAYS = 1024
const COUNTED_PER_ROW = 4

/** A key of whole numbers from `least` to `least + size - 1`. */
interface WholeKey {
  readonly values: Float64Array
  readonly least: number
  readonly size: number
}

/** Where all keys are whole numbers: by counting where they are small, else packed. Null where they are not. */
function* orderWhole(keys: readonly Float64Array[], n: number, wanted: number): Generator<void, Uint32Array | null, void> {
  const whole: WholeKey[] = []
  for (const values of keys) {
    let least = Infinity
    let most = -Infinity
    for (let i = 0; i < n; i++) {
      const value = values[i]
      if (value !== Math.floor(value)) return null
      if (value < least) least = value
      if (value > most) most = value
    }
    // Of all equal ones none decides.
    if (most > least) whole.push({ values, least, size: most - least + 1 })
    yield
  }
  const most = Math.max(COUNTED_ALWAYS, n * COUNTED_PER_ROW)
  const first = wanted <= n * FEW_OF_MANY ? yield* orderPacked(whole, n, wanted) : null
  if (first !== null) return first
  return whole.every(({ size }) => size <= most) ? yield* orderCounted(whole, n) : yield* orderPacked(whole, n, n)
}

/** A radix sort whose digits are the keys. */
function* orderCounted(keys: readonly WholeKey[], n: number): Generator<void, Uint32Array, void> {
  let order = new Uint32Array(n)
  let sorted = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  for (let k = keys.length - 1; k >= 0; k--) {
    const { values, least, size } = keys[k]
    if (isAscending(values, order)) continue
    const places = new Uint32Array(size + 1)
    for (let i = 0; i < n; i++) places[values[i] - least + 1]++
    for (let value = 0; value < size; value++) places[value + 1] += places[value]
    yield
    for (let i = 0; i < n; i++) sorted[places[values[order[i]] - least]++] = order[i]
    const swap = order
    order = sorted
    sorted = swap
    yield
  }
  return order
}

function isAscending(key: Float64Array, order: Uint32Array): boolean {
  for (let i = 1; i < order.length; i++) if (key[order[i]] < key[order[i - 1]]) return false
  return true
}

/** Small enough together, they fit one double together with the row number, and sort natively; only the first `wanted`. */
function* orderPacked(keys: readonly WholeKey[], n: number, wanted: number): Generator<void, Uint32Array | null, void> {
  if (!(keys.reduce((product, { size }) => product * size, n) < Number.MAX_SAFE_INTEGER)) return null
  const packed = new Float64Array(n)
  for (const { values, least, size } of keys) {
    for (let i = 0; i < n; i++) packed[i] = packed[i] * size + (values[i] - least)
    yield
  }
  for (let i = 0; i < n; i++) packed[i] = packed[i] * n + i
  const sorted = yield* sortNumbersInSteps(wanted < n ? smallestOf(packed, wanted) : packed)
  const order = new Uint32Array(sorted.length)
  for (let i = 0; i < order.length; i++) {
    // value % n, without the slow division of floats; the quotient may be off by one.
    const rest = sorted[i] - Math.floor(sorted[i] / n) * n
    order[i] = rest < 0 ? rest + n : rest >= n ? rest - n : rest
  }
  return order
}

function orderCompared(keys: readonly Float64Array[], n: number): Generator<void, Uint32Array, void> {
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  return sortInSteps(order, (a, b) => {
    for (const key of keys) {
      // Not a difference: Infinity - Infinity is no order.
      if (key[a] < key[b]) return -1
      if (key[a] > key[b]) return 1
    }
    return a - b
  })
}

/** Rows whose key is among the `limit` smallest, ties with the last of them included. */
export function* smallest(key: Float64Array, n: number, limit: number): Generator<void, Uint32Array, void> {
  const threshold = limit <= n * FEW_OF_MANY ? largestOfSmallest(key, n, limit) : yield* nthSmallest(key.slice(0, n), limit - 1)
  yield
  const kept = new Uint32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) if (key[i] <= threshold) kept[count++] = i
  return kept.slice(0, count)
}

/** The `limit` smallest of keys of which no two are equal. */
function smallestOf(keys: Float64Array<ArrayBuffer>, limit: number): Float64Array<ArrayBuffer> {
  const smallestKeys = new Float64Array(limit)
  if (limit === 0) return smallestKeys
  const threshold = largestOfSmallest(keys, keys.length, limit)
  for (let i = 0, count = 0; count < limit; i++) if (keys[i] <= threshold) smallestKeys[count++] = keys[i]
  return smallestKeys
}

/** The `limit`-th smallest key, by a heap of the smallest so far with the largest of them on top: few keys of many get into it. */
function largestOfSmallest(key: Float64Array, n: number, limit: number): number {
  const heap = key.slice(0, limit).sort().reverse()
  for (let i = limit; i < n; i++) {
    const value = key[i]
    if (value >= heap[0]) continue
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= limit) break
      if (child + 1 < limit && heap[child + 1] > heap[child]) child++
      if (heap[child] <= value) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = value
  }
  return heap[0]
}

/** The same within every bucket: those of each bucket are kept whose key is among its `limit` smallest. */
export function* smallestPerBucket(key: Float64Array, buckets: Uint32Array, bucketCount: number, limit: number): Generator<void, Uint32Array, void> {
  const n = buckets.length
  const ends = new Uint32Array(bucketCount + 1)
  for (let i = 0; i < n; i++) ends[buckets[i] + 1]++
  for (let bucket = 0; bucket < bucketCount; bucket++) ends[bucket + 1] += ends[bucket]
  const places = ends.slice(0, bucketCount)
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) values[places[buckets[i]]++] = key[i]
  yield
  const thresholds = new Float64Array(bucketCount).fill(Infinity)
  let sinceStep = 0
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const size = ends[bucket + 1] - ends[bucket]
    if (size > limit) thresholds[bucket] = yield* nthSmallest(values.subarray(ends[bucket], ends[bucket + 1]), limit - 1)
    sinceStep += size
    if (sinceStep < STEP) continue
    sinceStep = 0
    yield
  }
  const kept = new Uint32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) if (key[i] <= thresholds[buckets[i]]) kept[count++] = i
  return kept.slice(0, count)
}

/** Hoare's selection, from 0 on; reorders `values`. In steps. */
export function* nthSmallest(values: Float64Array, nth: number): Generator<void, number, void> {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >>> 1]
    let i = low
    let j = high
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i <= j) {
        const swap = values[i]
        values[i++] = values[j]
        values[j--] = swap
      }
    }
    if (high - low > STEP) yield
    if (nth <= j) high = j
    else if (nth >= i) low = i
    else break
  }
  return values[nth]
}
