/** Scales, and the frame around a plot: values on the left, times below. */
import { shortNumber } from '../numbers.js'
import { padEnd, padStart, width } from '../text.js'
import type { Panel } from './panel.js'

const TICKS = 4
const LABEL_GAP = 3
/** What stands between the numbers and the plot. */
const RULE_WIDTH = 2

export interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

/** From 0, or from below where values are negative, to a round number that no value passes. */
export function scaleOf(panel: Panel): Scale {
  let least = 0
  let most = 0
  for (const { values } of panel.series) {
    for (const value of values) {
      least = Math.min(least, value ?? 0)
      most = Math.max(most, value ?? 0)
    }
  }
  const step = niceStep((most - least || TICKS) / TICKS)
  const low = Math.floor(least / step)
  const high = Math.max(low + 1, Math.ceil(most / step))
  return { low: low * step, high: high * step, ticks: Array.from({ length: high - low + 1 }, (_, i) => (low + i) * step) }
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 2.5, 5].find(step => step * power >= rough) ?? 10)
}

/** Width of the plot inside the frame. */
export function plotWidth(scale: Scale, columns: number): number {
  return Math.max(1, columns - numbersWidth(scale) - RULE_WIDTH)
}

function numbersWidth({ ticks }: Scale): number {
  return ticks.reduce((most, tick) => Math.max(most, width(shortNumber(tick))), 0)
}

/**
 * The plot with its axes.
 * @param rows top row first
 * @param anchors the column of each bucket in the plot
 */
export function* frame(rows: readonly string[], scale: Scale, labels: readonly string[], anchors: readonly number[], plot: number): Generator<string> {
  const names = new Map<number, string>()
  for (const tick of scale.ticks) names.set(Math.round((scale.high - tick) / (scale.high - scale.low) * rows.length), shortNumber(tick))
  const numbers = numbersWidth(scale)
  for (let i = 0; i < rows.length; i++) {
    const name = names.get(i)
    yield `${padStart(name ?? '', numbers)} ${name === undefined ? '│' : '┤'}${rows[i]}`
  }
  yield `${padStart(names.get(rows.length) ?? '', numbers)} ┼${'─'.repeat(plot)}`
  yield `${' '.repeat(numbers + RULE_WIDTH)}${timeLabels(labels, anchors, plot)}`
}

/** As many labels as fit, evenly over the buckets, each starting under its bucket; the last one ends within the plot. */
function timeLabels(labels: readonly string[], anchors: readonly number[], plot: number): string {
  const longest = labels.reduce((most, label) => Math.max(most, width(label)), 1)
  for (let count = Math.min(labels.length, Math.floor((plot + LABEL_GAP) / (longest + LABEL_GAP))); count > 1; count--) {
    const line = placeLabels(labels, anchors, plot, count)
    if (line !== null) return line
  }
  return labels[0] ?? ''
}

/** Null where two labels would touch. */
function placeLabels(labels: readonly string[], anchors: readonly number[], plot: number, count: number): string | null {
  let line = ''
  for (let i = 0; i < count; i++) {
    const index = Math.round(i * (labels.length - 1) / (count - 1))
    const at = Math.max(0, Math.min(anchors[index]!, plot - width(labels[index]!)))
    if (line !== '' && at < width(line) + LABEL_GAP - 1) return null
    line = padEnd(line, at) + labels[index]!
  }
  return line
}
