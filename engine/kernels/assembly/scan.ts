/**
 * Lines of JSON whose keys come in an order that is known, into one array per value and part: engine/scan/line-kernel.ts says where.
 * What is in any other form ends the run, and the line is read by others. Behind the input stands a line feed: no text, number or key goes on there.
 */
import { isSame, knownCode } from './known'

// @ts-ignore: decorator
@inline const LINE_FEED: u32 = 10
// @ts-ignore: decorator
@inline const RETURN: u32 = 13
// @ts-ignore: decorator
@inline const SPACE: u32 = 32
// @ts-ignore: decorator
@inline const QUOTE: u32 = 34
// @ts-ignore: decorator
@inline const COMMA: u32 = 44
// @ts-ignore: decorator
@inline const MINUS: u32 = 45
// @ts-ignore: decorator
@inline const DOT: u32 = 46
// @ts-ignore: decorator
@inline const ZERO: u32 = 48
// @ts-ignore: decorator
@inline const COLON: u32 = 58
// @ts-ignore: decorator
@inline const BACKSLASH: u32 = 92
// @ts-ignore: decorator
@inline const OPEN_LIST: u32 = 91
// @ts-ignore: decorator
@inline const CLOSE_LIST: u32 = 93
// @ts-ignore: decorator
@inline const OPEN_OBJECT: u32 = 123
// @ts-ignore: decorator
@inline const CLOSE_OBJECT: u32 = 125
/** "null", "true", "fals" */
// @ts-ignore: decorator
@inline const NULL: u32 = 0x6c6c756e
// @ts-ignore: decorator
@inline const TRUE: u32 = 0x65757274
// @ts-ignore: decorator
@inline const FALS: u32 = 0x736c6166
// @ts-ignore: decorator
@inline const E: u32 = 101

/** Rows of a run, and items of one column in it; as in line-kernel.ts. */
// @ts-ignore: decorator
@inline const ROWS: u32 = 1024
// @ts-ignore: decorator
@inline const ITEMS: u32 = 4096
// @ts-ignore: decorator
@inline const MAX_DIGITS: u32 = 15

/** Added to the length of a text that is packed beside (engine/column/packed-text.ts). */
// @ts-ignore: decorator
@inline const PACKED: u32 = 0x40000000
// @ts-ignore: decorator
@inline const DIGITS: u32 = 32
// @ts-ignore: decorator
@inline const UUID: u32 = 36

/**
 * A field: address and length of its key with quotes, colon and blank; kind; address of its arrays; number of its texts that are missing;
 * address of its known texts, or 0, and the bits of a hash that are the place of a group there; whether its values are wanted.
 */
// @ts-ignore: decorator
@inline const FIELD: usize = 32
// @ts-ignore: decorator
@inline const STRING: u32 = 0
// @ts-ignore: decorator
@inline const NUMBER: u32 = 1
// @ts-ignore: decorator
@inline const STRINGS: u32 = 2
// @ts-ignore: decorator
@inline const ID: u32 = 3
// @ts-ignore: decorator
@inline const START: u32 = 4

let firstField: usize = 0
let lastField: usize = 0
/** Where the powers of ten begin, as f64. */
let powers: usize = 0
/** Blanks behind a comma: 0 or 1. */
let gap: usize = 0
let seed: u32 = 0
/** Where the run ended: the next line begins there. */
let next: usize = 0
/** What the last line has of ID and START. */
let seen: u32 = 0
/** The last number. */
let number: f64 = 0

export function setFields(first: usize, last: usize, blanks: usize, hashSeed: u32, powersOfTen: usize): void {
  firstField = first
  lastField = last
  gap = blanks
  seed = hashSeed
  powers = powersOfTen
}

export function nextLine(): usize {
  return next
}

/** Takes lines of [at, end), at most `most`; returns how many. A line feed stands at `end`. */
export function scanLines(at: usize, end: usize, most: u32): u32 {
  let row: u32 = 0
  for (let field = firstField; field < lastField; field += FIELD) store<u32>(field, 0, 16)
  while (row < most && at < end) {
    const after = scanLine(at, row)
    if (after == 0) break
    at = after
    row++
  }
  next = at
  return row
}

