/**
 * More random queries than a test run has time for: `tsx test/differential/campaign.ts --seed 1 --queries 100000`.
 * Prints every mismatch with the seed and the number of its query, and ends with 1 where there is one.
 */
import { parseArgs } from 'node:util'
import { checkDataset } from './check.js'
import { Duck } from './duckdb.js'

const QUERIES_OF_A_DATASET = 50

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, queries: { type: 'string', default: '10000' } } })
  const first = Number(values.seed)
  const wanted = Number(values.queries)
  if (!Number.isSafeInteger(first) || !(wanted > 0)) {
    process.stderr.write('usage: campaign.ts [--seed N] [--queries N]\n')
    return 2
  }
  const duck = await Duck.open()
  const total = { queries: 0, inDuckDB: 0, answered: 0, mismatches: 0 }
  for (let seed = first; total.queries < wanted; seed++) {
    const outcome = await checkDataset(seed, Math.min(QUERIES_OF_A_DATASET, wanted - total.queries), duck)
    total.queries += outcome.queries
    total.inDuckDB += outcome.inDuckDB
    total.answered += outcome.answered
    total.mismatches += outcome.mismatches.length
    for (const { index, difference, query } of outcome.mismatches) {
      process.stdout.write(`seed ${seed}, query ${index}: ${difference}\n  ${JSON.stringify(query)}\n`)
    }
  }
  duck.close()
  process.stdout.write(`${total.queries} queries, ${total.inDuckDB} of them in DuckDB too, ${total.answered} that select something: ${total.mismatches} mismatches\n`)
  return total.mismatches === 0 ? 0 : 1
}

process.exitCode = await main()
