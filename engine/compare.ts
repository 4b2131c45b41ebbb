/** Orders of texts and values (Druid's sorting orders). */
import type { Comparison } from '../dsl/query.js'

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

/** Digit runs compare as numbers, everything else by code point. */
function compareAlphanumeric(a: string, b: string): number {
  const left = a.match(DIGITS_OR_NOT) ?? []
  const right = b.match(DIGITS_OR_NOT) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = isDigit(left[i]) && isDigit(right[i]) ? compareDigits(left[i], right[i]) : compareCodePoints(left[i], right[i])
    if (order !== 0) return order
  }
  return left.length - right.length || compareCodePoints(a, b)
}

function isDigit(text: string): boolean {
  const unit = text.charCodeAt(0)
  return unit >= 48 && unit <= 57
}

/** Digit runs of any length, leading zeros aside. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || compareCodePoints(left, right)
}

/** Texts that are no number sort before all that are. */
function compareNumeric(a: string, b: string): number {
  const x = a.trim() === '' ? NaN : Number(a)
  const y = b.trim() === '' ? NaN : Number(b)
  if (x === x && y === y) return x - y || compareCodePoints(a, b)
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
