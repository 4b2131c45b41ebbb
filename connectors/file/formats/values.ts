/** Values of typed files as what a session can hold: identifiers, times and decimals stay exact. */
import { isUtf8 } from 'node:buffer'
import { newRow } from '../../record/row.js'

const DAY_MS = 86_400_000
/** The range of Date (ECMA-262 21.4.1.1). */
const MAX_MS = 8.64e15

/** A number; beyond 2^53 its digits, since it is an identifier then. */
export function integerValue(value: number | bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** `unscaled` · 10^-`scale`: the nearest number; a whole one beyond 2^53 as its digits. */
export function decimalValue(unscaled: bigint, scale: number): number | string {
  if (scale <= 0) return integerValue(unscaled * 10n ** BigInt(-scale))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const at = digits.length - scale
  return Number(`${unscaled < 0n ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`)
}

/** Two's complement, big-endian. */
export function bigIntOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = value << 8n | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** The text where it is UTF-8, else hexadecimal digits. */
export function bytesValue(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString(isUtf8(buffer) ? 'utf8' : 'hex')
}

/** ISO-8601 in UTC, to the millisecond; null for what no calendar has. */
export function timeText(ms: number): string | null {
  const floored = Math.floor(ms)
  return Math.abs(floored) <= MAX_MS ? new Date(floored).toISOString() : null
}

export function dateText(days: number): string | null {
  return timeText(days * DAY_MS)?.replace(/T.*$/, '') ?? null
}

/** A time of day: `13:45:00.250`. */
export function clockText(value: number | bigint, perSecond: number): string | null {
  const ms = Number(value) * 1000 / perSecond
  return ms >= 0 && ms < DAY_MS ? timeText(ms)!.slice(11, -1) : null
}

/** NaN is how data frames write a missing number. */
export function floatValue(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Any value, also a nested one, as JSON would hold it. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return integerValue(value)
  if (typeof value === 'number') return floatValue(value)
  if (value instanceof Uint8Array) return bytesValue(value)
  if (value instanceof Date) return timeText(value.getTime())
  if (value instanceof Map) return plainObject(value.entries())
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plainValue)
  return typeof value === 'object' && value !== null ? plainObject(Object.entries(value)) : value
}

function plainObject(entries: Iterable<readonly [unknown, unknown]>): unknown {
  const object = newRow() as Record<string, unknown>
  for (const [key, value] of entries) object[String(plainValue(key))] = plainValue(value)
  return object
}
