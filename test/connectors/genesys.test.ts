import { afterEach, describe, expect, test } from 'vitest'
import { createGenesys, GENESYS_COLUMNS, genesysRows, mapGenesysRow } from '../../connectors/genesys/genesys.js'
import { gather, table } from '../sandbox/gather.js'
import { startGenesys, type GenesysOptions } from '../sandbox/genesys.js'
import type { SandboxServer } from '../sandbox/server.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const NOW = Date.UTC(2025, 0, 15, 13)
const NO_SESSION = '00000000-0000-1000-8000-000000000000'
const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function open(options: GenesysOptions = {}, config: Record<string, unknown> = {}) {
  const server = await startGenesys({ sessions: 300, ...options })
  running.push(server)
  return { server, source: createGenesys('site', { ...server.config, ...config }), clock: virtualClock(NOW) }
}

/** The session of Genesys' documents lasted 454 ms and says 0 seconds. */
const EXAMPLE = { sessionId: 'a1', identityId: 'ann@example.org', visitId: 'v1', startDate: 1_338_984_000_000, endDate: 1_338_984_000_454, duration: 0 }

describe('a session', () => {
  test('lasts to the millisecond', () => {
    const session = mapGenesysRow(EXAMPLE, 'site')
    expect({ ...session }).toEqual({
      session_id: 'a1', started_at: 1_338_984_000_000, source: 'site', visitor_id: 'ann@example.org', session_duration_secs: 0.454, is_ended: true,
      distinct_visited_urls: null, distinct_visited_urls_count: null, distinct_landing_urls: null, page_count: null, event_count: null,
      event_types: null, event_names: null, visit_id: 'v1', duration: 0
    })
    const columns = GENESYS_COLUMNS.map(column => column.name)
    expect(columns.every(name => name in session)).toBe(true)
  })

  test('that ends at 0 is open, however its id is spelled', () => {
    const row = { ...EXAMPLE, sessionId: undefined, sessionID: 'b2', identityId: undefined, identityID: 'x', endDate: 0 }
    expect(mapGenesysRow(row, 'site')).toMatchObject({ session_id: 'b2', visitor_id: 'x', is_ended: false, session_duration_secs: null })
  })

  test('takes landing addresses from the first page on each host, by the time of the server', () => {
    const pages = [
      { url: 'https://a.example/2', serverTimestamp: 20, timestamp: 1 }, { url: 'https://b.example/1', serverTimestamp: 15 },
      { url: 'https://a.example/1', serverTimestamp: 10, timestamp: 9 }, { url: 'https://a.example/2', serverTimestamp: 30 }
    ]
    const events = [{ eventType: 'SYSTEM', eventName: 'VisitStarted' }, { type: 'SYSTEM', name: 'PageEntered' }]
    expect(mapGenesysRow(EXAMPLE, 'site', { pages, events })).toMatchObject({
      distinct_visited_urls: ['https://a.example/1', 'https://b.example/1', 'https://a.example/2'], distinct_visited_urls_count: 3,
      distinct_landing_urls: ['https://a.example/1', 'https://b.example/1'], page_count: 4,
      event_count: 2, event_types: ['SYSTEM'], event_names: ['VisitStarted', 'PageEntered']
    })
    expect(mapGenesysRow({ ...EXAMPLE, pages, events: ['e1', 'e2'] }, 'site')).toMatchObject({ page_count: 4, event_count: null })
  })

  test('keeps at most 100 addresses and counts all', () => {
    const pages = Array.from({ length: 130 }, (_, i) => ({ url: `https://a.example/${i}` }))
    const session = mapGenesysRow(EXAMPLE, 'site', { pages })
    expect(session['distinct_visited_urls']).toHaveLength(100)
    expect(session).toMatchObject({ distinct_visited_urls_count: 130, distinct_landing_urls: ['https://a.example/0'] })
  })

  for (const change of [{ sessionId: '' }, { sessionId: NO_SESSION }, { startDate: 0 }, { startDate: 'soon' }]) {
    test(`with ${JSON.stringify(change)} is refused when it has no id or start`, () => {
      const row = { ...EXAMPLE, ...change }
      expect(() => mapGenesysRow(row.sessionId === '' ? { ...row, sessionId: null } : row, 'site')).toThrow()
    })
  }

  test('is found in every recorded form; "no session" is none', () => {
    for (const body of [[EXAMPLE], EXAMPLE, { sessions: [EXAMPLE] }, [{ sessionID: NO_SESSION }, EXAMPLE]]) expect(genesysRows(body)).toEqual([EXAMPLE])
    expect(genesysRows(null)).toEqual([])
  })
})

