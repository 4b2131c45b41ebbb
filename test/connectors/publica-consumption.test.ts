import { afterEach, describe, expect, test } from 'vitest'
import {
  createPublicaConsumption, mapPublicaConsumptionRow, publicaConsumptionRows, PUBLICA_CONSUMPTION_COLUMNS
} from '../../connectors/publica-consumption/publica-consumption.js'
import { loop } from '../sandbox/edits.js'
import type { Fault } from '../sandbox/faults.js'
import { gather, table } from '../sandbox/gather.js'
import { startPublica, type Publica, type PublicaOptions } from '../sandbox/publica.js'
import { startServer, type SandboxServer } from '../sandbox/server.js'
import { seeded } from '../sandbox/random.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const NOW = Date.UTC(2025, 0, 20)
const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function open(options: PublicaOptions = {}, config: Record<string, unknown> = {}) {
  const server: Publica = await startPublica({ sessions: 600, ...options })
  running.push(server)
  return { server, source: createPublicaConsumption('books', { ...server.config, ...config }), clock: virtualClock(NOW) }
}

/** The row of publica.la's documents. */
const EXAMPLE = {
  uuid: '38:2468013579:912:1734446548', issue_id: 2468013579, user_id: 912, user_email: 'reader@example.org', volpe_host: 'farfalla', reason_type: 'plan',
  reason_value: null, seconds_reading: 0, page_changes: 4, started_at: '2024-12-17 14:42:28', last_heartbeat_at: null
}

describe('a row', () => {
  test('becomes a session in UTC', () => {
    const session = mapPublicaConsumptionRow(EXAMPLE, 'books')
    expect({ ...session }).toEqual({
      session_id: '38:2468013579:912:1734446548', started_at: 1734446548000, source: 'books', visitor_id: '912', session_duration_secs: 0, is_ended: null,
      issue_id: '2468013579', user_email: 'reader@example.org', volpe_host: 'farfalla', client_type: null, reason_type: 'plan', reason_value: null,
      page_changes: 4, last_heartbeat_at: null
    })
    expect(Object.keys(session).filter(name => name !== 'source')).toEqual(PUBLICA_CONSUMPTION_COLUMNS.map(column => column.name))
  })

  test('keeps null, 0 and "" apart, and what it does not know', () => {
    const row = {
      ...EXAMPLE, user_id: null, reason_value: '', seconds_reading: null, client_type: 'web', deviceInfo: { osName: 'iOS', tags: ['a'] }, constructor: 'x'
    }
    expect(mapPublicaConsumptionRow(row, 'books')).toMatchObject({
      visitor_id: null, reason_value: '', session_duration_secs: null, client_type: 'web',
      'device_info.os_name': 'iOS', 'device_info.tags': ['a'], constructor: 'x'
    })
  })

  const unreadable = [
    ['no uuid', { ...EXAMPLE, uuid: '' }], ['no start', { ...EXAMPLE, started_at: null }],
    ['an impossible start', { ...EXAMPLE, started_at: '2024-02-30 10:00:00' }], ['no object', 'row']
  ] as const
  for (const [what, row] of unreadable) {
    test(`with ${what} is refused`, () => {
      expect(() => mapPublicaConsumptionRow(row, 'books')).toThrow()
    })
  }

  test('is found in a recorded page, in an array and alone', () => {
    for (const body of [{ data: [EXAMPLE], next_cursor: null }, [EXAMPLE], EXAMPLE]) expect(publicaConsumptionRows(body)).toEqual([EXAMPLE])
  })
})

/** Page `at` is empty where `rows` is 0, and its cursor leads to this row of the source. */
function astray(truth: readonly { readonly started_at: unknown }[], at: number, target: number, rows?: 0): Fault {
  const lead = (body: unknown) => {
    const started = new Date(Number(truth[target]?.started_at)).toISOString().slice(0, 19).replace('T', ' ')
    const { next_cursor: cursor, ...page } = body as { next_cursor: string }
    const fields = { ...JSON.parse(Buffer.from(cursor, 'base64').toString()) as object, started_at: started }
    const next = Buffer.from(JSON.stringify(fields)).toString('base64url')
    return { ...page, ...rows === 0 && { data: [] }, next_cursor: next, next_page_url: null }
  }
  return { kind: 'edit', at, edit: lead }
}

