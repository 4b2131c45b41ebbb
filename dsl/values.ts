/** Values that a query compares a dimension with, as values of that dimension's column. */
import type { Context } from './context.js'
import { describe } from './issues.js'
import type { ColumnType } from './query.js'

/** A value as a query may write it. */
export type Literal = string | number | boolean | null

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

/** The number that a text writes out in decimal digits, or null. */
export function numberOf(text: string): number | null {
  const value = NUMBER.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? value : null
}

/**
 * The value as the column holds it: numbers for a number column, strings for all others.
 * Where the column is not known it stays as it is, but that booleans are strings. A fault is reported and gives null.
 */
export function columnValue(value: Literal, type: ColumnType | undefined, context: Context, pointer: string): string | number | null {
  if (value === null) return null
  if (type === undefined) return typeof value === 'boolean' ? String(value) : value
  if (type !== 'number') return String(value)
  const number = typeof value === 'string' ? numberOf(value) : typeof value === 'number' ? value : null
  if (number === null) context.issues.add('invalid_value', pointer, `got ${describe(value)}, expected a number, since the dimension is one`)
  return number
}
