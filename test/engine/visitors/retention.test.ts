/** Retention: cohorts, periods, and the clock. */
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { QueryResult, RetentionInput } from '../../../dsl/input.js'
import type { Session } from '../../../engine/session.js'
import { Engine, LimitError } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { EVER } from '../ask.js'

let engine: Engine
afterEach(() => engine.close())

function session(id: string, visitor: string | null, started_at: string, city?: string): Session {
  return { session_id: id, source: 'web', visitor_id: visitor, started_at, ...(city !== undefined && { city }) }
}

const MARCH = { start: '2025-03-28', end: '2025-04-01', time_zone: 'Europe/Helsinki' }
const SESSIONS = [
  session('1', 'v', '2025-03-28T23:30:00+02:00'),
  session('2', 'v', '2025-03-30T00:00:00+02:00'),
  session('3', 'v', '2025-03-31T00:00:00+03:00', 'shop'),
  session('4', 'w', '2025-03-29T00:00:00+02:00', 'shop'),
  session('5', 'w', '2025-03-29T12:00:00+02:00'),
  session('6', null, '2025-03-29T12:00:00+02:00'),
  session('7', 'x', '2025-03-30T23:59:59.999+03:00')
]

async function rows(query: Omit<RetentionInput, 'interval'>, segmentRows?: number): Promise<unknown[]> {
  engine = await engineWith(SESSIONS, segmentRows === undefined ? {} : { segmentRows })
  const { data } = await engine.query({ interval: MARCH, ...query })
  return data.map(([stamp, period, size, visitors, share]) => [stamp.slice(5, 10), period, size, visitors, share])
}

describe('retention', () => {
  it.each([2, undefined])('counts who came back in each day after their first, days of the zone, in segments of %s', async segmentRows => {
    expect(await rows({ retention: { by: 'visitor_id', granularity: 'day' } }, segmentRows)).toEqual([
      ['03-28', 0, 1, 1, 1], ['03-28', 1, 1, 0, 0], ['03-28', 2, 1, 1, 1], ['03-28', 3, 1, 1, 1],
      ['03-29', 0, 1, 1, 1], ['03-29', 1, 1, 0, 0], ['03-29', 2, 1, 0, 0],
      ['03-30', 0, 1, 1, 1], ['03-30', 1, 1, 0, 0],
      ['03-31', 0, 0, 0, null]
    ])
  })

  it('tells first sessions from returning ones, which do not start earlier', async () => {
    const shop = { type: 'selector', dimension: 'city', value: 'shop' } as const
    expect(await rows({ retention: { by: 'visitor_id', granularity: 'day', first: shop, returning: { type: 'not', field: shop }, periods: 1 } })).toEqual([
      ['03-28', 0, 0, 0, null], ['03-28', 1, 0, 0, null], ['03-29', 0, 1, 1, 1], ['03-29', 1, 1, 0, 0],
      ['03-30', 0, 0, 0, null], ['03-30', 1, 0, 0, null], ['03-31', 0, 1, 0, 0]
    ])
    await engine.close()
    expect(await rows({ filters: shop, retention: { by: 'visitor_id', granularity: 'month', periods: 0 } })).toEqual([['03-01', 0, 2, 2, 1]])
  })

  it('has fields for all that', async () => {
    engine = await engineWith(SESSIONS)
    const result = await engine.query({ interval: MARCH, retention: { by: 'visitor_id', granularity: 'year' } })
    expectTypeOf(result).toEqualTypeOf<QueryResult<[timestamp: string, period: number, cohort_size: number, visitors: number, share: number | null]>>()
    expect(result.fields.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'dimension timestamp', 'dimension period', 'metric cohort_size', 'metric visitors', 'metric share'
    ])
    expect(result.data).toEqual([['2025-01-01T00:00:00.000+02:00', 0, 3, 3, 1]])
    const { grouping, columns } = engine.explain({ interval: MARCH, retention: { by: 'visitor_id', granularity: 'day' } })
    expect(grouping).toEqual({ kind: 'visitors', groups: 4 })
    expect(columns.map(({ name }) => name)).toEqual(['visitor_id'])
  })

  it('counts periods by the calendar, whatever the length of months', async () => {
    engine = await engineWith(['2025-01-31T12:00:00Z', '2025-02-28T12:00:00Z', '2025-03-01T00:00:00Z'].map((at, i) => session(String(i), 'v', at)))
    const interval = { start: '2025-01-01', end: '2025-04-01' }
    const { data } = await engine.query({ interval, retention: { by: 'visitor_id', granularity: 'month', periods: 2 } })
    expect(data.filter(row => row[3] > 0).map(row => [row[0].slice(0, 7), row[1]])).toEqual([['2025-01', 0], ['2025-01', 1], ['2025-01', 2]])
  })

  it('counts periods through what lies between the parts of an interval', async () => {
    engine = await engineWith(SESSIONS)
    const { data } = await engine.query({ interval: ['2025-03-28/2025-03-29', '2025-03-30/2025-04-01'], retention: { by: 'visitor_id', granularity: 'day' } })
    expect(data.filter(row => row[3] > 0).map(row => [row[0].slice(5, 10), row[1], row[3]])).toEqual([
      ['03-28', 0, 2], ['03-28', 2, 1], ['03-30', 0, 1]
    ])
  })

  it('refuses what would not fit, before it runs or while it does', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => session(`s${i}`, `v${i}`, '2025-03-28T12:00:00Z'))
    engine = await engineWith(many)
    const { bytes } = engine.schema()
    await expect(engine.query({ interval: EVER, retention: { by: 'visitor_id', granularity: 'minute' } })).rejects.toMatchObject({ limitName: 'max_buckets' })
    await expect(engine.query({ interval: EVER, retention: { by: 'visitor_id', granularity: 'day', periods: 1000 } })).rejects.toMatchObject({ limitName: 'max_groups' })
    await engine.close()
    engine = await Engine.open({ memoryBudget: bytes + 100_000 })
    await engine.ingest(many)
    await expect(engine.query({ interval: MARCH, retention: { by: 'visitor_id', granularity: 'day' } })).rejects.toThrow(LimitError)
  })
})
