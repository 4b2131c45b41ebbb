import { instantOf } from '../../dsl/instant.js'

/** "2025-01-31T12:34:56.789Z" at bytes[start, end) as epoch ms; NaN for every other form, and for a date that does not exist. */
export function canonicalInstant(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 24 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45 || bytes[start + 10] !== 84 || bytes[start + 13] !== 58
    || bytes[start + 16] !== 58 || bytes[start + 19] !== 46 || bytes[start + 23] !== 90) return NaN
  return instantOf(
    digits(bytes, start) * 100 + digits(bytes, start + 2), digits(bytes, start + 5), digits(bytes, start + 8),
    digits(bytes, start + 11), digits(bytes, start + 14), digits(bytes, start + 17), digits(bytes, start + 20) * 10 + digit(bytes[start + 22])
  )
}

function digits(bytes: Uint8Array, at: number): number {
  return digit(bytes[at]) * 10 + digit(bytes[at + 1])
}

function digit(byte: number): number {
  return byte >= 48 && byte <= 57 ? byte - 48 : NaN
}
