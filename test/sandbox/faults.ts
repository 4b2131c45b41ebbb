/** What a sandbox can do wrong with one request, and what then goes over the wire. */
import type { SandboxAnswer, SandboxRequest } from './server.js'

export type Handler = (request: SandboxRequest) => SandboxAnswer | Promise<SandboxAnswer>

/**
 * `status`: this status instead of an answer. `reset`: the connection ends before any answer. `cut`: half of the body, then the connection ends.
 * `garbage`: 200 with half of the body and a right length. `html`: 200 with a sign-in page. `stall`: no answer ever.
 * `stall_body`: half a body, then silence. `drip`: the whole body, in pieces with pauses. `edit`: the answer, changed. `act`: something happens
 * before the request is answered as usual.
 */
export interface Fault {
  readonly kind: 'status' | 'cut' | 'garbage' | 'html' | 'reset' | 'stall' | 'stall_body' | 'drip' | 'edit' | 'act'
  /** Which request, counted from 1; the next one where absent. */
  readonly at?: number
  /** How many requests from there on; 1 where absent. */
  readonly times?: number
  /** For `status`, `reset` and `stall`: the request is carried out before. */
  readonly processed?: boolean
  /** For `status`. */
  readonly status?: number
  /** For `status`; a function is given the server's time in epoch ms. */
  readonly headers?: Readonly<Record<string, string>> | ((now: number) => Readonly<Record<string, string>>)
  readonly json?: unknown
  /** For `edit`: the body as it is to be sent. */
  readonly edit?: (body: unknown) => unknown
  /** For `act`. */
  readonly act?: () => void
  /** For `drip`: between two pieces. */
  readonly pauseMs?: number
}

/** What the client gets to see. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null for no body. */
  readonly body: string | null
  /** What becomes of the body: `half` and then an end or silence, `drip`: all of it, slowly. */
  readonly ending: 'whole' | 'cut' | 'silence' | 'drip'
  readonly pauseMs: number
}

export type Outcome = Reply | 'reset' | 'stall'

const JSON_TYPE = { 'content-type': 'application/json' }
const PAGE = '<!doctype html><title>Sign in</title>'
const PIECES_PAUSE_MS = 1_000

export function replyOf({ status = 200, json, headers = {} }: SandboxAnswer): Reply {
  return {
    status, headers: json === undefined ? headers : { ...JSON_TYPE, ...headers }, body: json === undefined ? null : JSON.stringify(json),
    ending: 'whole', pauseMs: 0
  }
}

/** The outcome of a request that `fault` befalls. */
export async function misbehaved(fault: Fault, request: SandboxRequest, handle: Handler, now: number): Promise<Outcome> {
  const { kind } = fault
  if (kind === 'status' || kind === 'reset' || kind === 'stall') {
    if (fault.processed) await handle(request)
    if (kind !== 'status') return kind
    const headers = typeof fault.headers === 'function' ? fault.headers(now) : fault.headers ?? {}
    return replyOf({ status: fault.status ?? 500, json: fault.json ?? { message: 'sandbox fault' }, headers })
  }
  if (kind === 'act') fault.act?.()
  const answer = await handle(request)
  if (kind === 'act') return replyOf(answer)
  if (kind === 'html') return { ...replyOf({}), headers: { 'content-type': 'text/html; charset=utf-8' }, body: PAGE }
  if (kind === 'edit') return replyOf(fault.edit && answer.json !== undefined ? { ...answer, json: fault.edit(structuredClone(answer.json)) } : answer)
  const whole = { ...replyOf({ json: null, ...answer }), ...kind !== 'drip' && { status: 200 } }
  const body = whole.body ?? 'null'
  if (kind === 'garbage') return { ...whole, body: body.slice(0, body.length >> 1) }
  return { ...whole, body, ending: kind === 'cut' ? 'cut' : kind === 'drip' ? 'drip' : 'silence', pauseMs: fault.pauseMs ?? PIECES_PAUSE_MS }
}

/** A body in the pieces that a dripping connection brings. */
export function piecesOf(body: string): string[] {
  const size = Math.ceil(body.length / 4) || 1
  return Array.from({ length: Math.ceil(body.length / size) }, (_, index) => body.slice(index * size, (index + 1) * size))
}