/** Where the next line begins, or 0 where this one is in another form. */
function scanLine(at: usize, row: u32): usize {
  if (<u32>load<u8>(at) != OPEN_OBJECT) return 0
  at++
  seen = 0
  let field = firstField
  for (;;) {
    while (field < lastField && !hasKey(at, field)) {
      setAbsent(field, row)
      field += FIELD
    }
    if (field >= lastField) return 0
    at = scanValue(at + <usize>load<u32>(field, 4), field, row)
    if (at == 0) return 0
    field += FIELD
    const byte = <u32>load<u8>(at++)
    if (byte == COMMA) {
      if (gap != 0 && <u32>load<u8>(at) != SPACE) return 0
      at += gap
    } else if (byte == CLOSE_OBJECT) break
    else return 0
  }
  for (; field < lastField; field += FIELD) setAbsent(field, row)
  if (seen != 3) return 0
  if (<u32>load<u8>(at) == RETURN) at++
  return <u32>load<u8>(at) == LINE_FEED ? at + 1 : 0
}

// @ts-ignore: decorator
@inline function hasKey(at: usize, field: usize): bool {
  return isSame(at, <usize>load<u32>(field), load<u32>(field, 4))
}

function setAbsent(field: usize, row: u32): void {
  const kind = load<u32>(field, 8)
  const out = <usize>load<u32>(field, 12)
  const cell = out + (<usize>row << 2)
  if (kind == NUMBER) store<u32>(cell, 0, ROWS * 8)
  else if (kind == STRINGS) store<u32>(cell, endBefore(out, row))
  else if (kind == STRING) store<u32>(cell, 0)
}

/** Items of the rows before this one. */
// @ts-ignore: decorator
@inline function endBefore(out: usize, row: u32): u32 {
  return row == 0 ? 0 : load<u32>(out + (<usize>(row - 1) << 2))
}

/** Where the value ends, or 0. */
// @ts-ignore: decorator
@inline function scanValue(at: usize, field: usize, row: u32): usize {
  const kind = load<u32>(field, 8)
  const out = <usize>load<u32>(field, 12)
  const first = <u32>load<u8>(at)
  if (first == QUOTE) {
    const from = at + 1
    const close = textEnd(from)
    if (<u32>load<u8>(close) != QUOTE || kind == NUMBER) return 0
    const length = <u32>(close - from)
    if (kind == START) {
      if (length != 24 || !scanInstant(from)) return 0
      store<f64>(out + (<usize>row << 3), number)
      seen |= 2
    } else if (kind == STRINGS) {
      const begin = endBefore(out, row)
      if (begin >= ITEMS) return 0
      putText(field, out + ROWS * 4, ITEMS, begin, from, length)
      store<u32>(out + (<usize>row << 2), begin + 1)
    } else {
      if (kind == ID) {
        if (length == 0) return 0
        seen |= 1
      }
      putText(field, out, ROWS, row, from, length)
      if ((length == DIGITS || length == UUID) && isWanted(field)) pack(out, row, from, length)
    }
    return close + 1
  }
  if (kind >= ID) return 0
  if (load<u32>(at) == NULL) {
    setAbsent(field, row)
    return at + 4
  }
  if (kind == NUMBER) {
    if (first == OPEN_LIST && <u32>load<u8>(at, 1) == CLOSE_LIST) {
      setAbsent(field, row)
      return at + 2
    }
    const close = scanNumber(at)
    store<f64>(out + (<usize>row << 3), number)
    store<u32>(out + (<usize>row << 2), 1, ROWS * 8)
    return close
  }
  if (first == OPEN_LIST) {
    if (<u32>load<u8>(at, 1) == CLOSE_LIST) {
      setAbsent(field, row)
      return at + 2
    }
    return kind == STRINGS ? scanItems(at + 1, field, out, row) : 0
  }
  if (kind != STRING) return 0
  const isTrue = load<u32>(at) == TRUE
  if (!isTrue && (load<u32>(at) != FALS || <u32>load<u8>(at, 4) != E)) return 0
  const length: u32 = isTrue ? 4 : 5
  putText(field, out, ROWS, row, at, length)
  return at + <usize>length
}

