/** How time is cut for Conviva, right whether its ranges go by start or end of a session and whether their bounds are closed or open. */

/** Longest range of one request. */
export const LONGEST_RANGE_MS = 3 * 3_600_000
/** A window is asked for with one millisecond more, which must fit into the range as well. */
export const LONGEST_WINDOW_MS = LONGEST_RANGE_MS - 1
/** Conviva answers for starts no older than this. */
export const RETENTION_MS = 31 * 86_400_000
/** Limits that other documents and the default name: an answer of just so many rows may have been cut there. */
const OTHER_LIMITS = [50, 500]

/** Instants from `from` up to, without, `to`. Epoch ms. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What is asked for. Epoch ms. */
export interface Bounds {
  readonly start: number
  readonly end: number
}

/** Bounds that cover the range when both are open; when they are closed, one instant more on each side comes twice. */
export function toBounds({ from, to }: Range): Bounds {
  return { start: from - 1, end: to }
}

/** An answer that may have been cut. */
export function isFullAnswer(rows: number, limit: number): boolean {
  return rows >= limit || OTHER_LIMITS.includes(rows)
}

/** Wider again where little came, so that a busy hour does not slow down the quiet ones after it. */
export function nextWidth(width: number, rows: number, limit: number): number {
  const factor = rows * 2 < Math.min(limit, ...OTHER_LIMITS) ? 4 : rows * 3 < limit ? 2 : 1
  return Math.min(width * factor, LONGEST_WINDOW_MS)
}
