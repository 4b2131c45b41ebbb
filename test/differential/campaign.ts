/**
 * More random queries than a test run has time for: `tsx test/differential/campaign.ts --seed 1 --queries 100000`.
 * Prints every mismatch with its kind, the seed and the number of its query, and ends with 1 where there is one.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../support/bundle.js'
import { useWorker } from '../support/workers.js'
import { checkAnswers } from './check-answers.js'
import { checkVisitors } from './check-visitors.js'
import { checkDataset, type Outcome } from './check.js'
import { Duck } from './duckdb.js'

interface Kind {
  readonly name: string
  /** Queries of a dataset: the shares of the kinds. */
  readonly share: number
  readonly check: (seed: number, count: number, duck: Duck) => Promise<Outcome>
}

const KINDS: readonly Kind[] = [
  { name: 'dimensions, filters and aggregations', share: 50, check: checkDataset },
  { name: 'computed, kept, limited, totalled and compared rows', share: 30, check: checkAnswers },
  { name: 'funnels and retentions', share: 20, check: checkVisitors }
]

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, queries: { type: 'string', default: '10000' } } })
  const first = Number(values.seed)
  const wanted = Number(values.queries)
  if (!Number.isSafeInteger(first) || !(wanted > 0)) {
    process.stderr.write('usage: campaign.ts [--seed N] [--queries N]\n')
    return 2
  }
  useWorker(await bundle('worker', await mkdtemp(join(tmpdir(), 'sessionql-campaign-'))))
  const duck = await Duck.open()
  const totals = KINDS.map(() => ({ queries: 0, inDuckDB: 0, answered: 0, mismatches: 0 }))
  const asked = (): number => totals.reduce((sum, { queries }) => sum + queries, 0)
  for (let seed = first; asked() < wanted; seed++) {
    for (const [at, { name, share, check }] of KINDS.entries()) {
      const outcome = await check(seed, Math.min(share, wanted - asked()), duck)
      const total = totals[at]!
      for (const count of ['queries', 'inDuckDB', 'answered'] as const) total[count] += outcome[count]
      total.mismatches += outcome.mismatches.length
      for (const { index, difference, query } of outcome.mismatches) {
        process.stdout.write(`${name}, seed ${seed}, query ${index}: ${difference}\n  ${JSON.stringify(query)}\n`)
      }
    }
  }
  duck.close()
  for (const [at, { queries, inDuckDB, answered, mismatches }] of totals.entries()) {
    process.stdout.write(`${KINDS[at]!.name}: ${queries} queries, ${inDuckDB} of them in DuckDB too, ${answered} that select something: ${mismatches} mismatches\n`)
  }
  const mismatches = totals.reduce((sum, total) => sum + total.mismatches, 0)
  process.stdout.write(`${asked()} queries: ${mismatches} mismatches\n`)
  return mismatches === 0 ? 0 : 1
}

process.exitCode = await main()
