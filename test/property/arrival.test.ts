/** However sessions arrive, the answers are the same to the last bit. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import { DISTINCT_TOLERANCE } from '../differential/compare.js'
import { latest } from '../support/brute-force.js'
import { engineWith } from '../support/engine.js'
import { queriesOf } from '../support/queries.js'
import type { QueryJson, Table } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'

const QUERIES = 10
const PARAMETERS = { seed: 7, numRuns: 8 }
const seeds = fc.integer({ min: 1, max: 1_000_000 })

async function* oneByOne(sessions: readonly Session[]): AsyncGenerator<Session> {
  for (const session of sessions) {
    await Promise.resolve()
    yield session
  }
}

async function answers(engine: Engine, queries: readonly QueryJson[]): Promise<unknown[]> {
  const results: unknown[] = []
  for (const query of queries) results.push(await engine.query(query))
  await engine.close()
  return results
}

describe('answers do not depend on', () => {
  it('the order of arrival, the size of calls and the size of segments', async () => {
    await fc.assert(fc.asyncProperty(seeds, async seed => {
      const dataset = randomDataset(seed)
      const { columns } = dataset
      const sessions = latest(dataset.sessions)
      const random = new Random(seed)
      const queries = [...queriesOf(dataset, QUERIES)]
      const whole = await answers(await engineWith(sessions, { columns }), queries)
      expect(await answers(await engineWith([...sessions].reverse(), { columns, segmentRows: 64 }), queries)).toEqual(whole)
      expect(await answers(await engineWith(random.shuffle(sessions), { columns, segmentRows: 64, chunkSeed: seed }), queries)).toEqual(whole)
      expect(await answers(await engineWith(random.shuffle(sessions), { columns, segmentRows: 5, chunkSeed: seed + 1 }), queries)).toEqual(whole)
      expect(await answers(await engineWith(sessions, { columns, segmentRows: 1, chunkSeed: seed + 2 }), queries)).toEqual(whole)
    }), PARAMETERS)
  })

  it('whether types are told or found out', async () => {
    await fc.assert(fc.asyncProperty(seeds, async seed => {
      const dataset = randomDataset(seed)
      const queries = [...queriesOf(dataset, QUERIES)]
      const told = await answers(await engineWith(dataset.sessions, { columns: dataset.columns }), queries)
      expect(await answers(await engineWith(dataset.sessions, { segmentRows: 64 }), queries)).toEqual(told)
    }), PARAMETERS)
  })

  it('whether the parts come one after the other, at once, or as streams', async () => {
    await fc.assert(fc.asyncProperty(seeds, async seed => {
      const dataset = randomDataset(seed)
      const { columns } = dataset
      const sessions = latest(dataset.sessions)
      const queries = [...queriesOf(dataset, QUERIES)]
      const whole = await answers(await engineWith(sessions, { columns }), queries)
      const parts = new Random(seed).chunks(sessions, 200)

      const atOnce = await Engine.open({ columns, segmentRows: 64 })
      await Promise.all(parts.map(part => atOnce.ingest(oneByOne(part))))
      expect(await answers(atOnce, queries)).toEqual(whole)

      const streamed = await Engine.open({ columns, segmentRows: 64 })
      for (const part of parts) await streamed.ingest(new ReadableStream({ start(controller) {
        for (const session of part) controller.enqueue(session)
        controller.close()
      } }))
      expect(await answers(streamed, queries)).toEqual(whole)
    }), PARAMETERS)
  })

  it('whether the query comes alone or with others', async () => {
    const dataset = randomDataset(77, 500)
    const engine = await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: 64 })
    const queries = [...queriesOf(dataset, 40)]
    const together = await Promise.all(queries.map(query => engine.query(query)))
    expect(await answers(engine, queries)).toEqual(together)
  })

  it('the order of arrival where a distinct count is too large to be a list', async () => {
    const random = new Random(3)
    const day = 86_400_000
    const sessions = Array.from({ length: 40_000 }, (_, at): Session => ({
      session_id: `s${at}`, started_at: random.between(0, 10 * day), visitor_id: `v${random.between(0, 30_000)}`, country: random.pick(['a', 'b'])
    }))
    const interval = { start: '1970-01-01T00:00:00Z', end: '1970-01-12T00:00:00Z' }
    const fields: [string, ...string[]] = ['visitor_id', 'session_id', 'started_at']
    const queries = [[], ['country']].map((group_by): QueryJson => ({
      interval, granularity: 'all', group_by, aggregations: [{ type: 'hyperUnique', fields }, { type: 'exactUnique', fields }]
    }))
    const whole = await answers(await engineWith(sessions), queries)
    expect(await answers(await engineWith(random.shuffle(sessions), { segmentRows: 1000 }), queries)).toEqual(whole)
    for (const row of (whole as Table[]).flatMap(({ data }) => data)) {
      const [estimates, exact] = [row.slice(-6, -3) as number[], row.slice(-3) as number[]]
      expect(Math.min(...exact)).toBeGreaterThan(10_000)
      for (const [at, estimate] of estimates.entries()) expect(Math.abs(estimate / (exact[at] as number) - 1)).toBeLessThan(DISTINCT_TOLERANCE)
    }
  })
})
