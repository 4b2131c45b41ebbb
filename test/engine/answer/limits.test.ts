/** offset, and the first rows of every bucket. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryInput } from '../../../dsl/input.js'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { DAY } from '../ask.js'

const START = Date.UTC(2025, 0, 1)
const random = new Random(31)
const SESSIONS = Array.from({ length: 2000 }, (_, i) => ({
  session_id: `s${i}`, started_at: START + random.between(0, 7 * DAY - 1), city: `c${random.between(0, 60)}`, own: random.chance(0.1) ? null : random.between(0, 5)
}))
const WHOLE = {
  interval: { start: '2025-01-01', end: '2025-01-08' }, granularity: 'day', group_by: ['city'], aggregations: [{ type: 'count' }, { type: 'max', fields: ['own'] }]
} as const satisfies QueryInput

const ORDERS: Record<string, QueryInput['order_by']> = {
  'no order': [],
  'a metric': [{ column: 'count', direction: 'desc' }],
  'time and a metric': ['timestamp', { column: 'own_max', direction: 'desc' }, 'count'],
  'time backwards': [{ column: 'timestamp', direction: 'desc' }],
  'a dimension': [{ column: 'city', ordering: 'alphanumeric' }]
}

let engine: Engine
beforeAll(async () => {
  engine = await Engine.open({ segmentRows: 300 })
  await engine.ingest(SESSIONS)
})
afterAll(() => engine.close())

describe.each(Object.entries(ORDERS))('by %s', (_, order_by) => {
  it('offset leaves out the first rows, with a limit and without', async () => {
    const { data } = await engine.query({ ...WHOLE, order_by: order_by! })
    for (const offset of [0, 1, 10, data.length - 1, data.length, data.length + 5]) {
      expect((await engine.query({ ...WHOLE, order_by: order_by!, offset })).data).toEqual(data.slice(offset))
      for (const limit of [1, 7, 1000]) expect((await engine.query({ ...WHOLE, order_by: order_by!, offset, limit })).data).toEqual(data.slice(offset, offset + limit))
    }
  })

  it('limit_per_bucket keeps the first rows of every day, and the order of the whole', async () => {
    const { data } = await engine.query({ ...WHOLE, order_by: order_by! })
    for (const few of [1, 2, 5, 1000]) {
      const taken = new Map<unknown, number>()
      const expected = data.filter(([day]) => {
        taken.set(day, (taken.get(day) ?? 0) + 1)
        return taken.get(day)! <= few
      })
      expect((await engine.query({ ...WHOLE, order_by: order_by!, limit_per_bucket: few })).data).toEqual(expected)
      expect((await engine.query({ ...WHOLE, order_by: order_by!, limit_per_bucket: few, offset: 2, limit: 6 })).data).toEqual(expected.slice(2, 8))
    }
  })
})
