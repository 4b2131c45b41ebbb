/** Lines that workers help to scan become the table that one thread makes of them. */
import * as fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFileSource } from '../../../connectors/file/file.js'
import type { QueryInput } from '../../../dsl/input.js'
import { USUAL_SHARING, type Message, type Port, type Sharing, type Threads } from '../../../engine/parallel/workers.js'
import type { Batch, Session, SessionSource } from '../../../engine/session.js'
import { Engine } from '../../../index.js'
import { threadsOf } from '../../support/workers.js'
import { EVER } from '../ask.js'
import { temporaryFolder } from '../store/folder.js'

const QUERY: QueryInput = {
  interval: EVER, granularity: 'day', group_by: ['tag'],
  aggregations: [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'sum', fields: ['session_duration_secs'] }]
}

let ports: Port[]
/** Those whose threads have come up. */
let ready: Port[]
/** Jobs that were posted to scan lines. */
let jobs = 0

beforeEach(() => {
  ports = []
  ready = []
  jobs = 0
})

/** Real threads, whose ports, readiness and jobs are known. */
function watched(count: number, sharing: Partial<Sharing> = {}, delay = 0): Threads {
  const { open, ...threads } = threadsOf(count, sharing)
  return {
    ...threads,
    open(listener) {
      const port: Port = open({
        ...listener,
        message(message) {
          if ((message as Message).kind === 'ready') ready.push(port)
          listener.message(message)
        }
      })
      ports.push(port)
      return {
        ...port,
        post(message) {
          if ((message as { kind: string }).kind === 'lines') jobs++
          if (delay === 0) port.post(message)
          else setTimeout(() => port.post(message), delay)
        }
      }
    }
  }
}

/** Lines in blocks that end where they are told to, as a connector gives them. */
function blocksOf(lines: readonly string[], cuts: readonly number[]): SessionSource<null> {
  return {
    name: 's',
    async* read({ signal }): AsyncGenerator<Batch<null>> {
      for (let from = 0, i = 0; from < lines.length; i++) {
        const part = lines.slice(from, from + Math.max(1, cuts[i % cuts.length]!))
        from += part.length
        // Blocks begin anywhere in memory, and are written over.
        const bytes = Buffer.concat([Buffer.alloc(i % 9), Buffer.from(part.join('\n'))]).subarray(i % 9)
        yield {
          sessions: [], state: null,
          block: { bytes, record: (begin, end) => [JSON.parse(bytes.toString('utf8', begin, end)) as Session], done: () => undefined }
        }
        bytes.fill(0)
        signal?.throwIfAborted()
      }
    }
  }
}

interface Loaded {
  readonly report: unknown
  readonly sessions: readonly Session[]
  readonly answer: unknown
}

async function contents(engine: Engine): Promise<Omit<Loaded, 'report'>> {
  const sessions: Session[] = []
  for await (const batch of engine.sessions()) sessions.push(...batch)
  return { sessions, answer: await engine.query(QUERY).catch(String) }
}

function engineOf(threads: Threads): Promise<Engine> {
  return Engine.open({ threads, segmentRows: 1000, columns: { tag: 'string' } })
}

async function load(source: SessionSource<never>, threads: Threads | number, segmentRows = 1000): Promise<Loaded> {
  const engine = await Engine.open({ threads: typeof threads === 'number' ? watched(threads) : threads, segmentRows, columns: { tag: 'string' } })
  const rejected: string[] = []
  const report = await engine.ingest(source, { onReject: ({ message }) => { rejected.push(message) } }).catch(String)
  const loaded = { report: [report, rejected], ...await contents(engine) }
  await engine.close()
  return loaded
}

async function expectSame(lines: readonly string[], cuts: readonly number[], segmentRows = 1000): Promise<void> {
  const one = await load(blocksOf(lines, cuts) as SessionSource<never>, 1, segmentRows)
  for (const threads of [2, 4]) expect(await load(blocksOf(lines, cuts) as SessionSource<never>, threads, segmentRows)).toEqual(one)
}

const hex = (i: number, digits: number): string => Math.imul(i, 2_654_435_761).toString(16).replace('-', 'f').padStart(digits, '0')
const uuid = (i: number): string => `${hex(i, 8)}-0000-4000-8000-0000${hex(i * 7, 8)}`
const timeOf = (i: number): string => new Date(Date.UTC(2025, 0, 1) + i % 5000 * 61_003).toISOString()

function line(i: number, id: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    session_id: id, started_at: timeOf(i), visitor_id: hex(i % 700, 32), tag: `t${i % 37}`, session_duration_secs: i % 100 / 8, rooms: i % 3 === 0 ? [] : ['a', `r${i % 11}`], ...more
  })
}

