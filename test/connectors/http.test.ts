import { afterEach, describe, expect, test } from 'vitest'
import { checkBaseUrl } from '../../connectors/http/base-url.js'
import { SourceError } from '../../connectors/errors.js'
import { requestJson, type JsonRequest } from '../../connectors/http/request.js'
import { createLimiter } from '../../connectors/http/limiter.js'
import { newReport } from '../../connectors/source.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from '../sandbox/server.js'
import { eventClock } from '../sandbox/event-clock.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const SECRET = 'canary-7f3a-secret'
const servers: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

async function serve(options: SandboxOptions = {}, handle: (request: SandboxRequest) => SandboxAnswer = () => ({ json: { ok: true, text: 'é'.repeat(500) } })) {
  const server = await startServer(handle, options)
  servers.push(server)
  return server
}

function ask(server: { url: string }, more: Partial<JsonRequest> = {}) {
  const clock = virtualClock()
  const report = newReport()
  const request = {
    source: 'shop', url: `${server.url}/a/b?token=${SECRET}`, headers: { authorization: `Bearer ${SECRET}` }, clock, report, random: () => 0, ...more
  }
  return { clock, report, answer: requestJson(request) }
}

async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(() => null, thrown => thrown)
  expect(error).toBeInstanceOf(SourceError)
  expect(String(error)).not.toContain(SECRET)
  return error as SourceError
}

describe('a request that succeeds', () => {
  test('gives status, headers and the parsed body', async () => {
    const server = await serve()
    const { answer, report } = ask(server)
    expect(await answer).toMatchObject({ status: 200, body: { ok: true } })
    expect(report).toMatchObject({ requests: 1, retries: 0 })
    expect(server.requests()[0]?.headers).toMatchObject({ accept: 'application/json', authorization: `Bearer ${SECRET}` })
  })

  test('204 has no body', async () => {
    expect(await ask(await serve({}, () => ({ status: 204 }))).answer).toMatchObject({ status: 204, body: null })
  })

  test('integers beyond 2^53 stay what they are, as strings', async () => {
    const text = '{"id":9007199254740993,"s":"1234567890123456789","n":-12345678901234567890,"f":0.12345678901234567,"k":9007199254740991}'
    const reply = () => Promise.resolve(new Response(text, { headers: { 'content-type': 'application/json' } }))
    const { body } = await requestJson({ source: 's', url: 'https://host/', fetch: reply })
    expect(body).toEqual({
      id: '9007199254740993', s: '1234567890123456789', n: '-12345678901234567890', f: Number('0.12345678901234567'), k: 9007199254740991
    })
  })
})

