/**
 * What the suite's language does not say, against SQL that a knowing user writes by hand:
 * `npm run bench:beyond -- [--rows N] [--runs N] [--only funnel] [--seed N]`.
 *
 * `bench/beyond/NAME.json` is a query, each `NAME.WAY.sql` a way of asking DuckDB the same; all are timed in turn, with one thread, and the best
 * of DuckDB counts. Both sides hand their rows over to JavaScript. Rows are compared by the columns that the SQL names; no time is printed of a wrong answer.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createFileSource } from '../connectors/file/file.js'
import { Engine, type AnyQueryInput, type QueryResult } from '../index.js'
import { open, type DuckDB } from './contenders/duckdb.js'
import { dataset, DEFAULT_SEED } from './generate.js'
import { machine } from './machine.js'
import { count, milliseconds, table } from './markdown.js'
import { commaSeparated, runMain, wholeNumber } from './options.js'
import { spread } from './stats.js'

const QUESTIONS = join(dirname(fileURLToPath(import.meta.url)), 'beyond')

interface Way {
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
      ways: files.filter(file => file.startsWith(`${name}.`) && file.endsWith('.sql')).map(file => ({ name: file.split('.')[1]!, sql: read(file) }))
    }))
}

/** Rows as texts of these columns, in one order. */
function comparable(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string[] {
  return rows.map(row => JSON.stringify(columns.map(column => Number(row[column])))).sort()
}

function objectsOf({ fields, data }: QueryResult): Record<string, unknown>[] {
  return data.map(row => Object.fromEntries(row.map((value, i) => [fields[i]!.name, value])))
}

async function ask({ name, input, ways }: Question, engine: Engine, duckdb: DuckDB, runs: number): Promise<string[]> {
  const times = new Map<string, number[]>(['sessionql', ...ways.map(way => way.name)].map(key => [key, []]))
  const wrong = new Set<string>()
  for (let run = 0; run <= runs; run++) {
    let started = performance.now()
    const result = await engine.query(input) as QueryResult
    if (run > 0) times.get('sessionql')!.push(performance.now() - started)
    for (const way of ways) {
      started = performance.now()
      const rows = await duckdb.objects(way.sql)
      if (run > 0) times.get(way.name)!.push(performance.now() - started)
      else if (JSON.stringify(comparable(rows, Object.keys(rows[0]!))) !== JSON.stringify(comparable(objectsOf(result), Object.keys(rows[0]!)))) wrong.add(way.name)
    }
  }
  const figures = (key: string): string => {
    const { min, median } = spread(times.get(key)!)
    return `${milliseconds(min)} / ${milliseconds(median)}`
  }
  const right = ways.filter(way => !wrong.has(way.name))
  const ours = spread(times.get('sessionql')!).min
  const best = Math.min(...right.map(way => spread(times.get(way.name)!).min))
  const told = ways.map(way => `${way.name} ${wrong.has(way.name) ? 'other answer' : figures(way.name)}`).join('; ')
  return [name, figures('sessionql'), told, right.length === 0 ? '–' : `${(best / ours).toFixed(2)}×`]
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
  const path = await dataset({ rows, seed: wholeNumber('seed', values.seed, 0) }, log)
  log('loading')
  const engine = await Engine.open({ memoryBudget: Infinity })
  await engine.ingest(createFileSource('bench', { path }))
  const duckdb = await open()
  await duckdb.load(path)
  await duckdb.prepare()
  const lines: string[][] = []
  for (const question of questions(commaSeparated(values.only))) {
    log(question.name)
    lines.push(await ask(question, engine, duckdb, runs))
  }
  const { cpu, cores, node } = machine()
  process.stdout.write([
    `# Beyond the suite: ${count(rows)} sessions`, '', `${cpu}, ${cores} cores, Node ${node}; one thread each; ${runs} runs by turns after a warm-up; milliseconds, minimum / median.`, '',
    ...table(['query', 'sessionql', `DuckDB ${duckdb.version}`, 'best of DuckDB ÷ ours'], lines), ''
  ].join('\n'))
  await engine.close()
  await duckdb.close()
  return lines.some(line => line[2]!.includes('other answer')) ? 1 : 0
}

await runMain(main)
