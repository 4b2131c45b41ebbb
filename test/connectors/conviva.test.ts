import { afterEach, describe, expect, test } from 'vitest'
import { createConvivaSource } from '../../connectors/conviva/conviva.js'
import { CONVIVA_COLUMNS, convivaRows, mapConvivaRow } from '../../connectors/conviva/row.js'
import { startConviva, type ConvivaOptions } from '../sandbox/conviva.js'
import { gather, table } from '../sandbox/gather.js'
import type { SandboxServer } from '../sandbox/server.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function open(options: ConvivaOptions = {}, config: Record<string, unknown> = {}) {
  const clock = virtualClock()
  const server = await startConviva({ sessions: 500, now: clock.now, ...options })
  running.push(server)
  return { clock, server, source: createConvivaSource('video', { ...server.config, ...config }) }
}

describe('a row', () => {
  const row = { conviva_session_id: 'x-1', start_time_ms: 1_700_000_000_123, end_time_ms: 1_700_000_060_623 }

  test('turns sentinels and empty text into missing values, and nothing else', () => {
    const session = mapConvivaRow({
      ...row, viewer_id: '### REDACTED ###', stream_url: '',
      lifetime_metrics: { video_start_time_ms: -3000, last_play_head_time_ms: -1, video_restart_time_ms: -1, interrupts: 0 },
      network_info: { asn: 719, cdn: 'AKAMAI' }, geo_info: { postal_code: 100 }, tags: { custom_tags: { AppName: '', 'c3.x': 7, __proto: 'p' } }
    }, 'video')
    expect(session).toMatchObject({
      session_id: 'x-1', started_at: 1_700_000_000_123, session_duration_secs: 60.5,
      viewer_id: null, stream_url: null, video_start_time_ms: null, last_play_head_time_ms: null,
      video_restart_time_ms: -1, interrupts: 0, asn: '719', cdn: ['AKAMAI'], postal_code: '100', tag_AppName: null, 'tag_c3.x': '7', tag___proto: 'p'
    })
  })

  test('keeps unknown fields under their own names', () => {
    const session = mapConvivaRow({ ...row, is_new_thing: true, device_info: { model: 'X1' }, constructor: 'c', tags: { other: { a: 1 } } }, 'video')
    expect(session).toMatchObject({ is_new_thing: 'true', 'device_info.model': 'X1', constructor: 'c', 'tags.other.a': 1 })
  })

  test('understands other spellings of times, browsers and places', () => {
    const session = mapConvivaRow({
      conviva_session_id: 'x', start_date: '2025-01-01T02:00:00+02:00', end_epoch: 1735689660, device_info: { browser: { name: 'Chrome', version: '1' } },
      geo_info: { city: 'Bonn, Germany', state: '', country: 'Germany' }
    }, 'video')
    expect(session).toMatchObject({
      started_at: 1735689600000, session_duration_secs: 60, browser_name: 'Chrome', browser_version: '1', city: 'Bonn', country: 'Germany', state: null
    })
  })

  test.each([
    ['no id', { ...row, conviva_session_id: '' }], ['no start', { conviva_session_id: 'x' }],
    ['no object', 7], ['no number', { ...row, lifetime_metrics: { x: 1 }, y: Infinity }]
  ])(
    'with %s is refused', (_, bad) => {
      expect(() => mapConvivaRow(bad, 'video')).toThrow()
    }
  )

  test('is found in a recorded page, in an array and alone', () => {
    for (const body of [{ sessions: [row] }, { data: [row], x: 1 }, [row], row]) expect(convivaRows(body)).toEqual([row])
  })

  test('fills only columns that are described, of this type', async () => {
    const { server } = await open({ sessions: 200 })
    const described = new Map(CONVIVA_COLUMNS.map(column => [column.name, column.type]))
    for (const session of server.truth('video')) {
      for (const [name, value] of Object.entries(session)) {
        const type = described.get(name)
        if (type === undefined) expect(name).toMatch(/^(source$|dim_|tag_|average_bitrate|playing_time|rebuffering)/)
        else if (value !== null) expect(Array.isArray(value) ? 'strings' : typeof value).toBe(type)
      }
    }
  })
})

const strangeAnswer = async () => new Response('{"hello":"world"}', { headers: { 'content-type': 'application/json' } })

/** Spares a test the empty days. */
function recent(clock: { now(): number }) {
  return { state: { watermark: clock.now() - 2 * DAY } }
}

