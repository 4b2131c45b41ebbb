/** Worker threads for what runs from source: they run a bundle. */
import { pathToFileURL } from 'node:url'
import type { Sharing, Threads } from '../../engine/parallel/workers.js'
import { workerThreads } from '../../threads/node.js'

/** Every query is shared, however small, in pieces of a few rows, by all threads. */
const ALL: Partial<Sharing> = { rows: 0, start: 0, pairs: 0, piece: 7, waits: true }

/** Without it no worker comes up, and queries are answered by one thread. */
let bundled: URL | undefined

/** `path` is that of a bundle. */
export function useWorker(path: string): void {
  bundled = pathToFileURL(path)
}

export function threadsOf(count: number, sharing: Partial<Sharing> = {}): Threads {
  return { ...workerThreads(count, bundled), sharing: { ...ALL, ...sharing } }
}
