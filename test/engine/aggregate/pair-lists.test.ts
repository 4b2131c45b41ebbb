/** Pairs come out of their lists as they went in, group by group. */
import { describe, expect, it } from 'vitest'
import { PairLists } from '../../../engine/aggregate/pair-lists.js'
import { Random } from '../../support/random.js'

function taken(lists: PairLists, atLeast?: number): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const run of lists.take(atLeast)) {
    if (run === null) continue
    for (let i = 0, from = 0; i < run.groups; from = run.ends[i++]!) {
      if (run.ends[i]! > from) found.set(run.first + i, [...run.items.subarray(from, run.ends[i])].sort((a, b) => a - b))
    }
  }
  return found
}

describe('lists of pairs', () => {
  it.each([[1, 10], [700, 40_000], [1024, 100], [1025, 40_000], [5000, 300_000], [200_000, 60_000]])('of %i groups give %i pairs back, in order of groups', (groups, pairs) => {
    const random = new Random(groups)
    const lists = new PairLists(groups, pairs, 2 ** 20)
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

  it('take no more than they may hold, and have room again for what was taken out', () => {
    const lists = new PairLists(3, 1000, 100)
    const groups = new Uint32Array(200_000).fill(2)
    const items = Uint32Array.from(groups, (_, i) => i + 1)
    const held = lists.append(groups, items, items.length)
    expect(held).toBeLessThan(items.length)
    expect(lists.hasRoom(20_000)).toBe(false)
    expect(taken(lists).get(2)).toEqual([...items.subarray(0, held)])
    expect(lists.append(groups, items, items.length)).toBe(held)
  })

  it('keep short lists where only long ones are taken', () => {
    const lists = new PairLists(4, 1000, 1000)
    for (const [group, n] of [[0, 5], [1, 100], [3, 99]] as const) lists.append(new Uint32Array(n).fill(group), new Uint32Array(n).fill(7), n)
    expect([...taken(lists, 100).keys()]).toEqual([1])
    expect([...taken(lists).keys()]).toEqual([0, 3])
  })

  it('cover more groups up to a number', () => {
    const lists = new PairLists(1, 1000, 1000)
    expect(lists.cover(1024)).toBe(true)
    lists.append(Uint32Array.of(1023), Uint32Array.of(5), 1)
    expect(lists.cover(1025)).toBe(false)
    expect(taken(lists)).toEqual(new Map([[1023, [5]]]))
  })
})
