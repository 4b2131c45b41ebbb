import { expect, it } from 'vitest'
import { Engine } from '../../index.js'
import { DAY, HOUR } from './ask.js'

const NOW = Date.parse('2025-03-31T10:20:00Z')

async function hourly() {
  const engine = await Engine.open({ clock: () => NOW, segmentRows: 16 })
  await engine.ingest(Array.from({ length: 96 }, (_, i) => ({ session_id: `${i}`, started_at: NOW - (i + 0.5) * HOUR })))
  return engine
}

it('the last days are those until the clock of the engine', async () => {
  const engine = await hourly()
  const aggregations = [{ type: 'count' }] as const
  expect((await engine.query({ interval: { last: 'PT24H' }, granularity: 'all', aggregations })).data).toEqual([['2025-03-30T10:20:00.000Z', 24]])
  expect((await engine.query({ interval: { last: 'P2D', align: 'day', time_zone: 'Europe/Helsinki' }, granularity: 'day', aggregations })).data).toEqual([
    ['2025-03-29T00:00:00.000+02:00', 24], ['2025-03-30T00:00:00.000+02:00', 23]
  ])
  await engine.close()
})

it('only the buckets of the intervals are filled', async () => {
  const engine = await hourly()
  const { data } = await engine.query({
    interval: ['2025-03-28/P1D', { start: '2025-03-30T10:00:00Z', end: '2025-03-31T12:00:00Z' }, '2020-01-01/P1D'],
    granularity: 'day', aggregations: [{ type: 'count' }]
  })
  expect(data).toEqual([['2020-01-01T00:00:00.000Z', 0], ['2025-03-28T00:00:00.000Z', 24], ['2025-03-30T00:00:00.000Z', 14], ['2025-03-31T00:00:00.000Z', 10]])
  await engine.close()
})

it('ten thousand intervals are read in one go', async () => {
  const engine = await hourly()
  const interval = Array.from({ length: 10_000 }, (_, i) => `${new Date(NOW - i * HOUR).toISOString()}/PT31M`)
  const query = { interval, granularity: 'all', aggregations: [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'] }] } as const
  expect((await engine.query(query)).data[0]!.slice(1)).toEqual([96, null])
  expect(engine.explain(query).segments).toEqual({ read: 6, skipped: 0 })
  const later = interval.map(span => span.replace(/^.*Z/, start => new Date(Date.parse(start) + 100 * DAY).toISOString()))
  expect(engine.explain({ ...query, interval: later.slice(0, 2000) }).segments.read).toBe(0)
  await engine.close()
})
