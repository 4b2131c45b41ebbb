/** Requests that survive a bad network and never repeat what must not be repeated. */
import type { ErrorCode } from '../../dsl/errors.js'
import { SourceError } from '../errors.js'
import { parseJson } from '../record/json.js'
import type { Clock, SourceReport } from '../source.js'
import { backoffMs, DEFAULT_RETRY, exhaustedUntil, rateLimitWaitMs, requestedWaitMs, type RetryPolicy } from './backoff.js'
import { readText } from './body.js'
import { after, systemClock } from './clock.js'
import { connectionFault, describeRequest, meaningOf, secretsOf, serverMessage, type StatusMeaning } from './errors.js'
import type { Limiter } from './limiter.js'
import { environmentFetch } from './proxy.js'
import { parseUrl } from './url.js'

/** Connect, send and wait for the first byte. Documented APIs answer within seconds; a minute means that nothing will come. */
export const FIRST_BYTE_TIMEOUT_MS = 60_000
/** Silence in the middle of a body. */
export const IDLE_TIMEOUT_MS = 30_000
/** The whole of one exchange: a body that drips is never silent, and never ends. */
export const EXCHANGE_TIMEOUT_MS = 10 * 60_000
/** Above any page of the five systems, below what parsing would take down the process with. */
export const MAX_BODY_BYTES = 128 * 2 ** 20
/** Within one origin only; more is a loop. */
const MAX_REDIRECTS = 5
const NOTICEABLE_WAIT_MS = 3_000
/** What an HTTP header may hold (RFC 9110 5.5). */
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

export interface JsonRequest {
  /** Configured name of the source, for messages. */
  readonly source: string
  readonly url: string | URL
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** False: never sent again once the system may have acted on it. Default true. */
  readonly idempotent?: boolean
  /** Config keys of the credentials as they should be named in advice. */
  readonly credentialKeys?: string
  /** What this source knows about a refusal; `message` is the server's own, masked. Undefined leaves it to the status. */
  readonly explain?: (status: number, message: string) => StatusMeaning | undefined
  readonly retry?: Partial<RetryPolicy>
  readonly firstByteMs?: number
  readonly idleMs?: number
  readonly maxBytes?: number
  readonly limiter?: Limiter
  /** Further strings that no message may hold. */
  readonly secrets?: readonly string[]
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** 0 ≤ x < 1, for the jitter. */
  readonly random?: () => number
  readonly fetch?: typeof fetch | undefined
  readonly report?: SourceReport | undefined
}

export interface JsonResponse {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, integers beyond 2^53 as strings; null for 204. */
  readonly body: unknown
}

interface Failure {
  readonly error: SourceError
  /**
   * `unsent`: nothing reached the system; `refused`: it did not act; `unknown`: it may have acted; `late`: the same, and time has run out;
   * `final`: another try is in vain.
   */
  readonly kind: 'unsent' | 'refused' | 'unknown' | 'late' | 'final'
  readonly status?: number
  readonly waitMs?: number | null
}

type Outcome = { readonly response: JsonResponse } | { readonly failure: Failure }

/** What an attempt needs, with every default filled in. */
interface Job {
  readonly request: JsonRequest
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly clock: Clock
  readonly policy: RetryPolicy
  readonly secrets: readonly string[]
}

/**
 * One JSON request, repeated while that is safe and of use: 408, 429, 5xx, dead connections, cut and unparsable bodies.
 * Throws SourceError with what is wrong and what to do, or the reason of the signal.
 */
export async function requestJson(request: JsonRequest): Promise<JsonResponse> {
  const job = prepare(request)
  const { clock, policy } = job
  // a rate limit is no fault: its refusals do not use up the tries of the others
  const attempts = { failed: 0, refused: 0 }
  for (;;) {
    const outcome = await limited(job)
    if ('response' in outcome) return outcome.response
    const { failure } = outcome
    const attempt = ++attempts[failure.kind === 'refused' ? 'refused' : 'failed']
    if (!mayRepeat(job, failure, attempt)) throw failure.error
    const wait = waitFor(job, failure, attempt)
    if (wait > policy.maxWaitMs) throw failure.error
    if (failure.kind === 'refused') request.limiter?.pauseUntil(clock.now() + wait)
    if (request.report) request.report.retries++
    await pause(job, wait)
  }
}

