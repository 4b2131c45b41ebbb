/** A query answers for the moment in which it was asked, whatever comes in while it runs. */
import { expect, it } from 'vitest'
import type { QueryInput, QueryResult } from '../../dsl/input.js'
import { Engine } from '../../index.js'
import { Random } from '../support/random.js'
import { DAY, EVER } from './ask.js'

const QUERIES: QueryInput[] = [
  { interval: EVER, granularity: 'day', aggregations: [{ type: 'count' }, { type: 'sum', fields: ['v'] }, { type: 'exactUnique', fields: ['visitor_id', 'rooms'] }], fill: 'none' },
  { interval: EVER, granularity: 'all', group_by: ['city'], aggregations: [{ type: 'count' }, { type: 'avg', fields: ['v'] }, { type: 'hyperUnique', fields: ['visitor_id'] }] },
  { interval: EVER, granularity: 'all', group_by: ['session_id'], aggregations: [{ type: 'max', fields: ['started_at'] }, { type: 'hyperUnique', fields: ['v'] }] },
  { interval: EVER, granularity: 'all', group_by: ['rooms', 'v'], aggregations: [{ type: 'count' }], filters: { type: 'regex', dimension: 'city', pattern: '[13579]$' } }
]

it.each([100, 1500, 131_072])('in segments of %i', async segmentRows => {
  const random = new Random(segmentRows)
  const engine = await Engine.open({ segmentRows })
  const draw = (count: number, id: () => string): object[] => Array.from({ length: count }, () => ({
    session_id: id(), started_at: random.between(0, 20 * DAY), v: random.between(0, 50), visitor_id: `v${random.between(1, 4000)}`, city: `c${random.between(1, 40)}`,
    rooms: random.picks(['a', 'b', 'c', 'd', 'e'], 3)
  }))
  let fresh = 0
  await engine.ingest(draw(6000, () => `s${fresh++}`))
  for (const round of [0, 1]) {
    const expected: QueryResult[] = []
    for (const query of QUERIES) expected.push(await engine.query(query))
    const running = QUERIES.flatMap(query => [engine.query(query), engine.query(query)])
    const upserts = draw(2500, () => `s${random.between(0, fresh - 1)}`)
    const inserts = draw(2500, () => `s${fresh++}`)
    const promoting = round === 1 ? [{ session_id: 'odd', started_at: 0, v: 'text', city: 'c1' }] : []
    await Promise.all([engine.ingest(upserts), engine.ingest([...promoting, ...inserts])])
    const answers = await Promise.all(running)
    answers.forEach((answer, i) => expect(answer).toEqual(expected[i >> 1]))
    expect((await engine.query(QUERIES[2]!)).data).toHaveLength(fresh + promoting.length)
  }
  await engine.close()
})
