/** A server behind a fetch function: the same answers and the same faults as on a socket, in microtasks. */
import type { Clock } from '../../connectors/source.js'
import { piecesOf, type Outcome, type Reply } from './faults.js'
import type { SandboxRequest } from './server.js'

export function fetchInProcess(serve: (request: SandboxRequest) => Promise<Outcome>, clock: Clock): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const { signal } = init
    signal?.throwIfAborted()
    const outcome = await serve({
      method: init.method ?? 'GET',
      path: url.pathname,
      query: new URLSearchParams(url.search),
      rawQuery: url.search.slice(1),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : ''
    })
    if (outcome === 'reset') throw socketError('fetch failed')
    if (outcome === 'stall') return new Promise((_, reject) => { whenAborted(signal, reject) })
    signal?.throwIfAborted()
    const { status, headers, body } = outcome
    return new Response(body === null ? null : outcome.ending === 'whole' ? body : brokenBody(outcome, body, clock, signal), { status, headers })
  }
}

function brokenBody({ ending, pauseMs }: Reply, body: string, clock: Clock, signal: AbortSignal | null | undefined): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      let open = true
      const end = (finish: () => void) => {
        if (open) finish()
        open = false
      }
      whenAborted(signal, reason => end(() => controller.error(reason)))
      if (ending === 'drip') return void drip(piecesOf(body))
      controller.enqueue(encoder.encode(body.slice(0, body.length >> 1)))
      if (ending === 'cut') end(() => controller.error(socketError('terminated')))

      function drip([piece, ...rest]: string[]): void {
        if (!open) return
        if (piece === undefined) return end(() => controller.close())
        controller.enqueue(encoder.encode(piece))
        clock.sleep(pauseMs).then(() => drip(rest), () => undefined)
      }
    }
  })
}

function whenAborted(signal: AbortSignal | null | undefined, act: (reason: unknown) => void): void {
  if (signal?.aborted) act(signal.reason)
  else signal?.addEventListener('abort', () => act(signal.reason), { once: true })
}

function socketError(message: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error('socket'), { code: 'ECONNRESET' }) })
}
