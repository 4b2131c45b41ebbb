/** A session that is read again replaces the one before it, wherever that is stored, by source and session_id. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import { differenceFromBruteForce } from '../differential/compare.js'
import { bruteForce, latest } from '../support/brute-force.js'
import { queriesOf } from '../support/queries.js'
import { Random } from '../support/random.js'
import { randomDataset, type Dataset } from '../support/sessions.js'

const PARAMETERS = { seed: 23, numRuns: 12 }
const seeds = fc.integer({ min: 1, max: 1_000_000 })
const HOUR = 3_600_000

/** Sessions of few keys, so that most of them replace one. */
function crowded(seed: number): Dataset {
  const dataset = randomDataset(seed, 300)
  const random = new Random(seed)
  const keys = random.pick([1, 5, 40, 120])
  const sessions = dataset.sessions.map(session =>
    Object.assign(Object.create(null) as Session, session, { session_id: `k${random.between(1, keys)}` }))
  return { ...dataset, sessions }
}

async function countOf(engine: Engine, filters?: { type: 'selector'; dimension: string; value: string | null }): Promise<unknown> {
  const { data } = await engine.query({
    interval: { start: '1970-01-01T00:00:00Z', end: '2100-01-01T00:00:00Z' },
    granularity: 'all',
    aggregations: [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'] }],
    ...(filters && { filters })
  })
  return data[0]?.slice(1)
}

describe('a session that comes again', () => {
  it('replaces the one before it, whatever the sizes of calls and segments', async () => {
    await fc.assert(fc.asyncProperty(seeds, fc.constantFrom(1, 7, 64, 1000), async (seed, segmentRows) => {
      const dataset = crowded(seed)
      const engine = await Engine.open({ columns: dataset.columns, segmentRows })
      const seen = new Set<string>()
      let arrived = 0
      for (const call of new Random(seed).chunks(dataset.sessions, 120)) {
        const keys = call.map(session => JSON.stringify([session.source, session.session_id]))
        const inserted = new Set(keys.filter(key => !seen.has(key))).size
        for (const key of keys) seen.add(key)
        expect(await engine.ingest(call)).toMatchObject({ rows: call.length, inserted, updated: call.length - inserted, rejected: 0 })
        arrived += call.length
        const sessions = dataset.sessions.slice(0, arrived)
        expect(engine.schema().sessions).toBe(latest(sessions).length)
        for (const query of queriesOf(dataset, 4)) {
          expect(differenceFromBruteForce(query, await engine.query(query), bruteForce(sessions, dataset.columns, query)), JSON.stringify(query)).toBeNull()
        }
      }
      await engine.close()
    }), PARAMETERS)
  })

  it('is another session where its source is another', async () => {
    const engine = await Engine.open({ segmentRows: 2 })
    await engine.ingest([{ session_id: '1', started_at: HOUR, session_duration_secs: 1 }], { source: 'a' })
    await engine.ingest([{ session_id: '1', started_at: HOUR, session_duration_secs: 10 }], { source: 'b' })
    await engine.ingest([{ session_id: '1', started_at: HOUR, source: 'c', session_duration_secs: 100 }], { source: 'b' })
    expect(await countOf(engine)).toEqual([3, 111])
    await engine.ingest([{ session_id: '1', started_at: HOUR, source: 'a', session_duration_secs: 2 }], { source: 'b' })
    expect(await countOf(engine)).toEqual([3, 112])
    await engine.close()
  })

  it('is not mistaken for one whose source and id read the same together', async () => {
    const engine = await Engine.open()
    const pairs = [['a', 'b:c'], ['a:b', 'c'], ['a', 'b\0c'], ['a\0b', 'c'], ['ab', 'c'], ['a', 'bc'], ['a\u001fb', 'c'], ['a', 'b\u001fc'], ['1', '11'], ['11', '1'], ['a,b', 'c'], ['a', 'b,c']]
    const sessions = pairs.map(([source, session_id]) => ({ source: source as string, session_id: session_id as string, started_at: 0 }))
    expect(await engine.ingest(sessions)).toMatchObject({ inserted: pairs.length, updated: 0 })
    expect(await engine.ingest(sessions)).toMatchObject({ inserted: 0, updated: pairs.length })
    await engine.close()
  })

  it('leaves nothing of the one before: no value, no element, no place in time', async () => {
    const engine = await Engine.open({ segmentRows: 2 })
    await engine.ingest([
      { session_id: '1', started_at: HOUR, city: 'Turku', rooms: ['a', 'b'], session_duration_secs: 5 },
      { session_id: '2', started_at: HOUR, city: 'Turku', rooms: ['a'], session_duration_secs: 7 },
      { session_id: '3', started_at: HOUR }
    ])
    await engine.ingest([{ session_id: '1', started_at: 400 * 24 * HOUR, city: null, rooms: [] }])
    expect(await countOf(engine, { type: 'selector', dimension: 'city', value: 'Turku' })).toEqual([1, 7])
    expect(await countOf(engine, { type: 'selector', dimension: 'rooms', value: 'b' })).toEqual([0, null])
    expect(await countOf(engine, { type: 'selector', dimension: 'rooms', value: null })).toEqual([2, null])
    const { data } = await engine.query({
      interval: { start: '1970-01-01T00:00:00Z', end: '1972-01-01T00:00:00Z' }, granularity: 'year', aggregations: [{ type: 'count' }]
    })
    expect(data).toEqual([['1970-01-01T00:00:00.000Z', 2], ['1971-01-01T00:00:00.000Z', 1]])
    await engine.close()
  })
})
