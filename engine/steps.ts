/** Long work over flat arrays in steps, between which other work may go on. */

/** Elements per step: a few milliseconds at most. */
export const STEP = 65_536
/** What a function compares may be long texts, at microseconds for a pair. */
const COMPARED_RUN = 512
const COMPARED_STEP = 4096

/** Elements of a simple loop per step. */
const STRETCH = 2 ** 20

/** Runs of 0 … n-1, one for each step. */
export function* stretches(n: number): Generator<readonly [from: number, to: number], void, void> {
  for (let from = 0; from < n; from += STRETCH) yield [from, Math.min(from + STRETCH, n)]
}

/** The largest of some numbers; 0 of none. In four lanes, which do not wait for each other. */
export function largest(values: Uint32Array): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (; i + 4 <= values.length; i += 4) {
    a = Math.max(a, values[i])
    b = Math.max(b, values[i + 1])
    c = Math.max(c, values[i + 2])
    d = Math.max(d, values[i + 3])
  }
  for (; i < values.length; i++) a = Math.max(a, values[i])
  return Math.max(a, b, c, d)
}

/** Sorts a copy by `compare`, in runs that are then merged. Elements that compare as equal stay in their order. */
export function* sortInSteps(elements: Uint32Array, compare: (a: number, b: number) => number): Generator<void, Uint32Array, void> {
  const sorted = elements.slice()
  for (let from = 0; from < sorted.length; from += COMPARED_RUN) {
    sorted.subarray(from, from + COMPARED_RUN).sort(compare)
    yield
  }
  return yield* mergeRuns(sorted, new Uint32Array(sorted.length), COMPARED_RUN, COMPARED_STEP, (a, b) => compare(a, b) <= 0)
}

/** Sorts numbers ascending, in place or into the copy that is returned. */
export function* sortNumbersInSteps(values: Float64Array<ArrayBuffer>): Generator<void, Float64Array, void> {
  for (let from = 0; from < values.length; from += STEP) {
    values.subarray(from, from + STEP).sort()
    yield
  }
  if (values.length <= STEP) return values
  return yield* mergeRuns(values, new Float64Array(values.length), STEP, STEP, (a, b) => a <= b)
}

/** Merges sorted runs of `width` elements, two by two, `step` elements at a time. Either array may come back. */
function* mergeRuns<Elements extends Float64Array | Uint32Array>(
  elements: Elements, spare: Elements, width: number, step: number, inOrder: (a: number, b: number) => boolean
): Generator<void, Elements, void> {
  let from = elements
  let to = spare
  const n = elements.length
  for (let run = width; run < n; run *= 2) {
    for (let start = 0; start < n; start += 2 * run) yield* merge(from, to, start, Math.min(start + run, n), Math.min(start + 2 * run, n), step, inOrder)
    const swap = from
    from = to
    to = swap
  }
  return from
}

function* merge(
  from: Float64Array | Uint32Array, to: Float64Array | Uint32Array, start: number, middle: number, end: number, step: number,
  inOrder: (a: number, b: number) => boolean
): Generator<void, void, void> {
  if (middle === end || inOrder(from[middle - 1], from[middle])) {
    to.set(from.subarray(start, end), start)
    yield
    return
  }
  let left = start
  let right = middle
  for (let at = start; at < end;) {
    const stop = Math.min(end, at + step)
    for (; at < stop; at++) {
      const isLeft = left < middle && (right === end || inOrder(from[left], from[right]))
      to[at] = isLeft ? from[left++] : from[right++]
    }
    yield
  }
}
