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

/**
 * Runs of digits compare as numbers, with fewer leading zeros first; all else by code point; digits come before anything else.
 * Druid's rule, but for its folding of case.
 */
function compareAlphanumeric(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (isDigit(x) && isDigit(y)) {
      // All before is the same in both, so that runs begin at one place; one that is equal ends at one place.
      const end = digitsEnd(a, i)
      const order = compareDigits(a, i, end, b, i, digitsEnd(b, i))
      if (order !== 0) return order
      i = end - 1
    } else if (x !== y) return isDigit(x) ? -1 : isDigit(y) ? 1 : rankUnit(x) - rankUnit(y)
  }
  return a.length - b.length
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

function digitsEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

/** Runs of digits of any length. */
function compareDigits(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom
  let j = bFrom
  while (i < aEnd && a.charCodeAt(i) === 48) i++
  while (j < bEnd && b.charCodeAt(j) === 48) j++
  const longer = aEnd - i - (bEnd - j)
  if (longer !== 0) return longer
  for (; i < aEnd; i++, j++) {
    const order = a.charCodeAt(i) - b.charCodeAt(j)
    if (order !== 0) return order
  }
  return aEnd - aFrom - (bEnd - bFrom)
}

/** A text as a decimal number; NaN where it is none. */
export function parseNumber(text: string): number {
  return numberOf(text) ?? NaN
}

function compareNumeric(a: string, b: string): number {
  return compareNumbered(a, parseNumber(a), b, parseNumber(b))
}

/** Texts that are no number sort before all that are; texts of one number are equal. `x` and `y` are the values as numbers, or NaN. */
export function compareNumbered(a: string | number | null, x: number, b: string | number | null, y: number): number {
  if (x === x && y === y) return x - y
  if (x === x || y === y) return x === x ? 1 : -1
  return compareValues(a, b, 'natural')
}

/** Code points of a text, a lone surrogate being one. */
function lengthOf(text: string): number {
  let length = text.length
  for (let i = 1; i < text.length; i++) {
    if (isSurrogate(text.charCodeAt(i), 0xdc00) && isSurrogate(text.charCodeAt(i - 1), 0xd800)) length--
  }
  return length
}

function isSurrogate(unit: number, first: number): boolean {
  return (unit & 0xfc00) === first
}

export const compareTexts: Readonly<Record<Comparison, (a: string, b: string) => number>> = {
  lexicographic: compareCodePoints,
  alphanumeric: compareAlphanumeric,
  numeric: compareNumeric,
  strlen: (a, b) => lengthOf(a) - lengthOf(b) || compareCodePoints(a, b)
}

/** Null lowest; numbers as numbers and texts by code point, or both as texts in another ordering. */
export function compareValues(a: string | number | null, b: string | number | null, ordering: 'natural' | Comparison): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number' && (ordering === 'natural' || ordering === 'numeric')) return a - b
  return compareTexts[ordering === 'natural' ? 'lexicographic' : ordering](String(a), String(b))
}
