import { SessionqlError } from '../../dsl/errors.js'
import { parsePeriod } from '../../dsl/period.js'

export interface WatchOptions {
  /** Ends the watch; the taker of the next frame gets its reason. */
  readonly signal?: AbortSignal
  /**
   * By how much sessions of a source may come after later ones: an ISO-8601 period such as "PT1H", without months and years.
   * Buckets before that are final then; sessions that come later still are counted and change nothing. Default: nothing is ever final.
   */
  readonly lateness?: string
}

/** Milliseconds. @throws SessionqlError `invalid_config` */
export function parseLateness(text: string): number {
  const period = parsePeriod(text)
  if (period !== null && period.months === 0) return period.ms
  throw new SessionqlError('invalid_config', `lateness is ${JSON.stringify(text)}; it must be an ISO-8601 period without months and years, such as "PT1H" or "P1D"`)
}