describe('the walk', () => {
  test('reads all of 10,000 sessions, exactly', async () => {
    const { server, source, clock } = await open({ sessions: 10_000 })
    const { sessions, report, batches } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('books')))
    expect(report).toMatchObject({ deadLetters: 0, suspectedGaps: [], warnings: [], retries: 0, rows: 10_000 })
    expect(batches).toBe(report.requests)
    expect(report.requests).toBeLessThan(450)
  })

  const readings: [string, PublicaOptions][] = [
    ['skips rows that share a second at the edge of a page', { paging: 'time' }],
    ['pages on start and id', { paging: 'unique' }],
    ['pages on start and id with cursors that cannot be read', { paging: 'opaque_unique' }],
    ['has empty pages in between', { emptyEvery: 3 }],
    ['has empty pages in between and pages on start and id', { emptyEvery: 3, paging: 'unique' }],
    ['gives the next page by its address alone', { nextPageUrl: 'alone' }],
    ['drops the filters from the next address', { nextPageUrl: 'without_filters' }],
    ['calls the reader client_type', { clientField: 'client_type' }],
    ['has both names for the reader', { clientField: 'both' }],
    ['holds more sessions in a second than a page, on start and id', { burst: 80, paging: 'unique' }]
  ]
  for (const [name, options] of readings) {
    for (const seed of [1, 2, 3]) {
      test(`is whole where the server ${name} (seed ${seed})`, async () => {
        const { server, source, clock } = await open({ ...options, seed })
        const { sessions, report } = await gather(source, { clock })
        expect(sessions).toEqual(table(server.truth('books')))
        expect(report).toMatchObject({ suspectedGaps: [], warnings: [], rows: sessions.size })
      })
    }
  }

  test('looks closer at a second that fills a page, and reports it', async () => {
    const { server, source, clock } = await open({ burst: 60 })
    const { sessions, report } = await gather(source, { clock })
    const expected = table(server.truth('books'))
    const [gap] = report.suspectedGaps
    expect(report.suspectedGaps).toHaveLength(1)
    for (const [id, session] of expected) {
      const inside = Number(session.started_at) >= (gap?.from ?? 0) && Number(session.started_at) < (gap?.to ?? 0)
      if (!inside) expect(sessions.get(id)).toEqual(session)
    }
    // 13 reasons share 60 sessions: each fits a page
    expect(sessions).toEqual(expected)
  })

  test('that is stopped anywhere around a second that fills a page loses nothing that it does not report', async () => {
    for (let batches = 1; batches < 9; batches++) {
      const { server, source, clock } = await open({ sessions: 100, burst: 26, shared: 0.4 }, { lookback: 'PT1H' })
      const first = await gather(source, { clock, batches })
      const second = await gather(source, { clock, state: first.states.at(-1) as never })
      const gaps = [...first.report.suspectedGaps, ...second.report.suspectedGaps]
      const lost = server.truth('books').filter(({ session_id: id }) => !first.sessions.has(id) && !second.sessions.has(id))
      const unexplained = lost.filter(({ started_at: at }) => !gaps.some(gap => Number(at) >= gap.from && Number(at) < gap.to))
      expect({ batches, unexplained, gaps: gaps.length > 0 }).toEqual({ batches, unexplained: [], gaps: true })
    }
  })

  test('whatever is missing lies in a reported gap, however dense the sessions and however the server pages', async () => {
    const random = seeded(5)
    for (let seed = 0; seed < 40; seed++) {
      const options: PublicaOptions = {
        seed, sessions: random.int(0, 200), shared: random.pick([0.5, 0.8, 0.95]), burst: random.pick([0, 24, 25, 26, 60]),
        paging: random.pick(['time', 'unique', 'opaque_time', 'opaque_unique']), emptyEvery: random.pick([0, 2, 5]),
        madeCursors: random.pick(['accepted', 'accepted', 'ignored'])
      }
      const { server, source, clock } = await open(options)
      const { sessions, report } = await gather(source, { clock })
      const lost = server.truth('books').filter(({ session_id: id }) => !sessions.has(id))
      const unexplained = lost.filter(({ started_at: at }) => !report.suspectedGaps.some(gap => Number(at) >= gap.from && Number(at) < gap.to))
      expect({ options, unexplained }).toEqual({ options, unexplained: [] })
      if (options.paging === 'unique') expect({ options, gaps: report.suspectedGaps, lost }).toEqual({ options, gaps: [], lost: [] })
    }
  })

  for (const options of [{ paging: 'opaque_time' }, { madeCursors: 'ignored' }] as const) {
    test(`reports what it cannot know: ${JSON.stringify(options)}`, async () => {
      const { server, source, clock } = await open(options)
      const { sessions, report } = await gather(source, { clock })
      const expected = table(server.truth('books'))
      expect(report.suspectedGaps).toHaveLength(1)
      const [gap] = report.suspectedGaps
      for (const [id, session] of expected) {
        if (sessions.has(id)) expect(sessions.get(id)).toEqual(session)
        else expect(Number(session.started_at) >= (gap?.from ?? Infinity) && Number(session.started_at) < (gap?.to ?? 0)).toBe(true)
      }
      expect(sessions.size).toBeGreaterThan(expected.size * 0.9)
    })
  }

  test('goes on where the cursors lead in a circle and others can be made', async () => {
    const { server, source, clock } = await open({ circleAt: 5 })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('books')))
    expect(report).toMatchObject({ suspectedGaps: [], warnings: [] })
  })

  for (const paging of ['unique', 'opaque_time'] as const) {
    test(`ends when the cursors lead in a circle (${paging})`, async () => {
      const { source, clock } = await open({ circleAt: 5, paging })
      await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_protocol', message: expect.stringContaining('circle') })
    })
  }

  test('does not believe a cursor that leads past the rows of its page', async () => {
    const { server, source, clock } = await open()
    server.misbehave(astray(server.truth('books'), 3, 300))
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('books')))
    expect(report).toMatchObject({ suspectedGaps: [], warnings: [] })
  })

  const leaps: [string, PublicaOptions, (server: Publica) => readonly Fault[]][] = [
    ['on start and id', { paging: 'unique' }, server => [astray(server.truth('books'), 1, 300)]],
    ['after it was asked again', {}, server => [2, 3].map(at => astray(server.truth('books'), at, 300, 0))],
    ['where no cursor can be made', { madeCursors: 'ignored' }, () => {
      const edit = loop()
      return [{ kind: 'edit', at: 13, edit }, { kind: 'edit', at: 14, edit }]
    }]
  ]
  for (const [what, options, faults] of leaps) {
    test(`reports what a cursor past the rows of its page leaves out, ${what}`, async () => {
      const { server, source, clock } = await open(options)
      server.misbehave(...faults(server))
      // up to the first fault at 13, whose cursor comes again at the begin of another reading
      if (options.madeCursors) await gather(source, { clock, batches: 12 })
      const { sessions, report } = await gather(source, { clock })
      const lost = server.truth('books').filter(({ session_id: id }) => !sessions.has(id))
      expect(lost.length).toBeGreaterThan(100)
      const isExplained = (at: unknown) => report.suspectedGaps.some(gap => Number(at) >= gap.from && Number(at) < gap.to)
      expect(lost.filter(({ started_at: at }) => !isExplained(at))).toEqual([])
      expect(report.suspectedGaps.some(({ reason }) => reason.includes('further back'))).toBe(true)
    })
  }

  for (const batches of [1, 2, Infinity]) {
    test(`finds the second at the edge again after an empty page whose cursor leads past it (stopped after ${batches})`, async () => {
      const { server, source, clock } = await open({ shared: 0.8 }, { lookback: 'PT1H' })
      const truth = server.truth('books')
      server.misbehave(astray(truth, 2, 24, 0))
      const first = await gather(source, { clock, batches })
      const second = await gather(source, { clock, state: first.states.at(-1) })
      expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(truth))
      expect([...first.report.suspectedGaps, ...second.report.suspectedGaps]).toEqual([])
    })
  }

  test('sends the filters with every page', async () => {
    const { server, source, clock } = await open({
      nextPageUrl: 'without_filters' }, { filters: { reason_type: 'plan', reason_value: 'R-7', user_id: '12', issue_id: 2147484000 }
    })
    await gather(source, { clock })
    expect(server.requests().every(({ query }) => query.get('reason_value') === 'R-7' && query.get('user_id') === '12')).toBe(true)
    const wide = await open({ nextPageUrl: 'without_filters', sessions: 3_000 }, { filters: { reason_type: 'plan' } })
    const { sessions } = await gather(wide.source, { clock })
    expect(sessions).toEqual(table(wide.server.truth('books').filter(session => session['reason_type'] === 'plan')))
  })

  test('reads the second that an interval begins with as a whole', async () => {
    const { server, source, clock } = await open({ burst: 60, paging: 'unique' })
    const busiest = Number(server.truth('books')[330]?.started_at)
    const expected = server.truth('books').filter(session => Number(session.started_at) === busiest)
    expect(expected.length).toBeGreaterThan(60)
    const { sessions } = await gather(source, { clock, interval: { start: busiest, end: busiest + 1000 } })
    expect(sessions).toEqual(table(expected))
  })

  for (const toDate of ['inclusive', 'exclusive'] as const) {
    test(`asks for an interval alone, to_date being ${toDate}`, async () => {
      const { server, source, clock } = await open({ toDate, sessions: 2_000 })
      const interval = { start: Date.UTC(2025, 0, 9, 22), end: Date.UTC(2025, 0, 12, 0, 0, 1) }
      const { sessions, report, states } = await gather(source, { clock, interval })
      expect(sessions).toEqual(table(server.truth('books').filter(({ started_at: at }) => Number(at) >= interval.start && Number(at) < interval.end)))
      expect(report.requests).toBeLessThan(40)
      expect(states.at(-1)).toEqual({ version: 1, watermark: null, walk: null })
    })
  }
})

