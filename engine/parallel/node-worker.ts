/** Worker threads in Node, and what such a thread runs: this file is loaded on demand by the engine, and is what its threads begin with. */
import { parentPort, Worker, workerData } from 'node:worker_threads'
import type { OpenPort } from './workers.js'

const ROLE = 'sessionql-worker'

/** `file` is this one, or a bundle of it. */
export function portsOf(file: URL): OpenPort {
  return ({ message, ended }) => {
    const worker = new Worker(file, { workerData: ROLE, name: ROLE })
    worker.unref()
    worker.on('message', message)
    // What it dies of is met again, and said, by the thread that the query is then left to; `exit` follows.
    worker.on('error', () => {})
    worker.on('exit', ended)
    return {
      post: posted => worker.postMessage(posted, []),
      hold: isAwaited => isAwaited ? worker.ref() : worker.unref(),
      end: async () => { await worker.terminate() }
    }
  }
}

export function loadPorts(): OpenPort {
  return portsOf(new URL(import.meta.url))
}

if (workerData === ROLE) {
  const port = parentPort!
  const { serve } = await import('./serve.js')
  port.on('message', serve((message, transfer) => port.postMessage(message, transfer)))
}
