/** The base of all sandboxes: a real HTTP server on this machine that records requests, limits their rate and misbehaves when told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SandboxRequest {
  readonly method: string
  /** Decoded by nobody: as it came, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly rawQuery: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface SandboxAnswer {
  readonly status?: number
  /** Sent as JSON; absent sends no body. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What goes wrong with one request.
 * `cut`: half of the true body, then the connection ends. `garbage`: 200 with half of the body and a right length.
 * `html`: 200 with a sign-in page. `reset`: the connection ends before any answer. `stall`: no answer ever. `stall_body`: half a body, then silence.
 */
export interface Fault {
  readonly kind: 'status' | 'cut' | 'garbage' | 'html' | 'reset' | 'stall' | 'stall_body'
  /** Which request, counted from 1; the next one where absent. */
  readonly at?: number
  /** How many requests from there on; 1 where absent. */
  readonly times?: number
  /** For `status`. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
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
}

export interface SandboxServer {
  /** http://127.0.0.1:PORT */
  readonly url: string
  requests(): readonly SandboxRequest[]
  /** Adds faults; `at` counts from the start of the server. */
  misbehave(...faults: Fault[]): void
  close(): Promise<void>
}

interface Due {
  readonly fault: Fault
  readonly from: number
  readonly to: number
}

export async function startServer(
  handle: (request: SandboxRequest) => SandboxAnswer | Promise<SandboxAnswer>,
  options: SandboxOptions = {}
): Promise<SandboxServer> {
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

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    seen.push(request)
    const number = seen.length
    const fault = due.find(({ from, to }) => number >= from && number <= to)?.fault
    response.sendDate = false
    response.setHeader('date', new Date(now()).toUTCString())
    if (options.delayMs) await new Promise(resolve => { setTimeout(resolve, options.delayMs) })
    const limited = limit?.(response)
    if (limited) return send(response, limited)
    if (!fault) return send(response, await handle(request))
    if (fault.kind === 'status') {
      return send(response, { status: fault.status ?? 500, json: fault.json ?? { message: 'sandbox fault' }, headers: fault.headers ?? {} })
    }
    if (fault.kind === 'reset') return void incoming.socket.destroy()
    if (fault.kind !== 'stall') breakBody(response, fault.kind, JSON.stringify((await handle(request)).json ?? null))
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: `sandbox: ${String(error)}` }))
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  misbehave(...options.faults ?? [])
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => seen,
    misbehave,
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

function send(response: ServerResponse, { status = 200, json, headers = {} }: SandboxAnswer): void {
  if (json === undefined) return void response.writeHead(status, headers).end()
  const body = JSON.stringify(json)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }).end(body)
}

function breakBody(response: ServerResponse, kind: Fault['kind'], body: string): void {
  const half = Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1)
  if (kind === 'html') return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Sign in</title>')
  const length = kind === 'garbage' ? half.length : Buffer.byteLength(body)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length })
  if (kind === 'garbage') return void response.end(half)
  response.write(half, () => { if (kind === 'cut') response.socket?.destroy() })
}

/** A fixed window, as per-minute limits are; headers as publica.la documents them. */
function createWindow(limit: RateLimit, now: () => number): (response: ServerResponse) => SandboxAnswer | null {
  let start = Number.NEGATIVE_INFINITY
  let used = 0
  return response => {
    if (now() >= start + limit.perMs) {
      start = now()
      used = 0
    }
    used++
    if (limit.headers !== false) {
      response.setHeader('x-ratelimit-limit', limit.requests)
      response.setHeader('x-ratelimit-remaining', Math.max(0, limit.requests - used))
      if (used >= limit.requests) response.setHeader('x-ratelimit-reset', Math.ceil((start + limit.perMs) / 1000))
    }
    return used > limit.requests ? { status: 429, json: { message: 'Too Many Attempts.' } } : null
  }
}
