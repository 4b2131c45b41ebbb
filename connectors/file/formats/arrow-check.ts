import { Type, type Batch, type Column, type DataType } from '@uwdata/flechette'

/** What a batch is made of, whichever its type. */
interface Parts {
  readonly length: number
  readonly type: DataType
  readonly values?: { readonly length: number }
  readonly offsets?: Int32Array | BigInt64Array
  readonly sizes?: Int32Array | BigInt64Array
  readonly children?: readonly Batch<unknown>[]
  readonly dictionary?: Column<unknown>
}

/**
 * Follows every length and offset of a column once, so that a damaged one is an error and not an endless list.
 * Throws Error.
 */
export function checkColumn(column: Column<unknown>): void {
  for (const batch of column.data) checkBatch(batch as unknown as Parts)
}

function checkBatch(batch: Parts): void {
  const { length, type, offsets, sizes, children = [], values, dictionary } = batch
  if (!(length >= 0)) throw new Error(`a length of ${length}`)
  if (type.typeId !== Type.Union && offsets !== undefined && length > 0) {
    const limit = children[0]?.length ?? values?.length ?? 0
    if (sizes === undefined) checkOffsets(offsets, length, limit)
    else checkViews(offsets, sizes, length, limit)
  }
  if (type.typeId === Type.FixedSizeList && children[0]!.length < length * type.stride) throw new Error('a list that is too short')
  if (type.typeId === Type.Struct && children.some(child => child.length < length)) throw new Error('a field that is too short')
  for (const child of children) checkBatch(child as unknown as Parts)
  if (dictionary !== undefined) checkColumn(dictionary)
}

function checkOffsets(offsets: Int32Array | BigInt64Array, length: number, limit: number): void {
  if (offsets.length <= length) throw new Error('too few offsets')
  let last = Number(offsets[0])
  if (last < 0) throw new Error(`an offset of ${last}`)
  for (let i = 1; i <= length; i++) {
    const next = Number(offsets[i])
    if (next < last) throw new Error(`offsets that fall from ${last} to ${next}`)
    last = next
  }
  if (last > limit) throw new Error(`an offset of ${last} in ${limit} values`)
}

function checkViews(offsets: Int32Array | BigInt64Array, sizes: Int32Array | BigInt64Array, length: number, limit: number): void {
  for (let i = 0; i < length; i++) {
    const from = Number(offsets[i])
    const size = Number(sizes[i])
    if (!(from >= 0 && size >= 0 && from + size <= limit)) throw new Error(`${size} values from ${from} of ${limit}`)
  }
}