/** Place of the first quote, backslash or control character. */
// @ts-ignore: decorator
@inline function textEnd(at: usize): usize {
  for (;;) {
    const bytes = v128.load(at)
    const ends = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
      i8x16.lt_u(bytes, i8x16.splat(<i8>SPACE))
    )
    const mask = i8x16.bitmask(ends)
    if (mask != 0) return at + <usize>ctz(mask)
    at += 16
  }
  return at
}

// @ts-ignore: decorator
@inline function isWanted(field: usize): bool {
  return load<u32>(field, 28) != 0
}

/**
 * Puts a text into arrays of `room` each. It is looked for among those that are known; where it is not, start, length and hash
 * (engine/column/text-hash.ts) are left for others, and the place is added to those that are missing.
 */
// @ts-ignore: decorator
@inline function putText(field: usize, out: usize, room: u32, place: u32, from: usize, length: u32): void {
  const cell = out + (<usize>place << 2)
  const step = <usize>room << 2
  if (!isWanted(field)) return
  const hash = hashOf(from, length)
  const known = <usize>load<u32>(field, 20)
  if (known != 0) {
    const code = knownCode(known, hash & load<u32>(field, 24), hash, from, length)
    if (code != 0) {
      store<u32>(cell, code)
      return
    }
  }
  store<u32>(cell + step, <u32>from)
  store<u32>(cell + 2 * step, length)
  store<u32>(cell + 3 * step, hash)
  const missing = load<u32>(field, 16)
  store<u32>(out + 4 * step + (<usize>missing << 2), place)
  store<u32>(field, missing + 1, 16)
}

// @ts-ignore: decorator
@inline function hashOf(at: usize, length: u32): u32 {
  let h = seed
  const whole = at + <usize>(length & ~3)
  for (; at < whole; at += 4) h = (rotl(h, 7) ^ load<u32>(at)) * 0x9e3779b1
  const rest = length & 3
  if (rest != 0) h = (rotl(h, 7) ^ (load<u32>(at) & ((1 << (rest << 3)) - 1))) * 0x9e3779b1
  h = (h ^ (h >>> 15) ^ length) * 0x85ebca6b
  return h ^ (h >>> 13)
}

/** Packs 32 hexadecimal digits, or a UUID, to 16 bytes, and says so with its length. */
function pack(out: usize, row: u32, from: usize, length: u32): void {
  let first = v128.load(from)
  let second = v128.load(from, 16)
  if (length == UUID) {
    if (<u32>load<u8>(from, 8) != MINUS || <u32>load<u8>(from, 13) != MINUS || <u32>load<u8>(from, 18) != MINUS || <u32>load<u8>(from, 23) != MINUS) return
    first = i8x16.shuffle(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17)
    second = i8x16.shuffle(second, v128.load(from, 20), 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 28, 29, 30, 31)
  }
  const high = digitValues(first)
  const low = digitValues(second)
  // Values are below 16: the sign is that of a byte that is no digit.
  if (i8x16.bitmask(v128.or(high, low)) != 0) return
  v128.store(out + 20 * <usize>ROWS + (<usize>row << 4), i8x16.narrow_i16x8_u(pairs(high), pairs(low)))
  store<u32>(out + 8 * <usize>ROWS + (<usize>row << 2), length | PACKED)
}

/** Values of hexadecimal digits in lower case; -1 for every other byte. */
// @ts-ignore: decorator
@inline function digitValues(bytes: v128): v128 {
  const digits = i8x16.sub(bytes, i8x16.splat(48))
  const letters = i8x16.sub(bytes, i8x16.splat(97))
  const isDigit = i8x16.lt_u(digits, i8x16.splat(10))
  const isLetter = i8x16.lt_u(letters, i8x16.splat(6))
  const values = v128.bitselect(digits, i8x16.add(letters, i8x16.splat(10)), isDigit)
  return v128.or(values, v128.not(v128.or(isDigit, isLetter)))
}

/** Two values below 16 as a byte, in each half word. */
// @ts-ignore: decorator
@inline function pairs(values: v128): v128 {
  return v128.and(v128.or(i16x8.shl(values, 4), i16x8.shr_u(values, 8)), i16x8.splat(0xff))
}

