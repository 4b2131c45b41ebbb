import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../engine/kernels/kernels.js'
import { checkVisitors } from './check-visitors.js'
import { Duck } from './duckdb.js'

const FIRST_SEED = 20_260_301
const DATASETS = 24
const QUERIES = 24

describe('random funnels and retentions over random sessions', () => {
  let duck: Duck
  const counts = { queries: 0, inDuckDB: 0, answered: 0 }
  beforeAll(async () => { duck = await Duck.open() })
  afterAll(() => {
    duck.close()
    useKernels('wasm')
  })

  it.each(Array.from({ length: DATASETS }, (_, at) => FIRST_SEED + at))('dataset %i: the engine, DuckDB and the literal evaluation agree', async seed => {
    const { mismatches, ...outcome } = await checkVisitors(seed, QUERIES, duck)
    for (const count of ['queries', 'inDuckDB', 'answered'] as const) counts[count] += outcome[count]
    expect(mismatches).toEqual([])
  })

  it('compares most of them with DuckDB too, and many in which somebody does a second step or comes back', () => {
    expect(counts.inDuckDB).toBeGreaterThan(counts.queries * 0.8)
    expect(counts.answered).toBeGreaterThan(counts.queries * 0.15)
  })
})
