/** A fetch that goes wrong at one request, in one of the ways of real networks. */

export const FETCH_FAULTS = ['reset', 'cut', 'garbage', 'sign-in page', 'timed out', 'rate limit', 'failing', 'expired token'] as const
export type FetchFault = (typeof FETCH_FAULTS)[number]

const STATUSES: Readonly<Partial<Record<FetchFault, readonly [status: number, headers: Record<string, string>]>>> = {
  'timed out': [408, {}], 'rate limit': [429, { 'retry-after': '1' }], 'failing': [503, {}], 'expired token': [401, {}]
}

/** The system refuses without acting. */
const REFUSALS: ReadonlySet<FetchFault> = new Set(['rate limit', 'expired token'])

/** Request number `at`, counted from 0, goes wrong; but for refusals the system acts on it all the same. */
export function faultyFetch(real: typeof fetch, fault: FetchFault, at: number): typeof fetch {
  let count = 0
  return async (...request) => {
    const isDue = count++ === at
    const status = isDue ? STATUSES[fault] : undefined
    if (status && REFUSALS.has(fault)) return refusal(fault, status)
    const response = await real(...request)
    if (!isDue) return response
    if (fault === 'reset') throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
    if (status) return refusal(fault, status)
    if (fault === 'sign-in page') return new Response('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } })
    const half = await response.text().then(text => text.slice(0, text.length >> 1))
    return new Response(fault === 'cut' ? cutOff(half) : half, { headers: { 'content-type': 'application/json' } })
  }
}

function refusal(fault: FetchFault, [status, headers]: readonly [number, Record<string, string>]): Response {
  return Response.json({ message: fault }, { status, headers })
}

function cutOff(text: string): ReadableStream<Uint8Array> {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('terminated'))
      else controller.enqueue(new TextEncoder().encode(text))
      sent = true
    }
  })
}

/** Counts requests. */
export function countingFetch(real: typeof fetch): { fetch: typeof fetch; count(): number } {
  let count = 0
  return {
    fetch(...request) {
      count++
      return real(...request)
    },
    count: () => count
  }
}
