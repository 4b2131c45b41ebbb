/**
 * More random inputs than a test run has time for: `tsx test/fuzz/campaign.ts --seed 1 --inputs 100000`.
 * Prints every failure, and ends with 1 where there is one, an input took too long, or memory grew beyond its bound.
 */
import { parseArgs } from 'node:util'
import { fuzz, fuzzEngine } from './fuzz.js'

const INPUTS_OF_AN_ENGINE = 5000
/** An input of a few hundred sessions is answered in far less on any machine. */
const MAX_MS = 1000
/** The engine's budget, the runtime and what awaits collection. */
const MAX_MEMORY = 1024 * 1024 * 1024

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, inputs: { type: 'string', default: '100000' } } })
  const first = Number(values.seed)
  const wanted = Number(values.inputs)
  if (!Number.isSafeInteger(first) || !(wanted > 0)) {
    process.stderr.write('usage: campaign.ts [--seed N] [--inputs N]\n')
    return 2
  }
  const total = { inputs: 0, answered: 0, refused: 0, limited: 0, failures: 0 }
  let slowest = { ms: 0, input: '' }
  let memory = 0
  for (let seed = first; total.inputs < wanted; seed++) {
    const engine = await fuzzEngine(seed)
    const outcome = await fuzz(engine, seed, Math.min(INPUTS_OF_AN_ENGINE, wanted - total.inputs))
    await engine.close()
    total.inputs += outcome.inputs
    total.answered += outcome.answered
    total.refused += outcome.refused
    total.limited += outcome.limited
    total.failures += outcome.failures.length
    if (outcome.slowest.ms > slowest.ms) slowest = outcome.slowest
    memory = Math.max(memory, process.memoryUsage.rss())
    for (const { input, error } of outcome.failures) process.stdout.write(`seed ${seed}: ${error}\n  ${input}\n`)
  }
  process.stdout.write(`${JSON.stringify(total)}; slowest ${Math.round(slowest.ms)} ms, largest ${Math.round(memory / 2 ** 20)} MiB\n`)
  if (slowest.ms > MAX_MS) process.stdout.write(`too slow: ${slowest.input}\n`)
  return total.failures > 0 || slowest.ms > MAX_MS || memory > MAX_MEMORY ? 1 : 0
}

process.exitCode = await main()
