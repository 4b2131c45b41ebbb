/** The query bench: one process per contender; questions are asked one at a time, contenders by turns. No time is printed of an answer that is wrong. */
import { compare, PROMISED_ERROR } from './compare.js'
import { ContenderProcess } from './contender-process.js'
import { CONTENDERS, isInstalled, MAX_ROWS } from './contenders/registry.js'
import type { Rows } from './contenders/contender.js'
import { dataset } from './generate.js'
import { machine } from './machine.js'
import { count, percent } from './markdown.js'
import { OptionError } from './options.js'
import type { Timing } from './protocol.js'
import { goesOn, isBeaten } from './turns.js'
import { OURS, type BenchResult, type ContenderResult, type Lane, type LaneResult, type LoadResult, type QuestionResult } from './result.js'
import { Roof } from './roof.js'
import { questions, type Question } from './suite.js'

/** Short questions are repeated until a question has taken this long in all, so that their figures are as steady. */
const QUESTION_MS = 1000
const MAX_ROUNDS = 25
/** Before a race everyone is asked for so long, as an application would that asks all day: the code of short queries, of each thread, is compiled while they run. */
const WARM_MS = 500

export interface QueryBenchOptions {
  readonly rows: number
  readonly seed: number
  readonly threads: number
  readonly runs: number
  readonly only: readonly string[]
  readonly contenders: readonly string[]
  readonly notes: readonly string[]
}

