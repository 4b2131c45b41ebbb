/** What only shows at size: several full segments, wide dictionaries, groupings too large for an array, queries that let others run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Engine, type QueryResult } from '../../index.js'
import { LimitError } from '../../dsl/errors.js'
import type { ColumnType } from '../../dsl/query.js'
import type { Session } from '../../engine/session.js'
import type { QueryJson } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { threadsOf } from '../support/workers.js'
import { differenceFromDuckDB } from './compare.js'
import { Duck } from './duckdb.js'
import { translate } from './sql.js'

const SESSIONS = 160_000
/** More than the engine's largest segment holds is left of them after replacements. */
const KEYS = 150_000
const YEAR = 365 * 86_400_000
const START = Date.UTC(2025, 0, 1)

const COLUMNS = new Map<string, ColumnType>([
  ['source', 'string'], ['session_id', 'string'], ['started_at', 'number'], ['visitor_id', 'string'], ['country', 'string'], ['city', 'string'],
  ['rooms', 'strings'], ['session_duration_secs', 'number'], ['score', 'number']
])

function largeSessions(): Session[] {
  const random = new Random(99)
  return Array.from({ length: SESSIONS }, (_, at): Session => {
    const country = random.between(0, 20)
    return {
      source: 'web',
      session_id: `s${at < KEYS ? at : random.between(0, KEYS - 1)}`,
      started_at: START + random.between(0, YEAR - 1),
      visitor_id: random.chance(0.05) ? null : `v${random.between(0, 99_999)}`,
      country: country === 0 ? null : `c${country}`,
      city: `city ${country}/${random.between(0, 150)}`,
      rooms: Array.from({ length: random.between(0, 4) }, () => `r${random.between(0, 49)}`),
      session_duration_secs: random.chance(0.1) ? null : random.between(0, 36_000) / 10,
      score: random.pick([1e300, -1e300, 1e-300, 0.1, -7, 3])
    }
  })
}

const interval = { start: '2025-01-01T00:00:00Z', end: '2026-01-01T00:00:00Z', time_zone: 'Europe/Helsinki' }
const visitors: QueryJson['aggregations'] = [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'exactUnique', fields: ['visitor_id'] }]
const numbers: QueryJson['aggregations'] = [{ type: 'sum', fields: ['session_duration_secs'] }, { type: 'avg', fields: ['session_duration_secs'] }, { type: 'max', fields: ['score'] }]

const QUERIES: Record<string, QueryJson> = {
  everything: { interval, granularity: 'all', group_by: [], aggregations: [...visitors, ...numbers] },
  'per day': { interval, granularity: 'day', group_by: [], aggregations: [...visitors, ...numbers] },
  'per six hours and country': { interval, granularity: 'six_hour', group_by: ['country'], aggregations: [...visitors, ...numbers] },
  'per country and city': { interval, granularity: 'month', group_by: ['country', 'city'], aggregations: [...visitors, ...numbers] },
  'per visitor': { interval, granularity: 'all', group_by: ['visitor_id'], aggregations: [{ type: 'count' }, { type: 'exactUnique', fields: ['rooms'] }] },
  'per visitor and month': { interval, granularity: 'month', group_by: ['visitor_id'], aggregations: [{ type: 'count' }, { type: 'min', fields: ['started_at'] }] },
  'per room': { interval, granularity: 'week', group_by: ['rooms'], aggregations: [...visitors, ...numbers] },
  'sessions per room': { interval, granularity: 'day', group_by: ['rooms'], aggregations: [{ type: 'count' }] },
  'sessions per country': { interval, granularity: 'month', group_by: ['country'], aggregations: [{ type: 'count' }] },
  'sessions per city': { interval, granularity: 'week', group_by: ['city'], aggregations: [{ type: 'count' }] },
  'per two rooms': { interval, granularity: 'all', group_by: ['rooms', { dimension: 'rooms', name: 'other' }, 'country'], aggregations: visitors },
  'per number': { interval, granularity: 'all', group_by: ['session_duration_secs'], aggregations: [...visitors, { type: 'sum', fields: ['score'] }] },
  'all kinds of distinct': {
    interval, granularity: 'quarter', group_by: ['country'],
    aggregations: [{ type: 'exactUnique', fields: ['session_id', 'started_at', 'rooms', 'city'] }, { type: 'hyperUnique', fields: ['session_id', 'started_at', 'rooms', 'city'] }]
  },
  filtered: {
    interval, granularity: 'day', group_by: ['country'], aggregations: [...visitors, ...numbers],
    filters: { type: 'and', fields: [
      { type: 'like', dimension: 'city', pattern: '%/1_' },
      { type: 'bound', dimension: 'session_duration_secs', lower: 10, upper: 3000, upperStrict: true },
      { type: 'not', field: { type: 'in', dimension: 'rooms', values: ['r1', 'r2', null] } },
      { type: 'regex', dimension: 'visitor_id', pattern: '[02468]$' }
    ] }
  },
  filled: { interval, granularity: 'day', group_by: ['country'], aggregations: visitors, filters: { type: 'selector', dimension: 'city', value: 'city 3/7' }, fill: 'zero' }
}
const cases = Object.entries(QUERIES).map(([name, query], at) => ({ name, query, at }))

