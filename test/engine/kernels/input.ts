/** Random input for kernels, and whether two of them wrote the same. */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Codes } from '../../../engine/column/codes.js'
import { LEAST_RUN, MAX_SORTED, type GroupRuns } from '../../../engine/kernels/contract.js'
import { plainKernels } from '../../../engine/kernels/plain.js'
import { wasmKernels } from '../../../engine/kernels/wasm.js'

export const wasm = wasmKernels()!
export const plain = plainKernels
export const REGISTERS = 65_536

/** Lengths at the edges of vectors and blocks. */
export const length = fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(16_383, 16_384, 16_385, 16_400, 32_768, 40_001))
export const from = fc.integer({ min: 0, max: 40 })

export function random(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

export function codesOf(width: number, n: number, size: number, seed: number): Codes {
  const next = random(seed)
  const codes = width === 1 ? new Uint8Array(n) : width === 2 ? new Uint16Array(n) : new Uint32Array(n)
  for (let i = 0; i < n; i++) codes[i] = next() % size
  return codes
}

export function couponsOf(n: number, distinct: number, seed: number): Uint32Array {
  const next = random(seed)
  return Uint32Array.from({ length: n }, () => {
    const value = Math.imul(next() % distinct + 1, 0x85ebca6b)
    const rank = Math.clz32(Math.imul(value, 0xc2b2ae35)) + 1
    return next() % 50 === 0 ? 0 : (rank << 26 | value & 0x3ffffff) >>> 0
  })
}

export type Words = Uint8Array | Uint16Array | Uint32Array

export function same(a: Words, b: Words): void {
  expect(a.length).toBe(b.length)
  expect(Buffer.compare(bytesOf(a), bytesOf(b))).toBe(0)
}

export function bytesOf({ buffer, byteOffset, byteLength }: Words): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export function emptyRuns(): GroupRuns {
  const runs = MAX_SORTED / LEAST_RUN
  return { stamp: 0, runs: 0, groups: new Uint32Array(runs), ends: new Uint32Array(runs), places: new Uint16Array(MAX_SORTED) }
}

export function runsOf(n: number, groups: number, seed: number): GroupRuns {
  const runs = emptyRuns()
  const next = random(seed)
  plain.sortGroups(Uint32Array.from({ length: n }, () => next() % groups), n, runs)
  return runs
}

/** The mask of n rows, and that nothing behind it was touched. */
export function maskOf(n: number, test: (mask: Uint8Array) => void): Uint8Array {
  const mask = new Uint8Array(n + 64).fill(7)
  test(mask)
  expect([...mask.subarray(n)]).toEqual(new Array(64).fill(7))
  return mask.subarray(0, n)
}
