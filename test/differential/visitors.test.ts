/** Random funnels and retentions: the engine, DuckDB and the literal evaluation agree. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyQueryInput } from '../../dsl/input.js'
import type { Engine } from '../../index.js'
import { engineWith } from '../support/engine.js'
import type { Value } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'
import { bruteFunnel, bruteRetention, randomFunnel, randomRetention } from '../support/visitor-queries.js'
import { Duck } from './duckdb.js'
import { funnelSql, retentionSql } from './visitors.js'

const FIRST_SEED = 20_260_301
const DATASETS = 24
const QUERIES = 12
const SEGMENT_ROWS = [16, 64, 200, undefined]

async function answerOf(engine: Engine, query: object): Promise<Value[][]> {
  const { data } = await engine.query(query as AnyQueryInput)
  return data as Value[][]
}

/** Rows with their stamp as an instant, without shares and names, in one order. */
function comparable(rows: readonly (readonly Value[])[]): string[] {
  return rows.map(row => JSON.stringify(row)).sort()
}

describe('random funnels and retentions over random sessions', () => {
  let duck: Duck
  const counts = { queries: 0, inDuckDB: 0, reached: 0 }
  beforeAll(async () => { duck = await Duck.open() })
  afterAll(() => duck.close())

  it.each(Array.from({ length: DATASETS }, (_, at) => FIRST_SEED + at))('dataset %i', async seed => {
    const dataset = randomDataset(seed)
    const { sessions, columns } = dataset
    const segmentRows = SEGMENT_ROWS[seed % SEGMENT_ROWS.length]
    const engine = await engineWith(sessions, { columns, chunkSeed: seed, ...(segmentRows && { segmentRows }) })
    await duck.load(dataset)
    const random = new Random(seed)
    for (let index = 0; index < QUERIES; index++) {
      counts.queries += 2
      const funnel = randomFunnel(random, dataset)
      const told = `seed ${seed}, query ${index}: ${JSON.stringify(funnel)}`
      const got = await answerOf(engine, funnel)
      expect(got, told).toEqual(bruteFunnel(sessions, columns, funnel))
      if (got.some(row => row.at(-5) !== 1 && row.at(-3) !== 0)) counts.reached++
      const statement = funnelSql(funnel, columns)
      if (statement) {
        counts.inDuckDB++
        const begun = got.filter((_, at) => got[at - at % funnel.funnel.steps.length]!.at(-3) !== 0)
        const rows = begun.map(row => [Date.parse(String(row[0])) as Value].concat(row.slice(1, -4), row.at(-3) as Value))
        expect(comparable(rows), told).toEqual(comparable(await duck.run(statement)))
      }
      const retention = randomRetention(random, dataset)
      const other = `seed ${seed}, query ${index}: ${JSON.stringify(retention)}`
      const kept = await answerOf(engine, retention)
      expect(kept, other).toEqual(bruteRetention(sessions, columns, retention))
      const sql = retentionSql(retention, columns)
      if (!sql) continue
      counts.inDuckDB++
      const rows = kept.filter(row => row[3] !== 0).map(row => [Date.parse(String(row[0])) as Value].concat(row.slice(1, 4)))
      expect(comparable(rows), other).toEqual(comparable(await duck.run(sql)))
    }
    await engine.close()
  })

  it('compares most of them with DuckDB too, and many in which somebody does a second step', () => {
    expect(counts.inDuckDB).toBeGreaterThan(counts.queries * 0.8)
    expect(counts.reached).toBeGreaterThan(DATASETS * QUERIES * 0.15)
  })
})