interface Contestant {
  readonly process: ContenderProcess
  readonly result: ContenderResult
  /** Numbers of threads that it is asked with. */
  readonly threads: readonly number[]
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

/** Who takes part where nobody is named, and who is left out for what reason. */
export function defaultContenders(rows: number): { contenders: string[], notes: string[] } {
  const keys = [...CONTENDERS.keys()]
  const fits = (key: string): boolean => rows <= (MAX_ROWS.get(key) ?? Infinity)
  return {
    contenders: keys.filter(key => isInstalled(key) && fits(key)),
    notes: [
      ...keys.filter(key => !fits(key)).map(key => `${key} is left out: its memory allows about ${count(MAX_ROWS.get(key)!)} sessions; see the table at 1 M.`),
      ...keys.filter(key => !isInstalled(key)).map(key => `${key} is left out: it is not installed; \`npm install --no-package-lock --prefix bench\` does that.`)
    ]
  }
}

/** With one thread, and with as many as asked for where that is more: in a process of its own where it cannot be told to use another number. */
async function enterAll(key: string, path: string, threads: number): Promise<Contestant[]> {
  const one = await enter(key, path, 1)
  if (threads === 1 || !one.isFixed) return [{ ...one, threads: [...new Set([1, Math.min(threads, one.result.maxThreads)])] }]
  return [{ ...one, threads: [1] }, { ...await enter(key, path, threads), threads: [threads] }]
}

/** Loads with several threads: of those that were entered so, and of the others in processes that do nothing else. */
async function loadsOf(contestants: readonly Contestant[], path: string, threads: number): Promise<LoadResult[]> {
  const loads: LoadResult[] = []
  if (threads === 1) return loads
  for (const { result: { key, loadSeconds, loaded, maxThreads }, threads: numbers } of contestants) {
    if (!numbers.includes(1)) loads.push({ key, threads, seconds: loadSeconds, loaded })
    else if (numbers.length > 1) loads.push(await loadAlone(key, path, Math.min(threads, maxThreads)))
  }
  return loads
}

async function loadAlone(key: string, path: string, threads: number): Promise<LoadResult> {
  const contender = new ContenderProcess(key, threads)
  const { name } = await contender.describe()
  log(`${name}: loading with ${threads} threads`)
  await contender.threads(threads)
  const started = performance.now()
  await contender.load(path)
  const seconds = (performance.now() - started) / 1000
  const loaded = await contender.memory()
  await contender.close()
  return { key, threads, seconds, loaded }
}

async function enter(key: string, path: string, threads: number): Promise<Omit<Contestant, 'threads'> & { readonly isFixed: boolean }> {
  const contender = new ContenderProcess(key, threads)
  const { isFixed, ...description } = await contender.describe()
  log(`${description.name} ${description.version}: loading`)
  const started = performance.now()
  const rows = await contender.load(path)
  const loadSeconds = (performance.now() - started) / 1000
  const loaded = await contender.memory()
  log(`  ${rows.toLocaleString('en-US')} sessions in ${loadSeconds.toFixed(1)} s`)
  const preparing = performance.now()
  await contender.prepare()
  const prepareSeconds = (performance.now() - preparing) / 1000
  const prepared = await contender.memory()
  return { process: contender, result: { key, ...description, loadSeconds, prepareSeconds, loaded, prepared }, isFixed }
}

interface Entry extends Lane {
  readonly process: ContenderProcess
  readonly way: string
  readonly rows: Rows
  readonly timings: Timing[]
  /** The first of each turn. */
  readonly firsts: Timing[]
}

async function ask(question: Question, contestants: readonly Contestant[], { runs }: QueryBenchOptions, roof: Roof): Promise<QuestionResult> {
  const failures: { key: string, message: string }[] = []
  const entries: Entry[] = []
  const lanesOf = ({ process, result: { key }, threads }: Contestant): (Lane & { process: ContenderProcess })[] => threads.map(number => ({ key, threads: number, process }))
  for (const { key, threads: number, process: contender } of contestants.flatMap(lanesOf)) {
    try {
      await contender.threads(number)
      const way = await contender.choose(question.name)
      entries.push({ key, threads: number, process: contender, way, rows: await contender.answer(question.name), timings: [], firsts: [] })
    } catch (error) {
      failures.push({ key, message: error instanceof Error ? error.message : String(error) })
    }
  }
  const exact = await exactAnswer(question, contestants)
  for (const entry of entries) await warmUp(question, entry)
  await race(question, entries, runs)
  const reference = exact ?? entries[0]?.rows ?? []
  const lanes = entries.map(({ key, threads: number, way, rows, timings, firsts }): LaneResult => {
    const { differences, distinct } = compare(question.query, reference, rows)
    const broken = key === OURS && distinct !== null && distinct.max > PROMISED_ERROR
    return {
      key, threads: number, way, differences: broken ? [...differences, `a distinct count is ${percent(distinct.max)} off`] : differences, distinct: exact === null ? null : distinct,
      ms: timings.map(({ ms }) => ms), handOverMs: timings.map(({ handOverMs }) => handOverMs), cpuMs: timings.map(({ cpuMs }) => cpuMs),
      firstMs: firsts.map(({ ms, handOverMs }) => ms + handOverMs)
    }
  })
  const planBytes = await entries.find(({ key }) => key === OURS)?.process.planBytes(question.name) ?? null
  return { name: question.name, answerRows: reference.length, lanes, failures, planBytes, roofMs: planBytes === null ? null : roof.measure(planBytes) }
}

async function exactAnswer({ name }: Question, contestants: readonly Contestant[]): Promise<Rows | null> {
  for (const { process: contender } of contestants) {
    const rows = await contender.exact(name)
    if (rows !== null) return rows
  }
  return null
}

async function warmUp({ name }: Question, entry: Entry): Promise<void> {
  await entry.process.threads(entry.threads)
  for (let spent = 0; spent < WARM_MS;) spent += (await entry.process.time(name)).ms
}

/** Each in turn, another one first in every round. */
async function race({ name }: Question, entries: readonly Entry[], runs: number): Promise<void> {
  const started = performance.now()
  for (let round = 0; round < runs || (round < MAX_ROUNDS && performance.now() - started < QUESTION_MS); round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const entry = entries[(turn + round) % entries.length]!
      if (isBeaten(entry.timings, entries.map(({ timings }) => timings))) continue
      await entry.process.threads(entry.threads)
      const taken: Timing[] = []
      do taken.push(await entry.process.time(name))
      while (goesOn(taken))
      entry.timings.push(...taken)
      entry.firsts.push(taken[0]!)
    }
  }
}

/** Loads every contender, asks all of every question, and ends their processes. */
export async function queryBench(chosen: QueryBenchOptions): Promise<BenchResult> {
  const { asked, skipped } = questions(chosen.only)
  if (asked.length + skipped.length === 0) throw new OptionError(`--only ${chosen.only.join(',')} names no question of bench/queries`)
  const path = await dataset({ rows: chosen.rows, seed: chosen.seed }, log)
  const contestants: Contestant[] = []
  for (const key of chosen.contenders) contestants.push(...await enterAll(key, path, chosen.threads))
  const loads = await loadsOf(contestants, path, chosen.threads)
  const roof = new Roof()
  const results: QuestionResult[] = []
  for (const question of asked) {
    log(question.name)
    results.push(await ask(question, contestants, chosen, roof))
  }
  for (const { process: contender } of contestants) await contender.close()
  return {
    date: new Date().toISOString(), machine: machine(), rows: chosen.rows, seed: chosen.seed, runs: chosen.runs,
    contenders: contestants.filter(({ threads }) => threads.includes(1)).map(({ result }) => result), loads, questions: results, skipped, notes: chosen.notes
  }
}

/** Whether every contender answered every question, and rightly. */
export function isSound({ questions: results }: BenchResult): boolean {
  return results.every(({ lanes, failures }) => failures.length === 0 && lanes.every(lane => lane.differences.length === 0))
}
