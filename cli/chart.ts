/**
 * A result as a chart for a terminal: bars per group, columns over time, and lines where several groups go over time.
 * One panel per metric, since metrics have scales of their own; a total stands beside its title and is not drawn, since it would dwarf the rest. Legible without colour; colours only help.
 */
import { shortenTimes, textOf, TIME } from './cells.js'
import { drawBars } from './chart/bars.js'
import { drawColumns } from './chart/columns.js'
import { drawLines } from './chart/lines.js'
import { followed, type Panel, type Series } from './chart/panel.js'
import { displayable } from './displayable.js'
import type { Canvas, Cell, ResultTable } from './result.js'
import { numberFormatter } from './numbers.js'
import { ALL, rolledRows } from './rollup.js'
import { truncate } from './text.js'

const LABEL_JOINT = ' · '

/** Lines, each ending with a line feed. */
export function* formatChart(result: ResultTable, canvas: Canvas): Generator<string> {
  const metrics = result.fields.flatMap(({ type }, i) => type === 'metric' ? [i] : [])
  if (result.data.length === 0 || metrics.length === 0) {
    yield result.data.length === 0 ? '(no rows)\n' : '(nothing to draw: the query has no aggregations)\n'
    return
  }
  let first = true
  for (const metric of metrics) {
    if (!first) yield '\n'
    first = false
    const panel = toPanel(result, metric)
    yield `${truncate(displayable(panel.title) + totalOf(result, metric), canvas.columns)}\n`
    for (const line of draw(panel, canvas)) yield `${line.trimEnd()}\n`
  }
}

function totalOf({ totals }: ResultTable, metric: number): string {
  const total = totals?.[metric]
  return typeof total === 'number' ? ` (total ${numberFormatter([total])(total)})` : ''
}

function draw(panel: Panel, canvas: Canvas): Iterable<string> {
  if (panel.times.length < 2) return drawBars(panel, canvas)
  const single = panel.series.length === 1 && panel.series[0]!.values.every(value => value === null || value >= 0)
  // Equal widths would hide holes.
  return single && followed(panel.times).every(Boolean) ? drawColumns(panel, canvas) : drawLines(panel, canvas)
}

function toPanel(result: ResultTable, metric: number): Panel {
  const { fields, data } = result
  const time = fields[0]?.name === TIME ? 0 : -1
  const groups = fields.flatMap(({ type }, i) => type === 'dimension' && i !== time ? [i] : [])
  const stamps = time < 0 ? [] : [...new Set(data.map(row => String(row[time])))].sort((a, b) => Date.parse(a) - Date.parse(b))
  const slots = new Map(stamps.map((stamp, i) => [stamp, i]))
  const series = new Map<string, Series & { values: (number | null)[] }>()
  const stretches = [...rolledRows(result)].flatMap(({ rows, all }, stretch) => rows.map(row => ({ row, all, stretch })))
  for (const { row, all, stretch } of stretches) {
    const key = JSON.stringify([stretch, ...groups.map(i => row[i])])
    let one = series.get(key)
    if (!one) {
      one = { label: labelOf(groups.map(i => all.has(i) ? ALL : row[i] ?? null)), values: new Array<number | null>(Math.max(1, stamps.length)).fill(null) }
      series.set(key, one)
    }
    const value = row[metric]
    one.values[time < 0 ? 0 : slots.get(String(row[time]))!] = typeof value === 'number' ? value : null
  }
  return {
    title: fields[metric]!.name,
    times: stamps.map(stamp => Date.parse(stamp)),
    labels: shortenTimes(TIME, stamps).map(String),
    series: [...series.values()]
  }
}

function labelOf(values: readonly Cell[]): string {
  if (values.length === 0) return 'all'
  return values.map(value => typeof value === 'number' ? String(value) : textOf(value)).join(LABEL_JOINT)
}
