/** One value of each group: by time, or the least. */
import { afterEach, describe, expect, it } from 'vitest'
import { Engine } from '../../../index.js'
import type { Session } from '../../../engine/session.js'
import { ask, total } from '../ask.js'

const SESSIONS: readonly Session[] = [
  { session_id: 'b', started_at: 1000, country: 'Norway', size: 5 },
  { session_id: 'a', started_at: 1000, country: 'Sweden', size: -2 },
  { session_id: 'c', started_at: 500 },
  { session_id: 'd', started_at: 9000, country: 'Finland', size: 0 },
  { session_id: 'e', started_at: 9000, country: '', size: 7 },
  { session_id: 'f', started_at: 9500 }
]

const engines: Engine[] = []

async function engineOf(sessions: Iterable<Session>, segmentRows?: number): Promise<Engine> {
  const engine = await Engine.open({ ...(segmentRows !== undefined && { segmentRows }) })
  engines.push(engine)
  await engine.ingest(sessions)
  return engine
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

const aggregations = (['first', 'last', 'any'] as const).map(type => ({ type, fields: ['country', 'size', 'session_id'] as [string, ...string[]] }))

describe('first, last and any', () => {
  it('are the earliest, the latest and the least value there is, whatever the order of arrival', async () => {
    const expected = ['Sweden', -2, 'c', '', 7, 'f', '', -2, 'a']
    for (const segmentRows of [1, 2, undefined]) {
      expect(await total(await engineOf(SESSIONS, segmentRows), aggregations)).toEqual(expected)
      expect(await total(await engineOf([...SESSIONS].reverse(), segmentRows), aggregations)).toEqual(expected)
    }
  })

  it('are those of each group', async () => {
    const engine = await engineOf([
      ...SESSIONS.map(session => ({ ...session, rooms: ['x', 'y'] })), { session_id: 'g', started_at: 10, country: 'Zambia', rooms: ['y'] }
    ], 2)
    const rows = await ask(engine, {
      group_by: ['rooms'],
      aggregations: [{ type: 'first', fields: ['country'] }, { type: 'last', fields: ['country'] }, { type: 'any', fields: ['size'] }]
    })
    expect(rows).toEqual([['x', 'Sweden', '', -2], ['y', 'Zambia', '', -2]])
  })

  it('of sessions that agree in start and session_id are by value', async () => {
    const twins = ['one', 'two', 'three']
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2]]) {
      const engine = await engineOf([])
      for (const at of order) await engine.ingest([{ session_id: 's', started_at: 0, country: ['B', 'C', 'A'][at]! }], { source: twins[at]! })
      expect(await total(engine, [{ type: 'first', fields: ['country'] }, { type: 'last', fields: ['country'] }])).toEqual(['A', 'C'])
    }
  })

  it('are null over nothing, and see only the sessions of the filter', async () => {
    const engine = await engineOf(SESSIONS)
    const of = (value: string | null) => total(engine, aggregations, { type: 'selector', dimension: 'country', value })
    expect(await of('Nowhere')).toEqual(Array.from({ length: 9 }, () => null))
    expect(await of(null)).toEqual([null, null, 'c', null, null, 'f', null, null, 'c'])
    expect(await of('Norway')).toEqual(['Norway', 5, 'b', 'Norway', 5, 'b', 'Norway', 5, 'b'])
  })

  it('order rows as text does, null lowest', async () => {
    const engine = await engineOf(['file12', 'file2', 'B', 'a', '\u{1f600}', '\uffee', null].map((name, at): Session => ({
      session_id: `s${at}`, started_at: at, country: `c${at}`, name
    })))
    const ordered = async (ordering: 'natural' | 'alphanumeric', direction: 'ascending' | 'descending') => (await ask(engine, {
      group_by: ['country'], aggregations: [{ type: 'any', fields: ['name'] }], order_by: [{ column: 'name_any', ordering, direction }]
    })).map(row => row[1])
    expect(await ordered('natural', 'ascending')).toEqual([null, 'B', 'a', 'file12', 'file2', '\uffee', '\u{1f600}'])
    expect(await ordered('natural', 'descending')).toEqual(['\u{1f600}', '\uffee', 'file2', 'file12', 'a', 'B', null])
    expect((await ordered('alphanumeric', 'ascending')).slice(3, 5)).toEqual(['file2', 'file12'])
  })

  it('say in the plan that they read starts and ids', async () => {
    const { columns } = (await engineOf(SESSIONS)).explain({
      interval: { start: '1970-01-01', end: '1970-01-02' }, granularity: 'all', aggregations: [{ type: 'last', fields: ['country'] }]
    })
    expect(columns.map(({ name }) => name)).toEqual(['country', 'started_at', 'session_id'])
  })
})