/** A list of texts; blanks nowhere but, where there are any behind commas, there. */
function scanItems(at: usize, field: usize, out: usize, row: u32): usize {
  let item = endBefore(out, row)
  for (;;) {
    if (<u32>load<u8>(at) != QUOTE || item >= ITEMS) return 0
    const from = at + 1
    const close = textEnd(from)
    if (<u32>load<u8>(close) != QUOTE) return 0
    putText(field, out + ROWS * 4, ITEMS, item++, from, <u32>(close - from))
    const byte = <u32>load<u8>(close, 1)
    at = close + 2
    if (byte == CLOSE_LIST) break
    if (byte != COMMA || (gap != 0 && <u32>load<u8>(at) != SPACE)) return 0
    at += gap
  }
  store<u32>(out + (<usize>row << 2), item)
  return at
}

// @ts-ignore: decorator
@inline function digitAt(at: usize): u32 {
  return <u32>load<u8>(at) - ZERO
}

/** A number without exponent and of few digits, which one division rounds right. */
function scanNumber(at: usize): usize {
  const negative = <u32>load<u8>(at) == MINUS
  if (negative) at++
  const first = at
  let mantissa: u64 = 0
  for (let digit = digitAt(at); digit <= 9 && at - first <= <usize>MAX_DIGITS; digit = digitAt(++at)) mantissa = mantissa * 10 + digit
  let digits = <u32>(at - first)
  if (digits == 0 || (digits > 1 && <u32>load<u8>(first) == ZERO)) return 0
  let value: f64
  if (<u32>load<u8>(at) == DOT) {
    const point = ++at
    for (let digit = digitAt(at); digit <= 9 && at - point <= <usize>MAX_DIGITS; digit = digitAt(++at)) mantissa = mantissa * 10 + digit
    const fraction = <u32>(at - point)
    digits += fraction
    if (fraction == 0 || digits > MAX_DIGITS) return 0
    value = <f64>mantissa / load<f64>(powers + (<usize>fraction << 3))
  } else {
    if (digits > MAX_DIGITS) return 0
    value = <f64>mantissa
  }
  // Not -0: one number, one group.
  number = negative && value != 0 ? -value : value
  return at
}

/** Two digits as a number; 100 or more where they are none. */
// @ts-ignore: decorator
@inline function twoDigits(at: usize): u32 {
  const high = digitAt(at)
  const low = digitAt(at + 1)
  return high > 9 || low > 9 ? 100 : high * 10 + low
}

/** "2025-01-31T12:34:56.789Z" as epoch ms (dsl/instant.ts); false for any other form, and for a date that does not exist. */
function scanInstant(at: usize): bool {
  if (<u32>load<u8>(at, 4) != MINUS || <u32>load<u8>(at, 7) != MINUS || <u32>load<u8>(at, 10) != 84 || <u32>load<u8>(at, 13) != COLON
    || <u32>load<u8>(at, 16) != COLON || <u32>load<u8>(at, 19) != DOT || <u32>load<u8>(at, 23) != 90) return false
  const century = twoDigits(at)
  const yearOfCentury = twoDigits(at + 2)
  const month = twoDigits(at + 5)
  const day = twoDigits(at + 8)
  const hour = twoDigits(at + 11)
  const minute = twoDigits(at + 14)
  const second = twoDigits(at + 17)
  const hundredths = twoDigits(at + 20)
  const thousandths = digitAt(at + 22)
  if (century > 99 || yearOfCentury > 99 || hundredths > 99 || thousandths > 9) return false
  const year = century * 100 + yearOfCentury
  const ms = hundredths * 10 + thousandths
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || minute > 59 || second > 59) return false
  if (hour > 24 || (hour == 24 && (minute | second | ms) != 0)) return false
  const days = daysSinceEpoch(<i32>year, <i32>month, <i32>day)
  number = <f64>(<i64>days * 86_400_000 + <i64>(((hour * 60 + minute) * 60 + second) * 1000 + ms))
  return true
}

function daysIn(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

function daysSinceEpoch(year: i32, month: i32, day: i32): i32 {
  // Counted from 400 years before: no division of what is below zero.
  const y = (month <= 2 ? year - 1 : year) + 400
  const era = y / 400
  const yearOfEra = y - era * 400
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return (era - 1) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
