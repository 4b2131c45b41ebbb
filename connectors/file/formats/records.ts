/** What a format hands on: records one after the other, and the places where there was none to be read. */
export interface RecordSink {
  /** `number` counts records from 1; `line` is where the record begins; `key` is its id where it has none, else path and number are. */
  record(value: unknown, number: number, line: number, key?: string): void
  /** `raw` is the text that could not be read, cut to a sample. */
  fault(reason: string, number: number, line: number, raw: string): void
}

/** Reads bytes into `sink` and stops for the consumer at every turn: nothing is read ahead of what was taken. */
export type FormatReader = (chunks: AsyncIterable<Buffer>, sink: RecordSink) => AsyncGenerator<void>

/** Longest line, or element of a JSON array: above any session or recorded page, below what holds up reading. */
export const MAX_RECORD_BYTES = 8 * 2 ** 20
/** What a dead letter keeps of a record that is too long or not text. */
export const SAMPLE_BYTES = 2_000

export function tooLong(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} bytes in one record; the limit is ${MAX_RECORD_BYTES.toLocaleString('en-US')}`
}

export function sample(bytes: Buffer): string {
  return bytes.subarray(0, SAMPLE_BYTES).toString('utf8')
}
