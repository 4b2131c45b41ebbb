import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Codes } from '../../../engine/column/codes.js'
import { inMemory, isShared, ownMemory, passingMemory, sharedMemory, type Memory } from '../../../engine/column/memory.js'
import { arenaMemory, arenaOf, OtherArenas } from '../../../engine/kernels/arena.js'
import { AREAS } from '../../../engine/kernels/areas.js'
import type { Kernels } from '../../../engine/kernels/contract.js'
import { kernels } from '../../../engine/kernels/kernels.js'
import { codesOf, couponsOf, emptyRuns, from, length, plain, random, REGISTERS, wasm } from './input.js'

type Column = Codes | Float64Array

/** What each kernel that reads columns makes of some. */
function answersOf(kind: (column: Column) => Kernels, { bytes, halves, words, coupons, values, offsets, items }: Columns, at: number, n: number): unknown {
  const mask = (): Uint8Array => new Uint8Array(n)
  const masks = Array.from({ length: 6 }, mask)
  const table = Uint8Array.from({ length: 256 }, (_, code) => code % 3 === 1 ? 1 : 0)
  kind(bytes).testCode(bytes, 2, at, n, masks[0]!)
  kind(halves).testCodes(halves, Uint8Array.from({ length: 300 }, (_, code) => code % 2), at, n, masks[1]!)
  kind(bytes).testCodes(bytes, table, at, n, masks[2]!)
  kind(offsets).testItems(offsets, items, table, 0, at, n, masks[3]!)
  kind(offsets).testItems(offsets, items, Uint8Array.from({ length: 256 }, (_, code) => code === 2 ? 1 : 0), 0, at, n, masks[4]!)
  kind(values).testRange(values, -5, 700.5, at, n, masks[5]!)
  const [started, raised] = [new Uint8Array(REGISTERS), new Uint8Array(REGISTERS)]
  const filled = kind(coupons).startRegisters(started, coupons, at, at + n)
  kind(coupons).raiseRegisters(raised, coupons, at, at + n)
  const sums = new Uint32Array(64)
  kind(coupons).sumRanksOf([coupons.subarray(at, at + (n >>> 1)), coupons.subarray(at + (n >>> 1), at + n)], sums)
  const counts = new Uint32Array(256)
  kind(bytes).countCodes(bytes, at, at + n, 30, counts, 0)
  kind(items).countCodes(items, offsets[at]!, offsets[at + n]!, 40, counts, 0)
  const empty = kind(offsets).countEmpty(offsets, at, at + n)
  const found = new Uint32Array(16_384)
  const distinct = kind(words).distinct(words, at, at + n, 16_384, found)
  const lengths = new Uint32Array(1)
  kind(coupons).distinctRuns(coupons.subarray(at), Uint32Array.of(Math.min(n, 16_384)), 1, lengths)
  const pieces = new Float64Array(3)
  kind(values).sumPieces(values, at, at + n, Float64Array.of(1.5 * 2 ** 57, 1.5 * 2 ** 54), pieces)
  const ids = Uint32Array.from({ length: n }, (_, i) => i % 7)
  kind(halves).combine(ids, halves, at, n, 300)
  const [entries, rows] = [new Uint32Array(4 * n + 8), new Uint32Array(4 * n + 8)]
  const exploded = kind(offsets).explode(ids, offsets, items, at, n, 9, entries, rows)
  const runs = emptyRuns()
  const isSorted = n <= 32_768 && n > 0 && kind(bytes).sortCodes(bytes, at, n, 5, runs)
  const picked = new Uint32Array(isSorted ? n : 0)
  const runSums = new Float64Array(isSorted ? runs.runs : 0)
  if (isSorted) {
    kind(words).pickItems(words, at, runs, picked)
    kind(values).sumRuns(values, at, runs, new Float64Array(0), runSums)
  }
  return {
    masks, started, raised, filled, sums, counts, empty, distinct, found: found.slice(0, distinct), lengths, pieces, ids,
    entries: entries.slice(0, exploded), rows: rows.slice(0, exploded), isSorted, picked, runSums, runs: runs.runs
  }
}

interface Columns {
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Uint32Array
  readonly coupons: Uint32Array
  readonly values: Float64Array
  readonly offsets: Uint32Array
  readonly items: Uint8Array
}

function columnsOf(n: number, seed: number): Columns {
  const next = random(seed)
  const offsets = new Uint32Array(n + 1)
  for (let i = 0; i < n; i++) offsets[i + 1] = offsets[i]! + next() % 4
  return {
    bytes: codesOf(1, n, 30, seed) as Uint8Array, halves: codesOf(2, n, 300, seed) as Uint16Array, words: codesOf(4, n, 5000, seed) as Uint32Array,
    coupons: couponsOf(n, 3000, seed), values: Float64Array.from({ length: n }, () => next() % 1000), offsets, items: codesOf(1, offsets[n]!, 9, seed) as Uint8Array
  }
}

