/**
 * Longer than a test run: `npx tsx test/crash/campaign.ts --seed 1 --kills 1000 --damages 500 --faults 200`. Ends with 1 and the seed
 * at the first fault.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../support/bundle.js'
import { damageMany } from './damage.js'
import { changesOf, failOnce, fillUp } from './faults.js'
import { killMany } from './kills.js'

/** Folders that are worked on side by side. */
const WORKERS = 2
const BATCHES = 12

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, kills: { type: 'string', default: '0' }, damages: { type: 'string', default: '0' }, faults: { type: 'string', default: '0' } } })
const [seed, kills, damages, faults] = [values.seed, values.kills, values.damages, values.faults].map(Number)
const wrong: string[] = []

const built = await mkdtemp(join(tmpdir(), 'sessionql-campaign-'))
const ingester = await bundle('ingester', built)
const runs = await Promise.all(Array.from({ length: WORKERS }, (_, worker) => killMany(ingester, seed * WORKERS + worker, Math.ceil(kills / WORKERS))))
wrong.push(...runs.flatMap(run => run.faults))
console.log(`${runs.reduce((sum, run) => sum + run.kills, 0)} kills, ${runs.reduce((sum, run) => sum + run.batches, 0)} batches acknowledged, seed ${seed}`)

if (damages > 0) {
  const { faults: found, ...counts } = await damageMany(seed, damages)
  wrong.push(...found)
  console.log(`damaged files, seed ${seed}: ${JSON.stringify(counts)}`)
}

if (faults > 0) {
  const changes = await changesOf(seed, BATCHES)
  const kinds = new Map<string, number>()
  for (let i = 0; i < faults; i++) {
    const at = 1 + Math.floor(i * changes / faults)
    const { fault, failed } = await failOnce(seed, BATCHES, at)
    kinds.set(failed ?? 'none', (kinds.get(failed ?? 'none') ?? 0) + 1)
    if (fault !== null) wrong.push(fault)
    const full = i % 4 === 0 && at > 1 ? await fillUp(seed, BATCHES, at) : null
    if (full !== null) wrong.push(full)
  }
  console.log(`${faults} failed changes of ${changes}, seed ${seed}: ${JSON.stringify(Object.fromEntries(kinds))}`)
}

await rm(built, { recursive: true })
for (const fault of wrong) console.error(fault)
process.exitCode = wrong.length === 0 ? 0 : 1
