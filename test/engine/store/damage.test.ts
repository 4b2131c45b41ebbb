import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SessionqlError } from '../../../dsl/errors.js'
import { encodeLogStart, LOG_HEADER } from '../../../engine/store/log-format.js'
import { randomIntegers } from '../sketch/random.js'
import { opened, stored, temporaryFolder } from './folder.js'

const LOG = 'log-1'

/** A log of `count` batches; where each ends in the file. */
async function writeLog(folder: string, count: number): Promise<{ bytes: Buffer, ends: number[] }> {
  const storage = await opened(folder)
  const ends = [encodeLogStart(null).length]
  for (let at = 0; at < count; at++) {
    await storage.append({ source: 's', sessions: [{ session_id: `s${at}`, started_at: at, city: 'Jyväskylä' }], state: at })
    ends.push((await readFile(join(folder, LOG))).length)
  }
  await storage.close()
  return { bytes: await readFile(join(folder, LOG)), ends }
}

const ids = (content: Awaited<ReturnType<typeof stored>>): string[] => content.batches.flatMap(batch => batch.sessions.map(session => session.session_id))
const first = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`)

describe('a log cut short', () => {
  it('at any byte gives what was whole, and takes new batches after it', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, LOG)
    const { bytes, ends } = await writeLog(folder, 3)
    for (let length = 0; length <= bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length))
      const whole = ends.filter(end => end <= length).length - 1
      const storage = await opened(folder)
      expect(storage.states().get('s')).toBe(whole > 0 ? whole - 1 : undefined)
      await storage.append({ source: 's', sessions: [{ session_id: 'new', started_at: 0 }] })
      await storage.close()
      expect(ids(await stored(folder)), `cut to ${length} bytes`).toEqual([...first(Math.max(0, whole)), 'new'])
    }
  })

  it('may end in zeros that the file system had set aside', async () => {
    const folder = await temporaryFolder()
    const { bytes } = await writeLog(folder, 2)
    for (const zeros of [1, 12, 5000, 3_000_000]) {
      await writeFile(join(folder, LOG), Buffer.concat([bytes, Buffer.alloc(zeros)]))
      expect(ids(await stored(folder))).toEqual(first(2))
      expect((await readFile(join(folder, LOG))).length).toBe(bytes.length)
    }
    await writeFile(join(folder, LOG), Buffer.alloc(100))
    expect(ids(await stored(folder))).toEqual([])
  })
})

describe('a changed log', () => {
  it('is refused for every single changed byte, with file and offset, and stays as it is', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, LOG)
    const { bytes, ends } = await writeLog(folder, 3)
    const next = randomIntegers(4)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] ^= 1 + next() % 255
      await writeFile(path, changed)
      const error: unknown = await stored(folder).catch((caught: unknown) => caught)
      expect(error, `byte ${at}`).toBeInstanceOf(SessionqlError)
      const { code, message } = error as SessionqlError
      expect(message).toContain(path)
      // The one digit of the version is a version that this program does not know.
      if (at >= ends[0] || code !== 'store_failed') {
        expect(code).toBe('store_damaged')
        expect(message).toContain(`at byte ${at < LOG_HEADER.length ? 0 : at < ends[0] ? LOG_HEADER.length : ends.findLast(end => end <= at)!}:`)
      }
      expect((await readFile(path)).equals(changed)).toBe(true)
    }
  })

  it('with several changes, cuts and insertions gives a prefix of the truth or an error, never anything else', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, LOG)
    const { bytes } = await writeLog(folder, 6)
    const next = randomIntegers(6)
    let refused = 0
    for (let round = 0; round < 400; round++) {
      let changed = Buffer.from(bytes)
      for (let change = next() % 3; change >= 0; change--) {
        const at = next() % changed.length
        const kind = next() % 4
        if (kind === 0) changed[at] ^= 1 << next() % 8
        else if (kind === 1) changed = changed.subarray(0, at + 1)
        else if (kind === 2) changed = Buffer.concat([changed.subarray(0, at), Buffer.from([next()]), changed.subarray(at)])
        else changed.fill(0, at, Math.min(changed.length, at + next() % 40))
      }
      await writeFile(path, changed)
      try {
        const found = ids(await stored(folder))
        expect(found).toEqual(first(found.length))
      } catch (error) {
        if (!(error instanceof SessionqlError)) throw error
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })

  it('is refused where something else was written behind the last record', async () => {
    const folder = await temporaryFolder()
    await writeLog(folder, 1)
    await appendFile(join(folder, LOG), '{"session_id":"by hand"}\n')
    await expect(stored(folder)).rejects.toMatchObject({ code: 'store_damaged' })
  })
})
