import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../engine/kernels/kernels.js'
import { checkAnswers } from './check-answers.js'
import { Duck } from './duckdb.js'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const QUERIES = 50

describe('rows that are computed, kept, cut off, totalled and compared', () => {
  let duck: Duck
  let answered = 0
  beforeAll(async () => { duck = await Duck.open() })
  afterAll(() => {
    duck.close()
    useKernels('wasm')
  })

  it.each(SEEDS)('of sessions %i are those of DuckDB', async seed => {
    const outcome = await checkAnswers(seed, QUERIES, duck)
    answered += outcome.answered
    expect(outcome.mismatches).toEqual([])
  })

  it('are there in most answers', () => {
    expect(answered).toBeGreaterThan(SEEDS.length * QUERIES * 0.5)
  })
})
