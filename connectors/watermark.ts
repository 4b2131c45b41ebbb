import { unknownState } from './errors.js'
import { isRecord } from './record/fields.js'
import type { ReadOptions } from './source.js'

export const WATERMARK_VERSION = 1

/** Everything before the watermark (epoch ms) has been read. States without a version are of the form before versions, which was the same. */
export interface Watermark {
  readonly version?: typeof WATERMARK_VERSION
  readonly watermark: number
}

/** The watermark of a stored state, null without one. Throws SourceError invalid_state for a state of another form. */
export function readWatermark(source: string, state: unknown): number | null {
  if (state === undefined || state === null) return null
  if (isRecord(state) && (state['version'] === undefined || state['version'] === WATERMARK_VERSION)) {
    const { watermark } = state
    if (typeof watermark === 'number' && Number.isFinite(watermark)) return watermark
  }
  throw unknownState(source)
}

/** Where a later reading goes on. Reading an interval says nothing about what lies outside of it: it moves no watermark. */
export function watermarkAfter({ interval }: Pick<ReadOptions, 'interval'>, stored: number | null, read: number, beginning: number): Watermark {
  return { version: WATERMARK_VERSION, watermark: interval ? stored ?? beginning : Math.max(read, stored ?? read) }
}