function moved(columns: Columns, memory: Memory): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]: [string, Column]) => [name, inMemory(column, memory)])) as unknown as Columns
}

describe('columns in an arena', () => {
  it.each([[1, 0], [3, 0], [3, 2]])('are read where they lie, and not written to: %i threads, area %i', (threads, area) => {
    const memory = arenaMemory(threads, ownMemory)
    fc.assert(fc.property(length, from, fc.integer(), (n, at, seed) => {
      const own = columnsOf(n + at, seed)
      const columns = moved(own, memory)
      const arena = arenaOf(columns.bytes)!
      expect(isShared(columns.bytes)).toBe(threads > 1)
      if (area > 0) new OtherArenas(area).open([...new Set(Object.values(columns).map((column: Column) => arenaOf(column)!))])
      expect(kernels(columns.bytes)).not.toBe(kernels())
      expect(arenaOf(columns.bytes)!.base).toBe(area * AREAS)
      expect(answersOf(kernels, columns, at, n)).toEqual(answersOf(() => plain, own, at, n))
      expect(columns).toEqual(own)
      // Both areas are left as they are found: another query gets the same.
      expect(answersOf(() => kernels(columns.bytes), own, at, n)).toEqual(answersOf(() => wasm, own, at, n))
      expect(arena.memory.buffer.byteLength % 65_536).toBe(0)
    }), { seed: 3, numRuns: 25 })
  })

  it('are read up to the end of it', () => {
    const first = arenaMemory(1, ownMemory)
    const size = first(8).buffer.byteLength
    for (const n of [1, 3, 17, 16_385]) {
      const own = columnsOf(n, n)
      for (const [name, column] of Object.entries(own) as [keyof Columns, Column][]) {
        const memory = arenaMemory(1, ownMemory)
        // So that this one is the last of its arena.
        memory(size - AREAS - 64 - Math.ceil(column.byteLength / 64) * 64)
        const columns = { ...own, [name]: inMemory(column, memory) }
        expect(columns[name].byteOffset + columns[name].byteLength).toBeGreaterThan(size - 192)
        expect(answersOf(kernels, columns, 0, n)).toEqual(answersOf(() => plain, own, 0, n))
      }
    }
  })
})

describe('arenas', () => {
  it('give zeroed memory that nobody else has, from whole lines on', () => {
    const memory = arenaMemory(2, sharedMemory)
    const taken = Array.from({ length: 300 }, (_, i) => memory(i * 1001).fill(i + 1))
    expect(taken.every(({ byteOffset }) => byteOffset % 64 === 0)).toBe(true)
    for (const [i, bytes] of taken.entries()) expect(bytes.every(byte => byte === (i + 1) % 256)).toBe(true)
    expect(memory(5000).every(byte => byte === 0)).toBe(true)
    expect(new Set(taken.map(({ buffer }) => buffer)).size).toBeGreaterThan(1)
  })

  it('leave what is larger than they may be to other memory', () => {
    expect(arenaOf(arenaMemory(1, ownMemory)(2 ** 27))).toBeUndefined()
    expect(arenaOf(arenaMemory(1, ownMemory)(2 ** 26))).toBeDefined()
    expect(arenaOf(arenaMemory(64, sharedMemory)(2 ** 27))).toBeDefined()
  })

  it('leave columns to other memory where the host knows no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined)
    try {
      expect(arenaOf(arenaMemory(1, ownMemory)(100))).toBeUndefined()
      expect(passingMemory()(100)).toEqual(new Uint8Array(100))
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('leave columns to other memory where the host has none for them', () => {
    const refuse = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function refused() { throw new RangeError('could not allocate memory') })
    try {
      const memory = arenaMemory(1, ownMemory)
      expect([memory(100), memory(100)].map(arenaOf)).toEqual([undefined, undefined])
      expect(refuse).toHaveBeenCalledTimes(1)
      expect(passingMemory()(100)).toEqual(new Uint8Array(100))
    } finally {
      refuse.mockRestore()
    }
  })
})

describe('memory for what passes', () => {
  it('is zeroed, and nobody else has it, in one buffer while there is room', () => {
    const memory = passingMemory()
    const taken = Array.from({ length: 40 }, (_, i) => memory((i + 1) * 7919).fill(i + 1))
    for (const [i, bytes] of taken.entries()) expect(bytes.every(byte => byte === i + 1)).toBe(true)
    expect(new Set(taken.map(({ buffer }) => buffer)).size).toBe(1)
    expect(taken.every(({ byteOffset }) => byteOffset % 8 === 0)).toBe(true)
    const large = memory(2 ** 25)
    expect(large.buffer).not.toBe(taken[0]!.buffer)
    expect(large).toHaveLength(2 ** 25)
  })
})