describe('the walk', () => {
  test('reads all of 10,000 sessions, exactly and each once', async () => {
    const { server, source, clock } = await open({ sessions: 10_000 })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('site')))
    expect(report).toMatchObject({ rows: 10_000, deadLetters: 0, suspectedGaps: [], progress: 1 })
    const paths = server.requests().map(request => request.path)
    expect(new Set(paths).size).toBe(paths.length)
  })

  for (const idSpelling of ['Id', 'ID'] as const) {
    for (const lists of ['array', 'object'] as const) {
      test(`understands session${idSpelling} and lists as ${lists}, with pages and events`, async () => {
        const { server, source, clock } = await open({ idSpelling, lists, seed: 3 }, { include_pages: true, include_events: true })
        const { sessions, report } = await gather(source, { clock })
        expect(sessions).toEqual(table(server.truth('site', { pages: true, events: true })))
        expect(report.rows).toBe(300)
      })
    }
  }

  test('reads what it is given by id, each session once', async () => {
    const { server, clock } = await open()
    const { ids, config } = server
    const source = createGenesys('site', {
      ...config, discover: false, session_ids: ids.sessions.slice(0, 9), visit_ids: ids.visits.slice(0, 5), identity_ids: ids.identities.slice(0, 12)
    })
    const { sessions, report } = await gather(source, { clock })
    const truth = table(server.truth('site'))
    expect(sessions.size).toBeGreaterThan(9)
    expect(sessions.size).toBeLessThan(300)
    for (const [id, session] of sessions) expect(session).toEqual(truth.get(id))
    for (const id of ids.sessions.slice(0, 9)) expect(sessions.has(id)).toBe(true)
    expect(report.duplicates).toBeGreaterThan(0)
    expect(report.rows).toBe(sessions.size)
  })

  test('yields the sessions of an interval alone, and asks for their pages alone', async () => {
    const { server, source, clock } = await open({}, { include_pages: true })
    const interval = { start: NOW - 7_200_000, end: NOW - 4_000_000 }
    const { sessions } = await gather(source, { clock, interval })
    const expected = server.truth('site', { pages: true }).filter(({ started_at: at }) => Number(at) >= interval.start && Number(at) < interval.end)
    expect(expected.length).toBeGreaterThan(3)
    expect(sessions).toEqual(table(expected))
    expect(server.requests().filter(request => request.path.endsWith('/pages'))).toHaveLength(expected.length)
  })

  test('reports what has gone since it was listed, and reads the rest', async () => {
    const { server, source, clock } = await open()
    const visit = server.truth('site')[0]?.['visit_id']
    server.forget(`/visits/${String(visit)}/sessions`)
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('site').filter(session => session['visit_id'] !== visit)))
    expect(report.suspectedGaps).toEqual([expect.objectContaining({ reason: expect.stringContaining('visits') })])
  })

  test('429, 500, a cut body and garbage on the way change nothing', async () => {
    const { server, source, clock } = await open({
      faults: [{ kind: 'status', status: 429, at: 3 }, { kind: 'status', at: 6 }, { kind: 'cut', at: 9 }, { kind: 'reset', at: 15 }]
    })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('site')))
    expect(report.retries).toBe(4)
  })

  test('a web page ends it', async () => {
    const { source, clock } = await open({ faults: [{ kind: 'html', at: 5 }] })
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_protocol' })
  })

  test('a consumer that stops ends the requests ahead; an abort ends all', async () => {
    const { server, source, clock } = await open({ sessions: 2_000 })
    let ended = 0
    const spying: typeof fetch = (input, init) => {
      init?.signal?.addEventListener('abort', () => { ended++ })
      return fetch(input, init)
    }
    await gather(source, { clock, batches: 1, fetch: spying })
    expect(ended).toBeGreaterThan(0)
    const asked = server.requests().length
    await new Promise(resolve => { setTimeout(resolve, 50) })
    expect(server.requests().length).toBeLessThan(asked + 20)
    server.misbehave({ kind: 'stall', times: 99 })
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(gather(source, { clock, signal: stop.signal })).rejects.toThrow('enough')
  })
})

