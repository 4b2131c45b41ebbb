/** Aggregations with a filter of their own, against the same aggregation of a query with that filter. */
import { describe, expect, it } from 'vitest'
import type { AggregationInput, FilterInput } from '../../../dsl/input.js'
import { LimitError } from '../../../dsl/errors.js'
import { Engine } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { Random } from '../../support/random.js'
import { ask, EVER, total } from '../ask.js'

const LONG: FilterInput = { type: 'bound', dimension: 'secs', lower: 500 }
const ROOMS: FilterInput = { type: 'not', field: { type: 'selector', dimension: 'rooms', value: 'r1' } }
const NOBODY: FilterInput = { type: 'selector', dimension: 'country', value: 'nowhere' }
const EVERYBODY: FilterInput = { type: 'true' }

const INNER: readonly AggregationInput[] = [
  { type: 'count' },
  { type: 'hyperUnique', fields: ['visitor'], with_error: true },
  { type: 'exactUnique', fields: ['rooms'] },
  { type: 'sum', fields: ['secs', 'pages'] },
  { type: 'avg', fields: ['pages'] },
  { type: 'min', fields: ['secs'] },
  { type: 'max', fields: ['pages'] },
  { type: 'quantile', fields: ['secs'], quantiles: [0, 0.5, 0.9], with_error: true },
  { type: 'first', fields: ['visitor'] },
  { type: 'last', fields: ['secs'] },
  { type: 'any', fields: ['country'] }
]

async function sample(): Promise<Engine> {
  const random = new Random(77)
  return engineWith(Array.from({ length: 3000 }, (_, at) => ({
    session_id: `s${at}`,
    started_at: random.between(0, 10 * 86_400_000),
    country: random.pick(['fi', 'se', 'no', null]),
    visitor: `v${random.between(0, 400)}`,
    rooms: random.sample(['r1', 'r2', 'r3'], random.between(0, 3)),
    secs: random.between(0, 10_000) / 10,
    // Missing in some segments only.
    pages: at > 1000 && random.chance(0.3) ? null : random.between(1, 50)
  })), { segmentRows: 400, chunkSeed: 3 })
}

const wrap = (filter: FilterInput): AggregationInput[] => INNER.map(aggregator => ({ type: 'filtered', filter, aggregator }))

describe('filtered', () => {
  it.each<[string, FilterInput]>([['few', LONG], ['an array', ROOMS], ['none', NOBODY], ['all', EVERYBODY]])('with a filter of %s is the query with that filter', async (_name, filter) => {
    const engine = await sample()
    expect(await total(engine, wrap(filter))).toEqual(await total(engine, [...INNER], filter))
    const days = { granularity: 'day' as const }
    expect(await ask(engine, { ...days, interval: { start: '1970-01-01', end: '1970-01-12' }, aggregations: wrap(filter) }))
      .toEqual(await ask(engine, { ...days, interval: { start: '1970-01-01', end: '1970-01-12' }, aggregations: INNER, filters: filter }))
    for (const groups of [['country'], ['rooms', 'country'], ['pages']]) {
      const got = await ask(engine, { group_by: groups, aggregations: wrap(filter) })
      const wanted = await ask(engine, { group_by: groups, aggregations: INNER, filters: filter })
      const keyOf = (row: readonly unknown[]): string => JSON.stringify(row.slice(0, groups.length))
      const known = new Map(wanted.map(row => [keyOf(row), row]))
      const nothing = await total(engine, [...INNER], NOBODY)
      for (const row of got) expect(row).toEqual(known.get(keyOf(row)) ?? [...row.slice(0, groups.length), ...nothing])
      expect(got.length).toBeGreaterThanOrEqual(wanted.length)
    }
    await engine.close()
  })

  it('with several filters has the answers of each', async () => {
    const engine = await sample()
    const together = await total(engine, [
      { type: 'count', name: 'all' },
      ...[LONG, ROOMS, LONG].map((filter, at): AggregationInput => ({ type: 'filtered', filter, aggregator: { type: 'sum', fields: ['pages'] }, name: `n${at}` })),
      { type: 'sum', fields: ['pages'] }
    ])
    const [long] = await total(engine, [{ type: 'sum', fields: ['pages'] }], LONG)
    const [rooms] = await total(engine, [{ type: 'sum', fields: ['pages'] }], ROOMS)
    expect(together).toEqual([3000, long, rooms, long, ...await total(engine, [{ type: 'sum', fields: ['pages'] }])])
    await engine.close()
  })

  it('within filtered wants both filters', async () => {
    const engine = await sample()
    const nested: AggregationInput = { type: 'filtered', filter: LONG, aggregator: { type: 'filtered', filter: ROOMS, aggregator: { type: 'count' } } }
    expect(await total(engine, [nested])).toEqual(await total(engine, [{ type: 'count' }], { type: 'and', fields: [LONG, ROOMS] }))
    await engine.close()
  })

  it('is called as it says, else as the aggregator says', async () => {
    const engine = await sample()
    const { fields } = await engine.query({
      interval: EVER, granularity: 'all', aggregations: [
        { type: 'filtered', filter: LONG, aggregator: { type: 'count', name: 'inner' } },
        { type: 'filtered', filter: LONG, aggregator: { type: 'count', name: 'inner' }, name: 'outer' },
        { type: 'filtered', filter: LONG, aggregator: { type: 'sum', fields: ['secs', 'pages'] } },
        { type: 'filtered', filter: LONG, aggregator: { type: 'quantile', fields: ['secs'], quantiles: [0.5, 0.9], with_error: true }, name: 'q' }
      ]
    })
    expect(fields.slice(1).map(({ name }) => name)).toEqual(['inner', 'outer', 'secs_sum', 'pages_sum', 'q_p50', 'q_p50_error', 'q_p90', 'q_p90_error'])
    await engine.close()
  })

  it('is told by explain with the columns of its filter', async () => {
    const engine = await sample()
    const { columns } = engine.explain({ interval: EVER, granularity: 'all', aggregations: [{ type: 'filtered', filter: LONG, aggregator: { type: 'first', fields: ['visitor'] } }] })
    expect(columns.map(({ name }) => name).sort()).toEqual(['secs', 'session_id', 'started_at', 'visitor'])
    await engine.close()
  })

  it('fills empty buckets as the aggregator does, also by group', async () => {
    const engine = await engineWith([{ session_id: 'a', started_at: 0, country: 'fi', secs: 1 }, { session_id: 'b', started_at: 2 * 3_600_000, country: 'fi', secs: 2 }])
    const rows = await ask(engine, {
      interval: { start: '1970-01-01T00:00:00Z', end: '1970-01-01T03:00:00Z' }, granularity: 'hour', group_by: ['country'], fill: 'zero',
      aggregations: [{ type: 'filtered', filter: EVERYBODY, aggregator: { type: 'count' } }, { type: 'filtered', filter: EVERYBODY, aggregator: { type: 'sum', fields: ['secs'] } }]
    })
    expect(rows).toEqual([['fi', 1, 1], ['fi', 0, null], ['fi', 1, 2]])
    await engine.close()
  })

  it('takes its memory from the budget', async () => {
    const engine = await Engine.open({ memoryBudget: 3_000_000 })
    await engine.ingest(Array.from({ length: 20_000 }, (_, i) => ({ session_id: `s${i}`, started_at: i })))
    const many = Array.from({ length: 40 }, (_, i): AggregationInput => ({
      type: 'filtered', filter: { type: 'bound', dimension: 'started_at', lower: i }, aggregator: { type: 'first', fields: ['session_id'] }, name: `f${i}`
    }))
    await expect(engine.query({ interval: EVER, granularity: 'all', group_by: ['session_id'], aggregations: many })).rejects.toBeInstanceOf(LimitError)
    await engine.close()
  })
})

