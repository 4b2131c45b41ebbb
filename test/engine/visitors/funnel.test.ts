/** Funnels: which sessions make a chain, and what an answer looks like. */
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { FilterInput, FunnelInput, QueryResult, ResultValue } from '../../../dsl/input.js'
import type { Session } from '../../../engine/session.js'
import { Engine, LimitError } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { DAY, EVER, HOUR } from '../ask.js'

const START = Date.UTC(2025, 2, 28)
const page = (value: string): FilterInput => ({ type: 'selector', dimension: 'city', value })

let engine: Engine
afterEach(() => engine.close())

/** One visitor's sessions: `city` is what they did, at hours after START; ids in the order given. */
function visits(...what: readonly (readonly [city: string, hour: number])[]): Session[] {
  return what.map(([city, hour], i) => ({ session_id: `s${String(i).padStart(3, '0')}`, source: 'web', visitor_id: 'v', started_at: START + hour * HOUR, city }))
}

/** How many steps the visitor did. */
async function reached(sessions: Session[], steps: string, within?: string): Promise<number> {
  engine = await engineWith(sessions)
  const { data } = await engine.query({
    interval: EVER, funnel: { by: 'visitor_id', steps: [...steps].map(page) as [FilterInput], ...(within !== undefined && { within }) }
  })
  await engine.close()
  return data.filter(row => row.at(-3) === 1).length
}

describe('a chain of sessions', () => {
  it('does one step after the other, with anything between them', async () => {
    expect(await reached(visits(['a', 0], ['x', 1], ['b', 2], ['a', 3], ['c', 4]), 'abc')).toBe(3)
    expect(await reached(visits(['b', 0], ['a', 1], ['c', 2]), 'abc')).toBe(1)
    expect(await reached(visits(['b', 0], ['c', 1]), 'abc')).toBe(0)
    expect(await reached(visits(['a', 0], ['c', 1], ['b', 2]), 'abc')).toBe(2)
  })

  it('ends at most `within` after its first session, that instant included', async () => {
    expect(await reached(visits(['a', 0], ['b', 2]), 'ab', 'PT2H')).toBe(2)
    expect(await reached(visits(['a', 0], ['b', 2]), 'ab', 'PT1H59M59.999S')).toBe(1)
    expect(await reached(visits(['a', 0], ['b', 1], ['c', 3]), 'abc', 'PT2H')).toBe(2)
  })

  it('may begin anew: a later first step counts, and does not break what an earlier one began', async () => {
    expect(await reached(visits(['a', 0], ['a', 5], ['b', 6]), 'ab', 'PT2H')).toBe(2)
    expect(await reached(visits(['a', 0], ['b', 1], ['a', 2], ['c', 3]), 'abc', 'PT3H')).toBe(3)
    expect(await reached(visits(['a', 0], ['b', 1], ['a', 2], ['b', 3], ['c', 5]), 'abc', 'PT3H')).toBe(3)
    expect(await reached(visits(['a', 0], ['b', 1], ['a', 4], ['c', 5]), 'abc', 'PT3H')).toBe(2)
  })

  it('takes a session for each step, also where one session matches several', async () => {
    expect(await reached(visits(['a', 0]), 'aa')).toBe(1)
    expect(await reached(visits(['a', 0], ['a', 1]), 'aa')).toBe(2)
    expect(await reached(visits(['a', 0], ['a', 1]), 'aaa')).toBe(2)
  })

  it('goes by session_id where sessions start together, and by source before', async () => {
    expect(await reached(visits(['a', 0], ['b', 0]), 'ab')).toBe(2)
    expect(await reached(visits(['b', 0], ['a', 0]), 'ab')).toBe(1)
    const [a, b] = visits(['b', 0], ['a', 0])
    expect(await reached([{ ...a!, source: 'z' }, { ...b!, source: 'y' }], 'ab')).toBe(2)
  })

  it('goes by them also in a crowd that starts together', async () => {
    const crowd = Array.from({ length: 300 }, (_, i) => [i === 120 ? 'a' : i === 220 ? 'b' : 'x', 0] as const)
    expect(await reached(visits(...crowd).toReversed(), 'ab')).toBe(2)
    expect(await reached(visits(...crowd), 'xxxxx')).toBe(5)
  })

  it('does up to 32 steps', async () => {
    const letters = Array.from({ length: 32 }, (_, i) => String.fromCharCode(97 + i))
    expect(await reached(visits(...letters.map((letter, i) => [letter, i] as const)), letters.join(''))).toBe(32)
  })
})

