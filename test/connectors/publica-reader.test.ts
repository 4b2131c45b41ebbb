import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import {
  createPublicaReader, mapPublicaReaderRecord, mapPublicaReaderRow, PUBLICA_READER_COLUMNS, publicaReaderRows
} from '../../connectors/publica-reader/publica-reader.js'
import { gather, table } from '../sandbox/gather.js'
import { startReader, type ReaderOptions } from '../sandbox/reader.js'
import type { SandboxServer } from '../sandbox/server.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const running: SandboxServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.close()))
})

async function open(options: ReaderOptions = {}, config: Record<string, unknown> = {}) {
  const server = await startReader(options)
  running.push(server)
  return { server, source: createPublicaReader('shelf', { ...server.config, ...config }), clock: virtualClock() }
}

const CONTEXT = { issueId: '5', tenantId: '7', preview: false, answeredAt: 1_700_000_000_123 }
const ANSWER = {
  token: 'canary-token', cover: 'https://cdn/c?sig=canary', table_of_contents: [], file_url: null, custom_preview: null, spine: null, total_words: null,
  tracks: null, files_urls: null, files_info: null, articles: null
}

function answerOddly(): Promise<Response> {
  return Promise.resolve(Response.json({ cover: 'https://cdn/?sig=canary-reader', extra_url: 'canary-reader' }))
}

describe('an answer', () => {
  test('becomes a session without its secrets', () => {
    const session = mapPublicaReaderRow(
      { ...ANSWER, tracks: [{ duration: 60, url: 'canary' }, { duration: '1:02:03' }, { duration: '12.5' }] }, 'shelf', CONTEXT
    )
    expect({ ...session }).toEqual({
      session_id: createHash('sha256').update('canary-token').digest('hex').slice(0, 32), started_at: 1_700_000_000_123, source: 'shelf',
      issue_id: '5', tenant_id: '7', content_format: 'audiobook', is_preview: false, total_words: null, page_count: null, chapter_count: null,
      track_count: 3, audio_duration_secs: 60 + 3723 + 12.5, toc_entries: 0, article_count: null
    })
    expect(JSON.stringify(session)).not.toContain('canary')
    expect(Object.keys(session).filter(name => name !== 'source')).toEqual(PUBLICA_READER_COLUMNS.map(column => column.name))
  })

  const formats: [string, Record<string, unknown>, string | null][] = [
    ['a spine', { spine: [{}], file_url: 'u', total_words: 9 }, 'epub'], ['pages', { files_urls: ['a', 'b'], files_info: [{}] }, 'pdf'],
    ['tracks', { tracks: [{}] }, 'audiobook'], ['words and a file', { file_url: 'u', total_words: 4 }, 'epub'], ['a file', { file_url: 'u' }, 'pdf'],
    ['empty lists', { spine: [], tracks: [], files_urls: [] }, null]
  ]
  for (const [what, keys, format] of formats) {
    test(`with ${what} is ${format}`, () => {
      expect(mapPublicaReaderRow({ ...ANSWER, ...keys }, 's', CONTEXT)['content_format']).toBe(format)
    })
  }

  test('counts pages by their addresses, and an unknown track length makes the sum unknown', () => {
    const row = mapPublicaReaderRow({ ...ANSWER, files_urls: ['a', 'b', 'c'], files_info: [{}], tracks: [{ duration: 3 }, {}] }, 's', CONTEXT)
    expect(row).toMatchObject({ page_count: 3, track_count: 2, audio_duration_secs: null })
  })

  test('recorded alone, in a list or in an envelope', () => {
    const envelope = { issue_id: 9, tenant_id: '7', preview: true, answered_at: '2025-01-01T00:00:00.500Z', response: ANSWER }
    expect(publicaReaderRows([envelope, envelope])).toHaveLength(2)
    expect(publicaReaderRows(ANSWER)).toEqual([ANSWER])
    expect(mapPublicaReaderRecord(envelope, 's')).toMatchObject({ issue_id: '9', is_preview: true, started_at: Date.UTC(2025, 0, 1) + 500 })
    expect(mapPublicaReaderRecord(ANSWER, 's', { answeredAt: 5 })).toMatchObject({ issue_id: null, started_at: 5 })
    expect(() => mapPublicaReaderRecord(ANSWER, 's')).toThrow('answered_at')
  })
})