describe('state', () => {
  test('a second reading ends at the watermark less the lookback and brings what is new or changed', async () => {
    const { server, source, clock } = await open({ sessions: 3_000 }, { lookback: 'PT12H' })
    const first = await gather(source, { clock })
    server.live(5, 30)
    const second = await gather(source, { clock, state: first.states.at(-1) })
    expect(second.report.requests).toBeLessThan(8)
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('books')))
  })

  test('a reading that was stopped goes on from any of its states, and misses nothing that came meanwhile', async () => {
    for (const batches of [1, 7, 20]) {
      const { server, source, clock } = await open()
      const first = await gather(source, { clock, batches })
      server.live(3, 40)
      const second = await gather(source, { clock, state: first.states.at(-1), batches: 1 })
      const third = await gather(source, { clock, state: second.states.at(-1) })
      expect(new Map([...first.sessions, ...second.sessions, ...third.sessions])).toEqual(table(server.truth('books')))
      const fourth = await gather(source, { clock, state: third.states.at(-1) })
      expect(fourth.report.requests).toBeLessThan(8)
    }
  })

  test('a stored cursor that the server no longer knows starts the walk again', async () => {
    const { server, source, clock } = await open({ paging: 'unique', madeCursors: 'ignored' })
    const state = { version: 1, watermark: null, walk: { top: NOW, reached: 1_735_000_000, cursor: 'b2xk' } }
    const { sessions } = await gather(source, { clock, state })
    expect(sessions).toEqual(table(server.truth('books')))
  })

  test('a stored mark that leads past the rest of its second is a gap', async () => {
    const { server, source, clock } = await open({ shared: 0.8 })
    const reached = Number(server.truth('books')[100]?.started_at) / 1000
    const started = new Date(reached * 1000).toISOString().slice(0, 19).replace('T', ' ')
    const cursor = Buffer.from(JSON.stringify({ started_at: started, _pointsToNextItems: true })).toString('base64url')
    const { report } = await gather(source, { clock, state: { version: 1, watermark: null, walk: { top: NOW, reached, cursor } } })
    expect(report.suspectedGaps).toEqual([expect.objectContaining({ from: reached * 1000, to: (reached + 1) * 1000 })])
  })

  test('a session in the future does not hide the others', async () => {
    const { source, server } = await open()
    const clock = virtualClock(Date.UTC(2025, 0, 10))
    const first = await gather(source, { clock })
    expect(first.states.at(-1)).toMatchObject({ watermark: Date.UTC(2025, 0, 10) })
    expect(first.sessions.size).toBe(server.truth('books').length)
  })

  test('of another form is refused', async () => {
    const { source } = await open()
    await expect(gather(source, { state: { version: 9 } })).rejects.toMatchObject({ code: 'invalid_state' })
  })
})

