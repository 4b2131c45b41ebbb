/** The engine with a dataset in it, brought in the way a test wants. */
import { Engine } from '../../index.js'
import type { Columns } from '../../dsl/query.js'
import type { Threads } from '../../engine/parallel/workers.js'
import type { Session } from '../../engine/session.js'
import { Random } from './random.js'

export interface Loading {
  readonly columns?: Columns
  /** Rows of a sealed segment: small ones make many segments of few sessions. */
  readonly segmentRows?: number
  /** Seed of the sizes of the calls of `ingest`; without it there is one call. */
  readonly chunkSeed?: number
  readonly threads?: Threads
  readonly keep?: ReadonlySet<string>
}

/** In memory. The caller closes it. */
export async function engineWith(sessions: readonly Session[], { columns, segmentRows, chunkSeed, threads, keep }: Loading = {}): Promise<Engine> {
  const engine = await Engine.open({ ...(columns && { columns }), ...(segmentRows && { segmentRows }), ...(threads && { threads }), ...(keep && { keep }) })
  const calls = chunkSeed === undefined ? [sessions] : new Random(chunkSeed).chunks(sessions, 100)
  for (const call of calls) await engine.ingest(call)
  return engine
}
