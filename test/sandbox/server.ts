/** The base of all sandboxes: a server that records requests, limits their rate and misbehaves when told to; on a socket, or as a fetch function. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../connectors/source.js'
import { misbehaved, piecesOf, replyOf, type Fault, type Handler, type Outcome, type Reply } from './faults.js'
import { fetchInProcess } from './in-process.js'

export type { Fault } from './faults.js'

export interface SandboxRequest {
  readonly method: string
  /** Decoded by nobody: as it came, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly rawQuery: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface SandboxAnswer {
  readonly status?: number
  /** Sent as JSON; absent sends no body. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface RateLimit {
  readonly requests: number
  readonly perMs: number
  /** False sends a bare 429 and no X-RateLimit headers. */
  readonly headers?: boolean
}

export interface SandboxOptions {
  readonly faults?: readonly Fault[]
  readonly rateLimit?: RateLimit
  /** The server's clock; give the virtual one of the test where waits matter. */
  readonly now?: () => number
  /** Real milliseconds that each answer takes. */
  readonly delayMs?: number
  /** No socket: only the server's own `fetch` reaches it, and pauses go by this clock. */
  readonly inProcess?: Clock
}

export interface SandboxServer {
  /** http://127.0.0.1:PORT */
  readonly url: string
  /** Reaches the server. */
  readonly fetch: typeof fetch
  requests(): readonly SandboxRequest[]
  /** Adds faults; `at` counts from the start of the server. */
  misbehave(...faults: Fault[]): void
  /** Ends all faults. */
  calm(): void
  close(): Promise<void>
}

interface Due {
  readonly fault: Fault
  readonly from: number
  readonly to: number
}

/** Nothing listens there: whoever does not use the server's `fetch` is refused. */
const IN_PROCESS_URL = 'http://127.0.0.1:9'

export async function startServer(handle: Handler, options: SandboxOptions = {}): Promise<SandboxServer> {
  const now = options.now ?? Date.now
  const seen: SandboxRequest[] = []
  const due: Due[] = []
  const limit = options.rateLimit ? createWindow(options.rateLimit, now) : null

  function misbehave(...faults: Fault[]): void {
    for (const fault of faults) {
      const from = fault.at ?? seen.length + 1
      due.push({ fault, from, to: from + (fault.times ?? 1) - 1 })
    }
  }

  async function serve(request: SandboxRequest): Promise<Outcome> {
    seen.push(request)
    const number = seen.length
    const fault = due.find(({ from, to }) => number >= from && number <= to)?.fault
    const common = { date: new Date(now()).toUTCString() }
    if (options.delayMs) await new Promise(resolve => { setTimeout(resolve, options.delayMs) })
    const limited = limit?.()
    const outcome = limited?.answer ? replyOf(limited.answer) : fault ? await misbehaved(fault, request, handle, now()) : replyOf(await handle(request))
    return typeof outcome === 'string' ? outcome : { ...outcome, headers: { ...common, ...limited?.headers, ...outcome.headers } }
  }

  misbehave(...options.faults ?? [])
  const shared = { requests: () => seen, misbehave, calm: () => void due.splice(0) }
  if (options.inProcess) return { ...shared, url: IN_PROCESS_URL, fetch: fetchInProcess(serve, options.inProcess), close: () => Promise.resolve() }
  const server = createServer((incoming, response) => {
    readRequest(incoming).then(serve).then(outcome => send(incoming, response, outcome)).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: `sandbox: ${String(error)}` }))
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return {
    ...shared,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetch,
    close: () => new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const [path = '', rawQuery = ''] = (incoming.url ?? '').split(/\?(.*)/s)
  const body = Buffer.concat(chunks).toString('utf8')
  return { method: incoming.method ?? '', path, query: new URLSearchParams(rawQuery), rawQuery, headers: incoming.headers, body }
}

function send(incoming: IncomingMessage, response: ServerResponse, outcome: Outcome): void {
  if (outcome === 'stall') return
  if (outcome === 'reset') return void incoming.socket.destroy()
  const { status, headers, body } = outcome
  response.sendDate = false
  if (body === null) return void response.writeHead(status, headers).end()
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  if (outcome.ending === 'whole') return void response.end(body)
  if (outcome.ending === 'drip') return void drip(response, outcome, piecesOf(body))
  const half = Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1)
  response.write(half, () => { if (outcome.ending === 'cut') response.socket?.destroy() })
}

function drip(response: ServerResponse, reply: Reply, [piece, ...rest]: string[]): void {
  if (piece === undefined) return void response.end()
  response.write(piece)
  setTimeout(() => drip(response, reply, rest), reply.pauseMs).unref()
}

/** A fixed window, as per-minute limits are; headers as publica.la documents them. */
function createWindow(limit: RateLimit, now: () => number): () => { headers: Record<string, string>, answer: SandboxAnswer | null } {
  let start = Number.NEGATIVE_INFINITY
  let used = 0
  return () => {
    if (now() >= start + limit.perMs) {
      start = now()
      used = 0
    }
    used++
    const headers: Record<string, string> = limit.headers === false ? {} : {
      'x-ratelimit-limit': `${limit.requests}`, 'x-ratelimit-remaining': `${Math.max(0, limit.requests - used)}`,
      ...used >= limit.requests ? { 'x-ratelimit-reset': `${Math.ceil((start + limit.perMs) / 1000)}` } : {}
    }
    return { headers, answer: used > limit.requests ? { status: 429, json: { message: 'Too Many Attempts.' } } : null }
  }
}