const STEPS = { by: 'visitor_id', within: 'P1D', steps: [page('a'), { name: 'done', filter: page('b') }] } as const
const SHOP: Session[] = [
  { session_id: '1', started_at: START + HOUR, source: 'web', visitor_id: 'v', city: 'a', country: 'FI', rooms: ['x', 'y'] },
  { session_id: '2', started_at: START + 2 * HOUR, source: 'app', visitor_id: 'v', city: 'b', country: 'SE' },
  { session_id: '3', started_at: START + 3 * DAY, source: 'web', visitor_id: 'v', city: 'a', country: 'FI', rooms: ['y'] },
  { session_id: '4', started_at: START + 3 * DAY, source: 'web', visitor_id: 'w', city: 'a', country: null },
  { session_id: '5', started_at: START + 4 * DAY, source: 'web', visitor_id: 'w', city: 'b' },
  { session_id: '6', started_at: START, source: 'web', city: 'a' },
  { session_id: '7', started_at: START + 1, source: 'web', city: 'b' }
]

describe('the answer of a funnel', () => {
  it('has a row for each step, across sources; sessions without a visitor are nobody\'s', async () => {
    engine = await engineWith(SHOP)
    const result = await engine.query({ interval: EVER, funnel: STEPS })
    expectTypeOf(result).toEqualTypeOf<QueryResult<[
      timestamp: string, step: number, name: string, visitors: number, share: number | null, share_of_previous: number | null
    ]>>()
    expect(result).toEqual({
      fields: [
        { name: 'timestamp', type: 'dimension' }, { name: 'step', type: 'dimension' }, { name: 'name', type: 'dimension' },
        { name: 'visitors', type: 'metric' }, { name: 'share', type: 'metric' }, { name: 'share_of_previous', type: 'metric' }
      ],
      data: [['1900-01-01T00:00:00.000Z', 1, 'step 1', 2, 1, 1], ['1900-01-01T00:00:00.000Z', 2, 'done', 2, 1, 1]]
    })
  })

  it('counts a visitor in each group and bucket in which they did the first step', async () => {
    engine = await engineWith(SHOP, { segmentRows: 2 })
    const rows = async (query: Omit<FunnelInput, 'interval' | 'funnel'>) => {
      const interval = { start: '2025-03-28', end: '2025-04-02', time_zone: 'Europe/Helsinki' }
      const { data } = await engine.query({ interval, funnel: STEPS, ...query } as FunnelInput)
      return data.map(row => [row[0]!.slice(0, 10) as ResultValue].concat(row.slice(1, -2)))
    }
    expect(await rows({ group_by: ['country'] })).toEqual([
      ['2025-03-28', null, 1, 'step 1', 1], ['2025-03-28', null, 2, 'done', 1],
      ['2025-03-28', 'FI', 1, 'step 1', 1], ['2025-03-28', 'FI', 2, 'done', 1]
    ])
    expect(await rows({ group_by: ['rooms'], filters: { type: 'selector', dimension: 'visitor_id', value: 'v' } })).toEqual([
      ['2025-03-28', 'x', 1, 'step 1', 1], ['2025-03-28', 'x', 2, 'done', 1], ['2025-03-28', 'y', 1, 'step 1', 1], ['2025-03-28', 'y', 2, 'done', 1]
    ])
    expect(await rows({ granularity: 'day' })).toEqual([
      ['2025-03-28', 1, 'step 1', 1], ['2025-03-28', 2, 'done', 1], ['2025-03-29', 1, 'step 1', 0], ['2025-03-29', 2, 'done', 0],
      ['2025-03-30', 1, 'step 1', 0], ['2025-03-30', 2, 'done', 0], ['2025-03-31', 1, 'step 1', 2], ['2025-03-31', 2, 'done', 1],
      ['2025-04-01', 1, 'step 1', 0], ['2025-04-01', 2, 'done', 0]
    ])
  })

  it('has no share of nobody, and no rows without buckets', async () => {
    engine = await engineWith([])
    const empty = { start: '2025-01-01', end: '2025-01-01' }
    expect((await engine.query({ interval: empty, funnel: STEPS })).data.map(row => row.slice(3))).toEqual([[0, null, null], [0, null, null]])
    expect((await engine.query({ interval: empty, granularity: 'day', funnel: STEPS })).data).toEqual([])
    expect((await engine.query({ interval: EVER, group_by: ['city'], funnel: STEPS })).data).toEqual([])
  })

  it('is explained', async () => {
    engine = await engineWith(SHOP)
    const { rows, buckets, grouping, columns } = engine.explain({ interval: EVER, granularity: 'all', group_by: ['country'], funnel: STEPS })
    expect({ rows, count: buckets.count, grouping }).toEqual({ rows: 7, count: 1, grouping: { kind: 'visitors', groups: null } })
    expect(columns.map(({ name }) => name)).toEqual(['city', 'visitor_id', 'country'])
  })
})

