/** Distinct items per group, gathered in rounds of any size. */
import { describe, expect, it } from 'vitest'
import { GroupedSets } from '../../../engine/aggregate/grouped-sets.js'
import { couponOfString } from '../../../engine/sketch/hash.js'
import { HyperLogLog } from '../../../engine/sketch/hyperloglog.js'
import { Random } from '../../support/random.js'

/** A round is never smaller than the first buffer, so this folds every 1024 pairs. */
const TINY = 1
const SETS_LIMIT = 16_384

function valuesOf(sets: GroupedSets): number[] {
  return Array.from({ length: sets.groups }, (_, group) => sets.value(group))
}

describe.each([false, true])('distinct items per group (sketch: %s)', sketch => {
  it.each([TINY, 3000, 2 ** 24])('are counted alike whether they are folded often or never: up to %i pairs', maxPairs => {
    const random = new Random(41)
    const sets = new GroupedSets(sketch ? 'estimates' : 'exact', maxPairs)
    const expected = new Map<number, Set<number>>()
    sets.groups = 10
    for (let i = 0; i < 20_000; i++) {
      if (i === 7000) sets.groups = 200
      const group = random.chance(0.3) ? 3 : random.between(0, (i < 7000 ? 9 : 199) - 1)
      const item = random.pick([0, random.between(1, 40), random.between(1, 5000), 0xffffffff])
      sets.add(group, item)
      if (item !== 0) expected.set(group, (expected.get(group) ?? new Set()).add(item))
    }
    for (const _ of sets.finish()) { /* to the end */ }
    expect(Array.from({ length: 200 }, (_, group) => sets.value(group))).toEqual(Array.from({ length: 200 }, (_, group) => expected.get(group)?.size ?? 0))
  })

  it('leave groups before, between and after those that have any at 0', () => {
    for (const rounds of [1, 3]) {
      const sets = new GroupedSets(sketch ? 'estimates' : 'exact', TINY)
      sets.groups = 9
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < 1100; i++) sets.add(round % 2 === 0 ? 4 : 6, i % 50 + 1)
        for (let i = 0; i < 1100; i++) sets.add(2, i % (10 * (round + 1)) + 1)
      }
      for (const _ of sets.finish()) { /* to the end */ }
      expect(Array.from({ length: 9 }, (_, group) => sets.value(group))).toEqual([0, 0, 10 * rounds, 0, 50, 0, rounds > 1 ? 50 : 0, 0, 0])
    }
  })

  it.each([TINY, 3000, 2 ** 24])('count the rows of their groups, those without an item too: up to %i pairs', maxPairs => {
    const random = new Random(42)
    const counts = { rows: new Uint32Array(40_000) }
    const expected = new Uint32Array(40_000)
    const sets = new GroupedSets(sketch ? 'estimates' : 'exact', maxPairs)
    sets.groups = 40_000
    sets.countRows(counts)
    for (let block = 0; block < 12; block++) {
      const groups = Uint32Array.from({ length: 9000 }, () => random.chance(0.2) ? 39_999 : random.between(0, 39_998))
      const items = Uint32Array.from({ length: 9000 }, () => random.between(0, 20))
      for (const group of groups) expected[group]!++
      sets.addRows(groups, items, null, null, 0, 9000)
      for (const _ of sets.settle()) { /* to the end */ }
    }
    for (const _ of sets.finish()) { /* to the end */ }
    expect(counts.rows).toEqual(expected)
  })

  it('are none of nothing', () => {
    const sets = new GroupedSets(sketch ? 'estimates' : 'exact', TINY)
    sets.groups = 3
    sets.add(1, 0)
    for (const _ of sets.finish()) { /* to the end */ }
    expect([0, 1, 2].map(group => sets.value(group))).toEqual([0, 0, 0])
  })
})

