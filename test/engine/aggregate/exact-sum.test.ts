/** Sums against whole numbers of the smallest double: not a bit may differ. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExactSums } from '../../../engine/aggregate/exact-sum.js'
import { exponentsOf } from '../../../engine/column/column.js'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { exactMean, exactSum } from '../../support/exact-sum.js'
import { Random } from '../../support/random.js'

const view = new DataView(new ArrayBuffer(8))

/** Any finite double whose biased exponent lies in [low, high]. */
function randomBits(random: Random, low = 0, high = 2046): number {
  view.setUint32(0, (random.chance(0.5) ? 2 ** 31 : 0) + random.between(low, high) * 2 ** 20 + random.between(0, 2 ** 20 - 1))
  view.setUint32(4, random.chance(0.2) ? 0 : random.between(0, 2 ** 32 - 1))
  return view.getFloat64(0)
}

function added(values: readonly number[], parts: number[] = [values.length]): ExactSums {
  const sums = new ExactSums(1)
  let from = 0
  for (const size of parts) {
    const part = Float64Array.from(values.slice(from, from + size))
    sums.expect(exponentsOf(part, part.length))
    sums.addRun(0, part, null, 0, part.length)
    from += size
  }
  return sums
}

function sumOf(...values: number[]): number {
  return added(values).value(0)
}

const KINDS: Record<string, (random: Random) => number> = {
  'of any bits': random => randomBits(random),
  'that are subnormal': random => randomBits(random, 0, 1),
  'that are huge': random => randomBits(random, 2040, 2046),
  'near the edge of huge': random => randomBits(random, 1975, 1990),
  'below huge': random => randomBits(random, 1973, 1982),
  'of a hundred powers': random => randomBits(random, 1000, 1100),
  'of everyday money': random => random.between(-1e7, 1e7) / 100,
  'of one power': random => randomBits(random, 1023, 1023),
  'that are large integers': random => random.between(-(2 ** 53), 2 ** 53),
  'that are small integers': random => random.between(-(2 ** 31), 2 ** 31 - 1)
}

/** Ranges of exponents, and how many bits of a double are random: as many bits between the largest value and the lowest bit. */
const SPANS = [[0, 34], [0, 40], [12, 53], [20, 53], [31, 53], [32, 53], [33, 53], [40, 53], [90, 53]] as const

describe.each(SPANS)('the sum of many values over %i powers of two, with %i bits each', (powers, bits) => {
  it.each([-70, -33, 0, 19, 40])('is exact, of those up to 2^%i', top => {
    const random = new Random(powers * 100 + bits)
    const values = Array.from({ length: 9000 }, () => {
      const mantissa = random.between(0, 2 ** 26 - 1) * 2 ** (bits - 26) + random.between(0, 2 ** (bits - 26) - 1)
      return (random.chance(0.3) ? -1 : 1) * mantissa * 2 ** (top - bits - random.between(0, powers))
    })
    expect(added(values).value(0)).toBe(exactSum(values))
    expect(added(values, [1023, 1024, 1025, 5928]).value(0)).toBe(exactSum(values))
    const largest = values.map(() => (2 ** (bits - 1) + random.between(0, 2 ** 32) * 2 ** (bits - 34) + random.between(0, 2 ** (bits - 34) - 1)) * 2 ** (top - bits))
    largest.push(2 ** (top - bits - powers))
    expect(added(largest).value(0)).toBe(exactSum(largest))
  })
})

