/**
 * Sorts rows of the head or of several segments into new sealed segments.
 * Work goes input by input and column by column, so that each loop sees one kind of array.
 */
import { hasBit } from '../column/bitset.js'
import type { Column } from '../column/column.js'
import { doublesIn, ownMemory, type Memory } from '../column/memory.js'
import { gatherColumn, type GatherInput } from './gather-columns.js'
import { Segment } from './segment.js'
import { sortedOrder } from './sort.js'

/** Live rows of [from, to). */
export function liveRows(from: number, to: number, deleted: Uint32Array | null): Uint32Array {
  const rows = new Uint32Array(to - from)
  let n = 0
  for (let row = from; row < to; row++) {
    if (deleted !== null && hasBit(deleted, row)) continue
    rows[n++] = row
  }
  return n === rows.length ? rows : rows.slice(0, n)
}

/** All rows of the inputs as segments of at most `capacity` rows, in time order. Their columns come to lie in `memory`. */
export function gather(inputs: readonly GatherInput[], capacity: number, memory: Memory = ownMemory): Segment[] {
  const filled = inputs.filter(input => input.rows.length > 0)
  const total = rowsOf(filled)
  if (total === 0) return []
  const starts = concatStarts(filled, total)
  const order = sortedOrder(starts)
  if (total <= capacity) return [build(filled, starts, order, memory)]
  return chunks(filled, order, total, capacity).map(chunk => gather(chunk, capacity, memory)[0])
}

/** Some columns of all rows of the inputs in time order, for one look at them; null without rows. */
export function gatherColumns(inputs: readonly GatherInput[], names: ReadonlySet<string>): Segment | null {
  const filled = inputs.filter(input => input.rows.length > 0)
  const total = rowsOf(filled)
  if (total === 0) return null
  const starts = concatStarts(filled, total)
  return build(filled, starts, sortedOrder(starts), ownMemory, names)
}

function rowsOf(inputs: readonly GatherInput[]): number {
  return inputs.reduce((sum, input) => sum + input.rows.length, 0)
}

/** The inputs cut so that each piece has the next `capacity` rows; the sort is stable, so a piece of an input is contiguous. */
function chunks(inputs: readonly GatherInput[], order: Uint32Array | null, total: number, capacity: number): GatherInput[][] {
  const inputOf = new Uint32Array(total)
  let at = 0
  inputs.forEach((input, k) => {
    inputOf.fill(k, at, at + input.rows.length)
    at += input.rows.length
  })
  const taken = new Uint32Array(inputs.length)
  const result: GatherInput[][] = []
  for (let from = 0; from < total; from += capacity) {
    const counts = new Uint32Array(inputs.length)
    for (let i = from; i < Math.min(total, from + capacity); i++) counts[inputOf[order === null ? i : order[i]]]++
    result.push(inputs.map((input, k) => {
      const rows = input.rows.subarray(taken[k], taken[k] + counts[k])
      taken[k] += counts[k]
      return { ...input, rows }
    }))
  }
  return result
}

function concatStarts(inputs: readonly GatherInput[], total: number): Float64Array {
  const starts = new Float64Array(total)
  let at = 0
  for (const { starts: from, rows } of inputs) {
    for (let i = 0; i < rows.length; i++) starts[at++] = from[rows[i]]
  }
  return starts
}

/** @param names columns that are wanted, without coupons; null where all are. */
function build(
  inputs: readonly GatherInput[], starts: Float64Array, order: Uint32Array | null, memory: Memory, names: ReadonlySet<string> | null = null
): Segment {
  const total = starts.length
  const positions = new Uint32Array(total)
  const sorted = doublesIn(memory, total)
  for (let i = 0; i < total; i++) {
    const from = order === null ? i : order[i]
    positions[from] = i
    sorted[i] = starts[from]
  }
  const columns = new Map<string, Column>()
  for (const name of names ?? new Set(inputs.flatMap(input => [...input.columns.keys()]))) {
    const sample = inputs.find(input => input.columns.has(name))?.columns.get(name)
    if (sample !== undefined) columns.set(name, gatherColumn(inputs, name, sample, positions, memory, names === null))
  }
  return Segment.of(sorted, columns)
}
