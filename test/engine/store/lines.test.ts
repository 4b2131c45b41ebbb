/** Files of JSON lines go into the log as they are, and come back as the sessions that an engine in memory made of them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFileSource } from '../../../connectors/file/file.js'
import { Engine } from '../../../index.js'
import type { Session } from '../../../engine/session.js'
import { temporaryFolder } from './folder.js'

/** Lines that go straight into columns, lines that must be parsed, and lines that are none. Few ids: they replace each other. */
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom('Turku', 'Älmhult', 'Oslo'), fc.double({ noNaN: true, min: -1e6, max: 1e6 }))
    .map(([id, city, n]) => `{"session_id":"s${id}","started_at":"2025-01-0${1 + id % 9}T00:00:00.000Z","city":"${city}","session_duration_secs":${n}}`) },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 0, max: 20 }), fc.string({ maxLength: 8 }))
    .map(([id, own]) => JSON.stringify({ started_at: '2025-02-01T10:00:00+02:00', own, tags: [own, 'x'], session_id: `s${id}` })) },
  { weight: 1, arbitrary: fc.constantFrom('', '   ', '{"session_id":', '[1]', '{"session_id":"s1","started_at":"never"}', '{"no":"id","started_at":1}') }
)

async function sessionsOf(engine: Engine): Promise<Session[]> {
  const all: Session[] = []
  for await (const sessions of engine.sessions()) all.push(...sessions)
  return all.sort((a, b) => a.session_id < b.session_id ? -1 : 1)
}

describe('lines in a durable engine', () => {
  it('are what they are in memory, and after opening again', async () => {
    await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 120 }), fc.boolean(), async (lines, ended) => {
      const folder = await temporaryFolder()
      const path = join(folder, 'sessions.ndjson')
      await writeFile(path, lines.join('\n') + (ended ? '\n' : ''))
      const memory = await Engine.open()
      const expected = await memory.ingest(createFileSource('f', { type: 'file', path }))
      const dataDir = join(folder, 'data')
      const written = await Engine.open({ dataDir })
      const { state, ...report } = await written.ingest(createFileSource('f', { type: 'file', path }))
      expect(report).toEqual({ rows: expected.rows, inserted: expected.inserted, updated: expected.updated, rejected: expected.rejected })
      // A reader sees the log alone: nothing has been sealed yet.
      const reader = await Engine.open({ dataDir, readOnly: true })
      expect(await sessionsOf(reader)).toEqual(await sessionsOf(memory))
      expect(reader.states.get('f')).toEqual(state)
      await reader.close()
      await written.close()
      const again = await Engine.open({ dataDir })
      expect(await sessionsOf(again)).toEqual(await sessionsOf(memory))
      await again.close()
      await memory.close()
    }), { seed: 11, numRuns: 40 })
  })

  it('are stored up to where reading them was given up', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'sessions.ndjson')
    await writeFile(path, Array.from({ length: 5000 }, (_, i) => `{"session_id":"s${i}","started_at":"2025-01-01T00:00:00.000Z","city":"c${i}"}`).join('\n'))
    const dataDir = join(folder, 'data')
    const engine = await Engine.open({ dataDir, memoryBudget: 150_000 })
    await expect(engine.ingest(createFileSource('f', { type: 'file', path }))).rejects.toMatchObject({ code: 'limit_exceeded' })
    const { sessions } = engine.status()
    expect(sessions).toBeGreaterThan(0)
    expect(sessions).toBeLessThan(5000)
    const reader = await Engine.open({ dataDir, readOnly: true })
    expect(reader.status().sessions).toBe(sessions)
    expect(reader.states.has('f')).toBe(false)
    await reader.close()
    await engine.close()
  })
})