describe('a sync', () => {
  for (const preview of [false, true]) {
    test(`opens every issue once and reads it exactly (preview ${preview})`, async () => {
      const { server, source, clock } = await open({}, { preview })
      const { sessions, report, batches } = await gather(source, { clock })
      expect(sessions).toEqual(table(server.truth('shelf', clock.now())))
      expect(server.requests().map(request => request.method)).toEqual(Array.from({ length: 12 }, () => 'POST'))
      // before and after each request
      expect(batches).toBe(24)
      expect(report).toMatchObject({ rows: 12, requests: 12, warnings: [], progress: 1 })
    })
  }

  test('that was stopped goes on with the issues that are left; the next one opens all again', async () => {
    const { server, source, clock } = await open()
    const first = await gather(source, { clock, batches: 6 })
    const second = await gather(source, { clock, state: first.states.at(-1) })
    expect(server.requests()).toHaveLength(12)
    expect(new Map([...first.sessions, ...second.sessions])).toEqual(table(server.truth('shelf', clock.now())))
    await gather(source, { clock, state: second.states.at(-1) })
    expect(server.requests()).toHaveLength(24)
  })

  test('never asks again for an issue whose answer it cannot know, and reports it', async () => {
    const { server, source, clock } = await open()
    const first = await gather(source, { clock, batches: 5 })
    expect(first.states.at(-1)).toMatchObject({ opened: [expect.any(String), expect.any(String)], pending: { asked: clock.now() } })
    const { issue } = (first.states.at(-1) as { pending: { issue: string } }).pending
    const second = await gather(source, { clock, state: first.states.at(-1) })
    expect(second.report.suspectedGaps).toEqual([expect.objectContaining({ from: clock.now(), reason: expect.stringContaining(`issue ${issue}`) })])
    expect(server.requests().filter(({ path }) => path.includes(issue))).toEqual([])
    expect(server.requests()).toHaveLength(11)
  })

  test('of which only the last issue was in doubt opens nothing, and the next one all', async () => {
    const { server, source, clock } = await open()
    const { states } = await gather(source, { clock, batches: 23 })
    const second = await gather(source, { clock, state: states.at(-1) })
    expect(server.requests()).toHaveLength(11)
    expect(second.states).toEqual([{ version: 2, opened: [], pending: null }])
  })

  test('that was refused asks for the issue again', async () => {
    const { server, source, clock } = await open({ faults: [{ kind: 'status', status: 403, at: 3 }] })
    const states: unknown[] = []
    await expect((async () => { for await (const { state } of source.read({ clock })) states.push(state) })()).rejects.toThrow('no access')
    const second = await gather(source, { clock, state: states.at(-1) as never })
    expect(second.report.suspectedGaps).toEqual([])
    expect(server.truth('shelf', 0)).toHaveLength(12)
  })

  test('reads on from a state of version 1, and refuses others', async () => {
    const { server, source, clock } = await open()
    const opened = (server.config['issue_ids'] as string[]).slice(0, 7)
    expect((await gather(source, { clock, state: { version: 1, opened } as never })).sessions.size).toBe(5)
    await expect(gather(source, { clock, state: { version: 3, opened } as never })).rejects.toMatchObject({ code: 'invalid_state' })
  })

  test('says how many sessions it would open', async () => {
    const { source, clock } = await open()
    const { states } = await gather(source, { clock, batches: 6 })
    expect(source.creates?.(undefined)).toBe(12)
    expect(source.creates?.(states.at(-1) as never)).toBe(9)
  })

  test('for an interval in the past opens nothing', async () => {
    const { server, source, clock } = await open()
    const { report } = await gather(source, { clock, interval: { start: 0, end: clock.now() } })
    expect(server.requests()).toHaveLength(0)
    expect(report.warnings).toHaveLength(1)
  })

  for (const kind of ['cut', 'garbage', 'reset', 'status', 'html'] as const) {
    test(`never asks again after ${kind}`, async () => {
      const { server, source, clock } = await open({ faults: [{ kind, at: 3 }] })
      await expect(gather(source, { clock })).rejects.toMatchObject({ name: 'SourceError' })
      expect(server.requests()).toHaveLength(3)
    })
  }

  test('waits for the limit that a 429 tells of', async () => {
    const { server, source, clock } = await open({ faults: [{ kind: 'status', status: 429, at: 2, headers: { 'retry-after': '30' } }] })
    const { sessions } = await gather(source, { clock })
    expect(clock.sleeps).toEqual([30_000])
    expect(sessions.size).toBe(12)
    expect(server.requests()).toHaveLength(13)
  })

  test('reports an answer without a token as a dead letter that shows nothing of it', async () => {
    const { server, source, clock } = await open({ secret: 'canary-reader' })
    const { letters, report } = await gather(createPublicaReader('shelf', { ...server.config, issue_ids: ['1'] }), { clock, fetch: answerOddly })
    expect(letters).toEqual([{ source: 'shelf', reason: '"token" is missing', record: { keys: ['cover', 'extra_url'] } }])
    expect(report.warnings).toEqual([expect.stringContaining('token'), expect.stringContaining('extra_url')])
    expect(JSON.stringify([letters, report, await gather(source, { clock })])).not.toContain('canary')
  })

  test('ends at once on an abort', async () => {
    const { source, clock } = await open({ faults: [{ kind: 'stall', at: 2 }] })
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(gather(source, { clock, signal: stop.signal })).rejects.toThrow('enough')
  })
})

