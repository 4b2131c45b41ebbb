/** Requests through the proxy that the usual environment variables name. */
import type { ProxyAgent } from 'undici'
import { parseUrl } from './url.js'

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([['http:', '80'], ['https:', '443']])

/** What a proxy, or the way to it, made of a request. `proxy` is its address without user and password. */
export class ProxyError extends Error {
  readonly proxy: string
  /** Of the proxy's refusal; null where it did not answer, or the fault lies behind it. */
  readonly status: number | null

  constructor(proxy: string, status: number | null, options: ErrorOptions) {
    super(`through the proxy ${proxy}`, options)
    this.proxy = proxy
    this.status = status
  }
}

/**
 * The proxy for `url`: HTTPS_PROXY for https, HTTP_PROXY for http, ALL_PROXY for both, lower case first, unless NO_PROXY names the
 * host. Null for this machine, and where none is set. Throws ProxyError for a value that is no http or https URL.
 */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | null {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const variable = [name, name.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find(candidate => env[candidate])
  if (variable === undefined || LOOPBACK.test(url.hostname)) return null
  if (isExcepted(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return null
  const value = env[variable]!
  const proxy = parseUrl(value.includes('://') ? value : `http://${value}`)
  if (proxy && (proxy.protocol === 'http:' || proxy.protocol === 'https:')) return proxy
  throw new ProxyError(`of ${variable}`, null, { cause: Object.assign(new Error('not a URL'), { code: 'INVALID_PROXY' }) })
}

/** Entries are hosts, `.suffix` or `*.suffix`, each with an optional port; `*` is every host. A plain host takes in its subdomains, as curl does. */
function isExcepted(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase()
  const port = url.port || DEFAULT_PORTS.get(url.protocol)
  return list.toLowerCase().split(/[\s,]+/).some(entry => {
    if (entry === '*') return true
    const [, name = '', wanted] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
    const suffix = name.replace(/^\*?\./, '')
    return suffix !== '' && (wanted === undefined || wanted === port) && (host === suffix || host.endsWith(`.${suffix}`))
  })
}

/** One agent per proxy, so that connections are kept. */
const agents = new Map<string, Promise<ProxyAgent>>()

/** `fetch` by way of the environment's proxy. Throws what `fetch` throws, or ProxyError. */
export const environmentFetch: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  const proxy = proxyFor(url, process.env)
  if (proxy === null) return fetch(input, init)
  // loaded only where there is a proxy: the start stays quick
  const undici = await import('undici')
  let agent = agents.get(proxy.href)
  if (agent === undefined) {
    agent = openAgent(proxy)
    agents.set(proxy.href, agent)
  }
  try {
    const options = { ...init, dispatcher: await agent } as unknown as Parameters<typeof undici.fetch>[1]
    return await undici.fetch(url, options) as unknown as Response
  } catch (error) {
    if (init?.signal?.aborted) throw error
    throw new ProxyError(proxy.origin, statusOf(error), { cause: error })
  }
}

async function openAgent(proxy: URL): Promise<ProxyAgent> {
  const { ProxyAgent: Agent } = await import('undici')
  const { username, password } = proxy
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return new Agent({ uri: proxy.origin, ...username !== '' && { token: `Basic ${Buffer.from(credentials).toString('base64')}` } })
}

/** undici tells the status of a refused tunnel in its message alone. */
function statusOf(error: unknown): number | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const status = /^Proxy response \((\d{3})\)/.exec(at.message)?.[1]
    if (status !== undefined) return Number(status)
  }
  return null
}
