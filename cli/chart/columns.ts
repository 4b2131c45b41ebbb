/** One series over time as vertical columns, to eighths of a character. */
import type { Canvas } from '../result.js'
import { frame, plotWidth, scaleOf } from './axis.js'
import { paint } from './paint.js'
import type { Panel } from './panel.js'

const HEIGHT = 12
/** Wider columns say no more. */
const MAX_COLUMN = 6
const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

export function* drawColumns(panel: Panel, canvas: Canvas): Generator<string> {
  const scale = scaleOf(panel)
  const values = panel.series[0]!.values
  const available = plotWidth(scale, canvas.columns)
  const merged = Math.ceil(values.length / available)
  const heights = peaks(values, merged).map(value => value === null ? 0 : Math.max(value > 0 ? 1 : 0, Math.round(value / scale.high * HEIGHT * 8)))
  // all of one width: a wider column would look like more
  const each = Math.min(MAX_COLUMN + 1, Math.floor(available / heights.length))
  const gap = each > 2 ? 1 : 0
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const base = (HEIGHT - 1 - row) * 8
    const cells = heights.map(height => LEVELS[Math.max(0, Math.min(8, height - base))]!.repeat(each - gap) + ' '.repeat(gap))
    return paint(cells.join('').trimEnd(), 0, canvas)
  })
  yield* frame(rows, scale, panel.labels, values.map((_, i) => Math.floor(i / merged) * each), heights.length * each)
  if (merged > 1) yield `each column is the highest of ${merged} buckets: the terminal is narrower than the answer`
}

function peaks(values: readonly (number | null)[], size: number): (number | null)[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const some = values.slice(i * size, (i + 1) * size).filter(value => value !== null)
    return some.length > 0 ? Math.max(...some) : null
  })
}
