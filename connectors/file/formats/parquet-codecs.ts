/** What hyparquet is given to unpack pages and to read times with. */
import { decompress } from 'fzstd'
import type { Compressors, ParquetParsers } from 'hyparquet'
import { compressors as known } from 'hyparquet-compressors'
import { parseJson } from '../../record/json.js'
import { bytesValue, dateText, timeText } from './values.js'

/** Pages are of 1 MiB by habit, and of a whole row group at worst. */
const MAX_PAGE_BYTES = 2 ** 28

/** All codecs of the format, none of which writes more than the page says, nor more than the limit. */
export const compressors: Compressors = Object.fromEntries(
  Object.entries({ ...known, ZSTD: unzstd }).map(([codec, unpack]) => [codec, (input: Uint8Array, length: number) => {
    if (!(length >= 0 && length <= MAX_PAGE_BYTES)) throw new Error(`a page of ${length} bytes, the limit is ${MAX_PAGE_BYTES}`)
    return unpack(input, length)
  }])
)

function unzstd(input: Uint8Array, length: number): Uint8Array {
  return decompress(input, new Uint8Array(length))
}

/** Times as text in UTC, to the millisecond. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: millis => optional(millis, value => timeText(Number(value))),
  timestampFromMicroseconds: micros => optional(micros, value => timeText(Number(value) / 1e3)),
  timestampFromNanoseconds: nanos => optional(nanos, value => timeText(Number(value / 1_000_000n))),
  dateFromDays: days => optional(days, dateText),
  jsonFromBytes: bytes => optional(bytes, jsonOf),
  geometryFromBytes: bytes => optional(bytes, bytesValue),
  geographyFromBytes: bytes => optional(bytes, bytesValue)
}

function optional<T, R>(value: T | null | undefined, convert: (value: T) => R): R | null {
  return value === null || value === undefined ? null : convert(value)
}

/** A text that says it is JSON and is not stays a text. */
function jsonOf(bytes: Uint8Array): unknown {
  const text = bytesValue(bytes)
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
