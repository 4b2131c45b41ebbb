/** One random dataset and its random queries, asked of the engine and of both oracles. */
import { useKernels } from '../../engine/kernels/kernels.js'
import type { Engine } from '../../index.js'
import { bruteForce } from '../support/brute-force.js'
import { engineWith } from '../support/engine.js'
import { queriesOf } from '../support/queries.js'
import type { Table } from '../support/query-json.js'
import { randomDataset, type Dataset } from '../support/sessions.js'
import { threadsOf } from '../support/workers.js'
import { differenceFromBruteForce, differenceFromDuckDB } from './compare.js'
import type { Duck } from './duckdb.js'
import { translate } from './sql.js'

export interface Mismatch {
  readonly seed: number
  /** Number of the query among those of the dataset. */
  readonly index: number
  readonly query: object
  readonly difference: string
}

export interface Outcome {
  readonly queries: number
  /** Those that DuckDB could be asked too. */
  readonly inDuckDB: number
  /** Those with a row that has sessions in it. */
  readonly answered: number
  readonly mismatches: readonly Mismatch[]
}

const SEGMENT_ROWS = [16, 64, 200, undefined]
const THREADS = [1, 2, 1, 4, 1]

/** An engine with a dataset, its segments of a size, and its threads of a number, that follow from the seed; queries run by either kind of kernels in turn. */
export async function engineOf(dataset: Pick<Dataset, 'sessions' | 'columns'>, seed: number): Promise<Engine> {
  useKernels(Math.floor(seed / SEGMENT_ROWS.length) % 2 === 0 ? 'wasm' : 'plain')
  const segmentRows = SEGMENT_ROWS[seed % SEGMENT_ROWS.length]
  return await engineWith(dataset.sessions, { columns: dataset.columns, chunkSeed: seed, threads: threadsOf(THREADS[seed % THREADS.length]!), ...(segmentRows && { segmentRows }) })
}

export function thrown(error: unknown): string {
  return `it throws ${error instanceof Error ? error.stack : String(error)}`
}

function hasSessions(table: Table): boolean {
  return table.data.some(row => row.slice(1).some(value => value !== null && value !== 0))
}

export async function checkDataset(seed: number, count: number, duck: Duck): Promise<Outcome> {
  const dataset = randomDataset(seed)
  const { sessions, columns } = dataset
  const engine = await engineOf(dataset, seed)
  await duck.load(dataset)
  const mismatches: Mismatch[] = []
  let inDuckDB = 0
  let answered = 0
  let index = 0
  for (const query of queriesOf(dataset, count)) {
    const wanted = bruteForce(sessions, columns, query)
    const statement = translate(query, columns)
    let difference: string | null = null
    try {
      const got = await engine.query(query)
      if (hasSessions(got)) answered++
      difference = differenceFromBruteForce(query, got, wanted)
      if (statement) {
        inDuckDB++
        const other = differenceFromDuckDB(query, got, await duck.run(statement), statement.isOrdered)
        if (other) difference = difference ? `${difference}; and DuckDB: ${other}` : `only DuckDB differs: ${other}`
      }
    } catch (error) {
      difference = thrown(error)
    }
    if (difference) mismatches.push({ seed, index, query, difference })
    index++
  }
  await engine.close()
  return { queries: index, inDuckDB, answered, mismatches }
}