function prepare(request: JsonRequest): Job {
  const headers = request.headers ?? {}
  for (const [name, value] of Object.entries(headers)) {
    if (HEADER_VALUE.test(value)) continue
    const keys = request.credentialKeys ? `; check ${request.credentialKeys}` : ''
    throw new SourceError('invalid_config', request.source, `the value for the header ${name} holds a line break or another forbidden character${keys}.`)
  }
  return {
    request,
    method: request.method ?? 'GET',
    url: new URL(request.url),
    clock: request.clock ?? systemClock,
    policy: { ...DEFAULT_RETRY, ...request.retry },
    secrets: [...request.secrets ?? [], ...secretsOf(headers)]
  }
}

async function limited(job: Job): Promise<Outcome> {
  const { limiter, signal } = job.request
  signal?.throwIfAborted()
  const release = await limiter?.acquire(job.clock, signal)
  try {
    return await attemptOnce(job)
  } finally {
    release?.()
  }
}

function mayRepeat({ request, policy }: Job, { kind }: Failure, attempt: number): boolean {
  if (kind === 'final') return false
  if (mayHaveActed(kind) && request.idempotent === false) return false
  if (kind === 'refused') return attempt < policy.rateLimitAttempts
  if (kind === 'unsent') return attempt < policy.connectAttempts
  return attempt < (kind === 'late' ? policy.lateAttempts : policy.attempts)
}

function mayHaveActed(kind: Failure['kind']): boolean {
  return kind === 'unknown' || kind === 'late'
}

function waitFor({ request, policy }: Job, failure: Failure, attempt: number): number {
  if (failure.waitMs !== undefined && failure.waitMs !== null) return Math.max(failure.waitMs, policy.baseMs)
  return (failure.kind === 'refused' ? rateLimitWaitMs : backoffMs)(policy, attempt, request.random ?? Math.random)
}

/** A wait that a person would notice shows in the report's position while it lasts. */
async function pause({ request: { report, signal }, clock }: Job, wait: number): Promise<void> {
  const position = report?.position ?? ''
  if (report && wait >= NOTICEABLE_WAIT_MS) report.position = `${position}${position ? ', ' : ''}waiting ${Math.ceil(wait / 1000)} s to ask again`
  try {
    await clock.sleep(wait, signal)
  } finally {
    if (report) report.position = position
  }
}

/** One exchange, redirects within the origin included. */
async function attemptOnce(job: Job): Promise<Outcome> {
  const { request } = job
  const exchange = new AbortController()
  const stop = () => exchange.abort(request.signal?.reason)
  request.signal?.addEventListener('abort', stop, { once: true })
  try {
    let url = job.url
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const response = await send(job, url, exchange)
      if ('failure' in response) return response
      if (response.status < 300 || response.status > 399) return await receive(job, url, response, exchange)
      await response.body?.cancel()
      const next = redirectTarget(job, url, response)
      if (!(next instanceof URL)) return next
      url = next
    }
    return final(job, job.url, 'source_protocol', 'redirects without end; check "base_url"')
  } finally {
    request.signal?.removeEventListener('abort', stop)
    // an abort that came while the body was read must not look like a fault of the system
    request.signal?.throwIfAborted()
  }
}

async function send(job: Job, url: URL, exchange: AbortController): Promise<Response | { failure: Failure }> {
  const { request, method } = job
  const wait = request.firstByteMs ?? FIRST_BYTE_TIMEOUT_MS
  let late = false
  const stop = after(job.clock, wait, () => {
    late = true
    exchange.abort()
  })
  if (request.report) request.report.requests++
  try {
    return await (request.fetch ?? environmentFetch)(url, {
      method,
      redirect: 'manual',
      signal: exchange.signal,
      headers: { accept: 'application/json', ...request.json === undefined ? {} : { 'content-type': 'application/json' }, ...request.headers },
      ...request.json === undefined ? {} : { body: JSON.stringify(request.json) }
    })
  } catch (error) {
    if (late) return failed(job, url, 'late', 'source_unreachable', `no answer within ${wait / 1000} s; check the network and that the system runs`)
    const { reason, unsent, transient } = connectionFault(error)
    return failed(job, url, transient ? unsent ? 'unsent' : 'unknown' : 'final', 'source_unreachable', reason)
  } finally {
    stop()
  }
}