describe.each(Object.entries(KINDS))('the sum of values %s', (_, draw) => {
  it('is the true sum, rounded once, however the values are parted and ordered', () => {
    const random = new Random(77)
    for (let round = 0; round < 60; round++) {
      const values = Array.from({ length: random.pick([1, 2, 3, 5, 40]) }, () => draw(random))
      if (random.chance(0.5)) values.push(-(values[0] ?? 0), ...(random.chance(0.3) ? values.map(value => -value) : []))
      const expected = exactSum(values)
      const shuffled = random.shuffle(values)
      expect(sumOf(...values) + 0).toBe(expected)
      expect(added(shuffled, random.chunks(shuffled, 4).map(chunk => chunk.length)).value(0) + 0).toBe(expected)
    }
  })

  it('is the same for each group of pairs, of chosen rows too', () => {
    const random = new Random(78)
    for (let round = 0; round < 20; round++) {
      const sums = new ExactSums(2)
      const expected = new Map<number, number[]>()
      for (let part = 0; part < 4; part++) {
        if (part === 2) sums.grow(5)
        const values = Float64Array.from({ length: 30 }, () => draw(random))
        const groups = Uint32Array.from({ length: 30 }, () => random.between(0, part < 2 ? 1 : 4))
        const rows = random.chance(0.5) ? Uint32Array.from({ length: 30 }, () => random.between(0, 29)) : null
        const from = rows === null ? 3 : 0
        const n = rows === null ? 20 : 30
        sums.expect(exponentsOf(values, 30))
        if (part === 3) sums.addRun(4, values, rows, from, from + n)
        else sums.addPairs(groups, values, rows, from, n)
        for (let i = 0; i < n; i++) {
          const group = part === 3 ? 4 : groups[i]!
          expected.set(group, [...expected.get(group) ?? [], values[rows === null ? from + i : rows[i]!]!])
        }
      }
      for (const [group, values] of expected) expect(sums.value(group) + 0).toBe(exactSum(values))
    }
  })
})

describe('a sum', () => {
  it('of nothing, and of values that cancel, is 0', () => {
    expect(new ExactSums(1).value(0)).toBe(0)
    for (const value of [0.1, 5e-324, Number.MAX_VALUE, 1e300, 3]) expect(sumOf(value, -value) + 0).toBe(0)
    expect(sumOf(1e300, 1, -1e300)).toBe(1)
    expect(sumOf(Number.MAX_VALUE, 5e-324, -Number.MAX_VALUE)).toBe(5e-324)
  })

  it('rounds half to even, and by what is far below the half', () => {
    const tiny = 2 ** -1074
    expect(sumOf(1, 2 ** -53)).toBe(1)
    expect(sumOf(1, 2 ** -53, tiny)).toBe(1 + 2 ** -52)
    expect(sumOf(1, 2 ** -53, -tiny)).toBe(1)
    expect(sumOf(1 + 2 ** -52, 2 ** -53)).toBe(1 + 2 ** -51)
    expect(sumOf(1 + 2 ** -52, 2 ** -53, -tiny)).toBe(1 + 2 ** -52)
    expect(sumOf(-1, -(2 ** -53), -tiny)).toBe(-1 - 2 ** -52)
    expect(sumOf(-1, -(2 ** -53), tiny)).toBe(-1)
    expect(sumOf(2 ** 100, 2 ** 47, 2 ** -3)).toBe(2 ** 100 + 2 ** 48)
    expect(sumOf(2 ** 100, 2 ** 47, -(2 ** -3))).toBe(2 ** 100)
    expect(sumOf(2 ** 100, 2 ** 47, 2 ** 10, -(2 ** 10), 2 ** -60, 2 ** -200)).toBe(2 ** 100 + 2 ** 48)
    expect(sumOf(2 ** 80, 2 ** 40, 2 ** 27, 2 ** -10)).toBe(2 ** 80 + 2 ** 40 + 2 ** 28)
    expect(sumOf(2 ** 80, 2 ** 40, 2 ** 27, -(2 ** -10))).toBe(2 ** 80 + 2 ** 40)
    expect(sumOf(2 ** 1000, 2 ** 947, tiny)).toBe(2 ** 1000 + 2 ** 948)
    expect(sumOf(2 ** 1000, 2 ** 947, -tiny)).toBe(2 ** 1000)
  })

  it('beyond the range of doubles is infinite, and comes back when it shrinks again', () => {
    const max = Number.MAX_VALUE
    expect(sumOf(max, max)).toBe(Infinity)
    expect(sumOf(-max, -max)).toBe(-Infinity)
    expect(sumOf(max, max, -max)).toBe(max)
    expect(sumOf(max, 2 ** 969)).toBe(max)
    expect(sumOf(max, 2 ** 970)).toBe(Infinity)
    expect(sumOf(max, 2 ** 970, -(2 ** -1074))).toBe(max)
    expect(sumOf(...Array.from({ length: 300 }, () => 2 ** 959), max, -max)).toBe(300 * 2 ** 959)
  })

  it('has a mean even where it is itself beyond the range', () => {
    const max = Number.MAX_VALUE
    expect(added([max, max]).mean(0, 2)).toBe(max)
    expect(added([-max, -max, -max]).mean(0, 3)).toBe(-max)
    expect(added([max, max, 0, 0]).mean(0, 4)).toBe(max / 2)
    expect(added([max, max, 1]).mean(0, 3)).toBe(exactMean([max, max, 1]))
    expect(added([1, 2, 4]).mean(0, 3)).toBe(7 / 3)
    const random = new Random(4)
    for (let round = 0; round < 50; round++) {
      const values = Array.from({ length: random.between(2, 9) }, () => Math.abs(randomBits(random, 2044, 2046)))
      const expected = Number.isFinite(exactSum(values)) ? exactSum(values) / values.length : exactMean(values)
      expect(added(values).mean(0, values.length)).toBe(expected)
    }
  })

  it('may be asked for between two additions', () => {
    const sums = new ExactSums(1)
    const values = [0.1, 0.7, 1e20, -3.3, 5e-324]
    values.forEach((value, i) => {
      const one = Float64Array.of(value)
      sums.expect(exponentsOf(one, 1))
      sums.addRun(0, one, null, 0, 1)
      expect(sums.value(0)).toBe(exactSum(values.slice(0, i + 1)))
    })
  })

  it('says how many bytes it holds', () => {
    const small = added([1])
    const wide = added([1e300, 1e-300])
    expect(small.bytes).toBe(8)
    expect(wide.bytes).toBeGreaterThan(small.bytes)
    small.grow(1000)
    expect(small.bytes).toBeGreaterThanOrEqual(8000)
    expect(added([Number.MAX_VALUE]).bytes).toBeGreaterThan(0)
  })
})

