/** Numbers as a person reads them: plain digits, one number of decimals per column, so that the points stand under each other. */
import type { Cell } from './result.js'

const DECIMALS = 3
/** For columns whose every value is small, where three decimals would leave nothing. */
const SMALL = 0.1
const SMALL_DECIMALS = 6
/** From here on, and below it, digits are no longer readable or not there: exponents. */
const HUGE = 1e15
const TINY = 1e-6
const EXPONENT_DIGITS = 6
/** Up to here all digits are as short as a unit. */
const PLAIN_BELOW = 10_000

/** A formatter for one column. At most three decimals are shown (six where all values are below 0.1), none where all are whole. */
export function numberFormatter(values: readonly Cell[]): (value: number) => string {
  let largest = 0
  let whole = true
  for (const value of values) {
    if (typeof value !== 'number') continue
    largest = Math.max(largest, Math.abs(value))
    whole &&= Number.isInteger(value)
  }
  const decimals = whole ? 0 : decimalsOf(values, largest < SMALL ? SMALL_DECIMALS : DECIMALS)
  return value => {
    const size = Math.abs(value)
    if (size >= HUGE || (size > 0 && size < TINY)) return String(Number(value.toPrecision(EXPONENT_DIGITS)))
    return value.toFixed(decimals)
  }
}

function decimalsOf(values: readonly Cell[], most: number): number {
  let needed = 0
  for (const value of values) {
    if (typeof value !== 'number') continue
    while (needed < most && Number(value.toFixed(needed)) !== value) needed++
    if (needed === most) break
  }
  return needed
}

/** Short, for an axis: `1200`, `12k`, `3.4M`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000 && size < PLAIN_BELOW) return String(Math.round(value))
  for (const [unit, sign] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= unit) return `${trim(value / unit)}${sign}`
  }
  return trim(value)
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)))
}
