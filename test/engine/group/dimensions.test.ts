/** What group_by makes of the values of a dimension. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DimensionInput } from '../../../dsl/input.js'
import { lowerEdgeOf } from '../../../engine/group/keys/width.js'
import { Engine } from '../../../index.js'
import { ask } from '../ask.js'

const SESSIONS = [
  { session_id: '1', started_at: '2019-03-31T00:30:00Z', rooms: ['sales', 'support'], city: 'Oslo', length: 12 },
  { session_id: '2', started_at: '2019-03-31T01:30:00Z', rooms: ['support', 'sales'], city: 'Odense', length: -3 },
  { session_id: '3', started_at: '2019-04-01T01:30:00Z', rooms: ['sales'], city: 'Turku', length: 0 },
  { session_id: '4', started_at: '2019-04-02T01:30:00Z', rooms: [], length: 59.5 },
  { session_id: '5', started_at: '2019-04-02T02:30:00Z', rooms: ['a "b"', 'sales-x'], city: '' }
]

let engine: Engine
beforeAll(async () => {
  engine = await Engine.open({ segmentRows: 2 })
  await engine.ingest(SESSIONS)
})
afterAll(() => engine.close())

const groups = (...group_by: DimensionInput[]) => ask(engine, { group_by })

describe('filtered dimensions', () => {
  it('drop elements that are not kept; sessions with none left are in the null group', async () => {
    expect(await groups({ type: 'listFiltered', dimension: 'rooms', values: ['sales', 'nowhere'] })).toEqual([[null, 2], ['sales', 3]])
    expect(await groups({ type: 'listFiltered', dimension: 'rooms', values: ['sales', 'support'], is_whitelist: false })).toEqual([[null, 4], ['a "b"', 1], ['sales-x', 1]])
    expect(await groups({ type: 'prefixFiltered', dimension: 'rooms', prefix: 'sales' })).toEqual([[null, 1], ['sales', 3], ['sales-x', 1]])
    expect(await groups({ type: 'listFiltered', dimension: 'rooms', values: [] })).toEqual([[null, 5]])
    const unknown = Array.from({ length: 50 }, (_, i) => `nowhere ${i}`)
    expect(await groups({ type: 'listFiltered', dimension: 'rooms', values: [...unknown, 'sales'] })).toEqual([[null, 2], ['sales', 3]])
  })

  it('match an expression against the whole value', async () => {
    expect(await groups({ type: 'regexFiltered', dimension: 'rooms', pattern: 's.*' })).toEqual([[null, 1], ['sales', 3], ['sales-x', 1], ['support', 2]])
    expect(await groups({ type: 'regexFiltered', dimension: 'rooms', pattern: 'sales' })).toEqual([[null, 2], ['sales', 3]])
  })

  it('of texts and numbers put other values into the null group', async () => {
    expect(await groups({ type: 'prefixFiltered', dimension: 'city', prefix: 'O' })).toEqual([[null, 3], ['Odense', 1], ['Oslo', 1]])
    expect(await groups({ type: 'listFiltered', dimension: 'city', values: ['Turku', ''] })).toEqual([[null, 3], ['', 1], ['Turku', 1]])
    expect(await groups({ type: 'listFiltered', dimension: 'length', values: [12, '0'] })).toEqual([[null, 3], [0, 1], [12, 1]])
    expect(await groups({ type: 'prefixFiltered', dimension: 'length', prefix: '-' })).toEqual([[null, 4], [-3, 1]])
  })

  it('of filtered dimensions keep what all keep', async () => {
    const inner: DimensionInput = { type: 'prefixFiltered', dimension: 'rooms', prefix: 'sales' }
    expect(await groups({ type: 'listFiltered', delegate: inner, values: ['sales'], is_whitelist: false })).toEqual([[null, 4], ['sales-x', 1]])
  })
})

describe('buckets', () => {
  it('take numbers to their lower edge', async () => {
    expect(await groups({ type: 'bucket', dimension: 'length', width: 10 })).toEqual([[null, 1], [-10, 1], [0, 1], [10, 1], [50, 1]])
    expect(await groups({ type: 'bucket', dimension: 'length', width: 10, offset: 9.5, name: 'x' })).toEqual([[null, 1], [-10.5, 1], [-0.5, 1], [9.5, 1], [59.5, 1]])
  })

  it('between edges: the last is open, below the first is null', async () => {
    expect(await groups({ type: 'bucket', dimension: 'length', edges: [0, 12, 12.5] })).toEqual([[null, 2], [0, 1], [12, 1], [12.5, 1]])
    expect(await groups({ type: 'bucket', dimension: 'length', edges: [100] })).toEqual([[null, 5]])
  })

  it('have edges that print as they are meant, and none that is not a number', () => {
    const tenth = lowerEdgeOf(0.1, 0)
    for (let n = -100; n <= 100; n++) expect(tenth(n / 10)).toBe(n === 0 ? 0 : n / 10)
    expect(tenth(0.7 - 1e-12)).toBe(0.6)
    expect(lowerEdgeOf(0.25, 0.1)(0.1)).toBe(0.1)
    expect(Object.is(lowerEdgeOf(5, 0)(-0), 0)).toBe(true)
    for (const [width, offset, value] of [[1e-300, 0, 0.5], [1e300, 0, -1], [5e-324, 0, 1e308], [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MAX_VALUE], [1 / 3, 1e-9, -1e21]] as const) {
      const edge = lowerEdgeOf(width, offset)(value)
      expect(Number.isFinite(edge) && edge <= value).toBe(true)
    }
    expect(lowerEdgeOf(10, 0)(1e300)).toBe(1e300)
    expect(lowerEdgeOf(3, -1)(2 ** 53 - 1)).toBe(2 ** 53 - 3)
  })
})

describe('time units', () => {
  it('are of the local clock, whatever the granularity', async () => {
    const interval = { start: '2019-03-31', end: '2019-04-03', time_zone: 'Europe/Helsinki' } as const
    const { data } = await engine.query({ interval, granularity: 'day', group_by: [{ type: 'time', unit: 'hour_of_day' }, { type: 'time', unit: 'day_of_week', name: 'weekday' }], aggregations: [{ type: 'count' }] })
    expect(data).toEqual([
      ['2019-03-31T00:00:00.000+02:00', 2, 7, 1], ['2019-03-31T00:00:00.000+02:00', 4, 7, 1],
      ['2019-04-01T00:00:00.000+03:00', 4, 1, 1], ['2019-04-02T00:00:00.000+03:00', 4, 2, 1], ['2019-04-02T00:00:00.000+03:00', 5, 2, 1]
    ])
  })

  it('can be ordered by, limited and filled', async () => {
    const { data } = await engine.query({
      interval: { start: '2019-04-01', end: '2019-04-03' }, granularity: 'day', group_by: [{ type: 'time', unit: 'hour_of_day' }],
      aggregations: [{ type: 'count' }], fill: 'zero', order_by: [{ column: 'hour_of_day', direction: 'descending' }], limit: 3
    })
    expect(data).toEqual([['2019-04-01T00:00:00.000Z', 2, 0], ['2019-04-02T00:00:00.000Z', 2, 1], ['2019-04-01T00:00:00.000Z', 1, 1]])
  })
})

describe('a whole array', () => {
  it('is a set: the JSON text of its elements, sorted', async () => {
    expect(await groups({ type: 'whole', dimension: 'rooms' })).toEqual([[null, 1], ['["a \\"b\\"","sales-x"]', 1], ['["sales","support"]', 2], ['["sales"]', 1]])
  })

  it('of many elements is found again in any order', async () => {
    const many = await Engine.open({ segmentRows: 2 })
    const rooms = Array.from({ length: 300 }, (_, i) => `r${i}`)
    await many.ingest([rooms, [...rooms].reverse(), rooms.slice(1)].map((list, i) => ({ session_id: `${i}`, started_at: i, rooms: list })))
    const rows = await ask(many, { group_by: [{ type: 'whole', dimension: 'rooms' }] })
    expect(rows.map(row => row[1]).sort()).toEqual([1, 2])
    expect(JSON.parse(rows.find(row => row[1] === 2)![0] as string)).toEqual([...rooms].sort())
    await many.close()
  })
})

it('dimensions of all kinds go together, and one dimension may come as several', async () => {
  expect(await groups({ type: 'listFiltered', dimension: 'rooms', values: ['sales'] }, { type: 'whole', dimension: 'rooms', name: 'all' }, { type: 'bucket', dimension: 'length', edges: [0, 10] }))
    .toEqual([[null, null, 10, 1], [null, '["a \\"b\\"","sales-x"]', null, 1], ['sales', '["sales","support"]', null, 1], ['sales', '["sales","support"]', 10, 1], ['sales', '["sales"]', 0, 1]])
})
