/** Group numbers of rows. Addresses are bytes of the scratch memory. */

/**
 * Row i of the group ids[i] has items[offsets[i], offsets[i+1]); `first` is the offset of items[0]. Each item gives an entry of group
 * ids[i] · size + item and of row from + i; a row without items gives one with item 0. Returns the number of entries.
 * Two entries are written whatever the row has, because most have at most two and a branch would be guessed wrong; the next row's
 * are written over what is too much. There must be room for two more entries, and two more items.
 */
export function explode8(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  return explode<u8>(ids, offsets, items, first, from, n, size, outIds, outRows)
}

export function explode16(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  return explode<u16>(ids, offsets, items, first, from, n, size, outIds, outRows)
}

// @ts-ignore: decorator
@inline function explode<T>(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  let at: u32 = 0
  let begin = load<u32>(offsets) - first
  for (let i: u32 = 0; i < n; i++) {
    offsets += 4
    const end = load<u32>(offsets) - first
    const base = load<u32>(ids) * size
    ids += 4
    const item = items + <usize>begin * sizeof<T>()
    const id = outIds + (<usize>at << 2)
    const row = outRows + (<usize>at << 2)
    store<u32>(id, base + select(<u32>0, <u32>load<T>(item), begin == end))
    store<u32>(id, base + <u32>load<T>(item + sizeof<T>()), 4)
    store<u32>(row, from + i)
    store<u32>(row, from + i, 4)
    for (let k = begin + 2; k < end; k++) {
      const far = <usize>(at + k - begin) << 2
      store<u32>(outIds + far, base + <u32>load<T>(items + <usize>k * sizeof<T>()))
      store<u32>(outRows + far, from + i)
    }
    at += max(end - begin, 1)
    begin = end
  }
  return at
}
