/** The texts of a dictionary that were stored before: their codes are 1 … size-1, and are read when they are needed. */
export interface StoredTexts {
  readonly size: number
  /** Bytes held in memory. */
  readonly bytes: number
  /** UTF-8 of a code, as [bytes, start, end). */
  locate(code: number): [Uint8Array, number, number]
  /** Makes `find` ready, which else takes the time of it when it is first called. In steps. */
  prepare(): Generator<void, void, void>
  /** The code of bytes[start, end), 0 where it is not stored. */
  find(bytes: Uint8Array, start: number, end: number): number
  /** Coupons of all `size` codes (engine/sketch/hash.ts). */
  coupons(): Uint32Array<ArrayBuffer>
  /** Lets go of what can be read again. */
  release(): void
}