describe('lines in blocks', () => {
  it('are scanned by workers', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => line(i, uuid(i % 3000)))
    await expectSame(lines, [700, 30, 1200])
    expect(jobs).toBeGreaterThan(8)
  })

  it('of any form, in blocks cut anywhere, become the same table', async () => {
    const text = fc.constantFrom('', 'a', 'ä€😀', 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'null', '__proto__', '"', '\\', uuid(5), hex(5, 32))
    const more = fc.oneof(
      { weight: 8, arbitrary: fc.record({ tag: text, n: fc.integer({ min: -5, max: 5 }), rooms: fc.array(text, { maxLength: 4 }) }, { requiredKeys: [] }) },
      fc.record({ n: text, fresh: fc.oneof(text, fc.double({ noNaN: true }), fc.array(text)) }, { requiredKeys: [] }),
      fc.record({ session_id: fc.constantFrom('', null, 7, {}), started_at: fc.constantFrom('yesterday', 12, undefined) }, { requiredKeys: [] })
    )
    const lines = fc.array(fc.record({ id: fc.integer({ min: 0, max: 60 }), more, style: fc.nat(30) }), { minLength: 20, maxLength: 150 })
    await fc.assert(fc.asyncProperty(lines, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), fc.constantFrom(1, 7, 30, 1000), async (records, cuts, segmentRows) => {
      await expectSame(records.map(({ id, more: values, style }, i) => {
        const written = line(i, id % 2 === 0 ? uuid(id) : `s${id}`, values)
        return style === 0 ? written.replaceAll('":', '": ') : style === 1 ? `${written} ` : written
      }), cuts, segmentRows)
    }), { numRuns: 25, seed: 11 })
    expect(jobs).toBeGreaterThan(100)
  }, 60_000)

  it('may have columns of few values that become many, and of texts of every length', async () => {
    const lines = Array.from({ length: 24_000 }, (_, i) => line(i, i % 5 === 0 ? `s${i % 900}` : uuid(i), {
      visitor_id: i < 12_000 ? hex(i, 32) : `v${i}`, tag: i < 1000 ? 't' : `t${i}`, rooms: [`r${i % 20_000}`, `${i}`], city: i % 4 === 0 ? undefined : uuid(i % 9000)
    }))
    await expectSame(lines, [6000], 5000)
    expect(jobs).toBeGreaterThan(12)
  })

  it('may name identifiers that came in blocks before, which workers look up', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => line(i, i % 50 === 0 ? `s${i}` : uuid(i % 9001), { visitor_id: i % 3 === 0 ? hex(i % 13_000, 32) : uuid(i) }))
    await expectSame(lines, [2500, 700], 5000)
    expect(jobs).toBeGreaterThan(40)
  })

  it('may bring columns, and types of columns, while workers scan', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => line(i, `s${i}`, { ...i > 1500 && { added: `a${i % 3}` }, n: i < 2600 ? i % 9 : `n${i % 9}`, ...i > 3300 && { n: [`${i % 5}`] } }))
    await expectSame(lines, [900, 80])
  })

  it('may take more room as runs than as text', async () => {
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`c${i}`, 'v'])))
    const lines = Array.from({ length: 3000 }, (_, i) => i === 0 ? line(0, 's0').replace('}', `,${wide.slice(1)}`) : `{"session_id":"s${i}","started_at":"${timeOf(i)}","c59":"v${i % 2}"}`)
    await expectSame([lines[0]!, ...lines], [1000])
  })
})

describe('files of lines', () => {
  it('name the faulty line, whoever scanned those before it', async () => {
    const path = join(await temporaryFolder(), 'v.ndjson')
    const lines = Array.from({ length: 3000 }, (_, i) => i === 1777 ? '{"session_id":"x","started_at":' : i === 2222 ? line(i, 's', { started_at: 'never' }) : line(i, uuid(i)))
    writeFileSync(path, lines.join('\n'))
    const read = async (threads: number): Promise<unknown> => {
      const engine = await Engine.open({ threads: watched(threads) })
      const letters: unknown[] = []
      const source = createFileSource('f', { type: 'file', path })
      const outcome = await engine.ingest({ name: 'f', read: options => source.read({ ...options, onDeadLetter: letter => { letters.push(letter) } }) }).catch(String)
      const found = [outcome, letters, await contents(engine)]
      await engine.close()
      return found
    }
    const one = await read(1)
    expect(JSON.stringify(one)).toContain('v.ndjson:1778: not JSON')
    for (const threads of [2, 4]) expect(await read(threads)).toEqual(one)
    expect(jobs).toBeGreaterThan(1)
  })

  it('are stored as they came', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => line(i, `s${i % 2000}`, i % 400 === 7 ? { tag: 'a"b' } : {}))
    const dataDir = await temporaryFolder()
    const engine = await Engine.open({ threads: watched(2), dataDir, segmentRows: 700 })
    await engine.ingest(blocksOf(lines, [500]) as SessionSource<never>)
    const held = await contents(engine)
    await engine.close()
    const again = await Engine.open({ dataDir })
    expect((await contents(again)).answer).toEqual(held.answer)
    await again.close()
    expect(jobs).toBeGreaterThan(4)
  })
})

