import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createSource } from '../../../connectors/registry.js'
import { createTapSource, type TapType } from '../../../connectors/tap/tap.js'
import { newReport, type DeadLetter, type Session } from '../../../connectors/source.js'
import { pieces, read as readFile, TestFolder } from '../file/reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

const SINGER = fileURLToPath(new URL('../../sandbox/taps/singer-tap.mjs', import.meta.url))
const AIRBYTE = fileURLToPath(new URL('../../sandbox/taps/airbyte-source.mjs', import.meta.url))
const T = Date.UTC(2025, 0, 1)
const KEY = 'canary+key/4711'
const MAP = { started_at: 'begun', country: 'user.country' }

interface Outcome {
  readonly sessions: Session[]
  readonly states: unknown[]
  readonly letters: DeadLetter[]
  readonly report: ReturnType<typeof newReport>
  readonly error: Error | null
}

async function read(
  type: TapType, config: Record<string, unknown>, { state, signal, stdin }: { state?: unknown, signal?: AbortSignal, stdin?: AsyncIterable<Uint8Array> } = {}
): Promise<Outcome> {
  const sessions: Session[] = []
  const states: unknown[] = []
  const letters: DeadLetter[] = []
  const report = newReport()
  try {
    const source = createTapSource(type, 'crm', config, stdin ? { stdin } : {})
    for await (const batch of source.read({ report, state, signal, onDeadLetter: letter => letters.push(letter) })) {
      sessions.push(...batch.sessions)
      states.push(batch.state)
    }
    return { sessions, states, letters, report, error: null }
  } catch (thrown) {
    return { sessions, states, letters, report, error: thrown as Error }
  }
}

