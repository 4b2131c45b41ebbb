import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LEAST_RUN, MAX_SORTED } from '../../../engine/kernels/contract.js'
import { MODULE } from '../../../engine/kernels/module.js'
import { binOf } from '../../../engine/sketch/histogram.js'
import { compileKernels, moduleText } from '../../kernels/compile.js'
import { codesOf, emptyRuns, from, length, maskOf, plain, random, runsOf, same, wasm } from './input.js'

describe('kernels in WebAssembly', () => {
  it('are the compiled sources', async () => {
    const written = readFileSync(new URL('../../../engine/kernels/module.ts', import.meta.url), 'utf8')
    expect(moduleText(await compileKernels())).toBe(written)
    expect(WebAssembly.validate(Buffer.from(MODULE, 'base64'))).toBe(true)
  })
})

describe('kernels and their plain twins', () => {
  const widths = fc.constantFrom([1, 3], [1, 16], [1, 17], [1, 256], [2, 300], [2, 65_536], [4, 70_000])

  it('compare codes alike', () => {
    fc.assert(fc.property(widths, length, from, fc.integer(), ([width, size], n, at, seed) => {
      const codes = codesOf(width, n + at, size, seed)
      const code = codes[at] ?? size - 1
      same(maskOf(n, mask => wasm.testCode(codes, code, at, n, mask)), maskOf(n, mask => plain.testCode(codes, code, at, n, mask)))
    }), { seed: 1, numRuns: 120 })
  })

  it('count the distinct values of runs alike, and leave no trace for the next ones', () => {
    const runLength = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(8, 9, 16, 17, 1000, 16_383, 16_384, 16_385, 40_000))
    fc.assert(fc.property(fc.array(runLength, { maxLength: 12 }), fc.constantFrom(3, 100, 30_000), fc.integer(), (lengths, values, seed) => {
      const ends = new Uint32Array(lengths.length)
      lengths.reduce((sum, n, run) => ends[run] = sum + n, 0)
      const next = random(seed)
      const items = Uint32Array.from({ length: ends.at(-1) ?? 0 }, () => Math.imul(next() % values, 0x85ebca6b) >>> 0)
      const counts = [wasm, plain].map(kernels => {
        const found = new Uint32Array(lengths.length + 1).fill(7)
        kernels.distinctRuns(items, ends, lengths.length, found)
        return Array.from(found)
      })
      const expected = lengths.map((n, run) => n > 16_384 ? 7 : new Set(items.subarray(ends[run]! - n, ends[run])).size - (items.subarray(ends[run]! - n, ends[run]).includes(0) ? 1 : 0))
      expect(counts).toEqual([[...expected, 7], [...expected, 7]])
    }), { seed: 5, numRuns: 120 })
  })

  it('count pairs of groups alike, and leave the items of long ones', () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(16_384, 16_385, 60_000, 131_072))
    fc.assert(fc.property(count, fc.constantFrom(0, 2, 9, 14), fc.constantFrom(3, 5000, 2 ** 32), fc.boolean(), fc.integer(), (n, shift, values, isSkewed, seed) => {
      const next = random(seed)
      const groups = 2 ** shift
      const pairs = Uint32Array.from({ length: 2 * n }, (_, i) => i % 2 === 1 ? next() % values : groups * 5 + (isSkewed && next() % 4 > 0 ? groups >>> 1 : next() % groups))
      const expected = Array.from({ length: groups }, (): number[] => [])
      for (let i = 0; i < n; i++) expected[pairs[2 * i]! % groups]!.push(pairs[2 * i + 1]!)
      for (const kernels of [wasm, plain]) {
        const [items, ends, counts] = [new Uint32Array(n), new Uint32Array(groups), new Uint32Array(groups)]
        const part = 2 * (n >>> 2)
        kernels.countPairs([pairs.subarray(0, part), pairs.subarray(part)], shift, items, ends, counts)
        for (const [group, own] of expected.entries()) {
          const first = group === 0 ? 0 : ends[group - 1]!
          expect(ends[group]! - first).toBe(own.length)
          if (own.length > 16_384) same(items.subarray(first, ends[group]), Uint32Array.from(own))
          else if (counts[group] !== new Set(own.filter(item => item !== 0)).size) expect.fail(`group ${group} has ${counts[group]}`)
        }
      }
    }), { seed: 8, numRuns: 60 })
  })

  it('partition and sort pairs alike', () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(4095, 65_535, 65_536))
    fc.assert(fc.property(count, fc.constantFrom([1, 1], [3000, 4], [120_000, 9], [8_000_000, 13]), fc.integer(), (n, [groups, shift], seed) => {
      const next = random(seed)
      const groupsOf = Uint32Array.from({ length: n }, () => next() % groups)
      const items = Uint32Array.from({ length: n }, () => next() >>> 0)
      const ranges = (groups - 1 >>> shift) + 1
      const made = [wasm, plain].map(kernels => {
        const pairs = new Uint32Array(2 * n)
        const ends = new Uint32Array(ranges)
        kernels.partitionPairs(groupsOf, items, n, shift, pairs, ends)
        const sorted = new Uint32Array(n)
        const groupEnds = new Uint32Array(2 ** shift)
        const half = 2 * (n >>> 1)
        kernels.sortPairs([pairs.subarray(0, half), pairs.subarray(half)], shift, sorted, groupEnds)
        return { pairs, ends, sorted, groupEnds }
      })
      expect(made[0]).toEqual(made[1])
      for (const kernels of [wasm, plain]) {
        const out = new Uint32Array(n)
        const ends = new Uint32Array(ranges)
        kernels.partitionGroups(groupsOf, n, shift, out, ends)
        same(out, made[0]!.pairs.filter((_, i) => i % 2 === 0))
        same(ends, made[0]!.ends)
      }
      const order = [...groupsOf.keys()].sort((a, b) => (groupsOf[a]! >>> shift) - (groupsOf[b]! >>> shift))
      expect(made[0]!.pairs).toEqual(Uint32Array.from(order.flatMap(i => [groupsOf[i]!, items[i]!])))
      expect(made[0]!.ends.at(-1)).toBe(n)
      expect(made[0]!.groupEnds.at(-1)).toBe(n)
    }), { seed: 6, numRuns: 60 })
  })

  it('combine group numbers with codes alike', () => {
    fc.assert(fc.property(widths, length, from, fc.constantFrom(1, 3, 61, 2001), fc.integer(), ([width, size], n, at, factor, seed) => {
      const codes = codesOf(width, n + at, size, seed)
      const [a, b] = [wasm, plain].map(kernels => {
        const ids = Uint32Array.from({ length: n + 8 }, (_, i) => i % 1000)
        kernels.combine(ids, codes, at, n, factor)
        return ids
      })
      same(a!, b!)
      expect([...a!.subarray(n)]).toEqual(Array.from({ length: 8 }, (_, i) => (n + i) % 1000))
      for (let i = 0; i < n; i += 97) expect(a![i]).toBe(i % 1000 * factor + codes[at + i]!)
    }), { seed: 6, numRuns: 60 })
  })

  const sortedLength = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1000, 16_384, 32_767, 32_768))

  it('sort by group alike, and refuse alike what is of too many groups', () => {
    fc.assert(fc.property(sortedLength, fc.constantFrom(1, 2, 60, 2000, 2100, 40_000), fc.integer({ min: 0, max: 2 ** 28 }), fc.integer(), (n, groups, first, seed) => {
      const next = random(seed)
      const ids = Uint32Array.from({ length: n }, () => first + next() % groups)
      const [a, b] = [emptyRuns(), emptyRuns()]
      const isSorted = wasm.sortGroups(ids, n, a)
      expect(plain.sortGroups(ids, n, b)).toBe(isSorted)
      const distinct = [...new Set(ids)].sort((x, y) => x - y)
      expect(isSorted).toBe(distinct.length * LEAST_RUN <= n && distinct.at(-1)! - distinct[0]! < 16_384)
      if (!isSorted) return
      for (const { runs, groups: found, ends, places } of [a, b]) {
        expect([...found.subarray(0, runs)]).toEqual(distinct)
        same(places.slice(0, n).sort(), Uint16Array.from(ids.keys()))
        const groupsOf = new Uint32Array(n)
        for (let run = 0; run < runs; run++) groupsOf.fill(found[run]!, run === 0 ? 0 : ends[run - 1]!, ends[run]!)
        same(groupsOf, Uint32Array.from(places.subarray(0, n), place => ids[place]!))
      }
    }), { seed: 7, numRuns: 60 })
  })

  it('sort bytes alike, as numbers of groups are', () => {
    fc.assert(fc.property(sortedLength, from, fc.constantFrom(1, 2, 60, 256), fc.integer({ min: 0, max: 2 ** 28 }), fc.integer(), (n, at, size, base, seed) => {
      const codes = codesOf(1, n + at, size, seed) as Uint8Array
      const [a, b, c] = [emptyRuns(), emptyRuns(), emptyRuns()]
      const isSorted = wasm.sortCodes(codes, at, n, base, a)
      expect(plain.sortCodes(codes, at, n, base, b)).toBe(isSorted)
      expect(wasm.sortGroups(Uint32Array.from(codes.subarray(at), code => base + code), n, c)).toBe(isSorted)
      if (!isSorted) return
      for (const { runs, groups, ends, places } of [a, b]) {
        expect(groups.subarray(0, runs)).toEqual(c.groups.subarray(0, c.runs))
        expect(ends.subarray(0, runs)).toEqual(c.ends.subarray(0, c.runs))
        const found = new Uint32Array(n)
        for (let run = 0, i = 0; run < runs; run++) for (; i < ends[run]!; i++) found[places[i]!] = groups[run]!
        same(found, Uint32Array.from(codes.subarray(at), code => base + code))
      }
    }), { seed: 12, numRuns: 60 })
  })

  it('count codes and rows without items alike', () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(1023, 1024, 1031, 16_383, 16_385, 40_003))
    fc.assert(fc.property(count, from, fc.constantFrom([1, 1], [1, 3], [1, 64], [1, 65], [1, 256], [2, 300], [4, 70_000]), fc.integer(), (n, at, [width, size], seed) => {
      const codes = codesOf(width, n + at, size, seed)
      const next = random(seed)
      const offsets = new Uint32Array(n + at + 1)
      for (let row = 0; row < n + at; row++) offsets[row + 1] = offsets[row] + next() % 3
      const [a, b] = [wasm, plain].map(kernels => {
        const counts = new Uint32Array(size + 5).fill(1)
        kernels.countCodes(codes, at, n + at, size, counts, 5)
        return { counts, empty: kernels.countEmpty(offsets, at, n + at) }
      })
      expect(a).toEqual(b)
      const expected = new Uint32Array(size + 5).fill(1)
      for (const code of codes.subarray(at)) expected[code + 5]++
      same(a!.counts, expected)
      expect(a!.empty).toBe([...offsets.keys()].filter(row => row >= at && row < n + at && offsets[row] === offsets[row + 1]).length)
    }), { seed: 11, numRuns: 120 })
  })

  it('pick the items of runs alike', () => {
    fc.assert(fc.property(fc.constantFrom(16, 17, 63, 1001, 16_384, 32_768), from, fc.constantFrom(1, 3, 1000), fc.integer(), (n, at, groups, seed) => {
      const next = random(seed)
      const items = Uint32Array.from({ length: n + at }, () => next() >>> 0)
      const runs = runsOf(n, groups, seed)
      const [a, b] = [wasm, plain].map(kernels => {
        const out = new Uint32Array(n + 8).fill(7)
        kernels.pickItems(items, at, runs, out)
        return out
      })
      same(a!, b!)
      if (runs.runs > 0) same(a!.subarray(0, n), Uint32Array.from(runs.places.subarray(0, n), place => items[at + place]!))
    }), { seed: 10, numRuns: 40 })
  })

  it('sum runs alike, to the bit', () => {
    fc.assert(fc.property(fc.constantFrom(64, 1001, 16_384, 32_768), from, fc.constantFrom(1, 3, 4), fc.constantFrom(0, 1, 2), fc.integer(), (n, at, groups, cuts, seed) => {
      const next = random(seed)
      const values = Float64Array.from({ length: n + at }, () => next() % 10_000_000 / 1024 * (next() % 3 === 0 ? -1 : 1))
      const magics = Float64Array.from({ length: cuts }, (_, p) => 1.5 * 2 ** (52 - 32 * p))
      const integers = cuts === 0 ? values.map(Math.floor) : values
      const runs = runsOf(n, groups, seed)
      const [a, b] = [wasm, plain].map(kernels => {
        const out = new Float64Array(40)
        kernels.sumRuns(integers, at, runs, magics, out)
        return Array.from(out)
      })
      expect(a).toEqual(b)
      const total = [...a!].reduce((sum, piece) => sum + piece, 0)
      expect(total).toBeCloseTo(integers.subarray(at).reduce((sum, value) => sum + value, 0), 3)
    }), { seed: 8, numRuns: 40 })
  })

  it('bin runs alike, with their least and largest values', () => {
    const special = [0, -0, 1, -1, 5e-324, -5e-324, 2 ** -1022, -(2 ** -1030), 1.7e308, -1.7e308, 0.001, 255, 256.5, 3e9]
    fc.assert(fc.property(fc.constantFrom(64, 1001, 32_768), from, fc.constantFrom(1, 4), fc.integer(), (n, at, groups, seed) => {
      const next = random(seed)
      const values = Float64Array.from({ length: n + at }, () => next() % 4 === 0 ? special[next() % special.length]! : next() / 1000)
      const runs = runsOf(n, groups, seed)
      const found = [wasm, plain].map(kernels => {
        const into = { bins: new Uint32Array(MAX_SORTED), least: new Float64Array(4), largest: new Float64Array(4), fractional: new Uint8Array(4), lowest: 0, highest: 0 }
        kernels.binRuns(values, at, runs, into)
        // Of 0 and -0 either may be the least.
        into.least = into.least.map(value => value + 0)
        into.largest = into.largest.map(value => value + 0)
        return into
      })
      expect(found[0]).toEqual(found[1])
      expect(found[0]!.bins.subarray(0, n)).toEqual(Uint32Array.from(runs.places.subarray(0, n), place => binOf(values[at + place]!)))
      expect(found[0]!.lowest).toBe(Math.min(...found[0]!.bins.subarray(0, n)))
      expect(found[0]!.highest).toBe(Math.max(...found[0]!.bins.subarray(0, n)))
    }), { seed: 9, numRuns: 30 })
  })

  it('look codes up alike', () => {
    fc.assert(fc.property(widths, length, from, fc.integer(), ([width, size], n, at, seed) => {
      const codes = codesOf(width, n + at, size, seed)
      const table = new Uint8Array(codesOf(1, size, 2, seed + 1))
      // Of one code, which is looked for otherwise.
      if (seed % 3 === 0) table.fill(0).fill(1, seed % size >>> 0, (seed % size >>> 0) + 1)
      same(maskOf(n, mask => wasm.testCodes(codes, table, at, n, mask)), maskOf(n, mask => plain.testCodes(codes, table, at, n, mask)))
    }), { seed: 2, numRuns: 120 })
  })

  it('find items alike', () => {
    fc.assert(fc.property(widths, length, from, fc.integer({ min: 0, max: 1 }), fc.integer(), ([width, size], n, at, missing, seed) => {
      const next = random(seed)
      const offsets = new Uint32Array(n + at + 1)
      for (let i = 0; i < n + at; i++) offsets[i + 1] = offsets[i] + next() % 4
      const items = codesOf(width, offsets[n + at], size, seed)
      const table = new Uint8Array(codesOf(1, size, 2, seed + 1))
      same(
        maskOf(n, mask => wasm.testItems(offsets, items, table, missing, at, n, mask)),
        maskOf(n, mask => plain.testItems(offsets, items, table, missing, at, n, mask))
      )
    }), { seed: 3, numRuns: 120 })
  })

  it('find items of long arrays alike', () => {
    const offsets = Uint32Array.of(0, 600_000, 600_000, 600_001)
    const items = new Uint8Array(600_001).fill(1)
    items[599_999] = 2
    const table = Uint8Array.of(0, 0, 1)
    expect([...maskOf(3, mask => wasm.testItems(offsets, items, table, 1, 0, 3, mask))]).toEqual([1, 1, 0])
  })

  it('compare numbers alike', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }))
    fc.assert(fc.property(fc.array(number, { maxLength: 80 }), number, number, from, (list, low, high, at) => {
      const values = Float64Array.from([...new Array(at).fill(0), ...list])
      expect(maskOf(list.length, mask => wasm.testRange(values, low, high, at, list.length, mask)))
        .toEqual(maskOf(list.length, mask => plain.testRange(values, low, high, at, list.length, mask)))
    }), { seed: 4, numRuns: 300 })
  })

  it('pick rows alike', () => {
    fc.assert(fc.property(length, from, fc.integer({ min: 1, max: 40 }), fc.integer(), (n, at, rarity, seed) => {
      const next = random(seed)
      const mask = Uint8Array.from({ length: n + 8 }, () => next() % rarity === 0 ? 1 : 0)
      const [a, b] = [new Uint32Array(n + 1), new Uint32Array(n + 1)]
      const counts = [wasm.compact(mask, at, n, a), plain.compact(mask, at, n, b)]
      expect(counts[0]).toBe(counts[1])
      same(a.subarray(0, counts[0]), b.subarray(0, counts[0]))
    }), { seed: 5, numRuns: 120 })
  })

  it('join masks alike, and count what is left', () => {
    fc.assert(fc.property(length, fc.constantFrom(2, 30), fc.integer(), (n, rarity, seed) => {
      const next = random(seed)
      const mask = Uint8Array.from({ length: n + 20 }, () => next() % rarity === 0 ? 0 : 1)
      const other = Uint8Array.from({ length: n + 20 }, () => next() % 2)
      for (const operation of ['andMasks', 'orMasks'] as const) {
        const [a, b] = [mask.slice(), mask.slice()]
        expect(wasm[operation](a, other, n)).toBe(plain[operation](b, other, n))
        same(a, b)
        same(a.subarray(n), mask.subarray(n))
        if (operation === 'andMasks') expect(wasm.andMasks(a, a.slice(), n)).toBe(a.subarray(0, n).reduce((sum, bit) => sum + bit, 0))
      }
    }), { seed: 11, numRuns: 60 })
  })

  it('read columns out of shared memory alike', () => {
    const next = random(23)
    const n = 70_001
    const coupons = new Uint32Array(new SharedArrayBuffer((n + 3) * 4)).map(() => next())
    const shared = new Uint32Array(new SharedArrayBuffer((n + 3) * 4))
    shared.set(coupons)
    const codes = new Uint8Array(new SharedArrayBuffer(n + 3))
    for (let i = 0; i < codes.length; i++) codes[i] = next()
    const values = new Float64Array(new SharedArrayBuffer((n + 3) * 8))
    for (let i = 0; i < values.length; i++) values[i] = next() / 8
    for (const at of [0, 1, 3]) {
      const [a, b] = [wasm, plain].map(kind => {
        const ranks = new Uint32Array(64)
        kind.sumRanksOf([shared.subarray(at, at + n)], ranks)
        const mask = new Uint8Array(n * 2)
        kind.testCode(codes, 77, at, n, mask)
        kind.testRange(values, 1000, 2 ** 28, at, n, mask.subarray(n))
        return { ranks, mask }
      })
      expect(a!.ranks).toEqual(b!.ranks)
      same(a!.mask, b!.mask)
      expect(a!.mask.includes(1)).toBe(true)
    }
  })

  it('sum pieces alike, to the bit', () => {
    // What is left of a cut must be a multiple of one power of two, as the engine sees to.
    const unit = 2 ** -40
    const cuts = fc.constantFrom([], [1.5 * 2 ** 52], [1.5 * 2 ** 52, 1.5 * 2 ** 20])
    fc.assert(fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 70 }), from, cuts, (list, at, magics) => {
      // Without cuts the values are whole, so that their sum is exact.
      const values = Float64Array.from([...new Array(at).fill(5), ...list.map(value => magics.length === 0 ? Math.round(value) : Math.round(value / unit % 2 ** 52) * unit)])
      const [a, b] = [new Float64Array(3), new Float64Array(3)]
      wasm.sumPieces(values, at, values.length, Float64Array.from(magics), a)
      plain.sumPieces(values, at, values.length, Float64Array.from(magics), b)
      expect(a).toEqual(b)
    }), { seed: 8, numRuns: 300 })
  })

  it('explode arrays alike', () => {
    fc.assert(fc.property(widths, length, from, fc.constantFrom(1, 3, 9), fc.integer(), ([width, size], n, at, longest, seed) => {
      const next = random(seed)
      const offsets = new Uint32Array(n + at + 1)
      for (let i = 0; i < n + at; i++) offsets[i + 1] = offsets[i] + next() % (longest + 1)
      const items = codesOf(width, offsets[n + at], size, seed)
      const ids = codesOf(4, n, 50, seed + 1) as Uint32Array
      const results = [wasm, plain].map(kind => {
        const ids2 = new Uint32Array(n + offsets[n + at] + 1)
        const rows = new Uint32Array(n + offsets[n + at] + 1)
        const entries = kind.explode(ids, offsets, items, at, n, size, ids2, rows)
        expect([ids2[entries], rows[entries]]).toEqual([0, 0])
        return [ids2, rows]
      })
      same(results[0][0], results[1][0])
      same(results[0][1], results[1][1])
    }), { seed: 9, numRuns: 120 })
  })
})
