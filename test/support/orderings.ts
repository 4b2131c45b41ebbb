/** How strings compare, each way written for clarity. */
import type { Ordering, Value } from './query-json.js'

export type Compare = (a: string, b: string) => number

/** By code point: not what `<` does, which puts U+1F600 below U+FFEE. */
export function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, char => char.codePointAt(0) as number)
  const right = Array.from(b, char => char.codePointAt(0) as number)
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] as number) - (right[i] as number)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** The number that a string is, spaces around it aside, else null: "" and "0x10" are none. */
export function numberOf(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : null
}

/** Digits before anything else, runs of digits by their value, then by their leading zeros; all else by code point. */
export function alphanumeric(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i] as string
    const y = right[i] as string
    const digits = [/^\d/.test(x), /^\d/.test(y)]
    if (digits[0] !== digits[1]) return digits[0] ? -1 : 1
    const difference = digits[0] ? Number(BigInt(x) - BigInt(y)) || x.length - y.length : byCodePoint(x, y)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

export const COMPARE: Record<Exclude<Ordering, 'numeric'>, Compare> = {
  lexicographic: byCodePoint,
  alphanumeric,
  strlen: (a, b) => Array.from(a).length - Array.from(b).length || byCodePoint(a, b)
}

/** Values of an output column: null lowest, numbers as numbers, strings by code point. */
export function natural(a: Value, b: Value): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return byCodePoint(String(a), String(b))
}

/** The same under a named ordering; texts that are no numbers are below all numbers, and by code point among themselves. */
export function ordered(a: Value, b: Value, ordering: Ordering | undefined): number {
  if (ordering === undefined || a === null || b === null) return natural(a, b)
  if (ordering !== 'numeric') return COMPARE[ordering](String(a), String(b))
  const left = numberOf(String(a))
  const right = numberOf(String(b))
  return left === null && right === null ? byCodePoint(String(a), String(b)) : natural(left, right)
}