describe('refusals', () => {
  const cases: [string, ReaderOptions, Record<string, unknown>, string, string][] = [
    ['a wrong token', {}, { access_token: 'canary-no' }, 'source_unauthorized', '"access_token"'],
    ['a wrong reader token', { readerToken: 'right' }, { reader_token: 'canary-no' }, 'source_unauthorized', '"reader_token"'],
    ['an issue without access', { forbidden: [0] }, { issue_ids: [2 ** 31 + 1_000] }, 'source_unauthorized', 'no access to issue 2147484648'],
    ['an issue that is not there', {}, { issue_ids: ['99'] }, 'source_not_found', 'no issue 99'],
    ['a wrong tenant', {}, { tenant_id: 12 }, 'invalid_config', '"tenant_id"']
  ]
  for (const [what, options, config, code, advice] of cases) {
    test(what, async () => {
      const { source, clock } = await open(options, config)
      const error: unknown = await gather(source, { clock }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code, message: expect.stringContaining(advice) })
      expect(String(error)).not.toContain('canary')
    })
  }
})

describe('check', () => {
  test('opens nothing', async () => {
    const { server, source, clock } = await open()
    expect(await source.check({ clock })).toMatchObject({ ok: true })
    expect(server.truth('shelf', 0)).toEqual([])
  })

  test('tells of a wrong token and a host that is not there', async () => {
    const { server, source, clock } = await open()
    const wrong = createPublicaReader('shelf', { ...server.config, access_token: 'canary' })
    expect(await wrong.check({ clock })).toMatchObject({ ok: false, message: expect.stringContaining('"access_token"') })
    await server.close()
    expect(await source.check({ clock })).toMatchObject({ ok: false })
  })
})

describe('configuration', () => {
  const good = { base_url: 'https://shop.example', access_token: 'canary-1', tenant_id: '1', issue_ids: [1] }
  const faults = [
    ['issue_ids', { issue_ids: [] }], ['issue_ids', { issue_ids: ['a/b'] }], ['issue_ids', { issue_ids: '5' }],
    ['preview', { preview: 'yes' }], ['tenant_id', { tenant_id: '' }], ['access_token', { access_token: null }]
  ] as const
  for (const [key, change] of faults) {
    test(`${JSON.stringify(change)} is refused`, () => {
      expect(() => createPublicaReader('shelf', { ...good, ...change })).toThrow(`source "shelf": "${key}"`)
    })
  }
})
