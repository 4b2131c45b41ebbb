/** Which rows stay: a filter over output columns, tested a column at a time. */
import type { Filter } from '../../dsl/query.js'
import { scalarOf, type ScalarValue } from '../aggregate/aggregator.js'
import { valueTest } from '../filter/value-test.js'
import { largest, STEP } from '../steps.js'
import { columnNames, sourceOf, type Layout } from './layout.js'
import { valueAt } from './metric-column.js'
import type { AnswerRows } from './rows.js'

/** A filter of type interval names the start of a session; of a row that is the start of its bucket. */
const STARTED_AT = 'started_at'
/** In a table of what was tested: not yet. */
const UNKNOWN = 2

type Mask = Uint8Array<ArrayBuffer>

/** Numbers of the rows that pass; null where all do. In steps. */
export function* passing(layout: Layout, rows: AnswerRows): Generator<void, Uint32Array | null, void> {
  const { having } = layout.query
  if (having.type === 'true') return null
  const mask = yield* test(having, layout, rows)
  const kept = new Uint32Array(rows.count)
  let count = 0
  for (let i = 0; i < rows.count; i++) if (mask[i] === 1) kept[count++] = i
  return kept.slice(0, count)
}

function* test(filter: Filter, layout: Layout, rows: AnswerRows): Generator<void, Mask, void> {
  const n = rows.count
  switch (filter.type) {
    case 'true': return new Uint8Array(n).fill(1)
    case 'false': return new Uint8Array(n)
    case 'not': {
      const mask = yield* test(filter.field, layout, rows)
      for (let i = 0; i < n; i++) mask[i] ^= 1
      return mask
    }
    case 'and':
    case 'or': {
      const isAnd = filter.type === 'and'
      const mask: Mask = new Uint8Array(n).fill(isAnd ? 1 : 0)
      for (const field of filter.fields) {
        const other = yield* test(field, layout, rows)
        if (isAnd) for (let i = 0; i < n; i++) mask[i] &= other[i]
        else for (let i = 0; i < n; i++) mask[i] |= other[i]
        yield
      }
      return mask
    }
    case 'columnComparison': return yield* compared(filter.dimensions, layout, rows)
    default: return yield* leaf(filter.dimension, valueTest(filter), layout, rows)
  }
}

function* leaf(name: string, matches: (value: ScalarValue) => boolean, layout: Layout, rows: AnswerRows): Generator<void, Mask, void> {
  const { buckets, codes } = rows.candidates
  const index = columnNames(layout.query).indexOf(name)
  const source = sourceOf(layout, Math.max(0, index))
  const mask: Mask = new Uint8Array(rows.count)
  if (source.kind === 'absent') return mask.fill(matches(null) ? 1 : 0)
  if (source.kind === 'time') {
    const value = name === STARTED_AT ? (bucket: number) => layout.buckets[bucket] : (bucket: number) => layout.stamp(bucket)
    yield* testCodes(buckets, bucket => matches(value(bucket)), mask)
  } else if (source.kind === 'dimension') {
    const dimension = layout.dimensions[source.at]
    yield* testCodes(codes[source.at], code => matches(dimension.value(code)), mask)
  } else {
    const column = yield* rows.metric(source.at)
    for (let i = 0; i < mask.length; i++) {
      mask[i] = matches(scalarOf(valueAt(column, i))) ? 1 : 0
      if (i % STEP === 0) yield
    }
  }
  return mask
}

/** Every code is tested once. */
function* testCodes(codes: Uint32Array, matches: (code: number) => boolean, mask: Mask): Generator<void, void, void> {
  const table = new Uint8Array(largest(codes) + 1).fill(UNKNOWN)
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]
    if (table[code] === UNKNOWN) table[code] = matches(code) ? 1 : 0
    mask[i] = table[code]
    if (i % STEP === 0) yield
  }
}

/** All columns hold the same value, or null; a number equals its text. */
function* compared(names: readonly string[], layout: Layout, rows: AnswerRows): Generator<void, Mask, void> {
  const readers: ((row: number) => string | null)[] = []
  for (const name of names) readers.push(yield* textsOf(name, layout, rows))
  const mask: Mask = new Uint8Array(rows.count)
  for (let i = 0; i < mask.length; i++) {
    const first = readers[0](i)
    mask[i] = readers.every(read => read(i) === first) ? 1 : 0
    if (i % STEP === 0) yield
  }
  return mask
}

function* textsOf(name: string, layout: Layout, rows: AnswerRows): Generator<void, (row: number) => string | null, void> {
  const { buckets, codes } = rows.candidates
  const source = sourceOf(layout, columnNames(layout.query).indexOf(name))
  switch (source.kind) {
    case 'time': return row => layout.stamp(buckets[row])
    case 'absent': return () => null
    case 'dimension': return row => text(layout.dimensions[source.at].value(codes[source.at][row]))
    case 'metric': {
      const column = yield* rows.metric(source.at)
      return row => text(scalarOf(valueAt(column, row)))
    }
  }
}

function text(value: ScalarValue): string | null {
  return value === null ? null : String(value)
}
