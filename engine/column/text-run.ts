/** Many texts that are encoded at once. */

/** Added to the length of a text that is packed beside. */
export const PACKED = 0x40000000
/** What is packed of one (packed-text.ts). */
export const PACKED_WORDS = 4
/** Look-ups whose misses of the cache come together: no more than an inner cache, of bytes and of addresses, can hold. */
export const TOGETHER = 32

/** Texts in an array of bytes, some of which have their codes. */
export interface TextRun {
  readonly codes: Uint32Array
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  /** See text-hash.ts. */
  readonly hashes: Uint32Array
  /** Which have no codes. */
  readonly missing: Uint32Array
  /** PACKED_WORDS for each. */
  readonly packed: Uint32Array
}
