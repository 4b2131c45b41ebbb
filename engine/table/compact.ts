/**
 * Merging of segments. Fresh segments (level 0) may overlap in time; merged ones (level 1) follow each other,
 * so that a query over a day reads that day. Work per row stays logarithmic: level 0 is merged when it has grown to
 * what it would be merged with, and when a load has ended.
 */
import type { Memory } from '../column/memory.js'
import { gather, liveRows } from './gather.js'
import type { GatherInput } from './gather-columns.js'
import type { Segment } from './segment.js'

/** With fewer segments at level 0 merging does not pay: a query is some microseconds at each, and most loads end before. */
const MIN_SEGMENTS = 96
/** After a bulk load: merge what is more than an eighth of the rest. */
const SETTLED_SHARE = 1 / 8
/** Output segments aim at this fill, because cuts come from a sample. */
const FILL = 0.93
const SAMPLE_EVERY = 64

export interface Compactable {
  segment: Segment
  /** Rows before this one have been merged away. */
  first: number
  deleted: Uint32Array | null
  deletedRows: number
  level: 0 | 1
}

export interface CompactionStep {
  readonly segments: readonly Segment[]
  /** Inputs of which no row is left. */
  readonly consumed: readonly Compactable[]
}

export function needsCompaction(slots: readonly Compactable[], segmentRows: number, settling: boolean): boolean {
  const inputs = inputsOf(slots)
  const fresh = inputs.filter(isFresh)
  const freshRows = rowsOf(fresh)
  const mergedRows = rowsOf(inputs) - freshRows
  if (settling) return fresh.length > 0 && freshRows >= mergedRows * SETTLED_SHARE
  return freshRows >= Math.max(MIN_SEGMENTS * segmentRows, mergedRows)
}

/** Merges all of level 0 with what it overlaps, a time slice at a time. The list of slots is emptied: it would hold what is merged to the end. */
export function* compaction(slots: Compactable[], segmentRows: number, memory: Memory): Generator<CompactionStep, void, void> {
  let inputs = inputsOf(slots.splice(0))
  for (const cut of cuts(inputs, segmentRows)) {
    const taken: GatherInput[] = inputs.map(slot => take(slot, cut))
    const consumed = inputs.filter(slot => slot.first === slot.segment.rows)
    inputs = inputs.filter(slot => slot.first < slot.segment.rows)
    yield { segments: gather(taken, segmentRows, memory), consumed }
  }
}

function inputsOf(slots: readonly Compactable[]): Compactable[] {
  const fresh = slots.filter(isFresh)
  const from = Math.min(...fresh.map(slot => slot.segment.first))
  const to = Math.max(...fresh.map(slot => slot.segment.last))
  return slots.filter(slot => isFresh(slot) || (slot.segment.last >= from && slot.segment.first <= to))
}

/** To be merged: it may overlap others, or most of it was replaced. */
function isFresh({ level, deletedRows, segment }: Compactable): boolean {
  return level === 0 || deletedRows * 2 > segment.rows
}

function rowsOf(slots: readonly Compactable[]): number {
  return slots.reduce((sum, slot) => sum + slot.segment.rows - slot.first, 0)
}

/** Times (exclusive) that cut the rows into slices of about a segment each; the last is infinite. */
function cuts(inputs: readonly Compactable[], segmentRows: number): number[] {
  const slices = Math.ceil(rowsOf(inputs) / (segmentRows * FILL))
  const samples: number[] = []
  for (const { segment, first } of inputs) {
    // Each stands in the middle of its stretch: first rows would make a crowd of earliest starts.
    const half = Math.min(SAMPLE_EVERY, segment.rows - first) >>> 1
    for (let row = first + half; row < segment.rows; row += SAMPLE_EVERY) samples.push(segment.starts[row])
  }
  const sorted = Float64Array.from(samples).sort()
  const result: number[] = []
  for (let i = 1; i < slices; i++) {
    const cut = sorted[Math.floor(i * sorted.length / slices)]
    if (result.length === 0 || cut > result[result.length - 1]) result.push(cut)
  }
  return [...result, Infinity]
}

function take(slot: Compactable, cut: number): GatherInput {
  const { segment, first, deleted } = slot
  const end = segment.lowerBound(cut, first)
  slot.first = end
  return { starts: segment.starts, columns: segment.columns, rows: liveRows(first, end, deleted) }
}