describe('a group of a sketched count', () => {
  const coupons = [...new Set(Array.from({ length: 70_000 }, (_, i) => couponOfString(`visitor ${i}`)))]

  it.each([SETS_LIMIT - 1, SETS_LIMIT, SETS_LIMIT + 1, 30_000, 60_000])('with %i items has what one HyperLogLog of them says', count => {
    const items = coupons.slice(0, count)
    const one = new HyperLogLog()
    one.addRange(Uint32Array.from(items), 0, count)
    for (const maxPairs of [TINY, 5000, 2 ** 24]) {
      const sets = new GroupedSets('estimates', maxPairs)
      sets.groups = 3
      for (const item of [...items, ...items.slice(0, 3000)]) sets.add(1, item)
      for (const item of items.slice(0, 500)) sets.add(2, item)
      for (const _ of sets.finish()) { /* to the end */ }
      expect([sets.value(0), sets.value(1), sets.value(2)], `${maxPairs}`).toEqual([0, one.estimate(), 500])
      if (count <= SETS_LIMIT) expect(sets.value(1)).toBe(count)
      else expect(Math.abs(sets.value(1) / count - 1)).toBeLessThan(0.02)
    }
  })

  it('is exact at any size where it is to be', () => {
    const sets = new GroupedSets('exact', 4000)
    sets.groups = 1
    for (let i = 0; i < 100_000; i++) sets.add(0, i % 40_000 + 1)
    for (const _ of sets.finish()) { /* to the end */ }
    expect(sets.value(0)).toBe(40_000)
  })

  it('weighs what it holds while it gathers, and next to nothing afterwards', () => {
    const sets = new GroupedSets('estimates', TINY)
    sets.groups = 2
    const before = sets.bytes
    for (const item of coupons.slice(0, 10_000)) sets.add(0, item)
    expect(sets.bytes).toBeGreaterThan(before + 9000 * 4)
    for (const item of coupons.slice(10_000, 40_000)) sets.add(0, item)
    expect(sets.bytes).toBeGreaterThanOrEqual(before + 65_536)
    for (const _ of sets.finish()) { /* to the end */ }
  })

  it('passes missing items over, also in long runs that are folded', () => {
    const random = new Random(31)
    for (const kind of ['exact', 'sketches', 'estimates'] as const) {
      const sets = new GroupedSets(kind, 600_000)
      sets.groups = 2
      const known = [new Set<number>(), new Set<number>()]
      for (let round = 0; round < 20; round++) {
        const items = Uint32Array.from({ length: 100_000 }, () => random.between(0, 30_000))
        const groups = Uint32Array.from(items, () => (random.chance(0.9) ? 0 : 1))
        items.forEach((item, i) => { if (item !== 0) known[groups[i]!]!.add(item) })
        sets.addRows(groups, items, null, null, 0, items.length)
        for (const _ of sets.settle()) { /* nobody else is waiting */ }
      }
      for (const _ of sets.finish()) { /* nobody else is waiting */ }
      if (kind === 'exact') expect([sets.value(0), sets.value(1)]).toEqual(known.map(({ size }) => size))
    }
  })

  it('never works long between two steps of settling and finishing', () => {
    const sets = new GroupedSets('exact', 2 ** 21)
    sets.groups = 3
    const items = Uint32Array.from({ length: 2 ** 18 }, (_, i) => i + 1)
    const groups = new Uint32Array(items.length).fill(1)
    let steps = 0
    for (let round = 0; round < 20; round++) {
      sets.addRows(groups, items, null, null, 0, items.length)
      for (const _ of sets.settle()) steps++
    }
    // Each fold of 2^21 pairs at most goes over them three times, 2^20 or fewer at a time.
    expect(steps).toBeGreaterThan(20)
    for (const _ of sets.finish()) { /* nobody else is waiting */ }
    expect(sets.value(1)).toBe(2 ** 18)
  })
})

