/**
 * Several series over time: braille lines (2 × 4 dots a character), with a marker of its own per series so that they can be
 * told apart without colour. A line breaks where a group has no value, and where buckets are left out.
 */
import type { Canvas } from '../result.js'
import { truncate, width } from '../text.js'
import { frame, plotWidth, scaleOf } from './axis.js'
import { paint } from './paint.js'
import { followed, type Panel, type Series } from './panel.js'

const HEIGHT = 12
const MARKERS = ['●', '▲', '■', '◆', '○', '△', '□', '◇']
/** Characters between two markers of one series. */
const MARKER_GAP = 6
const BRAILLE = 0x2800
/** Bits of the dots of a braille character, by row, then column. */
const DOTS = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]] as const

interface Character { dots: number, marker: string, series: number }

export function* drawLines(panel: Panel, canvas: Canvas): Generator<string> {
  const shown = strongest(panel.series)
  const scale = scaleOf({ ...panel, series: shown })
  const plot = plotWidth(scale, canvas.columns)
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: plot }, (): Character => ({ dots: 0, marker: '', series: 0 })))
  const first = panel.times[0]!
  const span = panel.times[panel.times.length - 1]! - first || 1
  const xs = panel.times.map(time => Math.round((time - first) / span * (plot * 2 - 1)))
  const y = (value: number) => Math.min(HEIGHT * 4 - 1, Math.round((scale.high - value) / (scale.high - scale.low) * HEIGHT * 4))
  const joined = followed(panel.times)
  const lines = shown.map(({ values }) => values.map((value, i) => value === null ? null : { x: xs[i]!, y: y(value), joined: joined[i] === true && values[i + 1] !== null }))
  lines.forEach((points, series) => {
    points.forEach((point, i) => {
      if (point) stroke(grid, point, point.joined ? points[i + 1]! : point, series)
    })
  })
  lines.forEach((points, series) => mark(grid, points, series, shown.length))
  yield* frame(grid.map(row => rowText(row, canvas)), scale, panel.labels, xs.map(x => x >> 1), plot)
  yield* legend(shown, canvas)
  if (shown.length < panel.series.length) yield `${shown.length} of ${panel.series.length} groups, those with the highest peaks`
}

function strongest(all: readonly Series[]): readonly Series[] {
  if (all.length <= MARKERS.length) return all
  const kept = new Set([...all].sort((a, b) => peak(b) - peak(a)).slice(0, MARKERS.length))
  return all.filter(series => kept.has(series))
}

function peak({ values }: Series): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? -Infinity), -Infinity)
}

interface Point {
  readonly x: number
  readonly y: number
  /** The line goes on to the next bucket. */
  readonly joined: boolean
}

function stroke(grid: Character[][], from: Point, to: Point, series: number): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1)
  for (let i = 0; i <= steps; i++) {
    const x = Math.round(from.x + (to.x - from.x) * i / steps)
    const y = Math.round(from.y + (to.y - from.y) * i / steps)
    const character = grid[y >> 2]![x >> 1]!
    character.dots |= DOTS[y & 3]![x & 1]!
    character.series = series
  }
}

/** Markers at buckets, at most one every few characters; each series begins elsewhere, so that equal lines show both. */
function mark(grid: Character[][], points: readonly (Point | null)[], series: number, count: number): void {
  let free = series * MARKER_GAP / count
  points.forEach((point, i) => {
    const alone = point && !points[i - 1]?.joined && !point.joined
    if (!point || (!alone && point.x >> 1 < free)) return
    const character = grid[point.y >> 2]![point.x >> 1]!
    character.marker = MARKERS[series]!
    character.series = series
    free = (point.x >> 1) + MARKER_GAP
  })
}

function rowText(row: readonly Character[], canvas: Canvas): string {
  return row.map(({ dots, marker, series }) => {
    if (marker !== '') return paint(marker, series, canvas)
    return dots === 0 ? ' ' : paint(String.fromCharCode(BRAILLE + dots), series, canvas)
  }).join('').trimEnd()
}

function* legend(shown: readonly Series[], canvas: Canvas): Generator<string> {
  let line = ''
  let used = 0
  for (const [i, { label }] of shown.entries()) {
    const text = truncate(label, Math.max(1, canvas.columns - 2))
    const wide = width(text) + 2
    if (used > 0 && used + 3 + wide > canvas.columns) {
      yield line
      line = ''
      used = 0
    }
    line += `${used > 0 ? '   ' : ''}${paint(MARKERS[i]!, i, canvas)} ${text}`
    used += wide + (used > 0 ? 3 : 0)
  }
  if (line !== '') yield line
}
