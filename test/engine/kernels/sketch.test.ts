import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pack, UUID, widthOf } from '../../../engine/column/packed-text.js'
import { couponOfString } from '../../../engine/sketch/hash.js'
import { REGISTERS, codesOf, couponsOf, from, length, plain, random, same, wasm } from './input.js'

/** What `sumRanks` is to say of them. */
function sumsOf(registers: Uint8Array): Uint32Array {
  const sums = new Uint32Array(64)
  for (const rank of registers) {
    if (rank === 0 || rank > 15) sums[rank] += 1
    else if (rank <= 7) sums[1] += 2 ** (7 - rank)
    else sums[2] += 2 ** (15 - rank)
  }
  return sums
}

describe('kernels of sketches and their plain twins', () => {
  it('raise, fill and add up registers alike', () => {
    fc.assert(fc.property(length, from, fc.constantFrom(10, 3000, 1_000_000), fc.integer(), (n, at, distinct, seed) => {
      const coupons = couponsOf(n + at, distinct, seed)
      const registers = [wasm, plain].flatMap(kind => {
        const raised = new Uint8Array(REGISTERS)
        const started = new Uint8Array(REGISTERS).fill(9)
        const halved = new Uint8Array(REGISTERS)
        kind.raiseRegisters(raised, coupons, at, at + n)
        const filled = kind.startRegisters(started, coupons, at, at + n)
        expect(filled).toBe(started.reduce((count, rank) => count + (rank > 0 ? 1 : 0), 0))
        kind.startRegisters(halved, coupons, at, at + (n >> 1))
        kind.raiseRegisters(halved, coupons, at + (n >> 1), at + n)
        return [raised, started, halved]
      })
      for (const other of registers) same(other, registers[0])
      const counts = [wasm, plain].map(kind => {
        const ranks = new Uint32Array(64)
        kind.sumRanks(registers[0], ranks)
        return ranks
      })
      expect(counts[0]).toEqual(counts[1])
      expect(counts[0]).toEqual(sumsOf(registers[0]!))
    }), { seed: 6, numRuns: 60 })
  })

  it.each([16, 32, 64, 4096])('add up %i registers alike', n => {
    const next = random(n)
    const registers = Uint8Array.from({ length: n }, () => next() % 3 === 0 ? next() % 64 : next() % 9)
    for (const kind of [wasm, plain]) {
      const sums = new Uint32Array(64)
      kind.sumRanks(registers, sums)
      expect(sums).toEqual(sumsOf(registers))
    }
  })

  it('add up registers that are all of one rank, where no part of a sum may overflow', () => {
    for (let rank = 0; rank < 64; rank++) {
      const registers = new Uint8Array(REGISTERS).fill(rank)
      for (const kind of [wasm, plain]) {
        const sums = new Uint32Array(64)
        kind.sumRanks(registers, sums)
        expect(sums, `rank ${rank}`).toEqual(sumsOf(registers))
      }
    }
  })

  it('join registers alike, in memory of their own or shared', () => {
    const next = random(31)
    for (const shared of [false, true]) {
      const others = new Uint8Array(shared ? new SharedArrayBuffer(REGISTERS) : new ArrayBuffer(REGISTERS))
      for (let i = 0; i < REGISTERS; i++) others[i] = next() % 64
      const before = Uint8Array.from({ length: REGISTERS }, () => next() % 64)
      for (const kind of [wasm, plain]) {
        const joined = before.slice()
        kind.joinRegisters(joined, others)
        same(joined, before.map((rank, i) => Math.max(rank, others[i]!)))
      }
    }
  })

  it('raise registers alike that are all filled', () => {
    fc.assert(fc.property(length, from, fc.constantFrom(1, 2, 5, 70), fc.integer(), (n, at, least, seed) => {
      const coupons = couponsOf(n + at, 1_000_000, seed)
      const next = random(seed)
      const before = Uint8Array.from({ length: REGISTERS }, () => Math.min(63, least + next() % 4))
      const [a, b] = [wasm, plain].map(kind => {
        const registers = before.slice()
        kind.raiseRegisters(registers, coupons, at, at + n)
        return registers
      })
      same(a!, b!)
      for (let i = at; i < at + n; i += 11) expect(a![coupons[i]! & 0xffff]).toBeGreaterThanOrEqual(coupons[i]! >>> 26)
    }), { seed: 10, numRuns: 60 })
  })

  it('start many registers from long runs alike', () => {
    const coupons = couponsOf(400_000, 10_000_000, 77)
    const [a, b] = [wasm, plain].map(kind => {
      const registers = new Uint8Array(REGISTERS)
      kind.startRegisters(registers, coupons, 3, 400_000)
      return registers
    })
    same(a!, b!)
  })

  it('add up the ranks of coupons of several runs alike', () => {
    fc.assert(fc.property(fc.array(length, { maxLength: 4 }), fc.constantFrom(10, 3000, 1_000_000), fc.integer(), (lengths, distinct, seed) => {
      const runs = lengths.map((n, i) => couponsOf(n, distinct, seed + i))
      const registers = new Uint8Array(REGISTERS)
      for (const run of runs) plain.raiseRegisters(registers, run, 0, run.length)
      const expected = new Uint32Array(64)
      plain.sumRanks(registers, expected)
      for (const kind of [wasm, plain]) {
        const ranks = new Uint32Array(64).fill(7)
        kind.sumRanksOf(runs, ranks)
        expect(ranks).toEqual(expected)
      }
    }), { seed: 41, numRuns: 40 })
  })


  it('find distinct values alike', () => {
    fc.assert(fc.property(length, from, fc.constantFrom(3, 1000, 20_000, 4_000_000_000), fc.constantFrom(5, 1000, 16_384), fc.integer(), (n, at, size, limit, seed) => {
      const input = codesOf(4, n + at, size, seed) as Uint32Array
      const [a, b] = [new Uint32Array(limit + 1), new Uint32Array(limit + 1)]
      const counts = [wasm.distinct(input, at, at + n, limit, a), plain.distinct(input, at, at + n, limit, b)]
      expect(counts[0]).toBe(counts[1])
      const truth = new Set(input.subarray(at, at + n))
      truth.delete(0)
      expect(counts[0]).toBe(Math.min(truth.size, limit + 1))
      same(a, b)
    }), { seed: 7, numRuns: 100 })
  })

  it('hash texts alike', () => {
    const identifiers = fc.constantFrom(16, 24, 32, UUID, 40, 48, 56, 64).chain(form => {
      const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: form, maxLength: form })
      return fc.tuple(fc.constant(form), fc.array(form === UUID ? fc.uuid() : digits, { maxLength: 20 }))
    })
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 80, size: 'max' }), { maxLength: 60 }), fc.nat(40), (texts, first) => {
      const ends: number[] = []
      let end = first
      for (const text of texts) ends.push(end += Buffer.byteLength(text))
      const bytes = Buffer.concat([Buffer.alloc(first, 7), Buffer.from(texts.join('')), Buffer.alloc(3, 9)])
      const [a, b] = [new Uint32Array(texts.length + 3), new Uint32Array(texts.length + 3)]
      wasm.couponsOfTexts(bytes, first, Uint32Array.from(ends), texts.length, a, 2)
      plain.couponsOfTexts(bytes, first, Uint32Array.from(ends), texts.length, b, 2)
      same(a, b)
      expect(Array.from(a)).toEqual([0, 0, ...texts.map(couponOfString), 0])
    }), { seed: 10, numRuns: 100 })
    fc.assert(fc.property(identifiers, ([form, texts]) => {
      const bytes = new Uint8Array(texts.length * widthOf(form))
      texts.forEach((text, i) => expect(pack(form, Buffer.from(text), 0, bytes, i * widthOf(form))).toBe(true))
      const [a, b] = [new Uint32Array(texts.length + 1), new Uint32Array(texts.length + 1)]
      wasm.couponsOfPacked(bytes, form, texts.length, a, 1)
      plain.couponsOfPacked(bytes, form, texts.length, b, 1)
      same(a, b)
      expect(Array.from(a)).toEqual([0, ...texts.map(couponOfString)])
    }), { seed: 11, numRuns: 200 })
  })

  it('hash more texts, and longer ones, than go at a time alike', () => {
    for (const [count, bytesEach] of [[4095, 40], [4096, 47], [4097, 48], [40_000, 1], [3, 100_000], [1, 200_000]] as const) {
      const texts = Array.from({ length: count }, (_, i) => `${i}`.repeat(bytesEach).slice(0, bytesEach))
      const ends = Uint32Array.from(texts, (_, i) => (i + 1) * bytesEach)
      const [a, b] = [new Uint32Array(count), new Uint32Array(count)]
      const bytes = Buffer.from(texts.join(''))
      wasm.couponsOfTexts(bytes, 0, ends, count, a, 0)
      plain.couponsOfTexts(bytes, 0, ends, count, b, 0)
      same(a, b)
    }
    const [a, b] = [new Uint32Array(9000), new Uint32Array(9000)]
    const bytes = codesOf(1, 9000 * 32, 256, 5) as Uint8Array
    wasm.couponsOfPacked(bytes, 64, 9000, a, 0)
    plain.couponsOfPacked(bytes, 64, 9000, b, 0)
    same(a, b)
  })
})