async function expectAnswers(engine: Engine, wanted: readonly QueryResult[]): Promise<void> {
  for (const { name, query, at } of cases) expect(await engine.query(query), name).toEqual(wanted[at])
}

describe('many sessions', () => {
  const sessions = largeSessions()
  let duck: Duck
  let engine: Engine
  /** Of all cases, by the engine. */
  const answers: QueryResult[] = []
  beforeAll(async () => {
    duck = await Duck.open()
    await duck.load({ sessions, columns: COLUMNS })
    engine = await Engine.open()
    await engine.ingest(sessions)
    for (const { query } of cases) answers.push(await engine.query(query))
  })
  afterAll(async () => {
    duck.close()
    await engine.close()
  })

  it.each(cases)('give the answer of DuckDB: $name', async ({ query, at }) => {
    const statement = translate(query, COLUMNS)
    if (!statement) throw new Error('DuckDB can be asked all of these')
    expect(differenceFromDuckDB(query, answers[at]!, await duck.run(statement), statement.isOrdered)).toBeNull()
  })

  it('give the same answer in any order of arrival and size of segments', async () => {
    const other = await Engine.open({ segmentRows: 10_000 })
    const last = new Map(sessions.map(session => [session.session_id, session]))
    await other.ingest(new Random(5).shuffle([...last.values()]))
    await expectAnswers(other, answers)
    await other.close()
  })

  it.each([2, 4])('give the same answer in %i threads', async threads => {
    const other = await Engine.open({ threads: threadsOf(threads, { piece: 5000 }) })
    await other.ingest(sessions)
    await expectAnswers(other, answers)
    await other.close()
  })

  it('give the same answer within little memory, or none', async () => {
    let answered = 0
    for (const spare of [3, 24].map(megabytes => megabytes * 2 ** 20)) {
      const tight = await Engine.open({ memoryBudget: engine.schema().bytes + spare })
      await tight.ingest(sessions)
      for (const { name, query, at } of cases) {
        try {
          expect(await tight.query(query), name).toEqual(answers[at])
          answered++
        } catch (error) {
          if (!(error instanceof LimitError)) throw error
        }
      }
      await tight.close()
    }
    expect(answered).toBeGreaterThan(cases.length)
  })

  it('are answered as they were when the query was asked, whatever comes in meanwhile', async () => {
    const moving = await Engine.open({ segmentRows: 5000 })
    await moving.ingest(sessions)
    const asked = cases.map(({ query }) => moving.query(query))
    const replaced = sessions.slice(0, 30_000).map((session): Session =>
      Object.assign({}, session, { started_at: START + 1, country: 'new', city: 'new', rooms: ['new', 'r1'], visitor_id: `w${session.session_id}`, session_duration_secs: -1, score: 1 }))
    await moving.ingest(replaced)
    expect(await Promise.all(asked)).toEqual(answers)
    expect(await moving.query(QUERIES['per day']!)).not.toEqual(answers[1])
    await moving.close()
  })
})
