/**
 * Identifiers of a fixed form, two hexadecimal digits to a byte: canonical UUIDs (RFC 9562, section 4) and runs of digits, all in lower case.
 * A form is the length of its texts; within one, the order of the packed bytes is the order of the texts.
 */

/** Texts of no form. */
export const FREE = 0
export const UUID = 36
/** Longest run of digits: a hash of 256 bits. */
const MAX_DIGITS = 64
/** Shorter runs are no identifiers of millions. */
const MIN_DIGITS = 16
/** Packed texts are compared as words of four bytes. */
const DIGITS_PER_WORD = 8
export const MAX_PACKED = MAX_DIGITS / 2
export const MAX_UNPACKED = MAX_DIGITS

/** Places of the pairs of digits of a UUID. */
const UUID_PAIRS = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)
const UUID_DASHES = [8, 13, 18, 23]
const DASH = 45

/** Value of each digit, negative for every other byte. */
const VALUES = new Int8Array(256).fill(-1)
const DIGITS = new TextEncoder().encode('0123456789abcdef')
DIGITS.forEach((digit, value) => { VALUES[digit] = value })

/** The form that texts of this length may have. */
export function formOfLength(length: number): number {
  return length === UUID || (length >= MIN_DIGITS && length <= MAX_DIGITS && length % DIGITS_PER_WORD === 0) ? length : FREE
}

/** Bytes of a packed text; a multiple of four. */
export function widthOf(form: number): number {
  return form === UUID ? UUID_PAIRS.length : form >>> 1
}

/** Packs the text input[from, from + form) into target[at, …). False, with rubbish there, where it is not of the form. */
export function pack(form: number, input: Uint8Array, from: number, target: Uint8Array, at: number): boolean {
  let signs = 0
  if (form === UUID) {
    for (let i = 0; i < UUID_PAIRS.length; i++) {
      const pair = from + UUID_PAIRS[i]
      const high = VALUES[input[pair]]
      const low = VALUES[input[pair + 1]]
      signs |= high | low
      target[at + i] = high << 4 | low
    }
    return signs >= 0 && UUID_DASHES.every(dash => input[from + dash] === DASH)
  }
  for (let i = 0; i < form >>> 1; i++) {
    const high = VALUES[input[from + 2 * i]]
    const low = VALUES[input[from + 2 * i + 1]]
    signs |= high | low
    target[at + i] = high << 4 | low
  }
  return signs >= 0
}

/** Writes the text of packed[at, …) into target[to, to + form). */
export function unpack(form: number, packed: Uint8Array, at: number, target: Uint8Array, to: number): void {
  if (form === UUID) {
    for (let i = 0; i < UUID_PAIRS.length; i++) unpackByte(packed[at + i], target, to + UUID_PAIRS[i])
    for (const dash of UUID_DASHES) target[to + dash] = DASH
    return
  }
  for (let i = 0; i < form >>> 1; i++) unpackByte(packed[at + i], target, to + 2 * i)
}

function unpackByte(byte: number, target: Uint8Array, to: number): void {
  target[to] = DIGITS[byte >>> 4]
  target[to + 1] = DIGITS[byte & 15]
}
