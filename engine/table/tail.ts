/** The last rows of columns, or all, in memory of their own, so that the rows before them need none, or that other threads see them. */
import { codesFor, type Codes } from '../column/codes.js'
import type { Column } from '../column/column.js'
import { doublesIn, isShared, sharedMemory, wordsIn, type Memory } from '../column/memory.js'

/** Rows [from, …) of a column; `from` begins a word of bits. */
export function tailOfColumn(column: Column, from: number, memory: Memory): Column {
  switch (column.type) {
    case 'string': {
      const coupons = column.coupons === null ? null : tailOfWords(column.coupons, from, memory)
      return { ...column, codes: tailOfCodes(column.codes, from, memory), coupons }
    }
    case 'number': return { ...column, values: tailOfNumbers(column.values, from, memory), valid: column.valid === null ? null : tailOfWords(column.valid, from >>> 5, memory) }
    case 'strings': {
      const offsets = tailOfWords(column.offsets, from, memory)
      const first = offsets[0]
      for (let i = 0; i < offsets.length; i++) offsets[i] -= first
      return { ...column, offsets, codes: tailOfCodes(column.codes, first, memory) }
    }
  }
}

/** The column in memory that other threads see; itself where it is there. */
export function sharedColumn(column: Column): Column {
  return isShared(column.type === 'number' ? column.values : column.codes) ? column : tailOfColumn(column, 0, sharedMemory)
}

export function tailOfNumbers(values: Float64Array, from: number, memory: Memory): Float64Array {
  const tail = doublesIn(memory, values.length - from)
  tail.set(values.subarray(from))
  return tail
}

function tailOfWords(words: Uint32Array, from: number, memory: Memory): Uint32Array {
  const tail = wordsIn(memory, words.length - from)
  tail.set(words.subarray(from))
  return tail
}

function tailOfCodes(codes: Codes, from: number, memory: Memory): Codes {
  const tail = codesFor(2 ** (8 * codes.BYTES_PER_ELEMENT), codes.length - from, memory)
  tail.set(codes.subarray(from))
  return tail
}
