/** Quantiles of each group against the sorted values themselves. */
import { describe, expect, it } from 'vitest'
import { Distribution } from '../../../engine/aggregate/distribution.js'
import { Engine } from '../../../index.js'
import { nearestRankValue } from '../../support/metrics.js'
import { Random } from '../../support/random.js'
import { ask, total } from '../ask.js'
import { ownMemory } from '../../../engine/column/memory.js'
import { never, readerOf } from './values.js'

const QUANTILES = [0, 0.01, 0.5, 0.95, 0.999, 1]
const MAX_PAIRS = 3000
/** 1/256, in which a bin keeps its promise of 0.5 %. */
const TOLERANCE = 0.00391

function values(groups: number): Distribution {
  const all = new Distribution('v', { maxPairs: MAX_PAIRS, rows: 100_000, memory: ownMemory }, never)
  all.grow(groups)
  return all
}

interface Part {
  readonly cells: (number | null)[]
  readonly groups: Uint32Array
}

function feed(all: Distribution, { cells, groups }: Part, rows: Uint32Array | null = null): void {
  all.bind(readerOf(cells))
  all.addPairs(groups, rows, 0, groups.length)
}

function answers(all: Distribution, groups: number): (number | null)[][] {
  for (const _ of all.finish()) { /* nobody else is waiting */ }
  return Array.from({ length: groups }, (_, group) => QUANTILES.map(quantile => all.quantile(group, quantile)))
}

function expectNear(got: (number | null)[][], parts: readonly Part[]): void {
  const known = got.map((): number[] => [])
  for (const { cells, groups } of parts) groups.forEach((group, i) => { if (cells[i] !== null) known[group]!.push(cells[i]!) })
  known.forEach((numbers, group) => QUANTILES.forEach((quantile, at) => {
    const answer = got[group]![at]
    if (numbers.length === 0) {
      expect(answer).toBeNull()
      return
    }
    const exact = nearestRankValue(numbers, quantile)
    expect(Math.abs(answer! - exact)).toBeLessThanOrEqual(Math.abs(exact) * TOLERANCE)
    if (quantile === 0 || quantile === 1) expect(answer).toBe(exact + 0)
  }))
}

function part(random: Random, size: number, groups: number, value: () => number): Part {
  return {
    cells: Array.from({ length: size }, () => (random.chance(0.9) ? value() : null)),
    groups: Uint32Array.from({ length: size }, () => random.between(0, groups - 1))
  }
}

const magnitudes = (random: Random) => () => (random.chance(0.5) ? -1 : 1) * (1 + random.fraction()) * 2 ** random.between(-1073, 1022)
const single = (field: string, quantile: number) => ({ type: 'quantile' as const, fields: [field] as [string], quantiles: [quantile] as [number] })

