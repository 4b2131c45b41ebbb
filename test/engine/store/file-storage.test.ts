import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileStorage } from '../../../engine/store/file-storage.js'
import type { Session } from '../../../engine/session.js'
import type { StoredBatch } from '../../../engine/store/storage.js'
import { opened, replay, stored, temporaryFolder } from './folder.js'

const session = (id: string, more: object = {}): Session => ({ session_id: id, started_at: '2025-01-01T00:00:00.000Z', ...more })

describe('what was appended', () => {
  it('is replayed in order, with the latest state of each source', async () => {
    const folder = join(await temporaryFolder(), 'data')
    const batches: StoredBatch[] = [
      { source: 'a', sessions: [session('1'), session('2', { source: 'other', rooms: ['x', 'y'] })], state: { cursor: 1 } },
      { source: 'b', sessions: [session('3')] },
      { source: 'a', sessions: [], state: { cursor: 2 } },
      { source: '__proto__', sessions: [session('', { city: null, n: -1.5e300, t: true })], state: null }
    ]
    const storage = await opened(folder)
    for (const batch of batches) await storage.append(batch)
    await storage.append({ source: 'b', sessions: [] })
    const expected = new Map<string, unknown>([['a', { cursor: 2 }], ['__proto__', null]])
    expect(storage.states()).toEqual(expected)
    await storage.close()
    expect(await stored(folder)).toEqual({ batches, states: expected })
    expect(await readdir(folder)).toEqual(['log-1'])
  })

  it('survives any strings and column names, across several openings', async () => {
    const folder = await temporaryFolder()
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '', 'null', '\n', '\ud800', '\u2028', '\0'))
    const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => n + 0), fc.constant(null), fc.array(text, { maxLength: 3 }))
    const anySession = fc.tuple(text, fc.dictionary(text.filter(name => name !== 'session_id' && name !== 'started_at'), value, { maxKeys: 4, noNullPrototype: true }))
      .map(([id, columns]) => Object.assign(Object.create(null), columns, { session_id: id, started_at: 1 }) as Session)
    const all: string[] = []
    await fc.assert(fc.asyncProperty(text, fc.array(anySession, { maxLength: 5 }), fc.jsonValue(), async (source, sessions, state) => {
      const storage = await opened(folder)
      await storage.append({ source, sessions, state })
      await storage.close()
      all.push(JSON.stringify({ source, sessions, state }))
      const { batches, states } = await stored(folder)
      expect(batches.map(batch => JSON.stringify(batch))).toEqual(all)
      expect(JSON.stringify(states.get(source))).toBe(JSON.stringify(state))
    }), { seed: 3, numRuns: 60 })
  })

  it('keeps dates as ISO strings', async () => {
    const folder = await temporaryFolder()
    const storage = await opened(folder)
    await storage.append({ source: 's', sessions: [{ session_id: '1', started_at: new Date(Date.UTC(2025, 0, 2)) }] })
    await storage.close()
    expect((await stored(folder)).batches[0].sessions[0].started_at).toBe('2025-01-02T00:00:00.000Z')
  })

  it('may come in parts when the batch is large, the state with the last', async () => {
    const folder = await temporaryFolder()
    const sessions = Array.from({ length: 300 }, (_, at) => session(String(at), { page: 'ä'.repeat(10_000) }))
    const storage = await opened(folder)
    await storage.append({ source: 's', sessions, state: 7 })
    await storage.append({ source: 's', sessions: [session('huge', { page: 'x'.repeat(5_000_000) })] })
    await storage.close()
    const { batches } = await stored(folder)
    expect(batches.length).toBeGreaterThan(4)
    expect(batches.slice(-2).map(batch => batch.state)).toEqual([7, undefined])
    expect(batches.slice(0, -2).every(batch => batch.state === undefined)).toBe(true)
    expect(batches.slice(0, -1).flatMap(batch => batch.sessions)).toEqual(sessions)
    expect(batches.at(-1)!.sessions[0].page).toHaveLength(5_000_000)
  })

  it('may be lines already, of any length, after sessions', async () => {
    const folder = await temporaryFolder()
    const sessions = Array.from({ length: 400 }, (_, at) => session(String(at), { page: 'ä'.repeat(at % 50 === 7 ? 700_000 : at * 10) }))
    const encoded = (from: number, to: number): Buffer => Buffer.from(sessions.slice(from, to).map(one => JSON.stringify(one)).join('\n'))
    const storage = await opened(folder)
    await storage.append({ source: 's', sessions: sessions.slice(0, 10), lines: [encoded(10, 11), encoded(11, 300), encoded(300, 400)], state: 7 })
    await storage.append({ source: 's', sessions: [], lines: [encoded(0, 1)] })
    await storage.close()
    const { batches, states } = await stored(folder)
    expect(batches.flatMap(batch => batch.sessions)).toEqual([...sessions, sessions[0]])
    expect(batches.findIndex(batch => batch.state === 7)).toBe(batches.length - 2)
    expect(states.get('s')).toBe(7)
  })

  it('keeps the order of appends that were not awaited, and close waits for them', async () => {
    const folder = await temporaryFolder()
    const storage = await opened(folder)
    const appends = Array.from({ length: 50 }, (_, at) => storage.append({ source: 's', sessions: [session(String(at))], state: at }))
    await storage.close()
    await Promise.all(appends)
    const { batches, states } = await stored(folder)
    expect(batches.map(batch => batch.state)).toEqual(Array.from({ length: 50 }, (_, at) => at))
    expect(states.get('s')).toBe(49)
  })

  it('holds the state as it was when appended', async () => {
    const storage = await opened(await temporaryFolder())
    const state = { cursor: 1 }
    await storage.append({ source: 's', sessions: [], state })
    state.cursor = 2
    expect(storage.states().get('s')).toEqual({ cursor: 1 })
    await storage.close()
  })

  it('refuses a session that is no JSON, and stores nothing of its batch', async () => {
    const folder = await temporaryFolder()
    const storage = await opened(folder)
    const circular: Record<string, unknown> = session('bad')
    circular.self = circular
    await expect(storage.append({ source: 's', sessions: [session('good'), circular as Session] })).rejects.toMatchObject({
      code: 'invalid_session', message: expect.stringContaining('session "bad"')
    })
    await storage.append({ source: 's', sessions: [session('next')] })
    await storage.close()
    expect((await stored(folder)).batches.map(batch => batch.sessions[0].session_id)).toEqual(['next'])
  })
})

