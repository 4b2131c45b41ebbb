/** Values that occur under several filters against sets of them. */
import { describe, expect, it } from 'vitest'
import type { AggregationInput, FilterInput } from '../../../dsl/input.js'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { UniqueIntersection } from '../../../engine/aggregate/unique-intersection.js'
import { engineWith } from '../../support/engine.js'
import { Random } from '../../support/random.js'
import { ask, total } from '../ask.js'
import { never, readerOf } from './values.js'

const bound = (lower: number, upper: number): FilterInput => ({ type: 'bound', dimension: 'secs', lower, upper })

const isEven = (_reader: unknown, rows: Uint32Array | null, from: number, n: number, mask: Uint8Array): void => {
  for (let i = 0; i < n; i++) mask[i] = ((rows === null ? from + i : rows[i]!) + 1) % 2
}

describe('uniqueIntersection', () => {
  it('counts visitors with a session under each filter, whichever', async () => {
    const random = new Random(3)
    const sessions = Array.from({ length: 4000 }, (_, i) => ({
      session_id: `s${i}`, started_at: i * 60_000, visitor: random.chance(0.05) ? null : `v${random.between(0, 900)}`, secs: random.between(0, 100),
      number: random.between(0, 300), rooms: random.sample(['r1', 'r2', 'r3', 'r4'], random.between(0, 2)), country: random.pick(['fi', 'se', 'no'])
    }))
    const engine = await engineWith(sessions, { segmentRows: 333 })
    const ranges: [number, number][] = [[0, 30], [20, 60], [50, 90], [95, 100]]
    for (const count of [1, 2, 3, 4]) {
      const filters = ranges.slice(0, count).map(([lower, upper]) => bound(lower, upper)) as [FilterInput, ...FilterInput[]]
      for (const field of ['visitor', 'number', 'rooms', 'country'] as const) {
        const expected = (some: typeof sessions): number => {
          const sets = ranges.slice(0, count).map(([lower, upper]) =>
            new Set<unknown>(some.filter(({ secs }) => secs >= lower && secs <= upper).flatMap(session => session[field] ?? [])))
          return [...sets[0]!].filter(value => sets.every(set => set.has(value))).length
        }
        const aggregation: AggregationInput = { type: 'uniqueIntersection', filters, field }
        expect(await total(engine, [aggregation])).toEqual([expected(sessions)])
        for (const [country, got] of await ask(engine, { group_by: ['country'], aggregations: [aggregation] })) {
          expect(got).toBe(expected(sessions.filter(session => session.country === country)))
        }
        const days = await ask(engine, { interval: { start: '1970-01-01', end: '1970-01-04' }, granularity: 'day', aggregations: [aggregation] })
        expect(days.map(([got]) => got)).toEqual([0, 1, 2].map(day => expected(sessions.filter((_, i) => Math.floor(i / 1440) === day))))
      }
    }
    expect(await total(engine, [{ type: 'uniqueIntersection', filters: [bound(0, 30), { type: 'false' }], field: 'visitor' }])).toEqual([0])
    const { columns } = engine.explain({
      interval: { start: '1970-01-01', end: '1970-01-04' }, granularity: 'all',
      aggregations: [{ type: 'uniqueIntersection', filters: [bound(0, 3), { type: 'selector', dimension: 'country', value: 'fi' }], field: 'visitor' }]
    })
    expect(columns.map(({ name }) => name).sort()).toEqual(['country', 'secs', 'visitor'])
    await engine.close()
  })

  it('takes 32 filters', async () => {
    const engine = await engineWith(Array.from({ length: 96 }, (_, i) => ({ session_id: `s${i}`, started_at: i, visitor: `v${Math.floor(i / 32)}`, kind: i === 40 ? 'none' : `k${i % 32}` })))
    const filters = Array.from({ length: 32 }, (_, i) => ({ type: 'selector', dimension: 'kind', value: `k${i}` })) as unknown as [FilterInput, ...FilterInput[]]
    // One kind is missing among the sessions of v1.
    expect(await total(engine, [{ type: 'uniqueIntersection', filters, field: 'visitor' }])).toEqual([2])
    await engine.close()
  })

  it('is the same when the groups outgrow a table of groups and values', () => {
    const random = new Random(8)
    const cells = Array.from({ length: 2000 }, () => random.between(1, 40))
    const groups = Uint32Array.from(cells, () => random.between(0, 9))
    const codes = Uint8Array.from(cells)
    const reader = { column: () => ({ ...readerOf(cells).column('v'), type: 'string', codes } as never) }
    const results = [41 * 10, 41 * 2, 0].map(places => {
      const isOdd: typeof isEven = (_reader, rows, from, n, mask) => {
        isEven(_reader, rows, from, n, mask)
        for (let i = 0; i < n; i++) mask[i]! ^= 1
      }
      const one = new UniqueIntersection('v', [{ test: isEven }, { test: null }, { test: isOdd }], 41, places, never)
      one.grow(2)
      one.bind(reader)
      one.addPairs(groups.map(group => group % 2).subarray(0, 500), null, 0, 500)
      one.grow(10)
      one.addPairs(groups.subarray(500), null, 500, 1500)
      for (const _ of one.finish()) { /* nobody else is waiting */ }
      return Array.from({ length: 10 }, (_, group) => one.value(group))
    })
    expect(results[0]!.some(value => value > 5)).toBe(true)
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  it.each([[41, 41], [41, 60], [60, 41]])('is the same of two threads, of which one knows %i values and the other %i', (ours, theirs) => {
    const random = new Random(12)
    const codes = Uint8Array.from({ length: 900 }, () => random.between(0, 40))
    const groups = Uint32Array.from({ length: 900 }, () => random.between(0, 4))
    const reader = { column: () => ({ type: 'string' as const, codes, coupons: null, dictionary: new Dictionary() }) }
    const counting = (size: number, from: number, to: number): UniqueIntersection => {
      const counter = new UniqueIntersection('v', [{ test: isEven }, { test: null }], size, 2 ** 20, never)
      counter.grow(5)
      counter.bind(reader)
      counter.addPairs(groups.subarray(from, to), null, from, to - from)
      return counter
    }
    const one = counting(41, 0, 900)
    const own = counting(ours, 0, 400)
    for (const _ of own.takeOver(counting(theirs, 400, 900).handOver(), null)) { /* to its end */ }
    for (const counter of [one, own]) for (const _ of counter.finish()) { /* to its end */ }
    const values = [one, own].map(counter => Array.from({ length: 5 }, (_, group) => counter.value(group)))
    expect(values[1]).toEqual(values[0])
    expect(values[0]!.every(value => value > 5)).toBe(true)
  })
})