describe('quantile', () => {
  const kinds: readonly [string, number, (random: Random) => () => number][] = [
    ['whole numbers', 3, random => () => random.between(0, 5000)],
    ['numbers about zero', 3, random => () => random.between(-40, 40) / 8],
    ['every magnitude of double', 3, magnitudes],
    ['a few groups of a narrow range', 40, random => () => 1 + random.fraction()],
    ['many groups of a wide range', 5000, magnitudes]
  ]

  it.each(kinds)('of %s is within 1/256 of the value of nearest rank, and exact at both ends', (_kind, groups, value) => {
    const random = new Random(groups)
    const all = values(groups)
    const parts = Array.from({ length: 4 }, () => part(random, 6000, groups, value(random)))
    for (const one of parts) feed(all, one)
    expectNear(answers(all, groups), parts)
  })

  it.each(kinds)('of %s is the same however the rows are split, ordered and grouped into calls', (_kind, groups, value) => {
    const random = new Random(groups + 1)
    const whole = part(random, 20_000, groups, value(random))
    const once = values(groups)
    feed(once, whole)
    const expected = answers(once, groups)

    const shuffled = values(groups)
    const order = Uint32Array.from(random.shuffle(whole.cells.map((_, i) => i)))
    feed(shuffled, { cells: whole.cells, groups: whole.groups.map((_, i) => whole.groups[order[i]!]!) }, order)
    expect(answers(shuffled, groups)).toEqual(expected)

    const pieces = values(1)
    for (let from = 0; from < 20_000; from += 777) {
      if (from === 7 * 777) pieces.grow(groups)
      const cells = whole.cells.slice(from, from + 777)
      const known = whole.groups.slice(from, from + 777)
      if (from >= 7 * 777) feed(pieces, { cells, groups: known })
    }
    feed(pieces, { cells: whole.cells.slice(0, 7 * 777), groups: whole.groups.slice(0, 7 * 777) })
    expect(answers(pieces, groups)).toEqual(expected)

    const runs = values(groups)
    runs.bind(readerOf(whole.cells))
    const rows = whole.cells.map((_, i) => i).sort((a, b) => whole.groups[a]! - whole.groups[b]!)
    for (let from = 0; from < rows.length;) {
      const group = whole.groups[rows[from]!]!
      let to = from
      while (to < rows.length && whole.groups[rows[to]!] === group) to++
      runs.addRun(group, Uint32Array.from(rows), from, to)
      from = to
    }
    expect(answers(runs, groups)).toEqual(expected)
  })

  it('counts runs longer than a block', () => {
    const cells = Array.from({ length: 40_000 }, (_, i) => i % 200)
    const all = values(2)
    all.bind(readerOf(cells))
    all.addRun(1, null, 0, 40_000)
    expect(answers(all, 2)).toEqual([[null, null, null, null, null, null], [0, 1, 99, 189, 199, 199]])
  })

  it('keeps counters when the range and the groups grow beyond them', () => {
    const random = new Random(9)
    const all = values(2)
    const narrow = part(random, 3000, 2, () => random.between(100, 200))
    const wide = part(random, 3000, 2, magnitudes(random))
    const many = part(random, 3000, 2000, magnitudes(random))
    feed(all, narrow)
    feed(all, wide)
    all.grow(2000)
    feed(all, many)
    expectNear(answers(all, 2000), [narrow, wide, many])
  })

  it('never works long between two steps of settling and finishing', () => {
    const random = new Random(11)
    const all = new Distribution('v', { maxPairs: 2 ** 19, rows: 100_000, memory: ownMemory }, never)
    all.grow(5000)
    const whole = part(random, 100_000, 5000, magnitudes(random))
    let steps = 0
    for (let round = 0; round < 30; round++) {
      feed(all, whole)
      for (const _ of all.settle()) steps++
    }
    for (const _ of all.finish()) steps++
    // 2^18 pairs at a time, and some more, of nearly 3 M.
    expect(steps).toBeGreaterThan(6)
    const [cells] = [whole.cells.filter((_, i) => whole.groups[i] === 77).filter(value => value !== null)]
    expect(all.quantile(77, 0)).toBe(Math.min(...cells))
    expect(all.quantile(77, 1)).toBe(Math.max(...cells))
  })

  it('takes memory for the values that occur, not for groups times bins', () => {
    const random = new Random(10)
    const groups = 100_000
    const all = values(groups)
    const { bytes: before } = all
    for (let round = 0; round < 10; round++) feed(all, part(random, 10_000, groups, magnitudes(random)))
    expect(all.bytes - before).toBeLessThan(100_000 * 8 * 3 + groups * 4)
  })

  it('of several in one query is what each is alone', async () => {
    const engine = await Engine.open()
    const random = new Random(4)
    await engine.ingest(Array.from({ length: 3000 }, (_, i) => ({
      session_id: `s${i}`, started_at: i, country: random.pick(['a', 'b', 'c']), session_duration_secs: random.fraction() * 1000, size: random.between(0, 9)
    })))
    const pairs = QUANTILES.flatMap(quantile => ['session_duration_secs', 'size'].map(field => single(field, quantile)))
    const together = await total(engine, pairs)
    for (const [at, pair] of pairs.entries()) expect(await total(engine, [pair])).toEqual([together[at]])
    const grouped = await ask(engine, { group_by: ['country'], aggregations: pairs })
    for (const [country, ...row] of grouped) {
      expect(await total(engine, pairs, { type: 'selector', dimension: 'country', value: country as string })).toEqual(row)
    }
    await engine.close()
  })

  it('that has nothing to say is null, in filled buckets too, and sorts lowest', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ session_id: 'a', started_at: 0, session_duration_secs: 7.25 }, { session_id: 'b', started_at: 7_200_000 }])
    const { data } = await engine.query({
      interval: { start: '1970-01-01T00:00:00Z', end: '1970-01-01T03:00:00Z' }, granularity: 'hour',
      aggregations: [{ type: 'quantile', fields: ['session_duration_secs'], quantiles: [0.5], name: 'p' }], order_by: [{ column: 'p', direction: 'descending' }]
    })
    expect(data.map(row => row[1])).toEqual([7.25, null, null])
    await engine.close()
  })
})
