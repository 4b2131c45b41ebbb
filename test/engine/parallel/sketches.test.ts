/** Sketches of more values than a list may have: those that one thread has to itself, those of several, and the one that all of them raise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryInput, QueryResult } from '../../../dsl/input.js'
import type { ScanJob } from '../../../engine/parallel/serve.js'
import type { Threads } from '../../../engine/parallel/workers.js'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { threadsOf } from '../../support/workers.js'

const DAYS = 5
/** In order of time, in full segments; the others come last and are of any time. */
const SORTED = 120_000
const SESSIONS = 128_000
const HOUR = 3_600_000
const interval = { start: '2025-01-01T00:00:00Z', end: '2025-01-06T00:00:00Z' }

function sessions(): object[] {
  const random = new Random(4)
  const time = (i: number): number => i < SORTED ? Math.floor(i * DAYS * 24 * HOUR / SORTED) : random.between(0, DAYS * 24 * HOUR - 1)
  return Array.from({ length: SESSIONS }, (_, i) => ({
    session_id: `s${i}`, started_at: Date.UTC(2025, 0, 1) + time(i), visitor_id: `v${random.between(0, 80_000)}`,
    country: `c${i % 3}`, rooms: [`r${i % 40_000}`, `q${random.between(0, 30_000)}`], amount: random.between(0, 60_000)
  }))
}

const counts: QueryInput['aggregations'] = [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id', 'rooms', 'amount'], with_error: true }]
const QUERIES: Record<string, QueryInput> = {
  'of all': { interval, granularity: 'all', aggregations: counts },
  'per day': { interval, granularity: 'day', aggregations: counts },
  'per 18 hours': { interval, granularity: { type: 'duration', duration: 18 * HOUR }, aggregations: [...counts, { type: 'exactUnique', fields: ['visitor_id'] }] },
  'per hour': { interval, granularity: 'hour', aggregations: counts },
  'per country': { interval, granularity: 'all', group_by: ['country'], aggregations: counts },
  filtered: { interval, granularity: 'day', aggregations: counts, filters: { type: 'not', field: { type: 'selector', dimension: 'country', value: 'c1' } } },
  'of each aggregation that is filtered': {
    interval, granularity: 'day',
    aggregations: [{ type: 'filtered', filter: { type: 'selector', dimension: 'country', value: 'c0' }, aggregator: { type: 'hyperUnique', fields: ['rooms'] }, name: 'some' }]
  },
  'that are handed out': { interval, granularity: 'day', aggregations: [{ type: 'hyperUniqueSketch', fields: ['visitor_id'] }, { type: 'hyperUnique', fields: ['visitor_id'] }] },
  'of all that is handed out': { interval, granularity: 'all', aggregations: [{ type: 'hyperUniqueSketch', fields: ['rooms'] }] }
}

const visits = sessions()
const expected = new Map<string, QueryResult>()

beforeAll(async () => {
  const engine = await Engine.open({ segmentRows: 40_000 })
  await engine.ingest(visits)
  for (const [name, query] of Object.entries(QUERIES)) expected.set(name, await engine.query(query))
  await engine.close()
})

describe.each([[1000, 2], [9000, 4], [40_000, 2]])('sketches, in pieces of %i rows and %i threads', (piece, count) => {
  let engine: Engine
  let shared = 0
  let opened = 0
  const arenas = new Set<number>()
  const areas = new Set<number>()
  beforeAll(async () => {
    const { open, ...threads } = threadsOf(count, { piece, note: run => { if (run === 'together') shared++ } })
    const counting: Threads = {
      ...threads,
      open(listener) {
        opened++
        const port = open(listener)
        return {
          ...port,
          post(message, moved) {
            const job = message as ScanJob
            if (job.kind === 'scan') {
              areas.add(job.area)
              for (const { id } of job.sessions.arenas) arenas.add(id)
            }
            port.post(message, moved)
          }
        }
      }
    }
    engine = await Engine.open({ segmentRows: 40_000, threads: counting })
    await engine.ingest(visits)
  })
  afterAll(() => engine.close())

  it.each(Object.keys(QUERIES))('%s are those of one thread, again and again', async name => {
    const before = shared
    for (let round = 0; round < 2; round++) expect(await engine.query(QUERIES[name]!)).toEqual(expected.get(name))
    expect(shared - before).toBeGreaterThanOrEqual(2)
  })

  it('leave all threads alive', () => { expect(opened).toBe(count - 1) })

  it('are of columns in arenas, in which each thread has an area of its own', () => {
    expect(arenas.size).toBeGreaterThan(0)
    expect([...areas].sort()).toEqual([1, 2, 3].slice(0, count - 1))
  })
})