const singer = (config: object, more: object = {}) => ({ command: [process.execPath, SINGER], config: { api_key: KEY, ...config }, map: MAP, ...more })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a Singer tap', () => {
  it('gives sessions keyed by stream and primary key, and its state', async () => {
    const { sessions, states, letters, error, report } = await read('singer', singer({}))
    expect(error).toBeNull()
    expect(letters).toEqual([])
    expect(sessions.map(session => session.session_id)).toEqual(['visits:fi:1', 'visits:fi:2', 'visits:fi:3', expect.stringMatching(/^pages#[0-9a-f]{32}$/)])
    expect({ ...sessions[0] }).toEqual({ session_id: 'visits:fi:1', started_at: T + 1000, source: 'crm', site: 'fi', id: 1, big: 1, country: 'Finland', stream: 'visits' })
    expect(states.at(-1)).toEqual({ bookmarks: { visits: { id: 3 } } })
    expect(report.rows).toBe(4)
    expect((await read('singer', singer({}))).sessions.map(session => session.session_id)).toEqual(sessions.map(session => session.session_id))
  })

  it('gets its state back, in files that only this user can read and that are gone afterwards', async () => {
    const note = folder.place('note.json')
    const catalog = folder.write('catalog.json', '{"streams":[]}')
    const { sessions, states } = await read('singer', singer({ note, to: 5 }, { catalog, streams: ['visits'] }), { state: { bookmarks: { visits: { id: 3 } } } })
    expect(sessions.map(session => session.session_id)).toEqual(['visits:fi:4', 'visits:fi:5'])
    expect(states.at(-1)).toEqual({ bookmarks: { visits: { id: 5 } } })
    const noted = JSON.parse(readFileSync(note, 'utf8')) as { state: unknown, catalog: unknown, modes: string[], files: string[] }
    expect(noted).toMatchObject({ state: { bookmarks: { visits: { id: 3 } } }, catalog: { streams: [] }, modes: ['600', '600'] })
    expect(noted.files.map(existsSync)).toEqual([false, false])
  })

  it('never gives a state before the sessions that it stands for', async () => {
    let seen = 0
    for await (const { sessions, state } of createTapSource('singer', 'crm', singer({ to: 20_000 })).read()) {
      seen += sessions.length
      expect(sessions.length).toBeLessThan(10_000)
      const bookmark = (state as { bookmarks: { visits: { id: number } } } | undefined)?.bookmarks.visits.id ?? 0
      expect(bookmark).toBeLessThanOrEqual(seen)
    }
    expect(seen).toBe(20_001)
  })

  it('waits for a slow reader', async () => {
    const source = createTapSource('singer', 'crm', singer({ to: 300_000 })).read()[Symbol.asyncIterator]()
    await source.next()
    const before = process.memoryUsage().rss
    await new Promise(resolve => { setTimeout(resolve, 500) })
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6)
    await source.return?.()
  })

  it('that fails is told with its last words, without secrets, and what came before is kept with its state', async () => {
    const { sessions, states, error } = await read('singer', singer({ to: 500, fail_after: 250 }))
    expect(error).toMatchObject({ code: 'source_failed' })
    expect(error?.message).toMatch(/^source "crm": .*node.* ended with exit code 3\. Its last words: INFO connecting with \*\*\* \| CRITICAL 401 for https:\/\/api\.example\/\?key=\*\*\*$/)
    expect(sessions).toHaveLength(250)
    expect(states.at(-1)).toEqual({ bookmarks: { visits: { id: 200 } } })
  })

  it('that writes something else has dead letters, and fails when that is too much', async () => {
    const { letters, error } = await read('singer', singer({ junk: true, to: 1000 }))
    expect(error).toBeNull()
    expect(letters.map(({ reason }) => reason.replace(/^.*node[^:]*:/, ''))).toEqual([
      expect.stringMatching(/^4: not JSON/), '5: a RECORD without "stream" or "record"', '6: no message: a JSON object is expected'
    ])
    expect(letters[0]?.record).toBe('Traceback of *** (most recent call last):')
  })

  it('that sends batches of files is refused', async () => {
    expect((await read('singer', singer({ batch: true }))).error).toMatchObject({ code: 'source_protocol', message: expect.stringContaining('batch_config') })
  })

  it('that is not there is told', async () => {
    const source = createTapSource('singer', 'crm', { command: ['tap-that-is-not-there'] })
    expect((await read('singer', { command: ['tap-that-is-not-there'] })).error)
      .toMatchObject({ code: 'invalid_config', message: 'source "crm": there is no program "tap-that-is-not-there"; install it, or give its path in "command".' })
    expect(await source.check()).toMatchObject({ ok: false, message: expect.stringContaining('there is no program') })
    expect(await createTapSource('singer', 'crm', { command: ['node'] }).check()).toMatchObject({ ok: true, message: expect.stringMatching(/node can be started/) })
  })

  it.each([[{ hang: true }], [{ hang: true, deaf: true }]])('is ended within a second by an abort (%j)', async config => {
    const note = folder.place('note.json')
    const abort = new AbortController()
    let aborted = 0
    const source = createTapSource('singer', 'crm', singer({ ...config, note, child: true }))
    const all = (async () => {
      for await (const _ of source.read({ signal: abort.signal })) {
        aborted = performance.now()
        abort.abort(new Error('enough'))
      }
    })()
    await expect(all).rejects.toThrow('enough')
    expect(performance.now() - aborted).toBeLessThan(1_000)
    const { pid, files } = JSON.parse(readFileSync(note, 'utf8')) as { pid: number, files: string[] }
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(files[0]!)).toBe(false)
  })

  it('is ended when its reader has enough', async () => {
    const note = folder.place('note.json')
    for await (const _ of createTapSource('singer', 'crm', singer({ hang: true, note })).read()) break
    expect(isAlive((JSON.parse(readFileSync(note, 'utf8')) as { pid: number }).pid)).toBe(false)
  })
})

