/** Worker threads for what runs from source, which Node cannot run a worker from: they run a bundle of it. */
import { build } from 'esbuild'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { changeSharing, type Sharing, type Threads } from '../../engine/parallel/workers.js'
import { workerThreads } from '../../threads/node.js'

/** Writes the bundle into a folder; returns its path. */
export async function buildWorker(folder: string): Promise<string> {
  const outfile = join(folder, 'worker.mjs')
  const entry = fileURLToPath(new URL('../../threads/node.ts', import.meta.url))
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' })
  return outfile
}

/** Of the bundle that was named last; without one no worker comes up, and queries are answered by one thread. */
let built: URL | undefined

export function threadsOf(count: number): Threads {
  return workerThreads(count, built)
}

/** All queries of engines with several threads are shared, however small, in pieces of a few rows; `path` is a built worker's. Returns how it was. */
export function shareAll(path: string, piece = 7): Sharing {
  built = pathToFileURL(path)
  return changeSharing({ rows: 0, start: 0, pairs: 0, piece, waits: true })
}