describe('retries', () => {
  for (const kind of ['cut', 'garbage', 'reset'] as const) {
    test(`${kind}: asked again`, async () => {
      const { answer, report, clock } = ask(await serve({ faults: [{ kind, at: 1, times: 2 }] }))
      expect((await answer).body).toMatchObject({ ok: true })
      expect(report).toMatchObject({ requests: 3, retries: 2 })
      expect(clock.sleeps).toEqual([250, 500])
    })
  }

  for (const status of [408, 429, 500, 502, 503, 504]) {
    test(`${status}: asked again`, async () => {
      const { answer, report } = ask(await serve({ faults: [{ kind: 'status', status }] }))
      expect((await answer).status).toBe(200)
      expect(report.retries).toBe(1)
    })
  }

  test('the wait grows to a cap, and then the source fails', async () => {
    const { answer, clock } = ask(await serve({ faults: [{ kind: 'status', status: 503, times: 99 }] }), { retry: { attempts: 9, capMs: 8_000 } })
    expect((await failure(answer)).code).toBe('source_failed')
    expect(clock.sleeps).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000])
  })

  test('jitter spreads the wait over its upper half', async () => {
    const { answer, clock } = ask(await serve({ faults: [{ kind: 'status' }] }), { random: () => 0.5 })
    await answer
    expect(clock.sleeps).toEqual([375])
  })

  test('a silent server and a silent body are given up on and asked again', async () => {
    const server = await serve({ faults: [{ kind: 'stall', at: 1 }, { kind: 'stall_body', at: 2 }] })
    const { answer, report } = ask(server, { firstByteMs: 40, idleMs: 40 })
    expect((await answer).status).toBe(200)
    expect(report.retries).toBe(2)
  })

  test('a body that drips without end is given up on', async () => {
    const clock = eventClock(0)
    const dripping: typeof fetch = (_, init) => Promise.resolve(new Response(new ReadableStream({
      start(controller) {
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason))
      },
      async pull(controller) {
        await clock.sleep(20_000)
        if (!init?.signal?.aborted) controller.enqueue(new TextEncoder().encode(' '))
      }
    })))
    const error = await failure(requestJson({ source: 'shop', url: 'https://host/', fetch: dripping, clock, random: () => 0 }))
    expect(error).toMatchObject({ code: 'source_unreachable', message: expect.stringContaining('cut off') })
    expect(clock.now()).toBeGreaterThan(6 * 600_000)
    expect(clock.now()).toBeLessThan(6 * 700_000)
  })

  test('a bare rate limit is waited for over two minutes, whatever else went wrong before', async () => {
    const server = await serve({ faults: [{ kind: 'status', times: 4 }, { kind: 'status', at: 5, status: 429, times: 5 }] })
    const { answer, clock } = ask(server)
    expect(await answer).toMatchObject({ status: 200 })
    expect(clock.sleeps.slice(4).reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(120_000)
  })

  test('a body that never parses is a protocol error', async () => {
    const { answer } = ask(await serve({ faults: [{ kind: 'garbage', times: 99 }] }))
    expect((await failure(answer)).code).toBe('source_protocol')
  })
})

function limited(headers: Record<string, string>, now: number) {
  return serve({ now: () => now, faults: [{ kind: 'status', status: 429, headers }] })
}

describe('429', () => {
  const now = virtualClock().now()
  const cases: [string, Record<string, string>, number][] = [
    ['Retry-After in seconds', { 'retry-after': '17' }, 17_000],
    ['Retry-After as a date', { 'retry-after': new Date(now + 42_000).toUTCString() }, 42_000],
    ['X-RateLimit-Reset', { 'x-ratelimit-reset': String(now / 1000 + 33) }, 33_000],
    ['no header', {}, 5_250]
  ]
  for (const [name, headers, wait] of cases) {
    test(name, async () => {
      const { answer, clock } = ask(await limited(headers, now))
      await answer
      expect(clock.sleeps).toEqual([wait])
    })
  }

  test('a date is read against the clock of the server', async () => {
    const server = await limited({ 'retry-after': new Date(now + 3_600_000 + 9_000).toUTCString() }, now + 3_600_000)
    const { answer, clock } = ask(server)
    await answer
    expect(clock.sleeps).toEqual([9_000])
  })

  test('without a header the configured minimum is kept', async () => {
    const { answer, clock } = ask(await limited({}, now), { retry: { rateLimitMs: 60_000 } })
    await answer
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(60_000)
  })

  test('a long wait shows in the position while it lasts', async () => {
    const report = newReport()
    report.position = 'page 7'
    const clock = virtualClock()
    const shown: string[] = []
    const watching = { now: clock.now, sleep: (ms: number) => { shown.push(report.position); return clock.sleep(ms) } }
    await ask(await limited({ 'retry-after': '17' }, now), { clock: watching, report }).answer
    expect(shown).toEqual(['page 7, waiting 17 s to ask again'])
    expect(report.position).toBe('page 7')
  })

  test('a wait beyond reason is not waited for', async () => {
    const { answer, clock } = ask(await limited({ 'retry-after': '86400' }, now))
    expect((await failure(answer)).code).toBe('source_failed')
    expect(clock.sleeps).toEqual([])
  })

  test('an exhausted window holds back the next request of the same limiter', async () => {
    const clock = virtualClock()
    const server = await serve({ now: clock.now, rateLimit: { requests: 2, perMs: 60_000 } })
    const limiter = createLimiter()
    const report = newReport()
    for (let i = 0; i < 5; i++) await requestJson({ source: 's', url: server.url, clock, limiter, report })
    expect(report).toMatchObject({ requests: 5, retries: 0 })
    expect(clock.sleeps).toEqual([60_000, 60_000])
  })
})