function answer(rows: unknown[]): Promise<SandboxServer> {
  return startServer(() => ({ json: { data: rows, next_cursor: null, next_page_url: null } }))
}

describe('rows that are odd', () => {
  test('a start that is not the uuid’s is kept and reported', async () => {
    const server = await answer([EXAMPLE, { ...EXAMPLE, uuid: '38:1:1:1734446548', started_at: '2024-12-17 11:42:28' }])
    running.push(server)
    const { sessions, report } = await gather(createPublicaConsumption('books', { base_url: server.url, api_token: 'token' }))
    expect(sessions.size).toBe(2)
    expect(report.warnings).toEqual([expect.stringContaining('by -10800 s')])
  })

  test('one that cannot be read is a dead letter', async () => {
    const server = await answer([EXAMPLE, { ...EXAMPLE, uuid: 'x', started_at: 'soon' }])
    running.push(server)
    const { sessions, report, letters } = await gather(createPublicaConsumption('books', { base_url: server.url, api_token: 'token' }))
    expect(sessions.size).toBe(1)
    expect(report.deadLetters).toBe(1)
    expect(letters).toEqual([{ source: 'books', reason: expect.stringContaining('started_at'), record: { ...EXAMPLE, uuid: 'x', started_at: 'soon' } }])
  })

  test('too many of them end the source', async () => {
    const server = await answer(Array.from({ length: 25 }, (_, i) => i < 11 ? { broken: i } : { ...EXAMPLE, uuid: `u${i}` }))
    running.push(server)
    await expect(gather(createPublicaConsumption('books', { base_url: server.url, api_token: 'token' }))).rejects.toMatchObject({ code: 'source_data' })
  })

  test('an answer of another form is a protocol error', async () => {
    const server = await startServer(() => ({ json: { sessions: [] } }))
    running.push(server)
    await expect(gather(createPublicaConsumption('books', { base_url: server.url, api_token: 'token' }))).rejects.toMatchObject({ code: 'source_protocol' })
  })
})