describe('the order of calls', () => {
  it('append before the replay or after close is refused', async () => {
    const folder = await temporaryFolder()
    const storage = new FileStorage(folder)
    const batch = { source: 's', sessions: [session('1')] }
    await expect(storage.append(batch)).rejects.toMatchObject({ code: 'store_failed' })
    await replay(storage)
    await storage.append(batch)
    await expect(replay(storage)).rejects.toMatchObject({ code: 'store_failed' })
    await storage.close()
    await storage.close()
    await expect(storage.append(batch)).rejects.toMatchObject({ code: 'closed' })
  })

  it('leaving the replay early closes the storage', async () => {
    const folder = await temporaryFolder()
    const storage = await opened(folder)
    for (const id of ['1', '2']) await storage.append({ source: 's', sessions: [session(id)] })
    await storage.close()
    const left = new FileStorage(folder)
    for await (const batch of left.open()) {
      expect(batch.sessions).toHaveLength(1)
      break
    }
    await expect(left.append({ source: 's', sessions: [] })).rejects.toMatchObject({ code: 'closed' })
    expect((await stored(folder)).batches).toHaveLength(2)
  })
})

describe('a folder that cannot be used', () => {
  it('is refused with the path and what to do', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'odd', 'log-1'), { recursive: true })
    for (const [name, message] of [['missing/data', 'the folder above it does not'], ['file', 'a file is in the place'], ['file/data', 'is a file'], ['odd', 'a folder is in the place']]) {
      const error = await opened(join(folder, name)).catch((caught: unknown) => caught)
      expect(error, name).toMatchObject({ code: 'store_failed', message: expect.stringContaining(message) })
      expect((error as Error).message).toContain(join(folder, name))
    }
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['file', 'odd', join('odd', 'log-1')])
  })

  it('a file that is not ours, or of another version, is left as it is', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'log-1')
    for (const [text, code] of [['{"session_id":"1"}\n', 'store_damaged'], ['sessionql-log 9\nanything', 'store_failed'], ['x', 'store_damaged']]) {
      await writeFile(path, text)
      await expect(opened(folder)).rejects.toMatchObject({ code, message: expect.stringContaining(path) })
      expect(await readFile(path, 'utf8')).toBe(text)
    }
    expect((await stat(path)).size).toBe(1)
  })
})
