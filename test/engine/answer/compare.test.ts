/** The same query over two intervals, side by side. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryInput, ResultValue } from '../../../dsl/input.js'
import { Engine } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { instantOfText } from '../../support/granularity.js'
import { queriesOf } from '../../support/queries.js'
import { Random } from '../../support/random.js'
import { randomDataset } from '../../support/sessions.js'

const DAYS = [
  ['2019-01-01', 'Oslo', 10], ['2019-01-01', 'Oslo', 20], ['2019-01-01', 'Lund', -4], ['2019-01-02', 'Turku', 0],
  ['2019-01-03', 'Oslo', 60], ['2019-01-03', 'Lund', -2], ['2019-01-04', 'Bergen', 5], ['2019-01-04', 'Turku', 7], ['2019-01-04', 'Turku', 8]
] as const

let engine: Engine
beforeAll(async () => {
  engine = await Engine.open()
  await engine.ingest(DAYS.map(([day, city, length], i) => ({ session_id: `${i}`, started_at: `${day}T12:00:00Z`, city, length })))
})
afterAll(() => engine.close())

const iso = (instant: number) => new Date(instant).toISOString()

const interval = { start: '2019-01-03', end: '2019-01-05' }
const aggregations = [{ type: 'count' }, { type: 'sum', fields: ['length'], name: 'sum' }] as const
const compare = { to: 'previous_period' } as const

describe('a comparison', () => {
  it('adds two columns for each, after all others, bucket by bucket', async () => {
    const { fields, data } = await engine.query({ interval, granularity: 'day', aggregations, compare })
    expect(fields.map(({ name }) => name)).toEqual(['timestamp', 'count', 'sum', 'count_previous', 'count_change', 'sum_previous', 'sum_change'])
    expect(data).toEqual([
      ['2019-01-03T00:00:00.000Z', 2, 58, 3, -1 / 3, 26, 32 / 26],
      ['2019-01-04T00:00:00.000Z', 3, 20, 1, 2, 0, null]
    ])
  })

  it('has the groups of either interval', async () => {
    const { data } = await engine.query({ interval, granularity: 'all', group_by: ['city'], aggregations, compare })
    expect(data.map(row => row.slice(1))).toEqual([
      ['Bergen', 1, 5, 0, null, null, null], ['Lund', 1, -2, 1, 0, -4, 0.5], ['Oslo', 1, 60, 2, -0.5, 30, 1], ['Turku', 2, 15, 1, 1, 0, null]
    ])
    const before = await engine.query({ interval: '2019-01-02/P1D', granularity: 'all', group_by: [{ type: 'bucket', dimension: 'length', width: 10 }], aggregations: [{ type: 'count' }], compare })
    expect(before.data.map(row => row.slice(1))).toEqual([[-10, 0, 1, -1], [0, 1, 0, null], [10, 0, 1, -1], [20, 0, 1, -1]])
  })

  it('can be ordered by, kept by having, limited and computed with', async () => {
    const { data } = await engine.query({
      interval, granularity: 'all', group_by: ['city'], aggregations,
      post_aggregations: [{ type: 'arithmetic', name: 'mean', fn: 'quotient', fields: [{ type: 'fieldAccess', fieldName: 'sum' }, { type: 'fieldAccess', fieldName: 'count' }] }],
      compare, having: { type: 'greaterThan', aggregation: 'count_previous', value: 0 }, order_by: [{ column: 'count_change', direction: 'descending' }], limit: 2
    })
    expect(data.map(row => row.slice(1))).toEqual([['Turku', 2, 15, 7.5, 1, 1, 0, null, 0, null], ['Lund', 1, -2, -2, 1, 0, -4, 0.5, -4, 0.5]])
  })

  it('with fill has every group in every bucket, and no previous value where there is no such bucket', async () => {
    const { data } = await engine.query({
      interval, granularity: 'day', group_by: ['city'], aggregations: [{ type: 'count' }], compare: { to: '2019-01-02/P1D' }, fill: 'zero',
      filters: { type: 'in', dimension: 'city', values: ['Turku', 'Oslo'] }
    })
    expect(data.map(row => row.with(0, String(row[0]).slice(8, 10)))).toEqual([
      ['03', 'Oslo', 1, 0, null], ['03', 'Turku', 0, 1, -1], ['04', 'Oslo', 0, null, null], ['04', 'Turku', 2, null, null]
    ])
  })

  it('leaves out buckets of the longer interval before, and buckets that both lack', async () => {
    const { data } = await engine.query({ interval: '2019-01-03/P1D', granularity: 'day', aggregations: [{ type: 'count' }], compare: { to: '2018-12-31/P5D' }, fill: 'none' })
    expect(data).toEqual([['2019-01-03T00:00:00.000Z', 2, 0, null]])
    const empty = await engine.query({ interval: '2019-02-01/P3D', granularity: 'day', aggregations: [{ type: 'count' }], compare: { to: '2019-01-01/P1D' }, fill: 'none' })
    expect(empty.data).toEqual([['2019-02-01T00:00:00.000Z', 0, 3, -1]])
  })

  it('of texts has no change', async () => {
    const { data } = await engine.query({ interval, granularity: 'all', aggregations: [{ type: 'first', fields: ['city'] }], compare })
    expect(data).toEqual([['2019-01-03T00:00:00.000Z', 'Oslo', 'Oslo', null]])
  })

  it('is of subtotals and totals too, not of the others', async () => {
    const group_by = ['city', { type: 'time', unit: 'day_of_month' }] as const
    const filters = { type: 'in', dimension: 'city', values: ['Oslo', 'Turku'] } as const
    const query = { interval, granularity: 'all', group_by, aggregations: [{ type: 'count' }], filters, compare } as const
    const answer = await engine.query({ ...query, subtotals: [['city'], []], totals: true }) as { data: ResultValue[][], totals?: ResultValue[] }
    expect(answer.data.map(row => row.slice(1))).toEqual([['Oslo', null, 1, 2, -0.5], ['Turku', null, 2, 1, 1], [null, null, 3, 3, 0]])
    expect(answer.totals?.slice(1)).toEqual([null, null, 3, 3, 0])
    await expect(engine.query({ ...query, others: 'Other', limit: 1 })).rejects.toThrow('others are not compared with another interval')
  })

  it('of too many buckets is refused, whether empty ones are shown or not', async () => {
    await expect(engine.query({ interval: '2000-01-01/P100Y', granularity: 'second', aggregations: [{ type: 'count' }], fill: 'none', compare })).rejects.toMatchObject({ limitName: 'max_buckets' })
  })
})

describe('a random comparison', () => {
  it.each([401, 402, 403, 404, 405, 406])('is the two answers, joined (seed %i)', async seed => {
    const dataset = randomDataset(seed)
    const random = new Random(seed)
    const loaded = await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: random.pick([9, 64, 1000]) })
    for (const whole of queriesOf(dataset, 30)) {
      const query = { ...whole, order_by: undefined, having: undefined, offset: undefined, limit: undefined, limit_per_bucket: undefined }
      const zone = query.interval.time_zone ?? 'UTC'
      const [start, end] = [instantOfText(query.interval.start, zone), instantOfText(query.interval.end, zone)]
      const middle = random.between(start, end)
      const later = { start: iso(middle), end: iso(end), time_zone: zone }
      const earlier = { start: iso(random.chance(0.3) ? random.between(start, middle) : start), end: iso(random.chance(0.2) ? end : middle), time_zone: zone }
      const ask = async (more: object) => await loaded.query({ ...query, ...more } as QueryInput)
      const asked = await ask({ interval: later, compare: { to: earlier } }).catch((error: unknown) => error as Error)
      if (asked instanceof Error) {
        expect(asked).toMatchObject({ limitName: 'max_buckets' })
        continue
      }
      const [now, before, nowBuckets, beforeBuckets] = await Promise.all([
        ask({ interval: later }), ask({ interval: earlier, fill: 'none' }),
        ask({ interval: later, group_by: [], fill: 'zero' }), ask({ interval: earlier, group_by: [], fill: 'zero' })
      ])
      const none = await ask({ interval: { ...later, end: later.start }, granularity: 'all', group_by: [], fill: 'zero' })
      const nothing = none.data[0]!.slice(1)
      const stamps = nowBuckets.data.map(row => row[0])
      const width = 1 + query.group_by.length
      const keyed = ({ data }: typeof now, of: typeof nowBuckets) =>
        new Map(data.map(row => [JSON.stringify([of.data.findIndex(other => other[0] === row[0]), ...row.slice(1, width)]), row.slice(width)]))
      const nows = keyed(now, nowBuckets)
      const befores = keyed(before, beforeBuckets)
      for (const row of asked.data) {
        const key = JSON.stringify([stamps.indexOf(row[0]!), ...row.slice(1, width)])
        const metrics = (row.length - width) / 3
        const [current, compared] = [nows.get(key), befores.get(key)]
        const values = row.slice(width, width + metrics)
        if (current !== undefined) expect(values, JSON.stringify(query)).toEqual(current)
        else expect(values).toEqual(nothing)
        for (let metric = 0; metric < metrics; metric++) {
          const [previous, change] = row.slice(width + metrics + metric * 2) as [ResultValue, ResultValue]
          if (compared === undefined) expect([nothing[metric], null]).toContainEqual(previous)
          else expect(previous).toEqual(compared[metric])
          const [a, b] = [previous, values[metric]]
          const expected = typeof a === 'number' && typeof b === 'number' && a !== 0 ? (b - a) / Math.abs(a) : null
          expect(change).toBe(expected !== null && Number.isFinite(expected) ? expected : null)
        }
        nows.delete(key)
        befores.delete(key)
      }
      expect(nows.size).toBe(0)
      expect([...befores.keys()].filter(key => (JSON.parse(key) as number[])[0]! < stamps.length)).toEqual([])
    }
    await loaded.close()
  })
})
