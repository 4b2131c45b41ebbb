/** Instants written as ISO-8601 by systems, as opposed to by a person in a query (timestamp.ts). */

const ISO = /^((?!-0{6})[+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?$/
const DAY = 86_400_000

/**
 * Epoch milliseconds; UTC where the text has no offset, finer digits than milliseconds cut off.
 * NaN for anything else, and for a date that does not exist.
 */
export function parseInstant(text: string): number {
  const quick = parseCanonical(text)
  if (quick === quick) return quick
  const match = ISO.exec(text)
  if (match === null) return NaN
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = match
  const time = instantOf(+year, +month, +day, +hour, +minute, +second, +fraction.slice(0, 3).padEnd(3, '0'))
  if (offset === 'Z' || offset === 'z') return time
  const digits = offset.slice(1).replace(':', '')
  const hours = +digits.slice(0, 2)
  const minutes = +(digits.slice(2) || 0)
  if (hours > 23 || minutes > 59) return NaN
  return time - (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** "2025-01-31T12:34:56.789Z" or with "+02:00", the forms that nearly all have, without a regular expression; NaN of others. */
export function parseCanonical(text: string): number {
  if (text.charCodeAt(10) !== 84 || text.charCodeAt(19) !== 46
    || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN
  return instantOf(
    digits2(text, 0) * 100 + digits2(text, 2), digits2(text, 5), digits2(text, 8),
    digits2(text, 11), digits2(text, 14), digits2(text, 17), digits2(text, 20) * 10 + digit(text, 22)
  ) - canonicalOffset(text)
}

/** Milliseconds of the "Z" or "+02:00" that ends a text of the canonical form; NaN of anything else. */
function canonicalOffset(text: string): number {
  const sign = text.charCodeAt(23)
  if (text.length === 24) return sign === 90 ? 0 : NaN
  if (text.length !== 29 || (sign !== 43 && sign !== 45) || text.charCodeAt(26) !== 58) return NaN
  const hours = digits2(text, 24)
  const minutes = digits2(text, 27)
  return hours < 24 && minutes < 60 ? (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000 : NaN
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : NaN
}

function digits2(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

/** Epoch ms of a UTC date and time of the Gregorian calendar; NaN where it does not exist. Months are 1 … 12. */
export function instantOf(year: number, month: number, day: number, hour: number, minute: number, second: number, ms: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && minute < 60 && second < 60)) return NaN
  if (!(hour < 24 || (hour === 24 && minute === 0 && second === 0 && ms === 0))) return NaN
  return daysSinceEpoch(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + ms
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the leap day comes last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
