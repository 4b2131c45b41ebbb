/** Lists sessions. Reads segments in the order of the list, and ends where the page is full. */
import { writeCursor } from '../../dsl/cursor.js'
import { LimitError } from '../../dsl/errors.js'
import type { ResultValue, SelectResult } from '../../dsl/input.js'
import type { Position, SelectQuery } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import { hasBit } from '../column/bitset.js'
import type { Column, StringColumn } from '../column/column.js'
import { QueryColumns, withDerived } from '../column/derived.js'
import { compareCodePoints } from '../compare.js'
import { RowPicker } from '../filter/row-picker.js'
import type { ColumnReader } from '../filter/row-test.js'
import { explainScan, type Explanation } from '../plan/explain.js'
import { columnsOf } from '../plan/columns.js'
import { planScan, type PlannedPart, type Scan } from '../plan/plan.js'
import type { Running } from '../running.js'
import { TimeSlice } from '../time-slice.js'
import { Page } from './page.js'

/** Rows tested at once: few enough to read little beyond the page, many enough to be quick. */
const BLOCK_ROWS = 8192
const ROWS_PER_STEP = 1024

export async function select(query: SelectQuery, running: Running): Promise<SelectResult> {
  const { memory, signal } = running
  const columns = withDerived(running.columns, query.derived)
  const wanted = query.limit + 1
  if (Page.bytes(wanted) > memory) throw new LimitError('memory_budget', memory, Page.bytes(wanted), 'Bytes left for this query: ask for a smaller page.')
  const slice = new TimeSlice(signal)
  const { parts } = planSelect(query, running)
  const read = new QueryColumns(columns)
  const readers = parts.map(({ part }) => read.reader(part.segment))
  const page = new Page(wanted, query.descending, columns.get('source')!.dictionary!, columns.get('session_id')!.dictionary!)
  const picker = new RowPicker(query.filter, columns)
  for (const [index, part] of parts.entries()) {
    if (page.isPast(startOf(part, query))) break
    await slice.run(offerRows(query, part, index, readers[index], picker, page))
  }
  const count = page.settle()
  const shown = Math.min(count, query.limit)
  const stamp = stampFormatter(query.interval.timeZone)
  const data: ResultValue[][] = []
  for (let place = 0; place < shown; place++) {
    const reader = readers[page.part(place)]
    const row = page.row(place)
    data.push([stamp(page.start(place)), ...query.dimensions.map(({ dimension }) => valueOf(reader.column(dimension), row))])
    if (place % ROWS_PER_STEP === 0 && slice.over) await slice.yield()
  }
  return { fields: fieldsOf(query), data, next: count > shown ? cursorAt(page, shown - 1, query) : null }
}

export function explainSelect(query: SelectQuery, running: Running): Explanation {
  return explainScan(query, planSelect(query, running), new Float64Array(0), { kind: 'none', groups: null })
}

/** Rows from the cursor on, parts in the order of their first sessions. */
function planSelect(query: SelectQuery, { snapshot }: Running): Scan {
  const { interval, after, descending } = query
  const start = after === null || descending ? interval.start : Math.max(interval.start, after.start)
  const end = after === null || !descending ? interval.end : Math.min(interval.end, after.start + 1)
  const scan = planScan(snapshot, { ...interval, start, end }, columnsOf(query))
  return { ...scan, parts: [...scan.parts].sort((a, b) => (startOf(a, query) - startOf(b, query)) * (descending ? -1 : 1)) }
}

/** Start of the first session of the part in the order of the list. */
function startOf({ part, from, to }: PlannedPart, { descending }: SelectQuery): number {
  return part.segment.startOf(descending ? to - 1 : from)
}

/** Offers what passes the filter to the page; yields between blocks. */
function* offerRows(
  query: SelectQuery, { part: { segment, deleted }, from, to }: PlannedPart, index: number, reader: ColumnReader, picker: RowPicker, page: Page
): Generator<void, void, void> {
  const { descending } = query
  const { starts } = segment
  const source = reader.column('source') as StringColumn
  const id = reader.column('session_id') as StringColumn
  const isAfter = afterTest(query, starts, source, id)
  for (let done = 0; done < to - from; done += BLOCK_ROWS) {
    const first = descending ? Math.max(from, to - done - BLOCK_ROWS) : from + done
    const end = descending ? to - done : Math.min(to, from + done + BLOCK_ROWS)
    const rows = picker.pick(reader, deleted, first, end)
    const n = rows === null ? end - first : rows.length
    for (let i = 0; i < n; i++) {
      const at = descending ? n - 1 - i : i
      const row = rows === null ? first + at : rows[at]
      if (page.isPast(starts[row])) return
      if (isAfter === null || isAfter(row)) page.offer(starts[row], source.codes[row], id.codes[row], index, row)
    }
    yield
  }
}

/** Whether a row comes after the cursor; of those given, only rows that start together with it may not. Null where all do. */
function afterTest({ after, descending }: SelectQuery, starts: Float64Array, source: StringColumn, id: StringColumn): ((row: number) => boolean) | null {
  if (after === null) return null
  const sign = descending ? -1 : 1
  return row => starts[row] !== after.start || compareKeys(source, id, row, after) * sign > 0
}

function compareKeys(source: StringColumn, id: StringColumn, row: number, after: Position): number {
  return compareCodePoints(source.dictionary.decode(source.codes[row]), after.source) || compareCodePoints(id.dictionary.decode(id.codes[row]), after.sessionId)
}

function cursorAt(page: Page, place: number, { descending }: SelectQuery): string {
  return writeCursor({ after: { start: page.start(place), source: page.source(place), sessionId: page.id(place) }, descending })
}

function fieldsOf({ dimensions }: SelectQuery): SelectResult['fields'] {
  return ['timestamp', ...dimensions.map(({ name }) => name)].map(name => ({ name, type: 'dimension' }))
}

/** The value of a row; an array as the list of its distinct elements. */
function valueOf(column: Column, row: number): ResultValue {
  switch (column.type) {
    case 'number': return column.valid === null || hasBit(column.valid, row) ? column.values[row] : null
    case 'string': return column.codes[row] === 0 ? null : column.dictionary.decode(column.codes[row])
    case 'strings': {
      const items: string[] = []
      for (let item = column.offsets[row]; item < column.offsets[row + 1]; item++) items.push(column.dictionary.decode(column.codes[item]))
      return items.length === 0 ? null : items
    }
  }
}
