/**
 * A result as an aligned table: text left, numbers right, null as –. Wide characters count as two columns.
 * Totals stand below a rule of their own.
 * A table wider than the terminal first wraps its header and shortens its text; when that is not enough, each row becomes a block of lines.
 */
import { shortenTimes, textOf, TIME } from './cells.js'
import { displayable } from './displayable.js'
import type { Canvas, Cell, ResultTable } from './result.js'
import { ALL, spelledOut } from './rollup.js'
import { numberFormatter } from './numbers.js'
import { NAME_BREAKS, padEnd, padStart, truncate, width, wrap } from './text.js'

const GUTTER = '  '
/** Below this a shortened text says too little. */
const MIN_TEXT_WIDTH = 8
/** Headers are not wrapped into less. */
const MIN_HEADER_WIDTH = 12

interface Column {
  readonly name: string
  readonly cells: readonly string[]
  readonly numeric: boolean
  /** Numbers and times are never cut. */
  readonly fixed: boolean
  readonly wide: number
  /** Down to here only the header gives way. */
  readonly content: number
  readonly least: number
}

/** Lines, each ending with a line feed; the header and its rule first. */
export function* formatTable(result: ResultTable, canvas: Canvas): Generator<string> {
  const { totals } = result
  const data = spelledOut(result)
  const columns = result.fields.map(({ name, type }, i) => {
    const total = totals && (type === 'metric' ? totals[i] ?? null : ALL)
    return column(name, data.map(row => row[i] ?? null), type === 'metric', total)
  })
  const widths = fit(columns, canvas.columns)
  if (widths) yield* grid(columns, widths, data.length, totals !== undefined, canvas)
  else yield* blocks(columns, data.length + (totals === undefined ? 0 : 1), canvas)
  if (data.length === 0 && totals === undefined) yield '(no rows)\n'
}

/** `total` is the last cell, apart from the others. */
function column(name: string, values: readonly Cell[], metric: boolean, total?: Cell): Column {
  const numeric = values.every(value => value === null || typeof value === 'number') && (metric || values.some(value => value !== null))
  const number = numberFormatter(total === undefined ? values : [...values, total])
  const cells = [...shortenTimes(name, values), ...(total === undefined ? [] : [total])]
    .map(value => typeof value === 'number' ? number(value) : textOf(value))
  const title = displayable(name)
  const content = cells.reduce((most, cell) => Math.max(most, width(cell)), 1)
  const wide = Math.max(content, width(title))
  const fixed = numeric || name === TIME
  const least = Math.min(wide, fixed ? Math.max(content, MIN_HEADER_WIDTH) : MIN_TEXT_WIDTH)
  return { name: title, cells, numeric, fixed, wide, content: Math.min(wide, Math.max(content, MIN_HEADER_WIDTH)), least }
}

/** A width per column so that a row fits, or null where that cannot be. Headers give way before text, the widest column first. */
function fit(columns: readonly Column[], available: number): number[] | null {
  const widths = columns.map(({ wide }) => wide)
  let excess = widths.reduce((sum, wide) => sum + wide, GUTTER.length * (widths.length - 1)) - available
  for (; excess > 0; excess--) {
    const header = widestAbove(widths, columns.map(({ content }) => content))
    const widest = header >= 0 ? header : widestAbove(widths, columns.map(({ least }) => least))
    if (widest < 0) return null
    widths[widest]!--
  }
  return widths
}

function widestAbove(widths: readonly number[], floors: readonly number[]): number {
  return widths.reduce((best, wide, i) => wide > floors[i]! && wide > (widths[best] ?? 0) ? i : best, -1)
}

function* grid(columns: readonly Column[], widths: readonly number[], rows: number, hasTotals: boolean, canvas: Canvas): Generator<string> {
  const bold = canvas.color ? (text: string) => `\u001b[1m${text}\u001b[22m` : (text: string) => text
  const line = (texts: readonly string[]) => columns.map(({ numeric }, i) =>
    numeric ? padStart(texts[i]!, widths[i]!) : padEnd(texts[i]!, widths[i]!)).join(GUTTER).trimEnd()
  const headers = columns.map(({ name }, i) => wrap(name, widths[i]!, NAME_BREAKS))
  const height = headers.reduce((most, { length }) => Math.max(most, length), 1)
  for (let i = 0; i < height; i++) yield `${bold(line(headers.map(lines => lines[i - height + lines.length] ?? '')))}\n`
  const rule = `${widths.map(wide => '─'.repeat(wide)).join(GUTTER)}\n`
  const body = (row: number) => line(columns.map(({ cells }, i) => truncate(cells[row]!, widths[i]!)))
  yield rule
  for (let row = 0; row < rows; row++) yield `${body(row)}\n`
  if (hasTotals) yield `${rule}${bold(body(rows))}\n`
}

function* blocks(columns: readonly Column[], rows: number, canvas: Canvas): Generator<string> {
  const longest = columns.reduce((most, { name }) => Math.max(most, width(name)), 0)
  const names = Math.min(longest, Math.max(MIN_TEXT_WIDTH, Math.floor(canvas.columns / 2)))
  const room = Math.max(MIN_TEXT_WIDTH, canvas.columns - names - GUTTER.length)
  for (let row = 0; row < rows; row++) {
    yield `${'─'.repeat(Math.max(1, Math.min(canvas.columns, names + GUTTER.length + room)))}\n`
    for (const { name, cells, fixed } of columns) {
      yield `${padEnd(truncate(name, names), names)}${GUTTER}${fixed ? cells[row]! : truncate(cells[row]!, room)}\n`
    }
  }
}
