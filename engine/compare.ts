/** Orders of texts and values (Druid's sorting orders). */
import type { Comparison } from '../dsl/query.js'
import { numberOf } from '../dsl/values.js'

/** By code point, as the UTF-8 bytes compare; `<` on strings compares UTF-16 units, which puts U+10000 before U+E000. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rankUnit(x) - rankUnit(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all other units. */
function rankUnit(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}

const DIGITS_OR_NOT = /\d+|\D+/g

/**
 * Runs of digits compare as numbers, with fewer leading zeros first; other runs by code point; digits come before anything else.
 * Druid's rule, but for its folding of case in the other runs.
 */
function compareAlphanumeric(a: string, b: string): number {
  const left = a.match(DIGITS_OR_NOT) ?? []
  const right = b.match(DIGITS_OR_NOT) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const digits = isDigit(left[i])
    if (digits !== isDigit(right[i])) return digits ? -1 : 1
    const order = digits ? compareDigits(left[i], right[i]) : compareCodePoints(left[i], right[i])
    if (order !== 0) return order
  }
  return left.length - right.length
}

function isDigit(text: string): boolean {
  const unit = text.charCodeAt(0)
  return unit >= 48 && unit <= 57
}

/** Runs of digits of any length. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || compareCodePoints(left, right) || a.length - b.length
}

/** A text as a decimal number; NaN where it is none. */
export function parseNumber(text: string): number {
  return numberOf(text) ?? NaN
}

/** Texts that are no number sort before all that are; texts of one number are equal. */
function compareNumeric(a: string, b: string): number {
  const x = parseNumber(a)
  const y = parseNumber(b)
  if (x === x && y === y) return x - y
  if (x !== x && y !== y) return compareCodePoints(a, b)
  return x === x ? 1 : -1
}

export const compareTexts: Readonly<Record<Comparison, (a: string, b: string) => number>> = {
  lexicographic: compareCodePoints,
  alphanumeric: compareAlphanumeric,
  numeric: compareNumeric,
  strlen: (a, b) => [...a].length - [...b].length || compareCodePoints(a, b)
}

/** Null lowest; numbers as numbers and texts by code point, or both as texts in another ordering. */
export function compareValues(a: string | number | null, b: string | number | null, ordering: 'natural' | Comparison): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number' && (ordering === 'natural' || ordering === 'numeric')) return a - b
  return compareTexts[ordering === 'natural' ? 'lexicographic' : ordering](String(a), String(b))
}
