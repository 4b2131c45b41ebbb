/** Worker threads of Node for an engine. A thread begins with this file too, or with a bundle of it. */
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { serve } from '../engine/parallel/serve.js'
import type { OpenPort, Threads } from '../engine/parallel/workers.js'

const ROLE = 'sessionql-worker'

/**
 * For `Engine.open({ threads: workerThreads(4) })`. Threads are started when queries, or the lines of a load, are enough for them to pay.
 * @param count of threads that a large query or load runs in, the one that asks among them: whole, from 1 to 64
 * @param file what a thread begins with: this module, or a bundle of it
 */
export function workerThreads(count: number, file: URL = new URL(import.meta.url)): Threads {
  return { count, open: opener(file) }
}

function opener(file: URL): OpenPort {
  return ({ message, ended }) => {
    const worker = new Worker(file, { workerData: ROLE, name: ROLE })
    worker.unref()
    worker.on('message', message)
    // What it dies of is met again, and said, by the thread that the query is then left to; `exit` follows.
    worker.on('error', () => {})
    worker.on('exit', ended)
    return {
      post: (posted, moved = []) => worker.postMessage(posted, moved),
      hold: isAwaited => isAwaited ? worker.ref() : worker.unref(),
      end: async () => { await worker.terminate() }
    }
  }
}

if (workerData === ROLE) {
  const port = parentPort!
  port.on('message', serve((message, transfer) => port.postMessage(message, transfer)))
}
