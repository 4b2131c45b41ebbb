/** Short questions to an engine. */
import type { AggregationInput, FilterInput, QueryInput, ResultValue } from '../../dsl/input.js'
import type { Engine } from '../../index.js'

export const EVER = { start: '1900-01-01T00:00:00Z', end: '2200-01-01T00:00:00Z' } as const
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Rows of an answer over all sessions, without their timestamps. */
export async function ask(engine: Engine, query: Partial<QueryInput>): Promise<ResultValue[][]> {
  const whole: QueryInput = { interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }], ...query }
  const { data } = await engine.query(whole)
  return data.map(row => row.slice(1))
}

/** The one row of an ungrouped answer. */
export async function total(engine: Engine, aggregations: AggregationInput[], filters?: FilterInput): Promise<ResultValue[]> {
  const [row] = await ask(engine, { aggregations, ...(filters && { filters }) })
  return row ?? []
}

export async function countOf(engine: Engine, filters?: FilterInput): Promise<number> {
  const [count] = await total(engine, [{ type: 'count' }], filters)
  return count as number
}
