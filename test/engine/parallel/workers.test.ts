/** Worker threads come when they pay, go with the engine, and are never missed when they die. */
import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { SessionqlError } from '../../../dsl/errors.js'
import type { QueryInput, QueryResult } from '../../../dsl/input.js'
import { USUAL_SHARING, type Message, type Port, type Sharing, type Threads } from '../../../engine/parallel/workers.js'
import { Engine } from '../../../index.js'
import { workerThreads } from '../../../threads/node.js'
import { threadsOf } from '../../support/workers.js'
import { EVER } from '../ask.js'
import { temporaryFolder } from '../store/folder.js'

const ROWS = 4000
const QUERY: QueryInput = {
  interval: EVER, granularity: 'month', group_by: ['country', 'v'],
  aggregations: [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'sum', fields: ['v'] }]
}

function sessions(count: number, first = 0, step = 60_000): object[] {
  return Array.from({ length: count }, (_, i) => ({
    session_id: `s${first + i}`, started_at: (first + i) * step, visitor_id: `v${(first + i) % 997}`, country: `c${i % 7}`, v: i % 13 / 10
  }))
}

function resources(): number {
  return process.getActiveResourcesInfo().length
}

async function engineOf(threads: number | Threads, sharing: Partial<Sharing> = {}): Promise<Engine> {
  const engine = await Engine.open({ threads: typeof threads === 'number' ? watched(threads, sharing) : threads, segmentRows: 1000 })
  await engine.ingest(sessions(ROWS))
  return engine
}

let runs: string[]
let ports: Port[]
/** Those whose threads have come up. */
let ready: Port[]

/** Real threads, whose ports, runs and readiness are known. */
function watched(count: number, sharing: Partial<Sharing> = {}): Threads {
  const { open, ...threads } = threadsOf(count, { note: run => { runs.push(run) }, ...sharing })
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
      return port
    }
  }
}

beforeEach(() => {
  runs = []
  ports = []
  ready = []
})

it('are not started for small tables', async () => {
  const { rows, start } = USUAL_SHARING
  const engine = await engineOf(4, { rows, start })
  await engine.query(QUERY)
  expect([ports.length, runs]).toEqual([0, []])
  await engine.close()
})

it('are started when queries have read enough, without any query waiting for them', async () => {
  const engine = await engineOf(3, { rows: 100, start: 3 * ROWS, waits: false })
  const one = await engine.query(QUERY)
  await engine.query(QUERY)
  expect(ports.length).toBe(0)
  await engine.query(QUERY)
  while (!runs.includes('together')) {
    expect(await engine.query(QUERY)).toEqual(one)
    await wait(1)
  }
  expect(ports.length).toBe(2)
  await engine.close()
})

it('are handed rows that are only counted and added up from four times as many on', async () => {
  const light: QueryInput = { interval: EVER, granularity: 'day', aggregations: [{ type: 'count' }, { type: 'avg', fields: ['v'] }] }
  for (const [rows, run] of [[ROWS / 4 + 1, []], [ROWS / 4, ['together']]] as const) {
    runs = []
    const engine = await engineOf(2, { rows })
    await engine.query(light)
    expect(runs).toEqual(run)
    runs = []
    await engine.query({ ...light, group_by: ['country'] })
    expect(runs).toEqual(['together'])
    await engine.close()
  }
})

it.each([0, -1, 1.5, 65, NaN])('are refused as %d threads', async threads => {
  await expect(Engine.open({ threads: threadsOf(threads) })).rejects.toThrow(SessionqlError)
})

it('are refused as a bare number, with where to have them from', async () => {
  await expect(Engine.open({ threads: 4 as never })).rejects.toThrow('threads is 4; give workerThreads(count) of "sessionql/threads"')
})

it('answer for one moment, while sessions come in', async () => {
  const engine = await engineOf(2)
  const one = await engine.query(QUERY)
  const running = [1, 2, 3].map(() => engine.query(QUERY))
  const ingesting = engine.ingest([...sessions(3000, ROWS), ...sessions(500)])
  for (const answer of await Promise.all(running)) expect(answer).toEqual(one)
  await ingesting
  expect(engine.schema().sessions).toBe(ROWS + 3000)
  const [alone, later] = [await engineOf(1), await engine.query(QUERY)]
  await alone.ingest([...sessions(3000, ROWS), ...sessions(500)])
  expect(later).toEqual(await alone.query(QUERY))
  await Promise.all([engine.close(), alone.close()])
})

