/** Worker threads for what runs from source, which Node cannot run a worker from: they run a bundle of it. */
import { build } from 'esbuild'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { portsOf } from '../../engine/parallel/node-worker.js'
import { changeSharing, type Sharing } from '../../engine/parallel/workers.js'

/** Writes the bundle into a folder; returns its path. */
export async function buildWorker(folder: string): Promise<string> {
  const outfile = join(folder, 'worker.mjs')
  const entry = fileURLToPath(new URL('../../engine/parallel/node-worker.ts', import.meta.url))
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' })
  return outfile
}

/** All queries of engines with several threads are shared, however small, in pieces of a few rows; `path` is a built worker's. Returns how it was. */
export function shareAll(path: string, piece = 7): Sharing {
  return changeSharing({ rows: 0, start: 0, pairs: 0, piece, waits: true, load: async () => portsOf(pathToFileURL(path)) })
}
