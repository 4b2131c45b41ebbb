import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { createFileSource } from '../../../connectors/file/file.js'
import { createSource } from '../../../connectors/registry.js'
import { newReport } from '../../../connectors/source.js'
import { Engine } from '../../../engine/engine.js'
import { TestFolder } from './reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

const line = (id: string, more: object = {}) => `${JSON.stringify({ session_id: id, time: 5, ...more })}\n`

/** Ids of what is read from a state on, and the state after it, as it is stored. */
async function read(config: Record<string, unknown>, state?: unknown): Promise<{ ids: string[], state: unknown }> {
  const ids: string[] = []
  let last = state
  for await (const batch of createFileSource('visits', config).read({ state: state as never, report: newReport() })) {
    ids.push(...batch.sessions.map(session => session.session_id))
    last = JSON.parse(JSON.stringify(batch.state)) as unknown
  }
  return { ids, state: last }
}

describe('reading files again', () => {
  it('takes only lines that have come since', async () => {
    const path = folder.write('v.ndjson', line('a') + line('b'))
    const first = await read({ path })
    expect(first.ids).toEqual(['a', 'b'])
    const same = await read({ path }, first.state)
    expect(same.ids).toEqual([])
    appendFileSync(path, line('c'))
    const grown = await read({ path }, same.state)
    expect(grown.ids).toEqual(['c'])
    expect((await read({ path }, grown.state)).ids).toEqual([])
  })

  it('numbers lines without an id on', async () => {
    const path = folder.write('v.ndjson', '\uFEFF{"time":1}\n\n{"time":2}\n')
    const first = await read({ path })
    appendFileSync(path, '{"time":3}\n')
    expect((await read({ path }, first.state)).ids).toEqual([`${path}#4`])
    expect((await read({ path })).ids).toEqual([`${path}#1`, `${path}#3`, `${path}#4`])
  })

  it('takes a last line without its line feed, and again when there is more of it', async () => {
    const path = folder.write('v.ndjson', `${line('a')}{"session_id":"b","time":5}`)
    const first = await read({ path })
    expect(first.ids).toEqual(['a', 'b'])
    appendFileSync(path, `\n${line('c')}`)
    expect((await read({ path }, first.state)).ids).toEqual(['b', 'c'])
  })

  it('takes all of a file that is another: replaced, shortened, or changed before the end', async () => {
    const path = folder.write('v.ndjson', line('a') + line('b'))
    const { state } = await read({ path })
    const replace = (text: string) => {
      writeFileSync(path, text)
      utimesSync(path, 1, statSync(path).mtimeMs / 1000 + 10)
    }
    replace(line('x') + line('b') + line('c'))
    expect((await read({ path }, state)).ids).toEqual(['x', 'b', 'c'])
    replace(line('a'))
    expect((await read({ path }, state)).ids).toEqual(['a'])
    replace(line('a') + line('y'))
    expect((await read({ path }, state)).ids).toEqual(['a', 'y'])
  })

  it('passes over files of other formats that have not changed, and reads those that have', async () => {
    const path = folder.write('a.csv', 'session_id,time\na,1\n')
    const packed = join(dirname(path), 'b.ndjson.gz')
    writeFileSync(packed, gzipSync(line('b')))
    const config = { path: join(dirname(path), '*.{csv,gz,ndjson}') }
    const first = await read(config)
    expect(first.ids).toEqual(['a', 'b'])
    expect((await read(config, first.state)).ids).toEqual([])
    appendFileSync(path, 'c,3\n')
    writeFileSync(join(dirname(path), 'd.ndjson'), line('d'))
    const second = await read(config, first.state)
    expect(second.ids).toEqual(['a', 'c', 'd'])
    rmSync(path)
    const third = await read(config, second.state)
    expect(third.ids).toEqual([])
    expect(JSON.stringify(third.state)).not.toContain('a.csv')
  })

  it('never marks a file before its sessions were handed over', async () => {
    const path = folder.place('1.ndjson')
    for (let file = 1; file <= 5; file++) {
      writeFileSync(join(dirname(path), `${file}.ndjson`), Array.from({ length: 3_000 }, (_, i) => line(`${file}-${i}`)).join(''))
    }
    const seen = new Map<string, number>()
    for await (const { sessions, state } of createFileSource('visits', { path: join(dirname(path), '*.ndjson') }).read()) {
      for (const { session_id } of sessions) seen.set(session_id[0]!, (seen.get(session_id[0]!) ?? 0) + 1)
      for (const mark of state?.files ?? []) expect(seen.get(mark.path.at(-8)!)).toBe(3_000)
    }
    expect(seen.size).toBe(5)
  })

  it('that could not be read is not passed over', async () => {
    const path = folder.write('v.ndjson', 'nonsense\n'.repeat(100))
    const states: unknown[] = []
    await expect((async () => {
      for await (const { state } of createFileSource('visits', { path }).read()) states.push(state)
    })()).rejects.toMatchObject({ code: 'source_data' })
    expect(JSON.stringify(states)).not.toContain('v.ndjson')
  })

  it('begins anew with another map, and after states of other versions', async () => {
    const path = folder.write('v.ndjson', '{"time":5,"a":"x","b":"y"}\n')
    const sources = [{ session_id: 'a' }, { session_id: 'a' }, { session_id: 'b' }].map(map => createSource('visits', { type: 'file', path, map }))
    const ids: string[][] = []
    let state: unknown = null
    for (const source of sources) {
      const batchIds: string[] = []
      for await (const batch of source.read({ state })) {
        batchIds.push(...batch.sessions.map(session => session.session_id))
        state = batch.state
      }
      ids.push(batchIds)
    }
    expect(ids).toEqual([['x'], [], ['y']])
    for (const odd of [null, undefined, 7, { files: [7] }, { files: 'x' }]) expect((await read({ path }, odd)).ids).toHaveLength(1)
  })

  it('is the same with a store: grown and renamed files give every session once', async () => {
    const path = folder.write('v.ndjson', line('a') + line('b'))
    const dataDir = join(dirname(path), 'store')
    mkdirSync(dataDir)
    const taken: number[] = []
    for (const step of [() => undefined, () => undefined, () => appendFileSync(path, line('c')), () => renameSync(path, `${path}.old`)]) {
      step()
      const engine = await Engine.open({ dataDir })
      const source = createSource('visits', { type: 'file', path: `${path}*` })
      taken.push((await engine.ingest(source)).rows)
      expect(engine.schema().sessions).toBe(new Set(['a', 'b', ...taken.length > 2 ? ['c'] : []]).size)
      await engine.close()
    }
    expect(taken).toEqual([2, 0, 1, 3])
  })
})
