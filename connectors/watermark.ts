import { SourceError } from './errors.js'
import type { ReadOptions } from './source.js'

/** Everything before the watermark (epoch ms) has been read. */
export interface Watermark {
  readonly watermark: number
}

/** Throws SourceError invalid_config for a stored state of another form. */
export function checkWatermark(source: string, state: unknown): void {
  if (state === undefined || state === null) return
  const watermark: unknown = typeof state === 'object' && 'watermark' in state ? state.watermark : undefined
  if (typeof watermark === 'number' && Number.isFinite(watermark)) return
  throw new SourceError('invalid_config', source, 'the stored state has a form that this version does not know; remove it to read from the beginning')
}

/** Where a later reading goes on. Reading an interval says nothing about what lies outside of it: it moves no watermark. */
export function watermarkAfter({ state, interval }: ReadOptions<Watermark>, read: number, beginning: number): number {
  return interval ? state?.watermark ?? beginning : Math.max(read, state?.watermark ?? read)
}
