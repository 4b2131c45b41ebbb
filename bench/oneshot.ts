/**
 * Whole processes: `npx tsx bench/oneshot.ts [--rows N] [--runs N] [--only q01,q03] [--seed N] [--threads N]`.
 * One query over an NDJSON file from the start of a process to its end; the first answer over 1,000 rows;
 * and the load of the file, URLs included, into each contender's table.
 */
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, type DistinctError } from './compare.js'
import { ContenderProcess } from './contender-process.js'
import { readJson } from './contenders/duckdb.js'
import { toSql } from './contenders/duckdb-sql.js'
import type { Rows } from './contenders/contender.js'
import { isInstalled } from './contenders/registry.js'
import { dataset, DEFAULT_SEED } from './generate.js'
import { machine } from './machine.js'
import { count, gigabytes, megabytes, milliseconds, table } from './markdown.js'
import { commaSeparated, OptionError, runMain, wholeNumber } from './options.js'
import type { Description, Memory } from './protocol.js'
import { OURS } from './result.js'
import { publish } from './results.js'
import { spread, type Spread } from './stats.js'
import { COLUMNS, questions, type Question } from './suite.js'
import { runWhole, type WholeProcess } from './whole-process.js'

const BENCH = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(BENCH)
const COMMAND = join(ROOT, 'dist', 'cli', 'main.js')
const DUCKDB = join(BENCH, 'oneshot-duckdb.js')
const CLICKHOUSE = join(BENCH, 'oneshot-clickhouse.js')
const DEFAULT_ROWS = 1_000_000
const DEFAULT_RUNS = 5
const DEFAULT_ONLY = 'q01,q02,q04'
const SMALL_ROWS = 1000
/** A cold start is short, and its spread wide. */
const SMALL_RUNS = 20
const LOADED = ['ours', 'duckdb', 'clickhouse']
/** Of the process whose answer the others' are compared with. */
const EXACT_THREADS = 2

interface Figures extends Spread {
  readonly runs: readonly number[]
  readonly peak: number | null
}

/** A process that answers one query over one file. */
interface Asked {
  readonly key: string
  readonly name: string
  run(): Promise<WholeProcess>
  rows(stdout: string): Rows
}

interface Answered {
  readonly question: string
  readonly rows: number
  readonly whole: readonly { readonly key: string, readonly name: string, readonly figures: Figures, readonly distinctError: number | null }[]
}

interface Loaded extends Description {
  readonly seconds: number
  readonly memory: Memory
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

const DUCKDB_WAY = { bucket: 'arithmetic', explode: 'unnest' } as const

/** DuckDB over the file. */
function duckdb(question: Question, path: string, threads: number, exact: boolean): Asked {
  const { sql, stamp } = toSql(question.query, DUCKDB_WAY, { columns: COLUMNS, table: readJson(path), exact })
  return {
    key: 'duckdb', name: 'DuckDB in Node',
    run: () => runWhole([process.execPath, DUCKDB, String(threads)], sql),
    rows: stdout => stamped(question, JSON.parse(stdout) as Rows, stamp)
  }
}

async function contestants(question: Question, path: string, threads: number): Promise<Asked[]> {
  const ours: Asked = {
    key: OURS, name: 'sessionql',
    run: () => runWhole([process.execPath, COMMAND, 'query', '--format', 'json', '--source', path], JSON.stringify(question.input)),
    rows: stdout => (JSON.parse(stdout) as { data: Rows }).data
  }
  if (!isInstalled('clickhouse')) return [ours, duckdb(question, path, threads, false)]
  const { overFile, rowsOf } = await import('./contenders/clickhouse.js')
  const clickhouse: Asked = {
    key: 'clickhouse', name: 'ClickHouse in Node',
    run: () => runWhole([process.execPath, CLICKHOUSE], overFile(question, path, threads)),
    rows: stdout => rowsOf(question, stdout)
  }
  return [ours, duckdb(question, path, threads, false), clickhouse]
}

async function oneShot(question: Question, path: string, rows: number, runs: number, threads: number): Promise<Answered> {
  const asked = await contestants(question, path, threads)
  const reference = duckdb(question, path, EXACT_THREADS, true)
  const exact = reference.rows((await reference.run()).stdout)
  const compared: (DistinctError | null)[] = []
  for (const { name, run, rows: read } of asked) {
    const { differences, distinct } = compare(question.query, exact, read((await run()).stdout))
    if (differences.length > 0) throw new Error(`${question.name}: the answer of ${name} differs: ${differences.join('; ')}`)
    compared.push(distinct)
  }
  const measured = asked.map((): WholeProcess[] => [])
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < asked.length; turn++) {
      const at = (turn + run) % asked.length
      measured[at]!.push(await asked[at]!.run())
    }
  }
  const whole = asked.map(({ key, name }, i) => ({ key, name, figures: figures(measured[i]!), distinctError: compared[i]?.rms ?? null }))
  return { question: question.name, rows, whole }
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
  const contender = new ContenderProcess(key, threads)
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

function answeredLine({ question, rows, whole }: Answered): string[] {
  const [ours, ...others] = whole.map(({ figures: { min } }) => min)
  const ratio = others.length === 0 ? '–' : `${(Math.min(...others) / ours!).toFixed(2)}×`
  return [question, count(rows), ...whole.flatMap(({ figures: measured }) => [cells(measured), peakText(measured.peak)]), ratio]
}

function report(answered: readonly Answered[], loads: readonly Loaded[], rows: number, seed: number, threads: number): string {
  const { cpu, cores, memoryBytes, platform, node } = machine()
  const names = answered[0]?.whole.map(({ name }) => name) ?? []
  return [
    `# Whole processes and loads, ${count(rows)} sessions with URLs, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${cpu}, ${cores} cores, ${gigabytes(memoryBytes)}, ${platform}, Node ${node}; seed ${seed}; the others with ${threads} thread(s); `
      + 'milliseconds from the start of the process to its end, minimum / median.',
    '',
    ...table(['query over the file', 'sessions', ...names.flatMap(name => [name, 'peak']), 'best peer ÷ ours'], answered.map(answeredLine)),
    '',
    ...table(['load with URLs', 'seconds', 'sessions/s', 'peak memory', 'resident when loaded', 'bytes/session'], loads.map(({ name, version, seconds, memory }) => [
      `${name} ${version}`, seconds.toFixed(1), count(Math.round(rows / seconds)), gigabytes(memory.peak), gigabytes(memory.resident), String(Math.round(memory.resident / rows))
    ])),
    '',
    'All processes are Node\'s, so all pay for its start. DuckDB and ClickHouse read only the columns that they need, through read_json and file().',
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
  for (const key of LOADED.filter(isInstalled)) {
    log(`loading into ${key}`)
    loads.push(await load(key, large, threads))
  }
  const date = new Date().toISOString()
  const text = report(answered, loads, rows, seed, threads)
  await publish({ date, machine: machine(), rows, seed, threads, answered, loads }, `oneshot-${rows}`, text, [])
  return 0
}

await runMain(main)