function redirectTarget(job: Job, url: URL, response: Response): URL | { failure: Failure } {
  const location = response.headers.get('location')
  const target = location ? parseUrl(location, url) : null
  if (!target) return final(job, url, 'source_protocol', `answered ${response.status} without a usable address; check "base_url"`)
  if (target.origin !== url.origin) {
    const advice = 'where the credentials do not belong; if that is the system\'s address, set it as "base_url"'
    return final(job, url, 'source_protocol', `redirects to ${target.origin}, ${advice}`)
  }
  const keepsMethod = response.status === 307 || response.status === 308
  if (job.method !== 'GET' && !keepsMethod) {
    return final(job, url, 'source_protocol', `answered ${response.status} to a POST, which is mostly a sign-in page; check "base_url" and the credentials`)
  }
  return target
}

async function receive(job: Job, url: URL, response: Response, exchange: AbortController): Promise<Outcome> {
  const { request, clock, policy } = job
  const { status, headers } = response
  const until = exhaustedUntil(headers, clock.now(), policy.maxWaitMs)
  if (until !== null && status !== 429) request.limiter?.pauseUntil(until)
  if (status === 204) return { response: { status, headers, body: null } }
  const isPage = /\bhtml\b/i.test(headers.get('content-type') ?? '')
  const maxBytes = request.maxBytes ?? MAX_BODY_BYTES
  let late = false
  const stall = () => {
    late = true
    exchange.abort()
  }
  const stop = after(clock, EXCHANGE_TIMEOUT_MS, stall)
  const content = await readText(response, { idleMs: request.idleMs ?? IDLE_TIMEOUT_MS, maxBytes, clock, stall }).finally(stop)
  if (status >= 400) return refusal(job, url, response, 'text' in content && !isPage ? content.text : '')
  if ('fault' in content) {
    if (content.fault === 'too_large') {
      return failed(job, url, afterAnswer(job), 'source_protocol', `the answer is larger than ${maxBytes.toLocaleString('en-US')} bytes; ask for less at once`)
    }
    return failed(job, url, late ? 'late' : 'unknown', 'source_unreachable', 'the answer was cut off; check the network and try again')
  }
  if (isPage || content.text.trimStart().startsWith('<')) {
    return failed(job, url, afterAnswer(job), 'source_protocol', 'answered with a web page instead of JSON, mostly a sign-in or error page; check "base_url" and the credentials')
  }
  try {
    return { response: { status, headers, body: parseJson(content.text) } }
  } catch {
    const size = content.text.length.toLocaleString('en-US')
    return failed(job, url, 'unknown', 'source_protocol', `the answer (${size} characters) is not JSON; check "base_url", and try again`)
  }
}

function refusal(job: Job, url: URL, { status, headers }: Response, body: string): Outcome {
  const { request, clock, policy } = job
  const said = serverMessage(body, job.secrets)
  const usual = meaningOf(status, request.credentialKeys ?? 'its credentials')
  const meaning = request.explain?.(status, said) ?? usual
  const quote = said === '' ? '' : ` (${JSON.stringify(said)})`
  const { failure } = failed(job, url, kindOf(status), meaning.code ?? usual.code, `answered ${status}${quote}: ${meaning.message}`)
  return { failure: { ...failure, status, waitMs: requestedWaitMs(headers, clock.now(), policy.maxWaitMs) } }
}

/** Another try is in vain, but what answered with success may have acted all the same. */
function afterAnswer({ request }: Job): Failure['kind'] {
  return request.idempotent === false ? 'unknown' : 'final'
}

function kindOf(status: number): Failure['kind'] {
  if (status === 429) return 'refused'
  return status === 408 || status >= 500 ? 'unknown' : 'final'
}

function final(job: Job, url: URL, code: ErrorCode, problem: string): { failure: Failure } {
  return failed(job, url, 'final', code, problem)
}

function failed({ request, method }: Job, url: URL, kind: Failure['kind'], code: ErrorCode, problem: string): { failure: Failure } {
  const unsure = mayHaveActed(kind) && request.idempotent === false
  const message = `${describeRequest(method, url)}: ${problem}.${unsure ? ' It was not sent again, because the system may have acted on it.' : ''}`
  return { failure: { kind, error: new SourceError(code, request.source, message, { mayHaveActed: unsure }) } }
}
