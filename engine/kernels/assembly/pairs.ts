/** Loops over pairs (group, item), 32 bits each. Addresses are bytes of the scratch memory of pairs. */

/** Pairs by ranges of 2^shift groups, in the order they come: ends[r] becomes the address behind the last pair of range r. */
export function partitionPairs(groups: usize, items: usize, n: u32, shift: u32, ranges: u32, ends: usize, pairs: usize): void {
  const last = groups + (<usize>n << 2)
  openRanges(groups, last, shift, ranges, ends, <u32>pairs, 8)
  for (; groups < last; groups += 4) {
    const group = load<u32>(groups)
    const end = ends + (<usize>(group >>> shift) << 2)
    const place = load<u32>(end)
    store<u32>(place, group)
    store<u32>(place, load<u32>(items), 4)
    store<u32>(end, place + 8)
    items += 4
  }
}

/** The same of groups alone. */
export function partitionGroups(groups: usize, n: u32, shift: u32, ranges: u32, ends: usize, out: usize): void {
  const last = groups + (<usize>n << 2)
  openRanges(groups, last, shift, ranges, ends, <u32>out, 4)
  for (; groups < last; groups += 4) {
    const group = load<u32>(groups)
    const end = ends + (<usize>(group >>> shift) << 2)
    const place = load<u32>(end)
    store<u32>(place, group)
    store<u32>(end, place + 4)
  }
}

/** Items by group & mask, in the order they come: ends[g] becomes the number of items up to those of g. */
export function sortPairs(pairs: usize, n: u32, mask: u32, ends: usize, items: usize): void {
  memory.fill(ends, 0, <usize>(mask + 1) << 2)
  const last = pairs + (<usize>n << 3)
  for (let pair = pairs; pair < last; pair += 8) count(ends + (<usize>(load<u32>(pair) & mask) << 2), 1)
  accumulate(ends, mask + 1, 0)
  for (; pairs < last; pairs += 8) {
    const end = ends + (<usize>(load<u32>(pairs) & mask) << 2)
    const place = load<u32>(end)
    store<u32>(items + (<usize>place << 2), load<u32>(pairs, 4))
    store<u32>(end, place + 1)
  }
}

/** Where each range begins, of `bytes` for each of its groups, the first at `first`. */
// @ts-ignore: decorator
@inline function openRanges(groups: usize, last: usize, shift: u32, ranges: u32, ends: usize, first: u32, bytes: u32): void {
  memory.fill(ends, 0, <usize>ranges << 2)
  for (let group = groups; group < last; group += 4) count(ends + (<usize>(load<u32>(group) >>> shift) << 2), bytes)
  accumulate(ends, ranges, first)
}

// @ts-ignore: decorator
@inline function count(place: usize, by: u32): void {
  store<u32>(place, load<u32>(place) + by)
}

/** Each count becomes `first` and the sum of those before it. */
// @ts-ignore: decorator
@inline function accumulate(counts: usize, n: u32, first: u32): void {
  const last = counts + (<usize>n << 2)
  for (; counts < last; counts += 4) {
    const count = load<u32>(counts)
    store<u32>(counts, first)
    first += count
  }
}