describe('refusals fail at once', () => {
  const codes: [number, string][] = [
    [400, 'source_rejected'], [401, 'source_unauthorized'], [403, 'source_unauthorized'], [404, 'source_not_found'], [422, 'source_rejected']
  ]
  for (const [status, code] of codes) {
    test(`${status} is ${code}, with the words of the server and no secret`, async () => {
      const json = { message: `no\nentry for ${SECRET}` }
      const { answer, report } = ask(await serve({ faults: [{ kind: 'status', status, json }] }), { credentialKeys: '"api_token"' })
      const error = await failure(answer)
      expect(error.code).toBe(code)
      expect(error.message).toMatch(/source "shop": GET http:\/\/127\.0\.0\.1:\d+\/a\/b: answered 4\d\d \("no entry for \*\*\*"\): /)
      expect(report).toMatchObject({ requests: 1, retries: 0 })
    })
  }

  test('a source can say more about a refusal', async () => {
    const { answer } = ask(await serve({ faults: [{ kind: 'status', status: 412, json: { error: { message: 'tenant' } } }] }), {
      explain: (status, message) => status === 412 ? { code: 'invalid_config', message: `set "tenant_id" (${message})` } : undefined
    })
    expect(await failure(answer)).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('set "tenant_id" (tenant)') })
  })

  test('a web page with 200', async () => {
    const { answer, report } = ask(await serve({ faults: [{ kind: 'html' }] }))
    expect(await failure(answer)).toMatchObject({ code: 'source_protocol', message: expect.stringContaining('web page') })
    expect(report.requests).toBe(1)
  })

  test('an answer over the cap', async () => {
    const { answer } = ask(await serve(), { maxBytes: 100 })
    expect(await failure(answer)).toMatchObject({ code: 'source_protocol', message: expect.stringContaining('larger than 100 bytes') })
  })

  test('a host that refuses connections', async () => {
    const server = await serve()
    await server.close()
    const { answer, report } = ask(server)
    expect(await failure(answer)).toMatchObject({ code: 'source_unreachable', message: expect.stringContaining('connection refused') })
    expect(report.requests).toBe(3)
  })

  test('a secret that no header can carry', async () => {
    const { answer } = ask({ url: 'http://127.0.0.1:1' }, { headers: { authorization: `Bearer ${SECRET}\n` }, credentialKeys: '"api_token"' })
    expect(await failure(answer)).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('"api_token"') })
  })

  test('Basic credentials are masked in clear as well', async () => {
    const json = { message: `password ${SECRET} of ann is wrong` }
    const headers = { authorization: `Basic ${Buffer.from(`ann:${SECRET}`).toString('base64')}` }
    const { answer } = ask(await serve({ faults: [{ kind: 'status', status: 401, json }] }), { headers })
    expect((await failure(answer)).message).toContain('password *** of ann')
  })
})

describe('a request with side effects', () => {
  const post = { method: 'POST', idempotent: false } as const
  for (const kind of ['cut', 'garbage', 'reset', 'status'] as const) {
    test(`${kind}: never sent again`, async () => {
      const server = await serve({ faults: [{ kind }] })
      const { answer } = ask(server, post)
      expect((await failure(answer)).message).toContain('not sent again')
      expect(server.requests()).toHaveLength(1)
    })
  }

  test('is sent again after 429 and where no connection came about', async () => {
    const server = await serve({ faults: [{ kind: 'status', status: 429 }] })
    await ask(server, post).answer
    expect(server.requests().map(request => request.method)).toEqual(['POST', 'POST'])
    const closed = await serve()
    await closed.close()
    const { answer, report } = ask(closed, post)
    await failure(answer)
    expect(report.requests).toBe(3)
  })
})

