/** Bins of more groups than there are counters for, against counts kept one by one. */
import { describe, expect, it } from 'vitest'
import { ownMemory } from '../../../engine/column/memory.js'
import { GroupedBins } from '../../../engine/aggregate/grouped-bins.js'
import { MISSING_BIN, ZERO_BIN } from '../../../engine/sketch/histogram.js'
import { Random } from '../../support/random.js'

const LARGEST_BIN = 2 * ZERO_BIN - 1

function finish(bins: GroupedBins): void {
  for (const _ of bins.finish()) { /* to the end */ }
}

function entriesOf(bins: GroupedBins, group: number): [number, number][] {
  const entries: [number, number][] = []
  bins.forEach(group, (bin, count) => entries.push([bin, count]))
  return entries
}

/** Blocks of some groups and bins, and what they come to. */
class Counted {
  readonly rows = new Map<number, Map<number, number>>()

  block(random: Random, groups: number, n: number): [groups: Uint32Array, bins: Uint32Array] {
    const of = Uint32Array.from({ length: n }, () => random.chance(0.3) ? 7 : random.between(0, groups - 1))
    const bins = Uint32Array.from(of, () => random.pick([MISSING_BIN, 1, LARGEST_BIN, ZERO_BIN, ZERO_BIN + random.between(-900, 900), random.between(1, LARGEST_BIN)]))
    bins.forEach((bin, i) => { if (bin !== MISSING_BIN) this.add(of[i]!, bin) })
    return [of, bins]
  }

  add(group: number, bin: number): void {
    const bins = this.rows.get(group) ?? new Map<number, number>()
    this.rows.set(group, bins.set(bin, (bins.get(bin) ?? 0) + 1))
  }

  entriesOf(group: number): [number, number][] {
    return [...this.rows.get(group) ?? []].sort(([a], [b]) => a - b)
  }
}

const RANGE = { lowest: 1, highest: LARGEST_BIN }

describe.each([20, 5000])('bins of %i groups and more', groups => {
  it.each([1, 20_000, 2 ** 24])('are counted alike whether they are folded often or once: up to %i pairs', maxPairs => {
    const random = new Random(groups)
    const bins = new GroupedBins({ maxPairs, rows: 40_000, memory: ownMemory })
    const counted = new Counted()
    bins.grow(groups)
    for (let round = 0; round < 12; round++) {
      if (round === 8) bins.grow(groups * 3)
      bins.add(...counted.block(random, round < 8 ? groups : groups * 3, 3000), 3000, RANGE)
      bins.add(11, Uint32Array.of(ZERO_BIN, MISSING_BIN, 5), 3, RANGE)
      for (const bin of [ZERO_BIN, 5]) counted.add(11, bin)
      if (round === 5) {
        bins.forget(new Set([7]))
        counted.rows.delete(7)
      }
      for (const _ of bins.settle()) { /* to the end */ }
    }
    finish(bins)
    for (let group = 0; group < groups * 3; group++) {
      const expected = counted.entriesOf(group)
      expect(entriesOf(bins, group), `group ${group}`).toEqual(expected)
      expect(bins.total(group)).toBe(expected.reduce((sum, [, count]) => sum + count, 0))
    }
  })

  it.each([0, 1, 2])('of two threads are counted together, the second time with few pairs at once, the third with other numbers of groups', round => {
    const random = new Random(groups + round)
    const counted = new Counted()
    const turned = round === 2 ? Uint32Array.from({ length: groups }, (_, group) => (group * 7 + 3) % groups) : null
    const [one, other] = [0, 1].map(thread => {
      const bins = new GroupedBins({ maxPairs: round === 0 ? 2 ** 24 : 5000, rows: 40_000, memory: ownMemory })
      bins.grow(groups)
      const [of, items] = counted.block(random, groups, 9000)
      bins.add(thread === 1 && turned !== null ? of.map(group => turned.indexOf(group)) : of, items, 9000, RANGE)
      for (const _ of bins.settle()) { /* to the end */ }
      return bins
    })
    for (const _ of one!.takeOver(other!.handOver(), turned)) { /* to the end */ }
    finish(one!)
    for (let group = 0; group < groups; group++) expect(entriesOf(one!, group), `group ${group}`).toEqual(counted.entriesOf(group))
  })
})