describe('with_error', () => {
  it('of a distinct count is 0 for one value, tiny for a set, and 0.41 % for registers', async () => {
    const engine = await Engine.open()
    await engine.ingest(Array.from({ length: 40_000 }, (_, i) => ({
      session_id: `s${i}`, started_at: i, kind: i < 20_000 ? 'many' : i < 30_000 ? 'some' : 'one', id: i < 30_000 ? `v${i}` : 'same'
    })))
    const distinct: AggregationInput = { type: 'hyperUnique', fields: ['id'], with_error: true }
    const rows = await ask(engine, { group_by: ['kind'], aggregations: [distinct] })
    const errors = new Map(rows.map(([kind, , error]) => [kind, error as number]))
    expect(errors.get('one')).toBe(0)
    expect(errors.get('some')).toBeGreaterThan(0)
    expect(errors.get('some')).toBeLessThan(0.0001)
    expect(errors.get('many')).toBeCloseTo(1.03896 / 256, 6)
    for (const [kind, value, error] of rows) {
      expect(await total(engine, [distinct], { type: 'selector', dimension: 'kind', value: kind as string })).toEqual([value, error])
    }
    expect(await total(engine, [distinct], NOBODY)).toEqual([0, 0])
    await engine.close()
  })

  it('of a quantile is that of an even spread over its bin, and 0 where it is exact', async () => {
    const engine = await Engine.open()
    const random = new Random(5)
    const values = Array.from({ length: 30_000 }, () => 1000 * random.fraction())
    await engine.ingest(values.map((x, i) => ({ session_id: `s${i}`, started_at: i, x, whole: Math.floor(x / 10), same: 7.25 })))
    const quantiles: [number, ...number[]] = [0, ...Array.from({ length: 99 }, (_, i) => (i + 1) / 100)]
    const row = await total(engine, [{ type: 'quantile', fields: ['x'], quantiles, with_error: true }]) as number[]
    const sorted = [...values].sort((a, b) => a - b)
    let squares = 0
    quantiles.forEach((quantile, i) => {
      const exact = sorted[Math.max(1, Math.ceil(quantile * values.length)) - 1]!
      const error = row[2 * i + 1]!
      expect(error).toBeLessThan(0.00226)
      expect(error > 0).toBe(i > 0)
      if (i > 0) squares += ((row[2 * i]! - exact) / exact / error) ** 2
    })
    // The error in units of what was told is 1 on average.
    expect(Math.sqrt(squares / 99)).toBeGreaterThan(0.8)
    expect(Math.sqrt(squares / 99)).toBeLessThan(1.2)
    expect(await total(engine, [{ type: 'quantile', fields: ['whole', 'same'], quantiles: [0.4], with_error: true }]).then(all => [all[1], all[3]])).toEqual([0, 0])
    expect(await total(engine, [{ type: 'quantile', fields: ['x'], quantiles: [0.4], with_error: true }], NOBODY)).toEqual([null, null])
    await engine.close()
  })
})
