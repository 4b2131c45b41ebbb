/** Post-aggregations, having, order, limits, others, totals and subtotals against DuckDB: every value exact, every row in its place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryInput, QueryResult } from '../../dsl/input.js'
import type { Engine } from '../../index.js'
import { ANSWER_COLUMNS, answerSessions, DAYS, randomAnswerQuery, START, type AnswerQuery } from '../support/answers.js'
import { engineWith } from '../support/engine.js'
import type { Value } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { groupingSetsSql, rowsSql, totalsSql } from './answers-sql.js'
import { Duck } from './duckdb.js'

const SEEDS = [1, 2, 3, 4]
const QUERIES = 60

function inputOf({ order_by = [], ...query }: AnswerQuery): QueryInput {
  return {
    interval: { start: new Date(START).toISOString(), end: new Date(START + DAYS * 86_400_000).toISOString() },
    fill: 'none',
    aggregations: [
      { type: 'count', name: 'n' }, { type: 'exactUnique', fields: ['visitor_id'], name: 'visitors' }, { type: 'sum', fields: ['own'], name: 'total' },
      { type: 'min', fields: ['own'], name: 'low' }, { type: 'max', fields: ['own'], name: 'high' },
      { type: 'quantile', fields: ['own'], quantiles: [0.5], name: 'median' }, { type: 'last', fields: ['visitor_id'], name: 'latest' }
    ],
    order_by,
    ...query
  }
}

/** Stamps as epoch ms. */
function timed(rows: readonly (readonly Value[])[]): Value[][] {
  return rows.map(row => (row as Value[]).with(0, Date.parse(String(row[0]))))
}

describe.each(SEEDS)('sessions %i', seed => {
  let duck: Duck
  let engine: Engine
  beforeAll(async () => {
    const sessions = answerSessions(seed, 60 + seed * 70)
    duck = await Duck.open()
    await duck.load({ sessions, columns: ANSWER_COLUMNS })
    engine = await engineWith(sessions, { columns: ANSWER_COLUMNS, chunkSeed: seed, segmentRows: 64 })
  })
  afterAll(async () => {
    duck.close()
    await engine.close()
  })

  async function check(query: AnswerQuery): Promise<void> {
    const result: QueryResult = await engine.query(inputOf(query))
    const sets = query.subtotals ?? [query.group_by]
    let from = 0
    for (const [at, set] of sets.entries()) {
      const rows = result.data.slice(from, from + (result.subtotals?.[at]!.rows ?? result.data.length))
      from += rows.length
      const isOther = (row: readonly Value[]): boolean => set.length > 0 && row.includes('(others)')
      expect(timed(rows.filter(row => !isOther(row)))).toEqual(await duck.run(rowsSql(query, query.group_by.filter(name => set.includes(name)), false)))
      const others = query.others !== undefined && set.length > 0 ? await duck.run(rowsSql(query, query.group_by.filter(name => set.includes(name)), true)) : []
      expect(timed(rows.filter(isOther)).sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(others)
    }
    expect(from).toBe(result.data.length)
    expect(result.totals === undefined ? [] : timed([result.totals])).toEqual(query.totals === true ? await duck.run(totalsSql(query)) : [])
    if (query.subtotals !== undefined && !query.group_by.includes('rooms')) {
      const { granularity, group_by, post_aggregations, subtotals, having } = query
      const plain: AnswerQuery = { granularity, group_by, post_aggregations, subtotals, ...(having && { having }) }
      expect(timed((await engine.query(inputOf(plain))).data)).toEqual(await duck.run(groupingSetsSql(plain)))
    }
  }

  it('are answered as DuckDB answers them', async () => {
    const random = new Random(seed * 1000)
    for (let i = 0; i < QUERIES; i++) {
      const query = randomAnswerQuery(random)
      await check(query).catch(error => { throw new Error(`${JSON.stringify(query)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }) })
    }
  })
})
