/** A long run: `npx tsx test/simulation/campaign.ts --seed N --schedules N`. Ends with 1 at the first broken promise, which names its seed. */
import { parseArgs } from 'node:util'
import { runSchedules } from './run-schedules.js'

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, schedules: { type: 'string', default: '5000' } } })
const begun = performance.now()
const summary = await runSchedules(Number(values.seed), Number(values.schedules))
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), ...summary, seconds: Math.round((performance.now() - begun) / 100) / 10 }, null, 2)}\n`)
