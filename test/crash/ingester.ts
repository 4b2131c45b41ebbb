/**
 * Ingests the ledger of a seed into a folder, three writers at once, until it is killed: `ingester FOLDER SEED`. Merges and
 * stores everything now and then. Writes a line with the number of each acknowledged batch.
 */
import { writeSync } from 'node:fs'
import { Engine, type SessionSource } from '../../index.js'
import { randomIntegers } from '../engine/sketch/random.js'
import { batchOf, sourceOf, WRITERS } from './ledger.js'

/** Small, so that seals, merges and checkpoints are many. */
const SEGMENT_ROWS = 512
/** One merge of everything in so many batches. */
const COMPACT_EVERY = 12

const [folder, seed] = [process.argv[2], Number(process.argv[3])]
const engine = await Engine.open({ dataDir: folder, segmentRows: SEGMENT_ROWS })
const next = randomIntegers(process.pid)

async function write(writer: number): Promise<void> {
  for (let batch = Number(engine.states.get(sourceOf(writer)) ?? writer - WRITERS) + WRITERS; ; batch += WRITERS) {
    const source: SessionSource = { name: sourceOf(batch), async *read() { yield { sessions: batchOf(seed, batch) as never, state: batch } } }
    await engine.ingest(source)
    writeSync(1, `${batch}\n`)
    if (next() % COMPACT_EVERY === 0) await engine.compact()
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