describe('workers', () => {
  const lines = Array.from({ length: 6000 }, (_, i) => line(i, uuid(i % 4000)))
  const source = (): SessionSource<never> => blocksOf(lines, [400]) as SessionSource<never>

  it('that come late are not waited for', async () => {
    const one = await load(source(), 1)
    expect(await load(source(), watched(3, { waits: false }, 3))).toEqual(one)
    expect(jobs).toBeGreaterThan(20)
  })

  it('that are late with a piece are not waited for', async () => {
    const notes: string[] = []
    const racing = await engineOf(watched(3, { waits: false, linesWait: 0, note: (_, why) => { notes.push(why) } }))
    const one = await engineOf(watched(1))
    for (const engine of [racing, one]) await engine.ingest(source())
    while (ready.length < 2) await wait(1)
    for (let round = 0; round < 6; round++) {
      const mixed = Array.from({ length: 6000 }, (_, i) => (
        line(i, i % 3 === 0 ? `s${i % 700}` : uuid(i % 2500), { tag: `${round} ${i % 900}`, ...i % 2000 === 1999 && { [`n${i}`]: i } })
      ))
      for (const engine of [racing, one]) await engine.ingest(blocksOf(mixed, round % 2 === 0 ? [1500, 200] : [20, 9]) as SessionSource<never>)
      expect(await contents(racing)).toEqual(await contents(one))
    }
    expect(notes).toContain('a worker is late')
    await Promise.all([racing.close(), one.close()])
  })

  it('that die in the middle are done without, and replaced', async () => {
    const one = await load(source(), 1)
    for (const waits of [true, false]) {
      ports = []
      ready = []
      const engine = await engineOf(watched(3, { waits }))
      let batches = 0
      const report = await engine.ingest(source(), { onProgress: () => { if (++batches % 3 === 0) void ready.pop()?.end() } })
      expect({ report: [report, []], ...await contents(engine) }).toEqual(one)
      if (waits) expect(ports.length).toBeGreaterThan(2)
      await engine.close()
    }
  })

  it('are not started for small blocks, nor for any where nobody asks for it', async () => {
    await load(source(), watched(2, { lines: 2 ** 18 }))
    await load(source(), watched(2, { lines: USUAL_SHARING.lines }))
    expect(jobs).toBe(0)
  })

  it('let a load be aborted, which can then be done again', async () => {
    const one = await load(source(), 1)
    const engine = await engineOf(watched(2))
    const controller = new AbortController()
    let batches = 0
    const aborted = engine.ingest(source(), { signal: controller.signal, onProgress: () => { if (++batches === 5) controller.abort(new Error('enough')) } })
    await expect(aborted).rejects.toThrow('enough')
    expect(engine.schema().sessions).toBeLessThan(4000)
    const inTheMiddle = new AbortController()
    const again = engine.ingest(source(), { signal: inTheMiddle.signal })
    await wait(2)
    inTheMiddle.abort(new Error('enough again'))
    await again.catch(String)
    await engine.ingest(source())
    expect((await contents(engine)).answer).toEqual(one.answer)
    expect((await contents(engine)).sessions).toHaveLength(4000)
    await engine.close()
  })

  it('help several loads at a time, while queries are answered', async () => {
    const engine = await engineOf(watched(2))
    const count: QueryInput = { interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] }
    const counts: number[] = []
    const loading = Promise.all(['a', 'b'].map(name => engine.ingest({ ...source(), name })))
    while (await Promise.race([loading, wait(1)]) === undefined) {
      const { data } = await engine.query(count)
      counts.push(data.length === 0 ? 0 : Number(data[0]![1]))
    }
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect(engine.schema().sessions).toBe(8000)
    const one = await Engine.open({ columns: { tag: 'string' } })
    for (const name of ['a', 'b']) await one.ingest({ ...source(), name })
    expect(await engine.query(QUERY)).toEqual(await one.query(QUERY))
    await Promise.all([engine.close(), one.close()])
  })
})