describe('messages on standard input', () => {
  const text = [
    { type: 'SCHEMA', stream: 'v', key_properties: ['id'], schema: {} }, { type: 'RECORD', stream: 'v', record: { id: 1, time: 5 } },
    { type: 'STATE', value: 'one' }, { type: 'RECORD', stream: 'v', record: { id: 2, time: 6, session_id: 'own' } }, { type: 'STATE', value: 'two' }
  ].map(message => `${JSON.stringify(message)}\n`).join('')

  it('write their state to a file once it is durable', async () => {
    const path = folder.place('state.json')
    const { sessions, error } = await read('singer', { state_file: path }, { stdin: pieces(Buffer.from(text), 17) })
    expect(error).toBeNull()
    expect(sessions.map(session => session.session_id)).toEqual(['v:1', 'own'])
    expect(readFileSync(path, 'utf8')).toBe('"two"\n')
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
    writeFileSync(path, 'before')
    for await (const _ of createTapSource('singer', 'crm', { state_file: path }, { stdin: pieces(Buffer.from(text), 1000) }).read()) break
    expect(readFileSync(path, 'utf8')).toBe('before')
  })
})

describe('recorded messages', () => {
  it('are told from other lines by the first of them', async () => {
    const messages = [
      { type: 'SCHEMA', stream: 'v', key_properties: ['id'], schema: {} }, { type: 'RECORD', stream: 'v', record: { id: 1, time: 5 } }, { type: 'STATE', value: 1 }, 7
    ]
    const text = Buffer.from(messages.map(message => `${JSON.stringify(message)}\n`).join(''))
    const { sessions, letters } = await readFile({ path: '-' }, pieces(text, 9))
    expect(sessions.map(({ session_id, started_at }) => [session_id, started_at])).toEqual([['v:1', 5000]])
    expect(letters.map(({ reason }) => reason)).toEqual(['stdin:4: no message: a JSON object is expected'])
    const record = Buffer.from('{"type":"LOG","log":{"level":"INFO"}}\n{"type":"RECORD","record":{"stream":"v","data":{"session_id":"a","time":5},"emitted_at":1}}')
    expect((await readFile({ path: '-' }, pieces(record, 100))).sessions).toHaveLength(1)
    const own = Buffer.from('{"type":"RECORD","session_id":"a","time":5}')
    expect((await readFile({ path: '-' }, pieces(own, 100))).sessions[0]).toMatchObject({ type: 'RECORD' })
    const failing = Buffer.from('{"type":"TRACE","trace":{"type":"ERROR","error":{"message":"no"}}}')
    expect((await readFile({ path: '-' }, pieces(failing, 100))).error).toMatchObject({ code: 'file_format', message: expect.stringContaining('line 1: the tap reports an error: no') })
  })
})

