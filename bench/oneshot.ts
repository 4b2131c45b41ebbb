/**
 * Whole processes: `npx tsx bench/oneshot.ts [--rows N] [--runs N] [--only q01,q03] [--seed N] [--threads N]`.
 * One query over an NDJSON file from the start of a process to its end; the first answer over 1,000 rows;
 * and the load of the file, URLs included, into each contender's table.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare } from './compare.js'
import { ContenderProcess } from './contender-process.js'
import { readJson } from './contenders/duckdb.js'
import { toSql } from './contenders/duckdb-sql.js'
import type { Rows } from './contenders/contender.js'
import { dataset, DEFAULT_SEED } from './generate.js'
import { machine } from './machine.js'
import { count, gigabytes, megabytes, milliseconds, table } from './markdown.js'
import { commaSeparated, OptionError, runMain, wholeNumber } from './options.js'
import type { Description, Memory } from './protocol.js'
import { spread, type Spread } from './stats.js'
import { COLUMNS, questions, type Question } from './suite.js'
import { runWhole } from './whole-process.js'

const BENCH = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(BENCH)
const COMMAND = join(ROOT, 'dist', 'cli', 'main.js')
const DUCKDB = join(BENCH, 'oneshot-duckdb.js')
const DEFAULT_ROWS = 1_000_000
const DEFAULT_RUNS = 5
const DEFAULT_ONLY = 'q01,q02,q04'
const SMALL_ROWS = 1000
/** A cold start is short, and its spread wide. */
const SMALL_RUNS = 20
const LOADED = ['ours', 'duckdb']

interface Figures extends Spread {
  readonly runs: readonly number[]
  readonly peak: number | null
}

interface Answered {
  readonly question: string
  readonly rows: number
  readonly ours: Figures
  readonly duckdb: Figures
  readonly distinctError: { readonly ours: number | null, readonly duckdb: number | null }
}

