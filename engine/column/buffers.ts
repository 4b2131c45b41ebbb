/** Where the long-lived memory of dictionaries comes from. Zeroed. */

export function newBytes(length: number): Uint8Array {
  return new Uint8Array(length)
}

export function newWords(length: number): Uint32Array {
  return new Uint32Array(length)
}
