import { parseInstant } from '../../dsl/instant.js'

/** Below this an epoch number counts seconds (until the year 5138), above it milliseconds (from March 1973). */
const SECONDS_BELOW = 1e11
/** 9999-12-31T23:59:59.999Z: what is later counts micro- or nanoseconds, or is no time. */
const LATEST_MS = 253_402_300_799_999
const NUMBER = /^-?\d+(?:\.\d+)?$/

/**
 * Epoch milliseconds of ISO-8601 (without an offset: UTC), or of epoch seconds or milliseconds as number or text; null for anything else,
 * also for a day that the calendar does not have. Digits after the third of a second are cut.
 */
export function parseTime(value: unknown): number | null {
  if (typeof value === 'number') return fromEpoch(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.getTime()
  if (typeof value !== 'string') return null
  const instant = parseInstant(value)
  if (!Number.isNaN(instant)) return Math.abs(instant) <= LATEST_MS ? instant : null
  return NUMBER.test(value) ? fromEpoch(Number(value)) : null
}

function fromEpoch(value: number): number | null {
  const ms = Math.floor(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value)
  return Math.abs(ms) <= LATEST_MS ? ms : null
}
