/** Start times of sessions, in every form that a caller may hand in. */
import { parseInstant } from '../../dsl/instant.js'

/** The range of an ECMAScript Date. */
const LIMIT = 8.64e15

/**
 * Epoch milliseconds of an ISO-8601 text (dsl/instant.ts), of a number of milliseconds (fractions are cut off) or of a Date.
 * NaN for anything else, and for a date that does not exist.
 */
export function parseStart(value: unknown): number {
  const time = typeof value === 'string' ? parseInstant(value) : typeof value === 'number' ? value : value instanceof Date ? value.getTime() : NaN
  // + 0 turns -0 into 0.
  return Math.abs(time) <= LIMIT ? Math.floor(time) + 0 : NaN
}