it('let a query be aborted', async () => {
  const engine = await engineOf(2)
  await engine.query(QUERY)
  const controller = new AbortController()
  const query = engine.query(QUERY, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(query).rejects.toThrow('enough')
  expect((await engine.query(QUERY)).data.length).toBeGreaterThan(0)
  await engine.close()
})

it('leave a query to one thread where what all of them hold is too much, which says what is too much', async () => {
  const engines = [await engineOf(1), await engineOf(4)]
  const query: QueryInput = { ...QUERY, group_by: ['session_id'] }
  for (const max_bytes of [20_000, 200_000, 400_000, 800_000, 1_600_000, 100_000_000]) {
    const [one, four] = await Promise.all(engines.map(async engine => await engine.query({ ...query, context: { max_bytes } }).catch(String)))
    expect(four).toEqual(one)
  }
  expect(runs).toContain('alone')
  await Promise.all(engines.map(engine => engine.close()))
})

it('that die are done without, and replaced', async () => {
  const engine = await engineOf(3)
  const one = await engine.query(QUERY)
  for (let round = 0; round < 3; round++) {
    const dying = engine.query(QUERY)
    await ports[round * 2]!.end()
    expect(await dying).toEqual(one)
    await ports[round * 2 + 1]!.end()
    expect(await engine.query(QUERY)).toEqual(one)
  }
  expect(runs.at(-1)).toBe('together')
  expect(ports.length).toBeGreaterThan(4)
  await engine.close()
})

it('are done without where they do not come up', async () => {
  const engine = await engineOf({ ...threadsOf(2), open: workerThreads(2, new URL('data:text/javascript,throw new Error()')).open })
  const alone = await engineOf(1)
  expect(await engine.query(QUERY)).toEqual(await alone.query(QUERY))
  await wait(1)
  const other = await engineOf({ ...threadsOf(2), open() { throw new Error('no threads here') } })
  expect(await other.query(QUERY)).toEqual(await alone.query(QUERY))
  await Promise.all([engine, alone, other].map(one => one.close()))
})

it('end with the engine, and queries that run then do not', async () => {
  const engine = await engineOf(3)
  const one = await engine.query(QUERY)
  const running = engine.query(QUERY)
  await engine.close()
  expect(await running).toEqual(one)
  for (const port of ports) port.post({})
})

it('share what a folder keeps, when it is opened again', async () => {
  const dataDir = await temporaryFolder()
  const writer = await Engine.open({ dataDir, segmentRows: 1000 })
  await writer.ingest(sessions(ROWS))
  const one = await writer.query(QUERY)
  await writer.compact()
  await writer.close()
  const reader = await Engine.open({ dataDir, threads: watched(3), readOnly: true })
  for (let i = 0; i < 2; i++) expect(await reader.query(QUERY)).toEqual(one)
  expect(runs).toEqual(['together', 'together'])
  await reader.close()
})

it('compare sessions that start together where their ids are shared, and leave them to one thread where they are too many', async () => {
  const query: QueryInput = { interval: EVER, granularity: 'all', group_by: ['country'], aggregations: [{ type: 'first', fields: ['v', 'visitor_id'] }, { type: 'last', fields: ['v'] }] }
  for (const [rows, step, run] of [[60_000, 1, 'together'], [60_000, 0, 'together'], [70_000, 1, 'together'], [70_000, 0, 'alone']] as const) {
    const engines = await Promise.all([1, 2].map(threads => Engine.open({ threads: watched(threads, { piece: 10_000 }) })))
    for (const engine of engines) await engine.ingest(sessions(rows, 0, step))
    const [one, two] = await Promise.all(engines.map(engine => engine.query(query)))
    expect(two).toEqual(one)
    expect(runs.at(-1)).toBe(run)
    await Promise.all(engines.map(engine => engine.close()))
  }
})

it('are shared by queries that run at once', async () => {
  const engine = await engineOf(2, { waits: false })
  const alone = await engineOf(1)
  const queries = [QUERY, { ...QUERY, group_by: ['v'] as const }, { ...QUERY, granularity: 'day' as const, group_by: [] as const }]
  const expected: QueryResult[] = []
  for (const query of queries) expected.push(await alone.query(query as QueryInput))
  await engine.query(QUERY)
  while (ready.length === 0) await wait(1)
  const answers = await Promise.all([...queries, ...queries, ...queries].map(query => engine.query(query as QueryInput)))
  answers.forEach((answer, i) => expect(answer).toEqual(expected[i % 3]))
  await Promise.all([engine.close(), alone.close()])
})

it('leave nothing behind when engines are opened and closed', async () => {
  const least = resources()
  for (let i = 0; i < 1000; i++) {
    const engine = await Engine.open({ threads: watched(2), segmentRows: 100 })
    if (i % 50 === 0) {
      await engine.ingest(sessions(500))
      await engine.query(QUERY)
    }
    await engine.close()
  }
  await wait(10)
  expect(ports.length).toBe(20)
  expect(resources()).toBeLessThanOrEqual(least + 1)
})
