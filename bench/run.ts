/**
 * `npm run bench -- [--rows N] [--threads N] [--runs N] [--only q01,q03] [--contenders ours,duckdb] [--seed N]`: the query bench, quick by default.
 * `npm run bench -- --full [--rows N] [--threads N] [--seed N]`: that at each power of ten from 1 M to `--rows` (10 M), how times grow with the rows,
 * and then the questions beyond the suite, whole processes and the sketch.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CONTENDERS } from './contenders/registry.js'
import { DEFAULT_SEED } from './generate.js'
import { commaSeparated, OptionError, runMain, wholeNumber } from './options.js'
import { defaultContenders, isSound, queryBench, type QueryBenchOptions } from './query-bench.js'
import { charts, markdown } from './report.js'
import type { BenchResult } from './result.js'
import { publish } from './results.js'
import { scalingChart, scalingMarkdown } from './scaling.js'

const QUICK_ROWS = 1_000_000
const FULL_ROWS = 10_000_000
/** For its loads: with more sessions than this, one-shot queries and loads only tell the speed of the disk. */
const ONESHOT_ROWS = 1_000_000
const DEFAULT_RUNS = 5
const DEFAULT_THREADS = 1
/** The full bench also compares with as many, where nothing else is asked for. */
const FULL_THREADS = 2

interface Options extends QueryBenchOptions {
  readonly full: boolean
  /** Null: whoever is there. */
  readonly named: readonly string[] | null
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      full: { type: 'boolean', default: false },
      rows: { type: 'string' },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      threads: { type: 'string' },
      runs: { type: 'string', default: String(DEFAULT_RUNS) },
      only: { type: 'string', default: '' },
      contenders: { type: 'string' }
    }
  })
  const { full } = values
  const rows = wholeNumber('rows', values.rows ?? String(full ? FULL_ROWS : QUICK_ROWS), 1)
  const named = values.contenders === undefined ? null : commaSeparated(values.contenders)
  const unknown = named?.find(key => !CONTENDERS.has(key))
  if (unknown !== undefined) throw new OptionError(`--contenders names ${unknown}; there are ${[...CONTENDERS.keys()].join(', ')}`)
  return {
    full, rows, named, contenders: [], notes: [],
    seed: wholeNumber('seed', values.seed, 0), threads: wholeNumber('threads', values.threads ?? String(full ? FULL_THREADS : DEFAULT_THREADS), 1),
    runs: wholeNumber('runs', values.runs, 1), only: commaSeparated(values.only)
  }
}

async function queriesAt(rows: number, chosen: Options): Promise<BenchResult> {
  const who = chosen.named === null ? defaultContenders(rows) : { contenders: chosen.named, notes: [] }
  const result = await queryBench({ ...chosen, ...who, rows })
  await publish(result, String(rows), markdown(result), charts(result))
  return result
}

/** A bench of its own, in a process of its own. Resolves to whether it ended well. */
function other(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', code => resolve(code === 0))
  })
}

/** 1 M and each ten times as many, up to `rows`, which is always the last. */
function sizes(rows: number): number[] {
  const steps: number[] = []
  for (let size = QUICK_ROWS; size < rows; size *= 10) steps.push(size)
  return [...steps, rows]
}

async function everything(chosen: Options): Promise<boolean> {
  const results: BenchResult[] = []
  for (const rows of sizes(chosen.rows)) results.push(await queriesAt(rows, chosen))
  const scaling = {
    date: new Date().toISOString(), machine: results[0]!.machine, rows: chosen.rows,
    sizes: results.map(({ rows }) => rows), scaled: results.map(({ date }) => date)
  }
  await publish(scaling, `scaling-${chosen.rows}`, scalingMarkdown(results), [scalingChart(results)])
  const seed = ['--seed', String(chosen.seed)]
  const others = [
    await other('./beyond.ts', ['--rows', String(chosen.rows), ...seed]),
    await other('./oneshot.ts', ['--rows', String(Math.min(chosen.rows, ONESHOT_ROWS)), '--threads', String(chosen.threads), ...seed]),
    await other('./sketch.ts', [])
  ]
  return others.every(Boolean) && results.every(isSound)
}

async function main(): Promise<number> {
  const chosen = options()
  return (chosen.full ? await everything(chosen) : isSound(await queriesAt(chosen.rows, chosen))) ? 0 : 1
}

await runMain(main)