describe('trouble on the way', () => {
  test('429, 500, a cut body and garbage in mid-walk change nothing', async () => {
    const { server, source, clock } = await open({
      faults: [
        { kind: 'status', status: 429, at: 2, headers: { 'retry-after': '21' } }, { kind: 'status', status: 500, at: 5 },
        { kind: 'cut', at: 8 }, { kind: 'garbage', at: 10 }, { kind: 'reset', at: 12 }
      ]
    })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('books')))
    expect(report.retries).toBe(5)
    expect(clock.sleeps[0]).toBe(21_000)
  })

  test('the rate limit of a minute is kept without a single refusal', async () => {
    const clock = virtualClock(NOW)
    const { server, source } = await open({ now: clock.now, rateLimit: { requests: 10, perMs: 60_000 } })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('books')))
    expect(report.retries).toBe(0)
    expect(clock.sleeps.length).toBeGreaterThan(1)
  })

  test('a web page instead of JSON', async () => {
    const { source, clock } = await open({ faults: [{ kind: 'html', at: 3 }] })
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_protocol', message: expect.stringContaining('web page') })
  })

  test('an abort ends the reading', async () => {
    const { source, clock } = await open({ faults: [{ kind: 'stall', at: 3 }] })
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(gather(source, { clock, signal: stop.signal })).rejects.toThrow('enough')
  })

  test('check tells what works and what does not', async () => {
    const { server, source } = await open()
    expect(await source.check()).toMatchObject({ ok: true })
    const stranger = createPublicaConsumption('books', { ...server.config, api_token: 'wrong-canary' })
    const refused = await stranger.check()
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('"api_token"') })
    server.misbehave({ kind: 'status', status: 403 })
    expect(await source.check()).toMatchObject({ ok: false, message: expect.stringContaining('enable') })
    await server.close()
    expect(await source.check({ clock: virtualClock() })).toMatchObject({ ok: false })
  })

  test('no secret appears anywhere', async () => {
    const token = 'canary-publica-55aa'
    const { source, clock } = await open({ token, sessions: 60 })
    const { sessions, states, report } = await gather(source, { clock })
    const { server, source: wrong } = await open({ sessions: 10 }, { api_token: token })
    const messages = [(await wrong.check()).message, ...await Promise.all([401, 403, 404, 422, 500].map(async status => {
      server.misbehave({ kind: 'status', status, times: 99, json: { message: `bad ${token}` } })
      return gather(wrong, { clock }).then(String, String)
    }))]
    expect(JSON.stringify([[...sessions], states, report, messages, source, wrong.describe()])).not.toContain(token)
  })
})

describe('configuration', () => {
  const good = { type: 'publica-consumption', base_url: 'https://shop.example', api_token: 'canary-key-1' }
  const faults: [string, Record<string, unknown>][] = [
    ['api_token', { api_token: undefined }], ['api_token', { api_token: 5 }], ['base_url', { base_url: 'http://shop.example' }],
    ['lookback', { lookback: 'a day' }], ['filters', { filters: [] }], ['filters.issue_id', { filters: { issue_id: 'x' } }],
    ['filters.reason_value', { filters: { reason_value: 'a' } }], ['filters.reason', { filters: { reason: 'a' } }], ['tokn', { tokn: 'canary-key-2' }]
  ]
  for (const [key, change] of faults) {
    test(`${JSON.stringify(change)} is refused`, () => {
      expect(() => createPublicaConsumption('books', { ...good, ...change })).toThrow(`source "books": "${key}"`)
      expect(() => createPublicaConsumption('books', { ...good, ...change })).not.toThrow('canary')
    })
  }
})
