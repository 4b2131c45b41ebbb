/**
 * What the suite's language does not say, against SQL that a knowing user writes by hand:
 * `npm run bench:beyond -- [--rows N] [--runs N] [--only funnel] [--seed N]`.
 *
 * `bench/beyond/NAME.json` is a query, each `NAME.PEER.WAY.sql` a way of asking a peer the same; all are timed in turn, with one thread, and the best
 * way of any peer counts. All sides hand their rows over to JavaScript. Rows are compared by the columns that the SQL names;
 * no time is printed of a wrong answer.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { beyondMarkdown, type BeyondAnswer, type BeyondResult } from './beyond-report.js'
import { createFileSource } from '../connectors/file/file.js'
import { Engine, type AnyQueryInput, type QueryResult } from '../index.js'
import { isInstalled } from './contenders/registry.js'
import { dataset, DEFAULT_SEED } from './generate.js'
import { machine } from './machine.js'
import { commaSeparated, runMain, wholeNumber } from './options.js'
import { publish } from './results.js'

const QUESTIONS = join(dirname(fileURLToPath(import.meta.url)), 'beyond')

/** Takes SQL, and answers rows by the names of their columns. */
interface Database {
  readonly name: string
  readonly version: string
  load(path: string): Promise<number>
  prepare(): Promise<void>
  objects(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

interface Peer {
  readonly key: string
  readonly database: Database
}

interface Way {
  readonly peer: string
  readonly name: string
  readonly sql: string
}

interface Question {
  readonly name: string
  readonly input: AnyQueryInput
  readonly ways: readonly Way[]
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

function questions(only: readonly string[]): Question[] {
  const files = readdirSync(QUESTIONS).sort()
  const read = (file: string): string => readFileSync(join(QUESTIONS, file), 'utf8')
  return files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length))
    .filter(name => only.length === 0 || only.includes(name))
    .map(name => ({
      name,
      input: JSON.parse(read(`${name}.json`)) as AnyQueryInput,
      ways: files.filter(file => file.startsWith(`${name}.`) && file.endsWith('.sql')).map(file => {
        const [, peer, way] = file.split('.')
        return { peer: peer!, name: way!, sql: read(file) }
      })
    }))
}

/** Those that are installed, with the table of the file at `path`. */
async function peers(path: string): Promise<Peer[]> {
  const opened: Peer[] = [{ key: 'duckdb', database: await (await import('./contenders/duckdb.js')).open() }]
  if (isInstalled('clickhouse')) opened.push({ key: 'clickhouse', database: await (await import('./contenders/clickhouse.js')).open() })
  for (const { database } of opened) {
    log(`loading into ${database.name}`)
    await database.load(path)
    await database.prepare()
  }
  return opened
}

/** Rows as texts of these columns, in one order. */
function comparable(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string[] {
  return rows.map(row => JSON.stringify(columns.map(column => Number(row[column])))).sort()
}

function objectsOf({ fields, data }: QueryResult): Record<string, unknown>[] {
  return data.map(row => Object.fromEntries(row.map((value, i) => [fields[i]!.name, value])))
}

/** Who has a turn in each round: our engine, where `way` is null, or a way of a peer. */
interface Timed {
  readonly way: Way | null
  readonly run: () => Promise<Record<string, unknown>[]>
  readonly ms: number[]
  right: boolean
}

async function ask({ name, input, ways }: Question, engine: Engine, asked: readonly Peer[], runs: number): Promise<BeyondAnswer> {
  const ours: Timed = { way: null, run: async () => objectsOf(await engine.query(input) as QueryResult), ms: [], right: true }
  const timed = [ours]
  for (const way of ways) {
    const peer = asked.find(({ key }) => key === way.peer)
    if (peer !== undefined) timed.push({ way, run: () => peer.database.objects(way.sql), ms: [], right: true })
  }
  const answer = await ours.run()
  for (const entry of timed.slice(1)) {
    const rows = await entry.run()
    const columns = Object.keys(rows[0] ?? {})
    entry.right = JSON.stringify(comparable(rows, columns)) === JSON.stringify(comparable(answer, columns))
  }
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < timed.length; turn++) {
      const { run: once, ms } = timed[(turn + run) % timed.length]!
      const started = performance.now()
      await once()
      ms.push(performance.now() - started)
    }
  }
  return { name, ours: ours.ms, ways: timed.filter(({ way }) => way !== null).map(({ way, ms, right }) => ({ peer: way!.peer, way: way!.name, ms, right })) }
}
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(DEFAULT_SEED) },
      runs: { type: 'string', default: '5' }, only: { type: 'string', default: '' }
    }
  })
  const rows = wholeNumber('rows', values.rows, 1)
  const runs = wholeNumber('runs', values.runs, 1)
  const seed = wholeNumber('seed', values.seed, 0)
  const path = await dataset({ rows, seed }, log)
  log('loading')
  const engine = await Engine.open({ memoryBudget: Infinity })
  await engine.ingest(createFileSource('bench', { path }))
  const asked = await peers(path)
  const answers: BeyondAnswer[] = []
  for (const question of questions(commaSeparated(values.only))) {
    log(question.name)
    answers.push(await ask(question, engine, asked, runs))
  }
  const named = asked.map(({ key, database: { name, version } }) => ({ key, name: `${name} ${version}` }))
  const result: BeyondResult = { date: new Date().toISOString(), machine: machine(), rows, seed, runs, peers: named, answers }
  await publish(result, `beyond-${rows}`, beyondMarkdown(result), [])
  await engine.close()
  for (const { database } of asked) await database.close()
  return answers.some(({ ways }) => ways.some(({ right }) => !right)) ? 1 : 0
}

await runMain(main)
