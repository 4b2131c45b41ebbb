import type { Canvas } from './result.js'

const DEFAULT_COLUMNS = 80

/** Width and colour of an output. COLUMNS counts where there is no terminal; NO_COLOR and a dumb terminal switch colour off. */
export function canvasOf(stream: { readonly columns?: number | undefined, readonly isTTY: boolean }): Canvas {
  const named = Number(process.env['COLUMNS'])
  const columns = stream.columns ?? (Number.isInteger(named) && named > 0 ? named : DEFAULT_COLUMNS)
  return { columns, color: stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' }
}
