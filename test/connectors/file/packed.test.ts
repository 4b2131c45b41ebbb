import { DuckDBInstance } from '@duckdb/node-api'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { unpackLz4Frame } from '../../../connectors/file/formats/lz4-frame.js'
import { unpackerOf } from '../../../connectors/file/unpack.js'
import { damagedCopies, isTyped, pieces, read, TestFolder } from './reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

/** `{"session_id":"a","time":1}\n` by `zstd`, a skippable frame, `{"session_id":"b","time":2}` by `zstd --no-check --ultra -22`. */
const FRAMES = Buffer.from(
  'KLUv/SQc4QAAeyJzZXNzaW9uX2lkIjoiYSIsInRpbWUiOjF9Cjgl6NhRKk0YAwAAAHh5eii1L/0gG9kAAHsic2Vzc2lvbl9pZCI6ImIiLCJ0aW1lIjoyfQ==', 'base64'
)
const lines = (count: number) => Array.from({ length: count }, (_, i) => `{"session_id":"s${i}","time":${i + 1},"x":${Math.sin(i)}}\n`).join('')

async function zstd(rows: number): Promise<string> {
  const path = folder.place('v.csv.zst')
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`COPY (SELECT 's' || i AS session_id, i + 1 AS time, sin(i) AS x FROM range(${rows}) t(i)) TO '${path}' (FORMAT csv, COMPRESSION zstd)`)
  connection.closeSync()
  return path
}

const fault = async (bytes: Uint8Array) => (await read({ path: folder.write('v.zst', bytes) })).error
const place = (message: string): object => ({ code: 'file_format', message: expect.stringContaining(message) })
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('Zstandard', () => {
  it('is read frame after frame, in pieces of every size', async () => {
    for (const size of [1, 2, 5, 11, 1000]) {
      const { sessions, error } = await read({ path: '-' }, pieces(FRAMES, size))
      expect(error).toBeNull()
      expect(sessions.map(({ session_id }) => session_id)).toEqual(['a', 'b'])
    }
    const skippableFirst = Buffer.concat([FRAMES.subarray(41, 52), FRAMES])
    expect((await read({ path: '-' }, pieces(skippableFirst, 7))).sessions).toHaveLength(2)
  })

  it('is read whatever the ending says', async () => {
    const path = await zstd(100_000)
    const { sessions, error } = await read({ path })
    expect(error).toBeNull()
    expect(sessions.map(({ session_id }) => session_id)).toEqual(Array.from({ length: 100_000 }, (_, i) => `s${i}`))
    expect(sessions[99_999]!['x']).toBeCloseTo(Math.sin(99_999), 12)
    expect((await read({ path: folder.write('v.csv', readFileSync(path)) })).sessions).toEqual(sessions)
  })

  it('that is cut off, damaged or no frame is told with its place', async () => {
    expect(await fault(FRAMES.subarray(0, -3))).toMatchObject(place('v.zst: the Zstandard data are cut off at byte'))
    expect(await fault(Buffer.concat([FRAMES.subarray(0, 41), Buffer.from('garbage')]))).toMatchObject(place('damaged before byte 45 (no frame begins here)'))
    const changed = FRAMES.slice(0, 41)
    changed[20]! ^= 1
    expect(await fault(changed)).toMatchObject(place('damaged before byte 41 (its checksum is another)'))
    const reserved = FRAMES.slice(0, 41)
    reserved[6]! |= 6
    expect(await fault(reserved)).toMatchObject(place('a block of an unknown kind'))
    expect(await fault(Buffer.from('28b52ffd00980000', 'hex'))).toMatchObject(place('need a window of 536,870,912 bytes; the limit is 134,217,728'))
    expect(await fault(Buffer.from('28b52ffd2107000100', 'hex'))).toMatchObject(place('need a dictionary'))
  })

  it('ends in sessions or a typed error when damaged', async () => {
    const bytes = readFileSync(await zstd(2_000))
    for (const copy of damagedCopies(bytes, 200, 3)) {
      const outcome = await read({ path: '-', format: 'csv' }, pieces(copy, 1 << 16))
      expect(isTyped(outcome), String(outcome.error?.stack)).toBe(true)
    }
  })
})