describe('distinct items per group, gathered by several threads', () => {
  const GROUPS = 40
  const kinds = ['estimates', 'sketches', 'exact'] as const
  const coupons = Array.from({ length: 100_001 }, (_, i) => couponOfString(`item ${i}`))
  const turned = Uint32Array.from({ length: GROUPS }, (_, group) => (group * 7 + 3) % GROUPS)

  it.each(kinds.flatMap(kind => [TINY, 50_000, 2 ** 24].map(maxPairs => ({ kind, maxPairs }))))('are what one gathers: $kind, up to $maxPairs pairs', ({ kind, maxPairs }) => {
    const random = new Random(83)
    const one = new GroupedSets(kind, 2 ** 24)
    // The last one numbers groups otherwise.
    const parts = [0, 1, 2].map(() => new GroupedSets(kind, maxPairs))
    for (const sets of [one, ...parts]) sets.groups = GROUPS
    for (let i = 0; i < 240_000; i++) {
      const group = random.chance(0.5) ? 3 : random.chance(0.5) ? 4 : random.between(0, GROUPS - 1)
      const number = random.between(1, random.pick([5, 3000, 100_000]))
      const item = kind === 'exact' ? number : coupons[number]!
      one.add(group, item)
      const at = random.between(0, 2)
      parts[at]!.add(at === 2 ? turned.indexOf(group) : group, item)
      if (i % 20_000 === 0) for (const _ of parts[at]!.settle()) { /* to the end */ }
    }
    const [first, ...others] = parts
    others.forEach((part, at) => { for (const _ of first!.takeOver(part.handOver(), at === 1 ? turned : null, null)) { /* to the end */ } })
    for (const sets of [one, first!]) for (const _ of sets.finish()) { /* to the end */ }
    expect(valuesOf(first!)).toEqual(valuesOf(one))
    expect(Math.max(...valuesOf(one))).toBeGreaterThan(30_000)
  })
})

describe('runs of buckets that lie in several parts', () => {
  const coupons = Uint32Array.from({ length: 120_000 }, (_, i) => couponOfString(`item ${i % 60_000}`))
  /** Lengths of the runs of each group, of which group 3 and 4 have more items than a list, and group 5 has them twice. */
  const lengths = [[5], [40, 30], [900, 1, 8000], [20_000, 3], [9000, 9000, 9000, 9000], [10_000, 10_000], []]
  const runsOf = (group: number): Uint32Array[] => lengths[group]!.map((length, i) => coupons.subarray(group * 100 + (group === 5 ? 0 : i * 10_000), group * 100 + (group === 5 ? 0 : i * 10_000) + length))
  const expected = lengths.map((_, group) => {
    const one = new HyperLogLog()
    for (const run of runsOf(group)) one.addRange(run, 0, run.length)
    return one.estimate()
  })

  function setsOf(): GroupedSets {
    const sets = new GroupedSets('estimates', 2 ** 24)
    sets.groups = lengths.length
    return sets
  }

  it.each([0, 1])('are counted where they lie: %i more than come might', more => {
    const sets = setsOf()
    for (let i = 0; i < 4; i++) lengths.forEach((runs, group) => { if (i < runs.length) sets.addOpen(group, runsOf(group)[i]!, runs.length + more) })
    for (const _ of sets.finish()) { /* to the end */ }
    expect(valuesOf(sets)).toEqual(expected)
    expect(lengths.map((_, group) => sets.error(group) > 0.001)).toEqual([false, false, false, true, true, false, false])
  })

  it('are counted with what else came', () => {
    const sets = setsOf()
    lengths.forEach((runs, group) => runs.forEach((length, i) => {
      if (i === 1) sets.addRun(group, runsOf(group)[i]!, 0, length)
      else sets.addOpen(group, runsOf(group)[i]!, runs.length)
    }))
    for (const _ of sets.finish()) { /* to the end */ }
    expect(valuesOf(sets)).toEqual(expected)
  })

  it('are counted when another thread has some of them', () => {
    const [one, other] = [setsOf(), setsOf()]
    lengths.forEach((runs, group) => runsOf(group).forEach((run, i) => (group === 4 || i % 2 === 0 ? one : other).addOpen(group, run, runs.length)))
    for (const sets of [one, other]) for (const _ of sets.anticipate()) { /* to the end */ }
    for (const _ of one.takeOver(other.handOver(), null, null)) { /* to the end */ }
    for (const _ of one.finish()) { /* to the end */ }
    expect(valuesOf(one)).toEqual(expected)
  })
})
