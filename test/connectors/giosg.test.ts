import { afterEach, describe, expect, test } from 'vitest'
import { createGiosgSource } from '../../connectors/giosg/giosg.js'
import { GIOSG_COLUMNS, GiosgSessions } from '../../connectors/giosg/table.js'
import type { Session } from '../../connectors/source.js'
import { gather, table } from '../sandbox/gather.js'
import { startGiosg, type GiosgOptions } from '../sandbox/giosg.js'
import type { SandboxServer } from '../sandbox/server.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const DAY = 86_400_000
const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function open(options: GiosgOptions = {}, config: Record<string, unknown> = {}) {
  const clock = virtualClock()
  const server = await startGiosg({ sessions: 800, now: clock.now, ...options })
  running.push(server)
  return { clock, server, source: createGiosgSource('web', { ...server.config, ...config }) }
}

function queries(server: SandboxServer) {
  return server.requests().map(request => JSON.parse(request.body) as { interval: { start: string; end: string }; group_by: string[] })
}

const attempt = (_: unknown, read: () => void) => read()

describe('answers put together', () => {
  test('by the names of their columns', () => {
    const sessions = new GiosgSessions('web')
    sessions.add({
      fields: [{ name: 'session_duration_secs_avg' }, { name: 'session_id' }, { name: 'city' }, { name: 'timestamp' }, { name: 'count' }],
      data: [[12.5, 'a', null, '2025-01-01T00:05:00.000+02:00', 1]]
    }, [], attempt)
    sessions.add({
      fields: [{ name: 'rooms' }, { name: 'timestamp' }, { name: 'session_id' }],
      data: [['x', '2024-12-31T22:05:00Z', 'a'], ['', '2024-12-31T22:05:00Z', 'a'], ['x', '2024-12-31T22:05:00Z', 'a'], [null, '2025-01-02T00:00:00Z', 'b']]
    }, [], attempt)
    expect(sessions.take()).toEqual([
      { session_id: 'a', started_at: Date.UTC(2024, 11, 31, 22, 5), source: 'web', session_duration_secs: 12.5, city: null, rooms: ['x', ''] },
      { session_id: 'b', started_at: Date.UTC(2025, 0, 2), source: 'web', rooms: [] }
    ])
    expect(sessions.take()).toEqual([])
  })

  test('say what they lack and what nobody knows', () => {
    const sessions = new GiosgSessions('web')
    expect(
      sessions.add({ fields: [{ name: 'timestamp' }, { name: 'session_id' }, { name: 'mood' }], data: [] }, ['city'], attempt)
    ).toEqual({ missing: ['city'], unknown: ['mood'] })
    expect(() => sessions.add({ fields: [{ name: 'timestamp' }], data: [] }, [], attempt)).toThrow('session_id')
  })
})

describe('the walk', () => {
  test('reads all of 10,000 sessions, exactly, and nothing but described columns', async () => {
    const { server, source, clock } = await open({ sessions: 10_000 })
    const { sessions, report, states } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('web')))
    expect(report).toMatchObject({ deadLetters: 0, suspectedGaps: [], warnings: [], retries: 0, progress: 1 })
    expect(report.rows).toBe(sessions.size + report.duplicates)
    expect(states.at(-1)).toEqual({ version: 1, watermark: clock.now() })
    const names = ['source', ...GIOSG_COLUMNS.map(column => column.name)].sort()
    for (const session of sessions.values()) expect(Object.keys(session).sort()).toEqual(names)
  })

  test.each((['exclusive', 'inclusive'] as const).flatMap(intervalEnd => (['documented', 'reversed'] as const).map(columns => ({ intervalEnd, columns }))))(
    'is right where the end of an interval is $intervalEnd and columns come $columns', async reading => {
      const { server, source, clock } = await open({ ...reading, tooMany: 100 })
      const { sessions, report } = await gather(source, { clock })
      expect(sessions).toEqual(table(server.truth('web')))
      expect(report.suspectedGaps).toEqual([])
    }
  )

  test('asks for 180 days at most and for less where answers fail', async () => {
    const { server, source, clock } = await open({ tooMany: 60, days: 200 })
    const { sessions } = await gather(source, { clock })
    expect(sessions).toEqual(table(server.truth('web')))
    const lengths = queries(server).map(({ interval }) => Date.parse(interval.end) - Date.parse(interval.start))
    expect(Math.max(...lengths)).toBe(180 * DAY)
    expect(lengths.filter(length => length < 30 * DAY).length).toBeGreaterThan(10)
  })

  test('gives up where even a minute fails', async () => {
    const { source, clock } = await open({ tooMany: 0, days: 1 })
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_failed', message: expect.stringContaining('504') })
  })

  test('reads changed and new sessions again from the watermark less the lookback', async () => {
    const { server, source, clock } = await open()
    const first = await gather(source, { clock })
    const before = server.requests().length
    await clock.sleep(600_000)
    server.live(2, 30)
    const second = await gather(source, { clock, state: first.states.at(-1) as { watermark: number } })
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('web')))
    expect(second.sessions.size).toBeLessThan(60)
    expect(server.requests().length - before).toBeLessThan(20)
  })

  test('goes on where it was cut off', async () => {
    const { server, source, clock } = await open({ tooMany: 100 })
    const first = await gather(source, { clock, batches: 30 })
    const second = await gather(source, { clock, state: first.states.at(-1) as { watermark: number } })
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('web')))
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
    const { server, source, clock } = await open()
    const interval = { start: clock.now() - 20 * DAY - 12_345, end: clock.now() - 10 * DAY }
    const { sessions } = await gather(source, { clock, interval })
    const wanted = server.truth('web').filter(({ started_at }) => Number(started_at) >= interval.start && Number(started_at) < interval.end)
    expect(wanted.length).toBeGreaterThan(10)
    for (const session of wanted) expect(sessions.get(session.session_id)).toEqual(session)
    expect(sessions.size - wanted.length).toBeLessThan(5)
  })

  test('counts sessions that giosg counts but does not give', async () => {
    const { source, clock } = await open({ loseEvery: 10, days: 100 })
    const { sessions, report } = await gather(source, { clock })
    const missing = report.suspectedGaps.reduce((sum, gap) => sum + (gap.atLeast ?? 0), 0)
    expect(missing).toBeGreaterThan(0)
    expect(sessions.size + missing).toBe(800)
    expect(report.suspectedGaps[0]?.reason).toMatch(/giosg counts \d+ sessions and gives \d+/)
  })
})

