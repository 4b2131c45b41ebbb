import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../engine/kernels/kernels.js'
import { checkDataset, type Outcome } from './check.js'
import { Duck } from './duckdb.js'

const FIRST_SEED = 20_250_101
const DATASETS = 42
const QUERIES = 50

/** More would not help to find the cause. */
const MOST_SHOWN = 3

function total(outcomes: readonly Outcome[], count: 'queries' | 'inDuckDB' | 'answered'): number {
  return outcomes.reduce((sum, outcome) => sum + outcome[count], 0)
}

describe('random queries over random sessions', () => {
  let duck: Duck
  const outcomes: Outcome[] = []
  beforeAll(async () => { duck = await Duck.open() })
  afterAll(() => {
    duck.close()
    useKernels('wasm')
  })

  it.each(Array.from({ length: DATASETS }, (_, at) => FIRST_SEED + at))('dataset %i: the engine, DuckDB and the brute-force twin agree', async seed => {
    const outcome = await checkDataset(seed, QUERIES, duck)
    outcomes.push(outcome)
    const shown = outcome.mismatches.slice(0, MOST_SHOWN).map(({ index, difference, query }) => `query ${index}: ${difference}\n${JSON.stringify(query)}`)
    expect(shown.join('\n')).toBe('')
  })

  it('compares at least 2,000 queries, 1,750 of them with DuckDB too, and 900 that select something', () => {
    expect(total(outcomes, 'queries')).toBeGreaterThanOrEqual(2000)
    expect(total(outcomes, 'inDuckDB')).toBeGreaterThanOrEqual(1750)
    expect(total(outcomes, 'answered')).toBeGreaterThanOrEqual(900)
  })
})
