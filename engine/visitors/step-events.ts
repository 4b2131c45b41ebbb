/**
 * The sessions of a stretch of time that do a step of a funnel, in the order of sessions as far as it matters:
 * by start, and those of one visitor that start together by source and session_id.
 */
import { LimitError } from '../../dsl/errors.js'
import type { StringColumn } from '../column/column.js'
import type { ColumnReader } from '../filter/row-test.js'
import { sortInSteps, STEP } from '../steps.js'

const FIRST_EVENTS = 4096
/** Of one event, its place in the order included. */
const EVENT_BYTES = 28

interface PartKeys {
  readonly source: StringColumn
  readonly id: StringColumn
}

export class StepEvents {
  count = 0
  starts = new Float64Array(FIRST_EVENTS)
  visitors = new Uint32Array(FIRST_EVENTS)
  /** Bit i: the session matches step i. */
  steps = new Uint32Array(FIRST_EVENTS)
  groups = new Uint32Array(FIRST_EVENTS)
  private rows = new Uint32Array(FIRST_EVENTS)
  /** Events of part i are those from ends[i - 1] to ends[i]. */
  private readonly ends: number[] = []
  private readonly keys: PartKeys[] = []

  get bytes(): number {
    return this.starts.length * EVENT_BYTES
  }

  clear(): void {
    this.count = 0
    this.ends.length = 0
    this.keys.length = 0
  }

  /** Room for more events of a part; `endPart` must follow. @throws LimitError where that needs more bytes than `memory` */
  reserve(more: number, memory: number): void {
    const needed = this.count + more
    if (needed <= this.starts.length) return
    const length = Math.max(needed, this.starts.length * 2)
    if (length * EVENT_BYTES > memory) {
      throw new LimitError('memory_budget', Math.max(0, memory), length * EVENT_BYTES, 'Bytes left for this query: take a shorter interval, filter more, or raise the budget.')
    }
    const starts = new Float64Array(length)
    starts.set(this.starts)
    this.starts = starts
    this.visitors = longer(this.visitors, length)
    this.steps = longer(this.steps, length)
    this.groups = longer(this.groups, length)
    this.rows = longer(this.rows, length)
  }

  /** Appends an event of the part that is being read; its rows come in ascending order. */
  push(row: number, start: number, visitor: number, steps: number, group: number): void {
    const at = this.count++
    this.rows[at] = row
    this.starts[at] = start
    this.visitors[at] = visitor
    this.steps[at] = steps
    this.groups[at] = group
  }

  /** `push` of many in the group 0; those without a visitor are left out. Row i has visitors[i] and does[i]. */
  pushAll(rows: Uint32Array, starts: Float64Array, visitors: Uint32Array, does: Uint32Array): void {
    const { rows: ownRows, starts: ownStarts, visitors: ownVisitors, steps } = this
    let at = this.count
    for (let i = 0; i < rows.length; i++) {
      if (visitors[i] === 0) continue
      ownRows[at] = rows[i]
      ownStarts[at] = starts[rows[i]]
      ownVisitors[at] = visitors[i]
      steps[at++] = does[i]
    }
    this.groups.fill(0, this.count, at)
    this.count = at
  }

  endPart(reader: ColumnReader): void {
    this.ends.push(this.count)
    this.keys.push({ source: reader.column('source') as StringColumn, id: reader.column('session_id') as StringColumn })
  }

  /** Numbers of the events in order. */
  *order(): Generator<void, Uint32Array, void> {
    const { starts, count } = this
    const order = yield* mergedByStart(starts, [0, ...this.ends])
    const compare = (a: number, b: number): number => this.compareTied(a, b)
    for (let from = 0; from < count;) {
      let to = from + 1
      while (to < count && starts[order[to]] === starts[order[from]]) to++
      if (to - from === 2) sortPair(order, from, compare)
      else if (to - from > 2) order.set(yield* sortInSteps(order.subarray(from, to), compare), from)
      from = to
    }
    return order
  }

  /** Events that start together. */
  private compareTied(a: number, b: number): number {
    if (this.visitors[a] !== this.visitors[b]) return this.visitors[a] - this.visitors[b]
    const left = this.keys[this.partOf(a)]
    const right = this.keys[this.partOf(b)]
    return left.source.dictionary.compare(left.source.codes[this.rows[a]], right.source.codes[this.rows[b]])
      || left.id.dictionary.compare(left.id.codes[this.rows[a]], right.id.codes[this.rows[b]])
  }

  private partOf(event: number): number {
    return this.ends.findIndex(end => event < end)
  }
}

/** Numbers of events by start, where those from bounds[i] to bounds[i + 1] ascend already. */
function* mergedByStart(starts: Float64Array, bounds: readonly number[]): Generator<void, Uint32Array, void> {
  const count = bounds[bounds.length - 1]
  let from = new Uint32Array(count)
  for (let i = 0; i < count; i++) from[i] = i
  let into = new Uint32Array(bounds.length > 2 ? count : 0)
  while (bounds.length > 2) {
    const merged = [0]
    for (let i = 0; i + 1 < bounds.length; i += 2) {
      const end = bounds[Math.min(i + 2, bounds.length - 1)]
      yield* mergeTwo(starts, from, into, bounds[i], bounds[i + 1], end)
      merged.push(end)
    }
    bounds = merged
    const swap = from
    from = into
    into = swap
  }
  return from
}

function* mergeTwo(
  starts: Float64Array, from: Uint32Array, into: Uint32Array, first: number, middle: number, end: number
): Generator<void, void, void> {
  let left = first
  let right = middle
  for (let at = first; at < end;) {
    const stop = Math.min(end, at + STEP)
    while (at < stop) into[at++] = right === end || (left < middle && starts[from[left]] <= starts[from[right]]) ? from[left++] : from[right++]
    yield
  }
}

function sortPair(order: Uint32Array, at: number, compare: (a: number, b: number) => number): void {
  const [a, b] = [order[at], order[at + 1]]
  if (compare(a, b) <= 0) return
  order[at] = b
  order[at + 1] = a
}

function longer(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length)
  copy.set(array)
  return copy
}
