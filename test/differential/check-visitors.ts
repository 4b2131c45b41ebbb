/** Random funnels and retentions: the engine, DuckDB and the literal evaluation agree. */
import type { AnyQueryInput } from '../../dsl/input.js'
import type { Columns } from '../../dsl/query.js'
import type { Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import type { Value } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'
import { bruteFunnel, bruteRetention, randomFunnel, randomRetention, type FunnelJson, type RetentionJson } from '../support/visitor-queries.js'
import { engineOf, thrown, type Mismatch, type Outcome } from './check.js'
import type { Duck } from './duckdb.js'
import { funnelSql, retentionSql } from './visitors.js'
import type { Statement } from './sql.js'

/** An answer beside that of the literal evaluation; `keys` are its rows as those of DuckDB. */
interface Compared {
  readonly got: Value[][]
  readonly wanted: Value[][]
  readonly keys: Value[][]
  readonly statement: Statement | null
}

async function answerOf(engine: Engine, query: object): Promise<Value[][]> {
  const { data } = await engine.query(query as AnyQueryInput)
  return data as Value[][]
}

/** In one order. */
function sorted(rows: readonly (readonly Value[])[]): string {
  return rows.map(row => JSON.stringify(row)).sort().join()
}

function timed(row: readonly Value[], rest: readonly Value[]): Value[] {
  return [Date.parse(String(row[0])), ...rest]
}

/** Stamp, groups, step and visitors of those that somebody began. */
async function funnel(engine: Engine, sessions: readonly Session[], columns: Columns, query: FunnelJson): Promise<Compared> {
  const got = await answerOf(engine, query)
  const begun = got.filter((_, at) => got[at - at % query.funnel.steps.length]!.at(-3) !== 0)
  const keys = begun.map(row => timed(row, [...row.slice(1, -4), row.at(-3) as Value]))
  return { got, wanted: bruteFunnel(sessions, columns, query), keys, statement: funnelSql(query, columns) }
}

/** Stamp, period, cohort and visitors, where somebody came back. */
async function retention(engine: Engine, sessions: readonly Session[], columns: Columns, query: RetentionJson): Promise<Compared> {
  const got = await answerOf(engine, query)
  const keys = got.filter(row => row[3] !== 0).map(row => timed(row, row.slice(1, 4)))
  return { got, wanted: bruteRetention(sessions, columns, query), keys, statement: retentionSql(query, columns) }
}

/** As many funnels as retentions. `answered` are those in which somebody did a second step or came back. */
export async function checkVisitors(seed: number, count: number, duck: Duck): Promise<Outcome> {
  const dataset = randomDataset(seed)
  const { sessions, columns } = dataset
  const engine = await engineOf(dataset, seed)
  await duck.load(dataset)
  const random = new Random(seed)
  const mismatches: Mismatch[] = []
  let inDuckDB = 0
  let answered = 0
  for (let index = 0; index < count; index++) {
    const query = index % 2 === 0 ? randomFunnel(random, dataset) : randomRetention(random, dataset)
    try {
      const { got, wanted, keys, statement } = 'funnel' in query ? await funnel(engine, sessions, columns, query) : await retention(engine, sessions, columns, query)
      if (got.some(row => 'funnel' in query ? row.at(-5) !== 1 && row.at(-3) !== 0 : row[1] !== 0 && row[3] !== 0)) answered++
      if (JSON.stringify(got) !== JSON.stringify(wanted)) mismatches.push({ seed, index, query, difference: `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}` })
      if (statement === null) continue
      inDuckDB++
      const other = await duck.run(statement)
      if (sorted(keys) !== sorted(other)) mismatches.push({ seed, index, query, difference: `${sorted(keys)}, DuckDB says ${sorted(other)}` })
    } catch (error) {
      mismatches.push({ seed, index, query, difference: thrown(error) })
    }
  }
  await engine.close()
  return { queries: count, inDuckDB, answered, mismatches }
}
