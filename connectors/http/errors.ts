import type { ErrorCode } from '../../dsl/errors.js'
import { parseJson } from '../record/json.js'
import { ProxyError } from './proxy.js'

/** Enough of a server's own words to act on, too little to flood a log. */
const MAX_QUOTE = 200
/** Shorter strings are too common in ordinary text to be masked. */
const MIN_SECRET = 4
const HARMLESS_HEADERS = new Set(['accept', 'content-type', 'accept-language', 'user-agent'])
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

/** What a source knows about an answer beyond its status. */
export interface StatusMeaning {
  readonly code?: ErrorCode
  /** What is wrong and what to do, without the address. */
  readonly message: string
}

/** "GET https://host/path": never the query, a header or the body. */
export function describeRequest(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}

/** Everything in the headers that must not be read elsewhere, Basic credentials also in clear. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  const secrets: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (HARMLESS_HEADERS.has(name.toLowerCase())) continue
    secrets.push(value)
    const [scheme, credentials] = value.split(' ')
    if (credentials === undefined) continue
    secrets.push(credentials)
    if (scheme?.toLowerCase() !== 'basic') continue
    const clear = Buffer.from(credentials, 'base64').toString('utf8')
    secrets.push(clear, clear.slice(clear.indexOf(':') + 1))
  }
  return secrets.filter(secret => secret.length >= MIN_SECRET).sort((a, b) => b.length - a.length)
}

export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
}

/** What the server says about its refusal: `message`, `error`, `detail` … of a JSON body, masked and short; '' where it says nothing. */
export function serverMessage(body: string, secrets: readonly string[]): string {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    return ''
  }
  return [...redact(findMessage(parsed), secrets).replace(/\p{Cc}+/gu, ' ')].slice(0, MAX_QUOTE).join('')
}

function findMessage(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const entries = new Map<string, unknown>(Object.entries(body))
  for (const key of ['message', 'detail', 'error_description', 'error', 'title', 'reason']) {
    const value = entries.get(key)
    if (typeof value === 'string') return value
    if (typeof value === 'object' && value !== null) return findMessage(value)
  }
  return ''
}

/** Code and advice for a status that ends the request. `keys` names the config keys that hold the credentials. */
export function meaningOf(status: number, keys: string): Required<StatusMeaning> {
  if (status === 401) return { code: 'source_unauthorized', message: `the credentials are not accepted; check ${keys}` }
  if (status === 403) return { code: 'source_unauthorized', message: `the credentials lack the permission; check ${keys} and what the account may read` }
  if (status === 404) return { code: 'source_not_found', message: 'there is no such thing there; check "base_url" and the ids in the configuration' }
  if (status === 429) return { code: 'source_failed', message: 'the rate limit stays exhausted; run it again later, with fewer readers of this account' }
  if (status >= 500 || status === 408) return { code: 'source_failed', message: 'the system keeps failing; run it again later' }
  if (status >= 400) return { code: 'source_rejected', message: 'the request is refused; check the keys of this source in the configuration' }
  return { code: 'source_protocol', message: 'this status is not one that a data request can have; check "base_url"' }
}

export interface ConnectionFault {
  readonly reason: string
  /** Certainly no request reached the system. */
  readonly unsent: boolean
  /** Another try may succeed. */
  readonly transient: boolean
}

/** Reads what fetch threw. Its own message is not passed on: it can quote headers. */
export function connectionFault(error: unknown): ConnectionFault {
  if (error instanceof ProxyError) return proxyFault(error)
  const code = causeCode(error)
  const unsent = UNSENT.has(code)
  if (code === 'ENOTFOUND') return { reason: 'the host does not exist; check "base_url"', unsent, transient: false }
  if (code === 'ECONNREFUSED') {
    return { reason: 'nothing answers at this address (connection refused); check "base_url" and that the system runs', unsent, transient: true }
  }
  if (/CERT|TLS|SSL|LEAF_SIGNATURE/.test(code) && code !== 'ERR_TLS_HANDSHAKE_TIMEOUT') {
    return { reason: `no trustworthy encrypted connection (${code}); check "base_url" and the certificate`, unsent: true, transient: false }
  }
  return { reason: `the connection failed${code ? ` (${code})` : ''}; check the network and try again`, unsent, transient: true }
}

/** A host that does not exist and a refused connection are the proxy's own here: what lies behind it, it reaches itself. */
function proxyFault(error: ProxyError): ConnectionFault {
  const { proxy, status } = error
  const code = causeCode(error)
  const advice = 'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY'
  if (code === 'INVALID_PROXY') return { reason: `the address ${proxy} is no http or https URL; ${advice}`, unsent: true, transient: false }
  if (status === 407) return { reason: `the proxy ${proxy} does not accept its user name and password (407); ${advice}`, unsent: true, transient: false }
  if (status !== null) {
    return { reason: `the proxy ${proxy} answers ${status} instead of connecting; ${advice}, and that it may reach this host`, unsent: true, transient: status >= 500 }
  }
  if (UNSENT.has(code)) return { reason: `the proxy ${proxy} cannot be reached (${code}); ${advice}`, unsent: true, transient: code !== 'ENOTFOUND' }
  const { reason, ...rest } = connectionFault(error.cause)
  return { reason: `through the proxy ${proxy}: ${reason}`, ...rest }
}

function causeCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const code: unknown = 'code' in at ? at.code : undefined
    if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code
  }
  return ''
}