describe('state', () => {
  test('remembers open sessions and reads them again until they have ended', async () => {
    const { server, clock } = await open()
    const wide = createGenesys('site', server.config)
    const first = await gather(wide, { clock })
    const openBefore = server.truth('site').filter(session => session['is_ended'] === false && Number(session.started_at) >= NOW - 86_400_000).length
    expect((first.states.at(-1) as { open: unknown[] }).open).toHaveLength(openBefore)
    server.finish()
    // a source that no longer walks still reads the open ones again
    const narrow = createGenesys('site', { ...server.config, discover: false, session_ids: server.ids.sessions.slice(-1) })
    const second = await gather(narrow, { clock, state: first.states.at(-1) })
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('site')))
    const abandoned = server.truth('site').filter(session => session['is_ended'] === false).length
    expect((second.states.at(-1) as { open: unknown[] }).open).toHaveLength(abandoned)
  })

  test('gives an open session up after max_age', async () => {
    const { server, clock } = await open({}, {})
    const source = createGenesys('site', { ...server.config, max_age: 'PT1H' })
    const first = await gather(source, { clock })
    const young = server.truth('site').filter(session => session['is_ended'] === false && Number(session.started_at) >= NOW - 3_600_000)
    expect((first.states.at(-1) as { open: [string, number][] }).open.map(([id]) => id).toSorted()).toEqual(young.map(session => session.session_id).toSorted())
  })

  test.each(['first', 'last'] as const)('walks only what is young since the last sync, where told to (age by the %s session)', async age => {
    const DAY = 86_400_000
    const clock = virtualClock(NOW)
    const { server } = await open({ age, sessions: 6000, now: clock.now })
    const source = createGenesys('site', { ...server.config, visits_within: 'PT12H' })
    const walks = () => server.requests().filter(({ path }) => path.endsWith('/sessions')).length
    const first = await gather(source, { clock })
    const all = walks()
    expect(first.states.slice(0, -1).some(state => (state as { walked?: number }).walked !== undefined)).toBe(false)
    // the machine was off for a day
    await clock.sleep(DAY)
    const added = [server.arrive(DAY + 6 * 3_600_000), server.arrive(DAY + 11 * 3_600_000)]
    server.finish()
    const second = await gather(source, { clock, state: first.states.at(-1) })
    expect(added.every(id => second.sessions.has(id))).toBe(true)
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('site')))
    expect(walks() - all).toBeLessThan(all / 2)
    const before = walks()
    await gather(source, { clock, state: second.states.at(-1) })
    expect(walks() - before).toBeLessThan(walks() / 10)
    expect(createGenesys('site', { ...server.config, visits_within: 'PT12H' }).scope).not.toBe(createGenesys('site', { ...server.config, visits_within: 'PT12H', include_pages: true }).scope)
  })

  test('of another form is refused', async () => {
    const { source } = await open()
    await expect(gather(source, { state: { version: 1, open: [5] } })).rejects.toMatchObject({ code: 'invalid_state' })
  })
})

describe('refusals', () => {
  test('check tells what works and what does not, without a secret', async () => {
    const { server, source, clock } = await open()
    expect(await source.check({ clock })).toMatchObject({ ok: true })
    const wrong = await createGenesys('site', { ...server.config, password: 'canary-pass' }).check({ clock })
    expect(wrong).toMatchObject({ ok: false, message: expect.stringContaining('"password"') })
    expect(wrong.message).not.toContain('canary')
    const missing = await createGenesys('site', { ...server.config, session_ids: ['nobody'] }).check({ clock })
    expect(missing).toMatchObject({ ok: false, message: expect.stringContaining('nobody') })
    await server.close()
    expect(await source.check({ clock })).toMatchObject({ ok: false })
  })

  test('an id of the configuration that does not exist fails at once', async () => {
    const { source, clock, server } = await open({}, { session_ids: ['nobody'] })
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_not_found' })
    expect(server.requests()).toHaveLength(1)
  })

  test('no secret appears anywhere', async () => {
    const password = 'canary-genesys-88'
    const { server, source, clock } = await open({ password, sessions: 20 })
    const { sessions, states, report } = await gather(source, { clock })
    server.misbehave({ kind: 'status', status: 400, times: 99, json: { message: `sent ${password}` } })
    const message = await gather(source, { clock }).then(String, String)
    expect(message).toContain('sent ***')
    expect(JSON.stringify([[...sessions], states, report, message, source])).not.toContain('canary')
  })
})

describe('configuration', () => {
  const good = { base_url: 'https://gwe.example', discover: true }
  const faults: [string, Record<string, unknown>][] = [
    ['discover', { discover: false }], ['discover', { discover: 1 }], ['password', { username: 'a' }], ['username', { password: 'canary' }],
    ['username', { username: 'a:b', password: 'canary' }], ['session_ids', { session_ids: [{}] }], ['max_age', { max_age: -1 }],
    ['path_prefix', { path_prefix: 'data' }], ['include_pages', { include_pages: 'yes' }]
  ]
  for (const [key, change] of faults) {
    test(`${JSON.stringify(change)} is refused`, () => {
      expect(() => createGenesys('site', { ...good, ...change })).toThrow(`source "site": "${key}"`)
    })
  }
})