describe('gzip', () => {
  it('is read member after member, in pieces of every size', async () => {
    const bytes = Buffer.concat([gzipSync(lines(2)), gzipSync(''), gzipSync(lines(3))])
    for (const size of [1, 3, 1000]) expect((await read({ path: '-' }, pieces(bytes, size))).sessions).toHaveLength(5)
  })

  it('that is damaged is told with its place, and what came before is kept', async () => {
    const bytes = gzipSync(lines(50_000))
    bytes[bytes.length - 6]! ^= 1
    const { error, sessions } = await read({ path: folder.write('v.ndjson.gz', bytes) })
    expect(error).toMatchObject({ code: 'file_format', message: expect.stringMatching(/v\.ndjson\.gz: the gzip data are damaged or cut off at about byte [\d,]+ \(incorrect data check\)/) })
    expect(sessions.length).toBeGreaterThan(40_000)
  })

  it('ends in sessions or a typed error when damaged', async () => {
    for (const copy of damagedCopies(gzipSync(lines(500)), 200, 5)) {
      const outcome = await read({ path: '-', format: 'ndjson' }, pieces(copy, 1 << 16))
      expect(isTyped(outcome), String(outcome.error?.stack)).toBe(true)
    }
  })
})

describe('data made to harm', () => {
  it('unpack with flat memory and end at 500 times their size', async () => {
    // frames of RLE blocks, 128 KiB in 4 bytes each
    const block = Buffer.from([0x02, 0x00, 0x10, 0x20])
    const bomb = Buffer.concat([Buffer.from('28b52ffd0038', 'hex'), ...Array.from({ length: 20_000 }, () => block)])
    let unpacked = 0
    const before = process.memoryUsage().rss
    const unpackAll = async () => {
      for await (const chunk of unpackerOf(bomb)!(pieces(bomb, 4096) as AsyncGenerator<Buffer>)) unpacked += chunk.length
    }
    await expect(unpackAll()).rejects.toThrow('more than 500 times as many')
    expect(unpacked).toBeLessThan(1.1e9)
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
  })
})

describe('LZ4 frames', () => {
  /** 20,000 lines `row 1` to `row 49` and `row 0`, by `lz4 -B4 -BD -BX --content-size`: blocks that refer to one another. */
  const LINKED = Buffer.from(
    'BCJNGFxAQBMCAAAAAAB08AEAAGByb3cgMQoGABEyBgARMwYAETQGABE1BgARNgYAETcGABE4BgAROQYAIjEwBwACPgASMT8AEjFAABIxQQASMUIAEjFDABIxRAASMUUAEjFGABIyRgAS'
    + 'MkYAEjJGABIyRgASMkYAEjJGABIyRgASMkYAEjJGABIyRgASM0YAEjNGABIzRgASM0YAEjNGABIzRgASM0YAEjNGABIzRgASM0YAEjRGABI0RgASNEYAEjRGABI0RgASNEYAEjRGABI0'
    + 'RgASNEYAEjRGAAJFAAJEAAJDAANCAAEvAQJAAAI/AAI+AAI9AAI8AA9UAf//////////////////////////////////////////////////////////////////////////////////'
    + '////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////'
    + '/////////////////////////////////////////////////////////////////////////////////////////////////////////////////////1lQb3cgMzgrDbMCCgEAAA8A'
    + '////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////'
    + '////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////'
    + '///////////////////////////////////////////////////////////////oUG93IDI2IreBt94AAAByCnJvdyAyNwcAEjgHABE5BwAiMzAHABIxBwASMgcAEjMHABI0BwASNQcA'
    + 'EjYHAAJGABIzRgASM0YAEjRGABI0RgASNEYAEjRGABI0RgASNEYAEjRGABI0RgASNEYAEjRGAAJFAAJEAAJDAANCAAF5AAJAAAI/AAI+AAI9AAI8ABMxPQACPgASMT8AEjFAABIxggAS'
    + 'MUIAEjFDABIxRAASMUUAEjFGABIyRgASMkYAEjJGABIyRgASMkYAEjJGABIyRgAPVAH//////////////////////+BQb3cgMApfdsnDAAAAADfV6kc=',
    'base64'
  )
  const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `row ${(i + 1) % 50}\n`).join(''))

  it('are unpacked', () => {
    expect(sha(unpackLz4Frame(LINKED, text.length))).toBe(sha(text))
  })

  it('of another length, or damaged, are refused', () => {
    expect(() => unpackLz4Frame(LINKED, text.length - 1)).toThrow(Error)
    expect(() => unpackLz4Frame(LINKED, text.length + 1)).toThrow('bytes in an LZ4 frame of')
    expect(() => unpackLz4Frame(LINKED.subarray(0, 300), text.length)).toThrow(Error)
    expect(() => unpackLz4Frame(Buffer.from('no frame'), 8)).toThrow('no LZ4 frame')
    for (const copy of damagedCopies(LINKED, 500, 11)) {
      try {
        expect(unpackLz4Frame(copy, text.length)).toHaveLength(text.length)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }
  })
})
