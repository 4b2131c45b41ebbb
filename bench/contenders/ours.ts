/** This project: the engine as an application would use it, fed through the file connector. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createFileSource } from '../../connectors/file/file.js'
import type { Threads } from '../../engine/parallel/workers.js'
import { Engine } from '../../index.js'
import manifest from '../../package.json' with { type: 'json' }
import { bundle } from '../../test/support/bundle.js'
import { workerThreads } from '../../threads/node.js'
import type { QueryInput } from '../../index.js'
import type { Question } from '../suite.js'
import type { Contender, HandOver } from './contender.js'

/** Room for q09, which groups 10 M sessions by 3 M visitors, and for ten times as many. */
const MAX_GROUPS = 50_000_000
/** All that a 24 GiB machine can spare: the bench measures memory, it does not bound it. */
const MEMORY_BUDGET = 20 * 2 ** 30

/** Threads are chosen when the table is made: with one its columns need not be in shared memory. */
export async function open(threads: number): Promise<Contender> {
  const engine = await Engine.open({ maxGroups: MAX_GROUPS, memoryBudget: MEMORY_BUDGET, ...threads > 1 && { threads: await builtThreads(threads) } })
  return {
    name: 'sessionql',
    version: manifest.version,
    maxThreads: threads,
    isFixed: true,
    async load(path: string): Promise<number> {
      const { rows, rejected } = await engine.ingest(createFileSource('bench', { path }))
      if (rejected > 0) throw new Error(`${rejected} of ${rows} sessions were rejected`)
      return engine.status().sessions
    },
    async run({ input }: Question): Promise<HandOver> {
      const { data } = await engine.query(input as QueryInput)
      return () => data
    },
    planBytes: ({ input }: Question): number => engine.explain(input as QueryInput).bytes,
    close: () => engine.close()
  }
}

/** A worker thread begins with a file of its own; what asks is bundled with more than that. */
async function builtThreads(count: number): Promise<Threads> {
  return workerThreads(count, pathToFileURL(await bundle('worker', await mkdtemp(join(tmpdir(), 'sessionql-bench-')))))
}