describe('redirects', () => {
  test('are followed within the origin', async () => {
    const server = await serve({}, request => request.path === '/new' ? { json: 'there' } : { status: 302, headers: { location: '/new' } })
    expect((await ask(server).answer).body).toBe('there')
  })

  test('carry nothing to another host', async () => {
    const other = await serve()
    const server = await serve({}, () => ({ status: 307, headers: { location: `${other.url}/?next=${SECRET}` } }))
    expect(await failure(ask(server).answer)).toMatchObject({ code: 'source_protocol', message: expect.stringContaining(other.url) })
    expect(other.requests()).toHaveLength(0)
  })

  test('without an address are refused', async () => {
    const server = await serve({}, () => ({ status: 304 }))
    expect(await failure(ask(server).answer)).toMatchObject({ code: 'source_protocol', message: expect.stringContaining('304') })
    expect(server.requests()).toHaveLength(1)
  })

  test('in a circle end', async () => {
    const server = await serve({}, () => ({ status: 302, headers: { location: '/again' } }))
    expect((await failure(ask(server).answer)).code).toBe('source_protocol')
  })
})

describe('abort', () => {
  test('ends a request, a body, a wait and a queue with the reason of the signal', async () => {
    const reason = new Error('enough')
    for (const kind of ['stall', 'stall_body'] as const) {
      const server = await serve({ faults: [{ kind }] })
      const stop = new AbortController()
      const { answer } = ask(server, { signal: stop.signal })
      setTimeout(() => stop.abort(reason), 30)
      await expect(answer).rejects.toBe(reason)
    }
    const waiting = new AbortController()
    const busy = await serve({ faults: [{ kind: 'status', status: 429, headers: { 'retry-after': '600' } }] })
    const slept = requestJson({ source: 's', url: busy.url, signal: waiting.signal })
    setTimeout(() => waiting.abort(reason), 30)
    await expect(slept).rejects.toBe(reason)

    const limiter = createLimiter()
    await limiter.acquire(virtualClock())
    const queued = ask(busy, { limiter, signal: waiting.signal })
    await expect(queued.answer).rejects.toBe(reason)
  })
})

describe('limiter', () => {
  test('keeps every rate it is given', async () => {
    const clock = virtualClock(0)
    const limiter = createLimiter({ concurrency: 2, rates: [{ requests: 2, perMs: 1000 }, { requests: 3, perMs: 10_000 }] })
    const starts: number[] = []
    for (let i = 0; i < 7; i++) {
      const release = await limiter.acquire(clock)
      starts.push(clock.now())
      release()
    }
    expect(starts).toEqual([0, 0, 1000, 10_000, 10_000, 11_000, 20_000])
  })

  test('admits no more at once than allowed', async () => {
    const limiter = createLimiter({ concurrency: 2 })
    const clock = virtualClock()
    const first = await limiter.acquire(clock)
    await limiter.acquire(clock)
    let third = false
    const late = (async () => {
      await limiter.acquire(clock)
      third = true
    })()
    await new Promise(resolve => { setImmediate(resolve) })
    expect(third).toBe(false)
    first()
    first()
    await late
    expect(third).toBe(true)
  })
})

describe('base_url', () => {
  test('is https, or http on this machine or where allowed', () => {
    expect(checkBaseUrl('s', 'https://host/path/', false)).toBe('https://host/path')
    for (const url of ['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:3']) expect(checkBaseUrl('s', url, false)).toBe(url)
    expect(checkBaseUrl('s', 'http://host', true)).toBe('http://host')
  })

  for (const url of ['http://host', 'ftp://host', 'nonsense', `https://ann:${SECRET}@host`, `https://host/?key=${SECRET}`, 'http://127.0.0.1.example.com']) {
    test(`${url.replace(SECRET, '…')} is refused`, async () => {
      const error = await failure(Promise.resolve().then(() => checkBaseUrl('s', url, false)))
      expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('"base_url"') })
    })
  }
})