describe('an experimental interface', () => {
  test('may refuse dimensions', async () => {
    const { server, source, clock } = await open({ refused: ['rooms', 'ip_organization'] })
    const { sessions, report } = await gather(source, { clock })
    expect(report.warnings).toEqual([
      'giosg does not know the dimension "ip_organization" here; it stays empty.', 'giosg does not know the dimension "rooms" here; it stays empty.'
    ])
    const known = server.truth('web').map(({ rooms: _rooms, ip_organization: _organization, ...session }) => session as Session)
    expect(sessions).toEqual(table(known))
  })

  test('may leave columns out and add others', async () => {
    const { source, clock, server } = await open({ lacking: ['city', 'session_duration_secs_avg'], extra: 'mood' })
    const { sessions, report } = await gather(source, { clock })
    expect(sessions.size).toBe(server.truth('web').length)
    expect(report.warnings).toEqual([
      'giosg\'s answer lacks the dimension "city"; it stays empty.', 'giosg\'s answer lacks the dimension "session_duration_secs"; it stays empty.',
      'giosg\'s answer has a field "mood" that its documents do not; it is kept.'
    ])
    expect([...sessions.values()][0]).toMatchObject({ mood: 'new' })
  })

  test('must name the session', async () => {
    const { source, clock } = await open({ lacking: ['session_id'] })
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_data', message: expect.stringContaining('"session_id"') })
  })
})

describe('trouble', () => {
  test('survives failing, cut and broken answers', async () => {
    const { server, source, clock } = await open({
      faults: [
        { kind: 'status', at: 2 }, { kind: 'cut', at: 32 }, { kind: 'garbage', at: 36 },
        { kind: 'reset', at: 40 }, { kind: 'status', status: 429, at: 44, headers: { 'retry-after': '7' } }
      ]
    })
    expect((await gather(source, { clock })).sessions).toEqual(table(server.truth('web')))
    expect(clock.sleeps).toContain(7_000)
  })

  test.each([
    [{ api_key: 'CANARY-key-1' }, 'source_unauthorized', '"api_key"'],
    [{ organization_id: 'forbidden-organization' }, 'source_unauthorized', 'may not read reports of this organization'],
    [{ organization_id: 'nobody/..' }, 'source_not_found', '"organization_id"']
  ])('says what is wrong with %j', async (config, code, message) => {
    const { source, clock } = await open({}, config)
    const error = await gather(source, { clock }).catch((thrown: Error) => thrown) as Error
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    const check = await source.check({ clock })
    expect(check).toEqual({ ok: false, message: error.message })
    for (const text of [error.message, String(error.stack), JSON.stringify(source)]) expect(text).not.toContain('CANARY')
  })

  test('does not ask for less of a host that cannot be reached', async () => {
    const { server, source, clock } = await open()
    await server.close()
    await expect(gather(source, { clock })).rejects.toMatchObject({ code: 'source_unreachable', message: expect.stringContaining('"base_url"') })
    expect(clock.sleeps.length).toBeLessThan(5)
  })

  test('checks a good key with one request', async () => {
    const { server, source, clock } = await open()
    expect(await source.check({ clock })).toMatchObject({ ok: true })
    expect(server.requests()).toHaveLength(1)
  })

  test('ends at once on an abort', async () => {
    const { source, clock } = await open()
    const abort = new AbortController()
    const reading = (async () => { for await (const _ of source.read({ clock, signal: abort.signal })) abort.abort(new Error('enough')) })()
    await expect(reading).rejects.toThrow('enough')
  })

  test.each([
    [{ api_key: 'k' }, '"organization_id" is missing'], [{ organization_id: 'o' }, '"api_key" is missing'],
    [{ organization_id: 'o', api_key: 'k', pushdown: true }, '"pushdown" is not a key'],
    [{ organization_id: 'o', api_key: 'k', base_url: 'http://giosg.example' }, 'unencrypted']
  ])('refuses the config %j', (config, message) => {
    expect(() => createGiosgSource('web', config)).toThrow(message)
  })
})
