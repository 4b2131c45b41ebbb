/** Whole numbers of any width as blocks of a file, and back. */
import { codesFor, type Codes } from '../column/codes.js'
import { BLOCK_VALUES, pack, packedBytes, unpack, type Unsigned } from './bit-packing.js'
import type { BlockFile, BlockFileWriter, BlockRef } from './block-file.js'
import { storeDamaged } from './store-error.js'

/** Packed bits with the `widths` of each 4,096 numbers; or, where `widths` is null, a byte a number. */
export interface StoredIntegers {
  readonly length: number
  readonly widths: BlockRef | null
  readonly bits: BlockRef
}

/** Narrow numbers compress better by how often they come than by their width. */
const DEFLATED_BITS = 8
const once: [Uint32Array, Uint32Array] = [new Uint32Array(0), new Uint32Array(0)]

export function writeIntegers(writer: BlockFileWriter, values: Unsigned): StoredIntegers {
  const packed = pack(values)
  const widest = packed.widths.reduce((most, width) => Math.max(most, width), 0)
  if (widest > 0 && widest <= DEFLATED_BITS) {
    return { length: values.length, widths: null, bits: writer.addDeflated(values instanceof Uint8Array ? values : Uint8Array.from(values), true) }
  }
  return { length: values.length, widths: writer.addDeflated(packed.widths, true), bits: writer.add(packed.bytes) }
}

/** `size` is above every one of the numbers, and tells the type of the array. */
export function readIntegers(file: BlockFile<unknown>, stored: StoredIntegers, size: number): Codes {
  const into = codesFor(size, stored.length)
  if (stored.widths === null && into instanceof Uint8Array) return file.read(stored.bits)
  return fill(file, stored, into)
}

/** For a reader that turns them into something else at once: the array is filled again by the next call with the same `place`. */
export function readIntegersOnce(file: BlockFile<unknown>, stored: StoredIntegers, place: 0 | 1): Uint32Array {
  if (once[place].length < stored.length) once[place] = new Uint32Array(stored.length)
  return fill(file, stored, once[place].subarray(0, stored.length)) as Uint32Array
}

function fill(file: BlockFile<unknown>, { length, widths, bits }: StoredIntegers, into: Codes): Codes {
  const bytes = file.read(bits)
  if (widths === null) {
    into.set(bytes)
    return into
  }
  const packed = { widths: file.read(widths), bytes }
  if (packedBytes(packed.widths, length) !== bytes.length || packed.widths.length !== Math.ceil(length / BLOCK_VALUES)) {
    throw storeDamaged(file.path, bits[0], `${length} packed numbers are not ${bytes.length} bytes`)
  }
  unpack(packed, into)
  return into
}