describe('a funnel of many', () => {
  const CROWD = Array.from({ length: 60_000 }, (_, i): Session => ({
    session_id: `s${i}`, visitor_id: `v${i % 20_000}`, started_at: START + i * 1000, city: 'abc'[Math.floor(i / 20_000)]!, n: i % 20_000
  }))
  const funnel = { by: 'visitor_id', steps: [page('a'), page('b'), page('c')] } as const

  it('stays within the memory budget, or says so', async () => {
    engine = await engineWith(CROWD)
    const { bytes } = engine.schema()
    await engine.close()
    engine = await Engine.open({ memoryBudget: bytes + 200_000 })
    await engine.ingest(CROWD)
    for (const query of [{ interval: EVER, funnel }, { interval: EVER, funnel, group_by: ['n'] }] as const) {
      await expect(engine.query(query)).rejects.toThrow(LimitError)
    }
  })

  it('numbers visitors as they come where the table knows far more', async () => {
    const many = Array.from({ length: 70_000 }, (_, i): Session => ({ session_id: `m${i}`, visitor_id: `other ${i}`, started_at: START - DAY - i }))
    engine = await engineWith([...many, ...CROWD])
    const interval = { start: START, end: START + 100 * DAY }
    const short = { start: new Date(interval.start).toISOString(), end: new Date(interval.start + 5_000).toISOString() }
    const whole = { start: short.start, end: new Date(interval.end).toISOString() }
    expect((await engine.query({ interval: short, funnel })).data.map(row => row[3])).toEqual([5, 0, 0])
    expect((await engine.query({ interval: whole, funnel })).data.map(row => row[3])).toEqual([20_000, 20_000, 20_000])
    expect((await engine.query({ interval: whole, funnel: { ...funnel, by: 'n' } })).data.map(row => row[3])).toEqual([20_000, 20_000, 20_000])
  })

  it('is not disturbed by sessions that come while it runs', async () => {
    engine = await engineWith(CROWD)
    const running = engine.query({ interval: EVER, funnel })
    await engine.ingest(CROWD.slice(0, 1000).map(({ session_id, started_at }) => ({ session_id, started_at, city: 'x' })))
    expect((await running).data.map(row => row[3])).toEqual([20_000, 20_000, 20_000])
  })
})