describe('more additions than a chunk is exact for', () => {
  const ROWS = 2 ** 17

  it.each([['integers', 2 ** 32 - 1, 1], ['fractions', 1 - 2 ** -53, 1], ['negative', -(2 ** 63), -1], ['of two chunks', 2 ** 45 + 2 ** -7, 1]])('lose nothing: %s', (_, value, last) => {
    const values = new Float64Array(ROWS).fill(value)
    values[ROWS - 1] = last
    const groups = new Uint32Array(ROWS)
    for (const mode of ['run', 'pairs']) {
      const sums = new ExactSums(1)
      sums.expect(exponentsOf(values, ROWS))
      for (let call = 0; call < 40; call++) {
        if (mode === 'run') sums.addRun(0, values, null, 0, ROWS)
        else sums.addPairs(groups, values, null, 0, ROWS)
      }
      // an exact oracle by scaling: every value is a multiple of 2^-53
      const scaled = BigInt(value * 2 ** 53) * BigInt(40 * (ROWS - 1)) + BigInt(40 * last) * 2n ** 53n
      expect(sums.value(0)).toBe(Number(scaled) / 2 ** 53)
    }
  })

  it('lose nothing one at a time, among huge ones', () => {
    const values = new Float64Array(2 ** 16).fill((2 ** 32 - 1) * 2 ** 928)
    values[0] = 2 ** 970
    values[1] = -(2 ** 970)
    const sums = new ExactSums(1)
    sums.expect({ top: 970, bottom: 928 })
    for (let call = 0; call < 40; call++) sums.addRun(0, values, null, 0, values.length)
    expect(sums.value(0)).toBe(Number(BigInt(40 * (2 ** 16 - 2)) * BigInt(2 ** 32 - 1)) * 2 ** 928)
  })
})

