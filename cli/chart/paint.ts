import type { Canvas } from '../result.js'

/** Told apart by most people with a colour deficiency too: cyan, yellow, magenta, green, blue, red, and two bright ones. */
const COLORS = [36, 33, 35, 32, 34, 31, 96, 93]

export function paint(text: string, series: number, canvas: Canvas): string {
  return canvas.color && text !== '' ? `\u001b[${COLORS[series % COLORS.length]}m${text}\u001b[39m` : text
}
