import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHUNK_BYTES, FileChunks, LARGE_CHUNK_BYTES, LARGE_FROM } from '../../../connectors/file/file-chunks.js'

let folder = ''
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'sessionql-chunks-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function all(chunks: FileChunks): Promise<Buffer> {
  const copies: Buffer[] = []
  for await (const chunk of chunks) copies.push(Buffer.from(chunk))
  return Buffer.concat(copies)
}

describe('chunks of a file', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7, LARGE_FROM + 3 * LARGE_CHUNK_BYTES + 5])('of %i bytes are its bytes', async size => {
    const path = join(folder, 'file')
    const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24))
    writeFileSync(path, bytes)
    for (const from of [0, 3, size, size + 5]) {
      const chunks = new FileChunks(path, from, true)
      expect((await all(chunks)).equals(bytes.subarray(from))).toBe(true)
      expect(chunks.bytesRead).toBe(Math.max(size, from))
    }
  })

  it('are larger where there are many, and lines are taken as blocks', async () => {
    const path = join(folder, 'large')
    writeFileSync(path, Buffer.alloc(LARGE_FROM + 3 * LARGE_CHUNK_BYTES))
    const sizes: number[] = []
    for await (const { length } of new FileChunks(path, 0, true)) sizes.push(length)
    expect(Math.max(...sizes.slice(0, LARGE_FROM / CHUNK_BYTES))).toBe(CHUNK_BYTES)
    expect(sizes.slice(-3, -1)).toEqual([LARGE_CHUNK_BYTES, LARGE_CHUNK_BYTES])
    for await (const { length } of new FileChunks(path, 0, false)) expect(length).toBeLessThanOrEqual(CHUNK_BYTES)
  })

  it('end when they are closed, also before they began', async () => {
    const path = join(folder, 'long')
    writeFileSync(path, Buffer.alloc(4 * CHUNK_BYTES))
    const chunks = new FileChunks(path, 0, true)
    let count = 0
    for await (const _ of chunks) {
      count++
      chunks.close()
    }
    expect(count).toBe(1)
    const closed = new FileChunks(path, 0, true)
    closed.close()
    expect(await all(closed)).toHaveLength(0)
  })

  it('fail as their file does', async () => {
    await expect(all(new FileChunks(join(folder, 'none'), 0, true))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(all(new FileChunks(folder, 0, true))).rejects.toMatchObject({ code: 'EISDIR' })
  })
})