/** A chunk is exact for 2^21 additions; these are more, and their sum is beyond 2^53. */
describe.each([
  ['whole', 2 ** 32 - 1],
  ['of two pieces', 2 ** 31 + 0.5],
  ['of three pieces', 2 ** 45 - 2 ** -30 - 1],
  ['of four pieces', 2 ** 60 + 2 ** 8 + 0],
  ['negative', -(2 ** 44) - 2 ** -8]
])('the sum of millions of values that are %s', (_, value) => {
  const ROWS = 2 ** 19
  const ROUNDS = 9
  const values = new Float64Array(ROWS).fill(value)
  values[7] = -value
  const expected = Number(BigInt(value * 2 ** 30) * BigInt((ROWS - 2) * ROUNDS)) / 2 ** 30

  it('loses nothing in a run', () => {
    const sums = new ExactSums(2)
    sums.expect(exponentsOf(values, ROWS))
    for (let round = 0; round < ROUNDS; round++) sums.addRun(1, values, null, 0, ROWS)
    expect([sums.value(0), sums.value(1)]).toEqual([0, expected])
  })

  it.each([3, 5000])('loses nothing in pairs of %i groups', size => {
    const sums = new ExactSums(size)
    const groups = new Uint32Array(ROWS).fill(2)
    for (let round = 0; round < ROUNDS; round++) {
      sums.expect(exponentsOf(values, ROWS))
      sums.addPairs(groups, values, null, 0, ROWS)
    }
    expect([sums.value(1), sums.value(2)]).toEqual([0, expected])
  })
})