describe('the walk', () => {
  test('reads all of 10,000 sessions, exactly', async () => {
    const { server, source, clock } = await open({ sessions: 10_000, busy: 4_000 })
    const { sessions, report, states } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('video')))
    expect(report).toMatchObject({ deadLetters: 0, suspectedGaps: [], retries: 0, progress: 1 })
    expect(report.rows).toBe(sessions.size + report.duplicates)
    expect(states.at(-1)).toEqual({ version: 1, watermark: clock.now() })
  })

  const readings = (['start', 'end'] as const).flatMap(rangeBy => (['closed', 'from', 'to', 'open'] as const).map(bounds => ({ rangeBy, bounds })))

  test.each(readings)('is right where ranges go by $rangeBy with bounds $bounds', async reading => {
    const { server, source, clock } = await open({
      ...reading, sessions: 400, days: 2, busy: 150, bursts: { 0: 1, 1: 35, 2: 1, 1000: 49, 1001: 48, 1002: 3 } }, { limit: 60
    })
    const { sessions, report } = await gather(source, { clock, ...recent(clock) })
    expect(sessions).toEqual(table(server.truth('video')))
    expect(report.suspectedGaps).toEqual([])
  })

  test('asks within the documented limits', async () => {
    const { server, source, clock } = await open({ sessions: 300 })
    await gather(source, { clock })
    for (const { query } of server.requests()) {
      expect(Number(query.get('end_epoch_ms')) - Number(query.get('start_epoch_ms'))).toBeLessThanOrEqual(3 * HOUR)
      expect(query.get('limit')).toBe('1500')
    }
  })

  test('finds out that fewer rows come than were asked for', async () => {
    for (const cap of [50, 500]) {
      const { server, source, clock } = await open({ sessions: 1_500, days: 2, busy: 900, cap })
      expect((await gather(source, { clock, ...recent(clock) })).sessions).toEqual(table(server.truth('video')))
    }
  })

  test('counts what one full millisecond hides', async () => {
    for (const bounds of ['closed', 'from', 'to', 'open'] as const) {
      const { server, source, clock } = await open({ sessions: 40, days: 2, bursts: { 0: 101, 3: 40 }, bounds }, { limit: 100 })
      const { sessions, report } = await gather(source, { clock, ...recent(clock) })
      const at = clock.now() - DAY
      expect(report.suspectedGaps).toContainEqual({ from: at, to: at + 1, reason: expect.stringContaining('100') })
      // with closed bounds the milliseconds beside it cannot be told from it
      for (const gap of report.suspectedGaps) expect(Math.abs(gap.from - at)).toBeLessThanOrEqual(1)
      expect(sessions.size).toBeGreaterThanOrEqual(40 + 100)
      expect(server.truth('video').filter(session => session.started_at !== at).every(session => sessions.has(session.session_id))).toBe(true)
    }
  })

  test('sees sessions that ended after the last reading, however long ago they started', async () => {
    for (const rangeBy of ['start', 'end'] as const) {
      const { server, source, clock } = await open({ sessions: 1_500, days: 2, rangeBy })
      const first = await gather(source, { clock, ...recent(clock) })
      const before = server.requests().length
      await clock.sleep(6 * HOUR)
      const second = await gather(source, { clock, state: first.states.at(-1) as { watermark: number } })
      expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('video')))
      expect(second.sessions.size).toBeLessThan(first.sessions.size / 2)
      expect(server.requests().length - before).toBeLessThan(30)
    }
  })

  test('goes on where it was cut off', async () => {
    const { server, source, clock } = await open({ sessions: 1_000 })
    const first = await gather(source, { clock, batches: 60 })
    const second = await gather(source, { clock, state: first.states.at(-1) as { watermark: number } })
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('video')))
  })

  test('reports what Conviva no longer keeps', async () => {
    const { source, clock } = await open()
    const watermark = clock.now() - 40 * DAY
    const { report } = await gather(source, { clock, state: { watermark } })
    expect(report.suspectedGaps).toEqual([{ from: watermark, to: expect.any(Number), reason: expect.stringContaining('31 days') }])
    expect(report.suspectedGaps[0]!.to - (clock.now() - 31 * DAY)).toBeLessThan(HOUR)
    const fresh = await gather(source, { clock, interval: { start: clock.now() - 50 * DAY, end: clock.now() - 45 * DAY } })
    expect(fresh.sessions.size).toBe(0)
    expect(fresh.report.suspectedGaps).toHaveLength(1)
  })

  test('moves the state only forward, and not at all for an interval', async () => {
    const { source, clock } = await open({ sessions: 100, days: 2 })
    const state = { watermark: clock.now() - 2 * DAY }
    const { states } = await gather(source, { clock, state })
    const marks = states.map(each => (each as { watermark: number }).watermark)
    expect(marks).toEqual(marks.toSorted((a, b) => a - b))
    expect(marks[0]).toBeGreaterThanOrEqual(state.watermark)
    const interval = { start: clock.now() - DAY, end: clock.now() }
    for (const given of [state, undefined]) {
      const kept = await gather(source, { clock, interval, ...given && { state: given } })
      for (const each of kept.states) expect((each as { watermark: number }).watermark).toBeLessThanOrEqual(state.watermark)
    }
    await expect(gather(source, { clock, state: { page: 3 } })).rejects.toMatchObject({
      code: 'invalid_state', message: expect.stringContaining('stored state')
    })
  })

  test('reads no more than an interval needs', async () => {
    for (const rangeBy of ['start', 'end'] as const) {
      const { server, source, clock } = await open({ sessions: 3_000, rangeBy })
      const interval = { start: clock.now() - 5 * DAY, end: clock.now() - 4 * DAY }
      const { sessions } = await gather(source, { clock, interval })
      const wanted = server.truth('video').filter(({ started_at }) => Number(started_at) >= interval.start && Number(started_at) < interval.end)
      expect(wanted.length).toBeGreaterThan(50)
      for (const session of wanted) expect(sessions.get(session.session_id)).toEqual(session)
      expect(server.requests().length).toBeLessThan(20)
    }
  })

  test('hands filters on, encoded', async () => {
    const { server, source, clock } = await open({}, { filters: { is_video_start_failure: true, tag_Name: 'a+b&c' } })
    const { sessions } = await gather(source, { clock })
    expect(sessions.size).toBeGreaterThan(3)
    expect([...sessions.values()].every(session => session['is_video_start_failure'] === 'true')).toBe(true)
    expect(server.requests()[0]?.rawQuery).toContain('tag_Name=a%2Bb%26c')
  })
})

