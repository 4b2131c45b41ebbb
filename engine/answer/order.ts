/** Sorting by several numeric keys, and the best few of many. */

/** Row numbers 0 … n-1 by keys[0], then keys[1] and so on, all ascending. Keys are finite or ±Infinity. */
export function orderByKeys(keys: readonly Float64Array[], n: number): Uint32Array {
  return orderPacked(keys, n) ?? orderCompared(keys, n)
}

/** Where all keys are small whole numbers they fit one double together with the row number, and sort natively. */
function orderPacked(keys: readonly Float64Array[], n: number): Uint32Array | null {
  const sizes: number[] = []
  let product = n
  for (const key of keys) {
    let max = 0
    for (let i = 0; i < n; i++) {
      const value = key[i]
      if (!(value >= 0) || value !== Math.floor(value)) return null
      if (value > max) max = value
    }
    sizes.push(max + 1)
    product *= max + 1
    if (!(product < Number.MAX_SAFE_INTEGER)) return null
  }
  const packed = new Float64Array(n)
  keys.forEach((key, k) => {
    const size = sizes[k]
    for (let i = 0; i < n; i++) packed[i] = packed[i] * size + key[i]
  })
  for (let i = 0; i < n; i++) packed[i] = packed[i] * n + i
  packed.sort()
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    // value % n, without the slow division of floats; the quotient may be off by one.
    const rest = packed[i] - Math.floor(packed[i] / n) * n
    order[i] = rest < 0 ? rest + n : rest >= n ? rest - n : rest
  }
  return order
}

function orderCompared(keys: readonly Float64Array[], n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  return order.sort((a, b) => {
    for (const key of keys) {
      // Not a difference: Infinity - Infinity is no order.
      if (key[a] < key[b]) return -1
      if (key[a] > key[b]) return 1
    }
    return a - b
  })
}

/** Rows whose key is among the `limit` smallest, ties with the last of them included. */
export function smallest(key: Float64Array, n: number, limit: number): Uint32Array {
  const threshold = nthSmallest(key.slice(0, n), limit - 1)
  const kept = new Uint32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) if (key[i] <= threshold) kept[count++] = i
  return kept.slice(0, count)
}

/** Hoare's selection; reorders `values`. */
function nthSmallest(values: Float64Array, nth: number): number {
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
    if (nth <= j) high = j
    else if (nth >= i) low = i
    else break
  }
  return values[nth]
}
