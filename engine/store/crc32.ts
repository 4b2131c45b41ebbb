import * as zlib from 'node:zlib'

const POLYNOMIAL = 0xedb88320

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ POLYNOMIAL : value >>> 1
  return value
})

/** CRC-32 (IEEE 802.3) by table, an unsigned 32-bit integer. */
export function crc32ByTable(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (let at = 0; at < bytes.length; at++) value = table[(value ^ bytes[at]) & 0xff] ^ value >>> 8
  return (value ^ 0xffffffff) >>> 0
}

/** The same, by zlib where it has it: Node 20.15, 22.2 and later. */
export const crc32: (bytes: Uint8Array) => number = typeof zlib.crc32 === 'function' ? bytes => zlib.crc32(bytes) : crc32ByTable