interface Loaded extends Description {
  readonly seconds: number
  readonly memory: Memory
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

async function oneShot(question: Question, path: string, rows: number, runs: number, threads: number): Promise<Answered> {
  const sql = (exact: boolean): string =>
    toSql(question.query, { bucket: 'arithmetic', explode: 'unnest' }, { columns: COLUMNS, table: readJson(path), exact }).sql
  const ask = {
    ours: () => runWhole([process.execPath, COMMAND, 'query', '--format', 'json', '--source', path], JSON.stringify(question.input)),
    duckdb: () => runWhole([process.execPath, DUCKDB, String(threads)], sql(false))
  }
  const { stamp } = toSql(question.query, { bucket: 'arithmetic', explode: 'unnest' }, { columns: COLUMNS, table: 't' })
  const duckdbRows = (stdout: string): Rows => stamped(question, JSON.parse(stdout) as Rows, stamp)
  const exact = duckdbRows((await runWhole([process.execPath, DUCKDB, '2'], sql(true))).stdout)
  const ours = compare(question.query, exact, (JSON.parse((await ask.ours()).stdout) as { data: Rows }).data)
  const duckdb = compare(question.query, exact, duckdbRows((await ask.duckdb()).stdout))
  const differences = [...ours.differences, ...duckdb.differences]
  if (differences.length > 0) throw new Error(`${question.name}: the answers differ: ${differences.join('; ')}`)
  const measured = { ours: [] as { ms: number, peak: number | null }[], duckdb: [] as { ms: number, peak: number | null }[] }
  for (let run = 0; run < runs; run++) {
    for (const who of run % 2 === 0 ? ['ours', 'duckdb'] as const : ['duckdb', 'ours'] as const) measured[who].push(await ask[who]())
  }
  return {
    question: question.name, rows, ours: figures(measured.ours), duckdb: figures(measured.duckdb),
    distinctError: { ours: ours.distinct?.rms ?? null, duckdb: duckdb.distinct?.rms ?? null }
  }
}

function stamped({ query }: Question, rows: Rows, stamp: (bucket: number) => number): Rows {
  if (query.granularity.type === 'all') return rows.map(row => [query.interval.start].concat(row as number[]))
  for (const row of rows) row[0] = stamp(Number(row[0]))
  return rows
}

function figures(runs: readonly { readonly ms: number, readonly peak: number | null }[]): Figures {
  const times = runs.map(({ ms }) => ms)
  const peaks = runs.map(({ peak }) => peak).filter(peak => peak !== null)
  return { ...spread(times), runs: times, peak: peaks.length === 0 ? null : Math.max(...peaks) }
}

async function load(key: string, path: string, threads: number): Promise<Loaded> {
  const contender = new ContenderProcess(key)
  const description = await contender.describe()
  await contender.threads(Math.min(threads, description.maxThreads))
  const started = performance.now()
  await contender.load(path)
  const seconds = (performance.now() - started) / 1000
  const memory = await contender.memory()
  await contender.close()
  return { ...description, seconds, memory }
}

const cells = ({ min, median }: Spread): string => `${milliseconds(min)} / ${milliseconds(median)}`
const peakText = (peak: number | null): string => peak === null ? '–' : megabytes(peak)

function report(answered: readonly Answered[], loads: readonly Loaded[], rows: number, seed: number, threads: number): string {
  const { cpu, cores, memoryBytes, platform, node } = machine()
  return [
    `# Whole processes and loads, ${count(rows)} sessions with URLs, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${cpu}, ${cores} cores, ${gigabytes(memoryBytes)}, ${platform}, Node ${node}; seed ${seed}; DuckDB with ${threads} thread(s); `
      + 'milliseconds from the start of the process to its end, minimum / median.',
    '',
    ...table(['query over the file', 'sessions', 'sessionql', 'peak', 'DuckDB in Node', 'peak', 'DuckDB ÷ ours'], answered.map(({ question, rows: number, ours, duckdb }) => [
      question, count(number), cells(ours), peakText(ours.peak), cells(duckdb), peakText(duckdb.peak), `${(duckdb.min / ours.min).toFixed(2)}×`
    ])),
    '',
    ...table(['load with URLs', 'seconds', 'sessions/s', 'peak memory', 'resident when loaded', 'bytes/session'], loads.map(({ name, version, seconds, memory }) => [
      `${name} ${version}`, seconds.toFixed(1), count(Math.round(rows / seconds)), gigabytes(memory.peak), gigabytes(memory.resident), String(Math.round(memory.resident / rows))
    ])),
    '',
    'Both processes are Node\'s, so both pay for its start. DuckDB reads only the columns that it needs, in one pass; its answers are of read_json over the file.',
    ''
  ].join('\n')
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: String(DEFAULT_ROWS) },
      runs: { type: 'string', default: String(DEFAULT_RUNS) },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      threads: { type: 'string', default: '1' },
      only: { type: 'string', default: DEFAULT_ONLY }
    }
  })
  const rows = wholeNumber('rows', values.rows, 1)
  const runs = wholeNumber('runs', values.runs, 1)
  const seed = wholeNumber('seed', values.seed, 0)
  const threads = wholeNumber('threads', values.threads, 1)
  const { asked } = questions(commaSeparated(values.only))
  if (asked.length === 0) throw new OptionError(`--only ${values.only} names no question of bench/queries that can be asked`)
  log('building the command')
  execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const small = await dataset({ rows: SMALL_ROWS, seed, urls: true }, log)
  const large = await dataset({ rows, seed, urls: true }, log)
  const answered: Answered[] = []
  for (const question of asked) {
    log(question.name)
    answered.push(await oneShot(question, small, SMALL_ROWS, SMALL_RUNS, threads))
    answered.push(await oneShot(question, large, rows, runs, threads))
  }
  const loads: Loaded[] = []
  for (const key of LOADED) {
    log(`loading into ${key}`)
    loads.push(await load(key, large, threads))
  }
  const text = report(answered, loads, rows, seed, threads)
  process.stdout.write(text)
  const date = new Date().toISOString()
  const base = join(BENCH, 'results', `${date.slice(0, 19).replaceAll(':', '')}-oneshot-${rows}`)
  await mkdir(dirname(base), { recursive: true })
  await writeFile(`${base}.json`, `${JSON.stringify({ date, machine: machine(), rows, seed, threads, answered, loads }, null, 1)}\n`)
  await writeFile(`${base}.md`, text)
  return 0
}

await runMain(main)