describe('trouble', () => {
  test('waits a minute at least after a 429', async () => {
    const { server, source, clock } = await open({ rateLimit: { requests: 100, perMs: 60_000, headers: false } })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('video')))
    expect(report.retries).toBeGreaterThan(0)
    for (const sleep of clock.sleeps) expect(sleep).toBeGreaterThanOrEqual(60_000)
  })

  test('keeps to 400 requests a minute by itself', async () => {
    const { source, clock, server } = await open({ sessions: 1_500, busy: 1_400 }, { limit: 20 })
    await gather(source, { clock })
    expect(server.requests().length).toBeGreaterThan(400)
    expect(clock.sleeps.length).toBeGreaterThan(0)
  })

  test('survives failing, cut and broken answers', async () => {
    const { server, source, clock } = await open({
      days: 2,
      faults: [
        { kind: 'status', at: 2 }, { kind: 'cut', at: 5 }, { kind: 'garbage', at: 9 },
        { kind: 'reset', at: 12 }, { kind: 'status', status: 503, at: 16, times: 2 }
      ]
    })
    expect((await gather(source, { clock, ...recent(clock) })).sessions).toEqual(table(server.truth('video')))
  })

  test('says what is wrong with the credentials, and never the secret', async () => {
    const { server, clock } = await open()
    const source = createConvivaSource('video', { ...server.config, client_secret: 'CANARY-secret-1' })
    const encoded = Buffer.from('sandbox-client:CANARY-secret-1').toString('base64')
    const check = await source.check({ clock })
    const error = await gather(source, { clock }).catch((thrown: Error) => thrown) as Error
    expect(error).toMatchObject({ code: 'source_unauthorized', message: expect.stringContaining('"client_secret"') })
    expect(check).toMatchObject({ ok: false, message: error.message })
    for (const text of [error.message, String(error.stack), JSON.stringify(check), JSON.stringify(source)]) {
      expect(text).not.toContain('CANARY')
      expect(text).not.toContain(encoded)
    }
  })

  test('checks good credentials with one small request', async () => {
    const { server, source, clock } = await open()
    expect(await source.check({ clock })).toEqual({ ok: true, message: 'Conviva accepts the credentials.' })
    expect(server.requests().map(({ query }) => query.get('limit'))).toEqual(['1'])
  })

  test('refuses an answer without sessions', async () => {
    const { source, clock } = await open()
    await expect(gather(source, { clock, fetch: strangeAnswer })).rejects.toMatchObject({ code: 'source_protocol' })
  })

  test('ends at once on an abort', async () => {
    const { source, clock } = await open()
    const abort = new AbortController()
    const reading = (async () => { for await (const _ of source.read({ clock, signal: abort.signal })) abort.abort(new Error('enough')) })()
    await expect(reading).rejects.toThrow('enough')
  })

  test.each([
    [{ client_secret: 's' }, '"client_id" is missing'], [{ client_id: 'a:b', client_secret: 's' }, 'colon'], [{ client_id: 'a' }, '"client_secret" is missing'],
    [{ client_id: 'a', client_secret: 's', limit: 1501 }, '"limit" must be an integer from 1 to 1500'],
    [{ client_id: 'a', client_secret: 's', lookback: '6h' }, 'ISO-8601 duration'],
    [{ client_id: 'a', client_secret: 's', filters: { limit: 3 } }, 'set by the connector itself'],
    [{ client_id: 'a', client_secret: 's', filters: { x: [1] } }, 'must be a string, number or boolean'],
    [{ client_id: 'a', client_secret: 's', colour: 3 }, '"colour" is not a key']
  ])('refuses the config %j', (config, message) => {
    expect(() => createConvivaSource('video', config)).toThrow(message)
  })
})