describe('an Airbyte source', () => {
  const catalog = folder.write('catalog.json', JSON.stringify({
    streams: [{ stream: { name: 'visits', source_defined_primary_key: [['id', 'site'], ['id', 'number']] }, sync_mode: 'incremental' }, { stream: { name: 'pages', namespace: 'web' }, primary_key: [['url']] }]
  }))
  const airbyte = (config: object, more: object = {}) => ({ command: [process.execPath, AIRBYTE], config: { api_key: KEY, ...config }, catalog, ...more })
  const visits = { type: 'STREAM', stream: { stream_descriptor: { name: 'visits' }, stream_state: { cursor: 2 } } }
  const pages = { type: 'STREAM', stream: { stream_descriptor: { name: 'pages' }, stream_state: { cursor: 9 } } }

  it('gives sessions keyed by the catalog\'s primary keys', async () => {
    const { sessions, error, letters, states } = await read('airbyte', airbyte({}))
    expect({ error, letters }).toEqual({ error: null, letters: [] })
    expect(sessions.map(session => session.session_id)).toEqual(['visits:fi:1', 'visits:fi:2', 'web.pages:/a'])
    expect({ ...sessions[0] }).toEqual({ session_id: 'visits:fi:1', started_at: T, source: 'crm', 'id.site': 'fi', 'id.number': 1, country: 'Finland', stream: 'visits' })
    expect(states.at(-1)).toBeUndefined()
    expect((await read('airbyte', airbyte({}, { streams: ['web.pages'] }))).sessions).toHaveLength(1)
  })

  it.each([
    ['stream', [visits, pages]],
    ['global', [{ type: 'GLOBAL', global: { shared_state: { at: 7 }, stream_states: [{ stream_descriptor: { name: 'visits' }, stream_state: { cursor: 2 } }] } }]],
    ['legacy', { cursor: 2 }]
  ])('gets a state of the kind %s back as it wants it', async (kind, expected) => {
    const { states } = await read('airbyte', airbyte({ kind }))
    expect(states.at(-1)).toEqual({ kind, value: expected })
    const note = folder.place('note.json')
    const again = await read('airbyte', airbyte({ kind, note, less: true }), { state: JSON.parse(JSON.stringify(states.at(-1))) as unknown })
    expect(JSON.parse(readFileSync(note, 'utf8'))).toEqual({ state: expected })
    // the state of a stream that is not repeated stays
    expect(again.states.at(-1)).toEqual({ kind, value: expected })
  })

  it('that reports an error is told in its words, without secrets', async () => {
    const { error, sessions } = await read('airbyte', airbyte({ error: 'config_error' }))
    expect(error).toMatchObject({ code: 'source_rejected', message: expect.stringMatching(/reports an error: the key \*\*\* is refused; check its "config"\.$/) })
    expect(sessions).toHaveLength(3)
    expect((await read('airbyte', airbyte({ error: 'system_error' }))).error).toMatchObject({ code: 'source_failed' })
  })

  it('is asked by its own command whether its configuration works, and its words are told without secrets', async () => {
    const check = async (config: object) => createTapSource('airbyte', 'crm', airbyte(config)).check()
    expect(await check({})).toEqual({ ok: true, message: `${process.execPath} says that its configuration works.` })
    expect(await check({ error: 'config_error' })).toEqual({ ok: false, message: `${process.execPath} says that it fails: the key *** is refused; check its "config".` })
    expect(await check({ error: 'system_error' })).toEqual({ ok: false, message: `${process.execPath} says that it fails: no way with ***; check its "config".` })
    expect(await check({ silent: true })).toEqual({ ok: false, message: `${process.execPath} said nothing of its check: it ended with exit code 7. Its last words: WARN *** is old` })
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('enough')), 300)
    await expect(createTapSource('airbyte', 'crm', airbyte({ hang: true })).check({ signal: abort.signal })).rejects.toThrow('enough')
  })

  it('that leaves a stream incomplete has a warning', async () => {
    expect((await read('airbyte', airbyte({ incomplete: true }, { streams: ['visits', 'none'] }))).report.warnings).toEqual([
      'the stream "pages" is incomplete, says the connector; it is read on next time.', '"streams" names "none", of which no record came.'
    ])
  })
})

describe('config', () => {
  it.each([
    [{ command: 'tap-x' }, '"command" must be a list of texts'],
    [{ command: ['tap-x'], config: [] }, '"config" must be an object'],
    [{ command: ['tap-x'], config: {}, config_file: 'x' }, '"config_file" cannot be given beside "config"'],
    [{ config: {} }, '"command" is missing'],
    [{ command: ['tap-x'], state_file: 'x' }, '"state_file" is for messages on standard input'],
    [{ command: ['tap-x'], max_bad_share: -1 }, '"max_bad_share" must be a number from 0 to 1'],
    [{ comand: ['tap-x'] }, '"comand" is not a key']
  ])('refuses %j', (config, message) => {
    expect(() => createSource('crm', { type: 'singer', ...config })).toThrow(message)
  })

  it('whose files cannot be read is told, without their text', async () => {
    const secret = folder.write('config.json', `{"key": ${KEY}`)
    const { error } = await read('singer', { command: ['node'], config_file: secret })
    expect(error).toMatchObject({ code: 'invalid_config', message: `source "crm": ${secret} is not JSON.` })
    expect(String(error?.stack)).not.toContain('canary')
    expect((await read('airbyte', { command: ['node'], catalog: join(folder.path, 'none') })).error).toMatchObject({ code: 'file_not_found' })
  })
})
