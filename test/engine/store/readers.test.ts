/** One process writes a folder, and any number read it beside. */
import { chmod, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../../index.js'
import { FIRST_LOG_HEADER, encodeBatch } from '../../../engine/store/log-format.js'
import { ask, countOf } from '../ask.js'
import { temporaryFolder } from './folder.js'

const numbered = (from: number, to: number): object[] => Array.from({ length: to - from }, (_, i) => ({ session_id: `s${from + i}`, started_at: from + i }))

describe('a reader', () => {
  it('sees the moment at which it opened, whatever the writer stores and removes after it', async () => {
    const dataDir = await temporaryFolder()
    const writer = await Engine.open({ dataDir, segmentRows: 100 })
    await writer.ingest(numbered(0, 1050))
    const reader = await Engine.open({ dataDir, readOnly: true })
    await writer.ingest(numbered(900, 3000))
    await writer.compact()
    await writer.ingest(numbered(3000, 3010))
    expect(await countOf(reader)).toBe(1050)
    const later = await Engine.open({ dataDir, readOnly: true })
    expect(await countOf(later)).toBe(3010)
    expect(later.status()).toMatchObject({ sessions: 3010, store: { readOnly: true, failure: null } })
    await reader.close()
    await later.close()
    await writer.close()
  })

  it('opens at any moment of a writer that stores and removes all the time', async () => {
    const dataDir = await temporaryFolder()
    const writer = await Engine.open({ dataDir, segmentRows: 50 })
    await writer.ingest(numbered(0, 60))
    const written = { rounds: 0 }
    const writing = (async () => {
      for (let round = 1; round <= 25; round++) {
        await writer.ingest(numbered(round * 60, round * 60 + 60))
        await writer.compact()
        written.rounds = round
      }
    })()
    const counts: number[] = []
    while (written.rounds < 25) {
      const reader = await Engine.open({ dataDir, readOnly: true })
      counts.push(Number(await countOf(reader)))
      await reader.close()
    }
    await writing
    await writer.close()
    expect(counts.every((count, i) => count >= (counts[i - 1] ?? 60) && count <= 26 * 60)).toBe(true)
  })

  it('changes nothing, needs no right to write, and takes no sessions', async () => {
    const dataDir = await temporaryFolder()
    const writer = await Engine.open({ dataDir, segmentRows: 100 })
    await writer.ingest(numbered(0, 250))
    await writer.close()
    const names = (await readdir(dataDir)).sort()
    await chmod(dataDir, 0o555)
    const reader = await Engine.open({ dataDir, readOnly: true })
    expect(await countOf(reader)).toBe(250)
    await expect(reader.ingest(numbered(0, 1))).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining('readOnly') })
    await expect(reader.compact()).rejects.toMatchObject({ code: 'store_failed' })
    await reader.close()
    await chmod(dataDir, 0o755)
    expect((await readdir(dataDir)).sort()).toEqual(names)
  })

  it('is told of a folder that is not there, and makes none', async () => {
    const folder = await temporaryFolder()
    const dataDir = join(folder, 'missing')
    await expect(Engine.open({ dataDir, readOnly: true })).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining(dataDir) })
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a folder', () => {
  it('that is moved away while it is written fails the ingest in words, and is whole where it is', async () => {
    const folder = await temporaryFolder()
    const dataDir = join(folder, 'data')
    const writer = await Engine.open({ dataDir, segmentRows: 50 })
    await writer.ingest(numbered(0, 120))
    await rename(dataDir, join(folder, 'moved'))
    await expect(writer.compact()).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining(dataDir) })
    expect(writer.status().store!.failure).toContain('does not exist')
    await writer.close()
    const moved = await Engine.open({ dataDir: join(folder, 'moved'), readOnly: true })
    expect(await countOf(moved)).toBe(120)
    await moved.close()
  })

  it('of the first format, which has a log and nothing else, is opened and brought into segments', async () => {
    const dataDir = await temporaryFolder()
    const sessions = Array.from({ length: 300 }, (_, i) => ({ session_id: `s${i % 200}`, started_at: i, city: `city ${i % 3}` }))
    const records = [encodeBatch({ source: 'shop', sessions: sessions.slice(0, 150), state: 1 }), encodeBatch({ source: 'shop', sessions: sessions.slice(150), state: 2 })].flat()
    await writeFile(join(dataDir, 'sessions.log'), Buffer.concat([FIRST_LOG_HEADER, ...records]))
    for (let opening = 0; opening < 3; opening++) {
      const engine = await Engine.open({ dataDir, segmentRows: 64 })
      expect(await ask(engine, { group_by: ['city'] })).toEqual([['city 0', 66], ['city 1', 67], ['city 2', 67]])
      expect(engine.states).toEqual(new Map([['shop', 2]]))
      expect(await engine.ingest([{ ...sessions[200] }], { source: 'shop' })).toMatchObject({ inserted: 0, updated: 1 })
      await engine.close()
    }
    expect(await readdir(dataDir)).not.toContain('sessions.log')
  })

  it('takes many small ingests at once with few syncs', async () => {
    const dataDir = await temporaryFolder()
    const writer = await Engine.open({ dataDir })
    await Promise.all(Array.from({ length: 200 }, (_, i) => writer.ingest(numbered(i, i + 1))))
    await writer.close()
    const again = await Engine.open({ dataDir, readOnly: true })
    expect(await countOf(again)).toBe(200)
    await again.close()
  })
})
