/** How long to wait before a request is repeated. */

export interface RetryPolicy {
  /** Requests in all, the first included. */
  readonly attempts: number
  /** Requests in all when no connection comes about: a host that is down stays down for longer than a retry. */
  readonly connectAttempts: number
  /** Requests in all when no answer comes in time. */
  readonly lateAttempts: number
  /** First wait; each further one is twice as long. */
  readonly baseMs: number
  readonly capMs: number
  /** Requests in all that are refused by a rate limit. */
  readonly rateLimitAttempts: number
  /** First wait after a 429 that does not say how long; each further one is twice as long, up to a minute. */
  readonly rateLimitMs: number
  /** A server that asks for more than this is not waited for. */
  readonly maxWaitMs: number
}

/** Limits are per minute or shorter. */
const RATE_LIMIT_CAP_MS = 60_000

/** Six tries over about 15 s ride out a deployment or a failover; documented rate limits reset within a minute, and these waits are two. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6, connectAttempts: 3, lateAttempts: 6, baseMs: 500, capMs: 30_000, rateLimitAttempts: 6, rateLimitMs: 5_000, maxWaitMs: 15 * 60_000
}

/** Exponential, capped, with the upper half left to chance so that clients do not come back together. `attempt` counts from 1. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1))
  return full / 2 + random() * full / 2
}

/** After the `attempt`-th 429 that does not say how long to wait. */
export function rateLimitWaitMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const longest = Math.max(policy.rateLimitMs, RATE_LIMIT_CAP_MS)
  return Math.min(longest, policy.rateLimitMs * 2 ** (attempt - 1)) + backoffMs(policy, attempt, random)
}

/**
 * What the server asks for: Retry-After (seconds or an HTTP date, RFC 9110 10.2.3), else X-RateLimit-Reset (Unix seconds).
 * Milliseconds from now, null where it says nothing usable. Instants are read against the server's own Date where there is one,
 * so that a wrong clock on this machine changes nothing.
 */
export function requestedWaitMs(headers: Headers, now: number, maxWaitMs: number): number | null {
  const after = headers.get('retry-after')?.trim()
  if (after && /^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000
  const instant = after ? Date.parse(after) : resetInstant(headers)
  if (!Number.isFinite(instant)) return null
  const byServer = instant - Date.parse(headers.get('date') ?? '')
  if (byServer > 0 && byServer <= maxWaitMs) return byServer
  const byClock = instant - now
  return byClock > 0 ? byClock : null
}

/** When a server that has just answered will take no more requests until, in epoch ms; null while it takes them. */
export function exhaustedUntil(headers: Headers, now: number, maxWaitMs: number): number | null {
  if (headers.get('x-ratelimit-remaining')?.trim() !== '0' || headers.has('retry-after')) return null
  const wait = requestedWaitMs(headers, now, maxWaitMs)
  return wait === null || wait > maxWaitMs ? null : now + wait
}

function resetInstant(headers: Headers): number {
  const reset = headers.get('x-ratelimit-reset')?.trim()
  return reset && /^\d+$/.test(reset) ? Number(reset) * 1000 : Number.NaN
}
