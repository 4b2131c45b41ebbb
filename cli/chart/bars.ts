/** One horizontal bar per group, with its number; to eighths of a character. */
import type { Canvas } from '../result.js'
import { numberFormatter } from '../numbers.js'
import { padEnd, padStart, truncate, width } from '../text.js'
import { paint } from './paint.js'
import type { Panel } from './panel.js'

/** More than a screen of bars is a table's job. */
const MAX_BARS = 50
const LABEL_SHARE = 0.4
const MIN_BAR = 4
const GUTTER = '  '
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const FULL = '█'

export function* drawBars(panel: Panel, canvas: Canvas): Generator<string> {
  const bars = panel.series.slice(0, MAX_BARS).map(({ label, values }) => ({ label, value: values[0] ?? null }))
  const values = bars.map(({ value }) => value)
  const number = numberFormatter(values)
  const numbers = values.map(value => value === null ? '–' : number(value))
  const numbersWide = numbers.reduce((most, text) => Math.max(most, width(text)), 0)
  const longest = bars.reduce((most, { label }) => Math.max(most, width(label)), 0)
  const labelWide = Math.min(longest, Math.max(MIN_BAR, Math.floor(canvas.columns * LABEL_SHARE)))
  const room = Math.max(MIN_BAR, canvas.columns - labelWide - numbersWide - 2 * GUTTER.length)
  const low = Math.min(0, ...values.map(value => value ?? 0))
  const high = Math.max(0, ...values.map(value => value ?? 0))
  const left = high > low ? Math.round(room * -low / (high - low)) : 0
  for (let i = 0; i < bars.length; i++) {
    const label = padEnd(truncate(bars[i]!.label, labelWide), labelWide)
    const length = high > low ? (values[i] ?? 0) / (high - low) * room : 0
    yield `${label}${GUTTER}${padStart(numbers[i]!, numbersWide)}${GUTTER}${bar(length, left, canvas)}`
  }
  if (panel.series.length > MAX_BARS) yield `… and ${panel.series.length - MAX_BARS} more groups: add a "limit" or take --format table`
}

/** Negative lengths grow to the left of zero, in whole characters since there are no right-aligned eighths. */
function bar(length: number, zero: number, canvas: Canvas): string {
  if (length < 0) {
    const cells = Math.min(zero, Math.max(1, Math.round(-length)))
    return ' '.repeat(zero - cells) + paint(FULL.repeat(cells), 1, canvas)
  }
  const eighths = length > 0 ? Math.max(1, Math.round(length * 8)) : 0
  return ' '.repeat(zero) + paint(FULL.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!, 0, canvas)
}
