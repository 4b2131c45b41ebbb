/** The answer is the same to the last bit, however many threads work on it. */
import { afterAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../../engine/kernels/kernels.js'
import type { Sharing } from '../../../engine/parallel/workers.js'
import { Engine } from '../../../index.js'
import { queriesOf } from '../../support/queries.js'
import { Random } from '../../support/random.js'
import { randomDataset } from '../../support/sessions.js'
import { threadsOf } from '../../support/workers.js'

const DATASETS = 6
const QUERIES = 50
/** Limits of a session, which two threads find as one does. */
const EXPECTED_FAILURE = /max_row_groups/

const alone: string[] = []
let together = 0

const note: Sharing['note'] = (run, why) => {
  if (run === 'together') together++
  else alone.push(why)
}

afterAll(() => useKernels('wasm'))

describe('random queries over random sessions', () => {
  it.each(Array.from({ length: DATASETS }, (_, seed) => seed))('dataset %i is answered alike in 1, 2 and 4 threads', async seed => {
    useKernels(seed % 2 === 0 ? 'wasm' : 'plain')
    const dataset = randomDataset(seed, 400)
    const segmentRows = new Random(seed).pick([16, 64, 1000])
    const engines = await Promise.all([1, 2, 4].map(threads => Engine.open({ columns: dataset.columns, segmentRows, threads: threadsOf(threads, { note }) })))
    for (const engine of engines) {
      for (const call of new Random(seed).chunks(dataset.sessions, 150)) await engine.ingest(call)
    }
    for (const query of queriesOf(dataset, QUERIES)) {
      const [one, ...others] = await Promise.all(engines.map(engine => engine.query(query)))
      for (const other of others) expect(JSON.stringify(other), JSON.stringify(query)).toBe(JSON.stringify(one))
    }
    for (const engine of engines) await engine.close()
  })

  it('are run by several threads, and no thread fails', () => {
    expect(alone.filter(why => !EXPECTED_FAILURE.test(why))).toEqual([])
    expect(together).toBeGreaterThan(DATASETS * QUERIES)
  })
})
