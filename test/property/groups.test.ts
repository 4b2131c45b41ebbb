/** A row of a grouped answer is the ungrouped answer over the sessions of that group and that bucket, to the last bit. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engineWith } from '../support/engine.js'
import { randomFilter } from '../support/filters.js'
import type { AggregationJson, FilterJson, QueryJson } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'

const PARAMETERS = { seed: 53, numRuns: 25 }
const seeds = fc.integer({ min: 1, max: 1_000_000 })
const MOST_ROWS = 12

const AGGREGATIONS: AggregationJson[] = [
  { type: 'count' },
  { type: 'hyperUnique', fields: ['visitor_id', 'rooms', 'session_duration_secs'] },
  { type: 'exactUnique', fields: ['visitor_id', 'rooms', 'session_duration_secs'] },
  { type: 'sum', fields: ['session_duration_secs'] },
  { type: 'avg', fields: ['distinct_visited_urls_count'] },
  { type: 'min', fields: ['session_duration_secs'] },
  { type: 'max', fields: ['started_at'] }
]

describe('a row of a grouped answer', () => {
  it('is the ungrouped answer with a filter for its values', async () => {
    await fc.assert(fc.asyncProperty(seeds, async seed => {
      const random = new Random(seed)
      const dataset = randomDataset(seed, 250)
      const engine = await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: random.pick([16, 64, 1000]) })
      const interval = { start: new Date(dataset.range.start).toISOString(), end: new Date(dataset.range.end).toISOString() }
      const group_by = random.sample([...dataset.columns.keys()], random.between(1, 3))
      const filter = randomFilter(random, dataset, 1)
      const grouped = await engine.query({ interval, granularity: 'all', group_by, aggregations: AGGREGATIONS, filters: filter })
      for (const row of random.sample(grouped.data, MOST_ROWS)) {
        const own = group_by.map((dimension, at): FilterJson => ({ type: 'selector', dimension, value: row[at + 1] as string | number | null }))
        const { data } = await engine.query({ interval, granularity: 'all', aggregations: AGGREGATIONS, filters: [filter, ...own] })
        expect(row.slice(1 + group_by.length)).toEqual(data[0]?.slice(1))
      }
      await engine.close()
    }), PARAMETERS)
  })

  it('is the answer for the interval of its bucket', async () => {
    await fc.assert(fc.asyncProperty(seeds, async seed => {
      const random = new Random(seed)
      const dataset = randomDataset(seed, 250)
      const engine = await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: random.pick([16, 64, 1000]) })
      const interval = { start: new Date(dataset.range.start).toISOString(), end: new Date(dataset.range.end).toISOString(), time_zone: random.pick(dataset.zones) }
      const granularity = dataset.range.end - dataset.range.start < 10 * 86_400_000 ? random.pick(['six_hour', 'day', 'hour'] as const) : random.pick(['week', 'month'] as const)
      const query: QueryJson = { interval, granularity, group_by: random.pick([[], ['country']]), aggregations: AGGREGATIONS, fill: 'none' }
      const { data } = await engine.query(query)
      const stamps = [...new Set(data.map(row => row[0]))]
      const empty = await engine.query({ interval, granularity, aggregations: [{ type: 'count' }] })
      const starts = empty.data.map(row => row[0])
      for (const stamp of random.sample(stamps, MOST_ROWS)) {
        const next = starts[starts.indexOf(stamp as string) + 1] ?? interval.end
        const start = starts.indexOf(stamp as string) === 0 ? interval.start : stamp as string
        const alone = await engine.query({ ...query, interval: { start, end: next }, granularity: 'all' })
        expect(data.filter(row => row[0] === stamp).map(row => row.slice(1))).toEqual(alone.data.map(row => row.slice(1)))
      }
      await engine.close()
    }), PARAMETERS)
  })
})
