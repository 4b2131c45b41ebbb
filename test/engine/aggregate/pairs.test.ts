/** Pairs come out as they went in, group by group. */
import { describe, expect, it } from 'vitest'
import type { Pairs } from '../../../engine/aggregate/pair-runs.js'
import { pairsFor, pairsOf, readerOf } from '../../../engine/aggregate/pairs.js'
import { Random } from '../../support/random.js'

function taken(lists: Pairs, atLeast?: number): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const run of lists.take(atLeast)) {
    if (run === null) continue
    for (let i = 0, from = 0; i < run.groups; from = run.ends[i++]!) {
      const items = run.items.subarray(from, run.ends[i]).filter(item => item !== 0)
      if (items.length > 0) found.set(run.first + i, [...items].sort((a, b) => a - b))
    }
  }
  return found
}

describe('pairs', () => {
  it.each([[1, 10], [700, 40_000], [1024, 100], [1025, 40_000], [5000, 300_000], [30_000, 600_000], [1_000_000, 600_000], [200_000, 60_000], [200_000, 70_000], [9_000_000, 70_000]])('of %i groups give %i pairs back, in order of groups', (groups, pairs) => {
    const random = new Random(groups)
    const lists = pairsFor(groups, pairs, 2 ** 20)
    const expected = new Map<number, number[]>()
    const groupsOf = Uint32Array.from({ length: pairs }, () => random.chance(0.3) ? groups - 1 : random.between(0, groups - 1))
    const items = Uint32Array.from({ length: pairs }, () => random.chance(0.1) ? 0 : random.between(1, 0xffffffff))
    expect(lists.append(groupsOf, items, pairs)).toBe(pairs)
    items.forEach((item, i) => {
      if (item === 0) return
      const list = expected.get(groupsOf[i]!) ?? []
      list.push(item)
      expected.set(groupsOf[i]!, list)
    })
    for (const list of expected.values()) list.sort((a, b) => a - b)
    const found = taken(lists)
    expect([...found.keys()]).toEqual([...expected.keys()].sort((a, b) => a - b))
    expect(found).toEqual(expected)
    expect(lists.used).toBe(0)
    expect(taken(lists).size).toBe(0)
  })

  it.each([3, 3000])('of %i groups take no more than they may hold, and have room again for what was taken out', groupCount => {
    const lists = pairsFor(groupCount, 1000, 100)
    const groups = new Uint32Array(200_000).fill(2)
    const items = Uint32Array.from(groups, (_, i) => i + 1)
    const held = lists.append(groups, items, items.length)
    expect(held).toBeGreaterThan(0)
    expect(held).toBeLessThan(items.length)
    expect(lists.hasRoom(20_000)).toBe(false)
    expect(taken(lists).get(2)).toEqual([...items.subarray(0, held)])
    expect(lists.append(groups, items, items.length)).toBe(held)
  })

  it.each([4, 4000])('of %i groups take whole runs', groupCount => {
    const lists = pairsFor(groupCount, 100_000, 2 ** 20)
    const items = Uint32Array.from({ length: 90_000 }, (_, i) => i + 1)
    for (const [group, from, to] of [[1, 0, 70_000], [3, 70_000, 70_010], [1, 80_000, 90_000]] as const) expect(lists.appendAll(group, items, from, to)).toBe(true)
    expect(taken(lists)).toEqual(new Map([[1, [...items.subarray(0, 70_000), ...items.subarray(80_000)]], [3, [...items.subarray(70_000, 70_010)]]]))
  })

  it.each([100, 5000])('of %i groups come together with those of another thread', groupCount => {
    const [one, other] = [pairsFor(groupCount, 100_000, 2 ** 20), pairsFor(groupCount, 100_000, 2 ** 20)]
    one.append(Uint32Array.of(7, 99), Uint32Array.of(1, 2), 2)
    other.append(Uint32Array.of(99, 7, 98), Uint32Array.of(3, 4, 5), 3)
    const handed = other.handOver()
    const read: string[] = []
    for (const [groups, items] of pairsOf(handed)) groups.forEach((group, i) => void read.push(`${group}: ${items[i]}`))
    expect(read.sort()).toEqual(['7: 4', '98: 5', '99: 3'])
    expect(one.join(handed)).toBe(true)
    const reader = readerOf(one.parts)
    expect(Array.from({ length: one.length }, (_, list) => reader.length(list)).reduce((sum, n) => sum + n, 0)).toBe(5)
    one.release(98 >>> one.shift)
    const rest = taken(one)
    expect(rest.get(7)).toEqual(7 >>> one.shift === 98 >>> one.shift ? undefined : [1, 4])
    expect(rest.has(98)).toBe(false)
    expect(one.join(pairsFor(200_000, 100_000, 2 ** 20).handOver())).toBe(false)
  })

  it('keep short lists where only long ones are taken', () => {
    const lists = pairsFor(4, 1000, 1000)
    for (const [group, n] of [[0, 5], [1, 100], [3, 99]] as const) lists.append(new Uint32Array(n).fill(group), new Uint32Array(n).fill(7), n)
    expect([...taken(lists, 100).keys()]).toEqual([1])
    expect([...taken(lists).keys()]).toEqual([0, 3])
  })

  it.each([[1, 1024], [1025, 8192]])('of %i group cover more of them, up to %i', (first, most) => {
    const lists = pairsFor(first, 100_000, 2 ** 20)
    lists.append(Uint32Array.of(0), Uint32Array.of(4), 1)
    expect(lists.cover(most)).toBe(true)
    lists.append(Uint32Array.of(most - 1), Uint32Array.of(5), 1)
    expect(lists.cover(most * 2 + 1)).toBe(false)
    expect(taken(lists)).toEqual(new Map([[0, [4]], [most - 1, [5]]]))
  })
})
