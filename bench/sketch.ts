/**
 * Distinct counting alone: `npm run bench:sketch -- [--runs N]`. Our HyperLogLog (hash and sketch, as an ingest and a query together do them),
 * hyperloglog-lite with as many registers, and a JavaScript Set count the same texts, by turns. Each text comes twice, in an order of its own.
 * The exit code is 1 when a count of ours is further off than it promises.
 */
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { couponOfString } from '../engine/sketch/hash.js'
import { HyperLogLog } from '../engine/sketch/hyperloglog.js'
import { PROMISED_ERROR } from './compare.js'
import { machine } from './machine.js'
import { runMain, wholeNumber } from './options.js'
import { publish } from './results.js'
import { sketchMarkdown, type SketchFigures, type SketchResult } from './sketch-report.js'
import { visitorIds } from './sketch-values.js'

/** Around the sizes at which sketches change their form, and one that fills all registers many times. */
const SIZES = [100, 10_000, 16_384, 100_000, 1_000_000]
/** 65,536 registers, as ours. */
const PRECISION = 16
const DEFAULT_RUNS = 5
const PEER = 'hyperloglog-lite'

interface Counter {
  readonly name: string
  /** Estimate of the number of distinct texts, and the bytes that its state takes, where it tells. */
  count(texts: readonly string[]): { readonly estimate: number, readonly bytes: number | null }
}

/** The part of hyperloglog-lite that is used; it is installed with bench/package.json. */
interface Lite {
  (bits: number): { add(hash: readonly number[]): void, count(): number, output(): { readonly buckets: { readonly length: number } } }
  hash(text: string): readonly number[]
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

const ours: Counter = {
  name: 'sessionql',
  count(texts) {
    const sketch = new HyperLogLog()
    for (const text of texts) sketch.add(couponOfString(text))
    return { estimate: sketch.estimate(), bytes: sketch.bytes }
  }
}

const set: Counter = {
  name: 'Set',
  count: texts => ({ estimate: new Set(texts).size, bytes: null })
}

function lite(): Counter | null {
  let library: Lite
  try {
    library = createRequire(import.meta.url)(PEER) as Lite
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
  return {
    name: PEER,
    count(texts) {
      const sketch = library(PRECISION)
      for (const text of texts) sketch.add(library.hash(text))
      return { estimate: sketch.count(), bytes: sketch.output().buckets.length }
    }
  }
}

function measure(counters: readonly Counter[], n: number, runs: number): SketchFigures[] {
  const figures = counters.map(({ name }) => ({ name, n, adds: 2 * n, ms: [] as number[], error: 0, bytes: null as number | null }))
  for (let run = -1; run < runs; run++) {
    for (let turn = 0; turn < counters.length; turn++) {
      const at = (turn + Math.max(0, run)) % counters.length
      // New strings each time: a string keeps the hash that a Set once made of it.
      const texts = visitorIds(n)
      const started = performance.now()
      const { estimate, bytes } = counters[at]!.count(texts)
      const ms = performance.now() - started
      Object.assign(figures[at]!, { error: Math.abs(estimate - n) / n, bytes })
      if (run >= 0) figures[at]!.ms.push(ms)
    }
  }
  return figures
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: String(DEFAULT_RUNS) } } })
  const runs = wholeNumber('runs', values.runs, 1)
  const peer = lite()
  const counters = [ours, ...(peer === null ? [] : [peer]), set]
  const figures: SketchFigures[] = []
  for (const n of SIZES) {
    log(`${n.toLocaleString('en-US')} distinct texts`)
    figures.push(...measure(counters, n, runs))
  }
  const missing = peer === null ? [`${PEER} is left out: it is not installed; \`npm install --no-package-lock --prefix bench\` does that.`] : []
  const result: SketchResult = { date: new Date().toISOString(), machine: machine(), runs, counters: counters.map(({ name }) => name), figures, notes: missing }
  await publish(result, 'sketch', sketchMarkdown(result), [])
  const broken = figures.filter(({ name, error }) => name === ours.name && error > PROMISED_ERROR)
  for (const { n, error } of broken) log(`a count of ${n} distinct texts is ${(error * 100).toFixed(2)} % off`)
  return broken.length === 0 ? 0 : 1
}

await runMain(main)