describe.each(['wasm', 'plain'] as const)('sums of many groups, with kernels in %s', kernels => {
  beforeAll(() => useKernels(kernels))
  afterAll(() => useKernels('wasm'))

  it.each(Object.keys(KINDS))('are exact, of values %s', kind => {
    const random = new Random(kind.length)
    const sums = new ExactSums(4096)
    const values = new Map<number, number[]>()
    for (let round = 0; round < 12; round++) {
      if (round === 6) sums.grow(9000)
      // Some rounds have values of other chunks.
      const draw = random.chance(0.8) ? KINDS[kind]! : random.pick(Object.values(KINDS))
      const part = Float64Array.from({ length: 300 }, () => (random.chance(0.1) ? 0 : draw(random)))
      const groups = Uint32Array.from(part, () => random.pick([0, 17, 4095, round < 6 ? 1 : 8999]))
      const rows = random.chance(0.5) ? null : Uint32Array.from(groups, (_, i) => (i * 7) % 300)
      sums.expect(exponentsOf(part, part.length))
      sums.addPairs(groups, part, rows, 0, groups.length)
      groups.forEach((group, i) => void values.set(group, [...values.get(group) ?? [], part[rows === null ? i : rows[i]!]!]))
      if (round === 9) sums.forget(new Set([17]))
      if (round === 9) values.set(17, [])
    }
    for (const [group, all] of values) expect(sums.value(group), `group ${group}`).toBe(exactSum(all))
    expect(sums.value(2)).toBe(0)
  })

  it.each(Object.keys(KINDS))('are exact of some threads together, of values %s', kind => {
    const random = new Random(5)
    const draw = KINDS[kind]!
    const [one, other] = [new ExactSums(5000), new ExactSums(5000)]
    const values: number[] = []
    for (const sums of [one, other]) {
      const part = Float64Array.from({ length: 20_000 }, () => draw(random))
      sums.expect(exponentsOf(part, part.length))
      sums.addPairs(new Uint32Array(part.length).fill(4999), part, null, 0, part.length)
      values.push(...part)
    }
    for (const _ of one.takeOver(other.handOver(), null)) { /* to the end */ }
    expect([one.value(4999), one.value(0)]).toEqual([exactSum(values), 0])
  })

  it('are exact where their integers run out of room, within a call and between threads', () => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 3 * 2 ** -20 : 1.75 * 2 ** 58))
    const groups = new Uint32Array(values.length).fill(4999)
    const [one, other] = [1, 2].map(() => {
      const sums = new ExactSums(5000)
      sums.expect(exponentsOf(values, values.length))
      for (let call = 0; call < 3; call++) sums.addPairs(groups, values, null, 0, values.length)
      return sums
    })
    const small = BigInt(6 * 33_334 * 3)
    const large = BigInt(6 * 66_666) * 7n * 2n ** 76n
    for (const _ of one!.takeOver(other!.handOver(), null)) { /* to the end */ }
    one!.addPairs(groups, values, null, 0, 1)
    expect(one!.value(4999)).toBe(Number(large + small + 3n) * 2 ** -20)
    expect(one!.mean(4999, 2 ** 60)).toBe(Number(large + small + 3n) * 2 ** -80)
    expect(one!.value(0)).toBe(0)
  })

  it('are exact of threads that number groups in other ways and saw values of other kinds', () => {
    const random = new Random(11)
    const kinds = Object.values(KINDS)
    for (let round = 0; round < 60; round++) {
      const turned = random.chance(0.5) ? Uint32Array.from({ length: 5000 }, (_, group) => 4999 - group) : null
      const all = new Map<number, number[]>()
      const [one, other, third] = [null, turned, null].map(groupOf => {
        const sums = new ExactSums(5000)
        for (let part = random.between(0, 2); part > 0; part--) {
          const draw = random.pick(kinds)
          const values = Float64Array.from({ length: 50 }, () => draw(random))
          const groups = Uint32Array.from(values, () => random.pick([0, 1, 2500, 4999]))
          sums.expect(exponentsOf(values, values.length))
          sums.addPairs(groups, values, null, 0, values.length)
          groups.forEach((group, i) => {
            const own = groupOf === null ? group : groupOf[group]!
            all.set(own, [...all.get(own) ?? [], values[i]!])
          })
        }
        return sums
      })
      for (const _ of one!.takeOver(other!.handOver(), turned)) { /* to the end */ }
      for (const _ of one!.takeOver(third!.handOver(), null)) { /* to the end */ }
      for (const group of [0, 1, 2500, 4999, 7]) expect(one!.value(group) + 0, `round ${round}, group ${group}`).toBe(exactSum(all.get(group) ?? []))
    }
  })
})

it('stays exact where segments of large values come between segments of small ones, however many', () => {
  const large = 2 ** 63 - 2 ** 32
  const sums = new ExactSums(1)
  const add = (value: number, rows: number): void => {
    const part = new Float64Array(rows).fill(value)
    sums.expect(exponentsOf(part, part.length))
    sums.addRun(0, part, null, 0, part.length)
  }
  // So many small ones that whatever is moved on is moved on while they come.
  for (const [value, rows] of [[large, 399_999], [-large, 400_000]] as const) {
    for (let round = 0; round < 20; round++) {
      add(value, rows)
      add(1, 600_000)
      add(1, 600_000)
    }
  }
  expect(sums.value(0)).toBe(Number((2n ** 63n - 2n ** 32n) * -20n + 48_000_000n))
})

it('of several threads is the sum of one, whatever each of them saw', () => {
  const random = new Random(79)
  for (let round = 0; round < 40; round++) {
    const draw = random.pick(Object.values(KINDS))
    const values = Array.from({ length: random.pick([1, 3, 30]) }, () => draw(random))
    const own = added([])
    const parts = random.chunks(random.shuffle(values), 10).map(part => added(part))
    const first = random.chance(0.5) ? parts.pop()! : own
    for (const part of parts) for (const _ of first.takeOver(part.handOver(), null)) { /* to its end */ }
    expect(first.value(0) + 0).toBe(exactSum(values))
  }
})
