/** An engine that keeps only the columns that it will be asked for: its answers are those of one that keeps all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Engine, type EngineOptions } from '../../index.js'
import { readRequest } from '../../dsl/dialect.js'
import type { AnyQueryInput } from '../../dsl/input.js'
import { columnsOf } from '../../engine/plan/columns.js'
import { useKernels } from '../../engine/kernels/kernels.js'
import { createFileSource } from '../../connectors/file/file.js'
import { inputOf } from '../differential/check-answers.js'
import { answerSessions, ANSWER_COLUMNS, randomAnswerQuery } from '../support/answers.js'
import { engineWith } from '../support/engine.js'
import { queriesOf } from '../support/queries.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'
import { randomFunnel, randomRetention } from '../support/visitor-queries.js'

afterEach(() => useKernels('wasm'))

const interval = { start: '2025-01-01', end: '2025-02-01' }
const count = [{ type: 'count', name: 'n' }] as const
const SESSIONS = Array.from({ length: 400 }, (_, i) => ({
  session_id: `s${i % 390}`, visitor_id: `v${i % 70}`, started_at: new Date(Date.UTC(2025, 0, 1 + i % 28, i % 24)).toISOString(),
  country: i % 3 === 0 ? 'FI' : 'SE', city: `c${i % 11}`, session_duration_secs: i % 100, rooms: i % 4 === 0 ? [] : [`r${i % 5}`, 'r1'], is_new: i % 2 === 0, late: i < 200 ? i : `text ${i}`
}))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keep-'))
  await writeFile(join(folder, 'sessions.ndjson'), SESSIONS.map(session => `${JSON.stringify(session)}\n`).join(''))
})
afterAll(() => rm(folder, { recursive: true }))

async function loaded(options: EngineOptions, way: 'objects' | 'lines'): Promise<Engine> {
  const engine = await Engine.open(options)
  if (way === 'objects') await engine.ingest(SESSIONS)
  else await engine.ingest(createFileSource('default', { path: join(folder, 'sessions.ndjson') }))
  return engine
}

const QUERIES: readonly AnyQueryInput[] = [
  { interval, granularity: 'day', aggregations: [...count, { type: 'sum', fields: ['session_duration_secs'], name: 'secs' }] },
  { interval, granularity: 'all', group_by: ['country', 'rooms'], aggregations: [...count, { type: 'exactUnique', fields: ['visitor_id'], name: 'visitors' }] },
  { interval, granularity: 'all', filters: { type: 'selector', dimension: 'is_new', value: 'true' }, group_by: ['late'], aggregations: count },
  { interval, select: ['city', 'late'], limit: 500 },
  { interval, funnel: { by: 'visitor_id', steps: [{ name: 'a', filter: { type: 'selector', dimension: 'country', value: 'FI' } }, { name: 'b', filter: { type: 'selector', dimension: 'city', value: 'c3' } }] } },
  { interval, retention: { by: 'visitor_id', granularity: 'week', periods: 3 } }
]

describe.each(['wasm', 'plain'] as const)('columns that are kept, with %s kernels', kind => {
  it.each(['objects', 'lines'] as const)('answer as all do, from %s', async way => {
    useKernels(kind)
    const all = await loaded({ segmentRows: 64 }, way)
    for (const query of QUERIES) {
      const keep = columnsOf(readRequest(query).query)
      const engine = await loaded({ segmentRows: 64, keep }, way)
      expect(await engine.query(query)).toEqual(await all.query(query))
      expect([...engine.columns]).toEqual([...all.columns])
      expect(engine.status().memoryBytes).toBeLessThan(all.status().memoryBytes)
    }
  })
})

describe('an engine with "keep"', () => {
  it('refuses queries that read other columns, and names these', async () => {
    const engine = await loaded({ keep: ['country'] }, 'objects')
    expect((await engine.query({ interval, granularity: 'all', group_by: ['country'], aggregations: count })).data).toHaveLength(2)
    for (const [query, names] of [
      [{ interval, granularity: 'all', group_by: ['city', 'rooms'], aggregations: count }, '"city", "rooms"'],
      [QUERIES[0]!, '"session_duration_secs"'], [QUERIES[3]!, '"city", "late"'], [QUERIES[4]!, '"city", "visitor_id"'], [QUERIES[5]!, '"visitor_id"']
    ] as const) {
      const refused = { code: 'column_not_kept', message: expect.stringContaining(`reads ${names}, whose values are not kept`) as string }
      await expect(engine.query(query)).rejects.toMatchObject(refused)
      expect(() => engine.explain(query)).toThrow(expect.objectContaining(refused))
    }
    await expect(engine.watch(QUERIES[0]!).next()).rejects.toMatchObject({ code: 'column_not_kept' })
  })

  it('describes and exports what is kept', async () => {
    const engine = await loaded({ keep: ['country'] }, 'objects')
    expect(engine.schema().columns.map(({ name }) => name)).toEqual(['started_at', 'source', 'session_id', 'country'])
    const keys = new Set<string>()
    for await (const sessions of engine.sessions()) for (const session of sessions) for (const key of Object.keys(session)) keys.add(key)
    expect([...keys].sort()).toEqual(['country', 'session_id', 'source', 'started_at'])
  })

  it('refuses the sessions that any engine refuses', async () => {
    const bad = [{ ...SESSIONS[0], session_duration_secs: 'long' }, { ...SESSIONS[0], country: ['FI'] }, { ...SESSIONS[0], other: {} }]
    for (const options of [{}, { keep: [] }]) {
      const engine = await Engine.open(options)
      const messages: string[] = []
      await engine.ingest(bad, { onReject: ({ message }) => { messages.push(message) } })
      expect(messages).toEqual([
        'session_duration_secs: "long" is not a number', 'country: an array where one string is expected',
        'other: an object where a text, number, boolean or array of these is expected'
      ])
    }
  })

  it('takes no single name, which would be one of letters', async () => {
    await expect(Engine.open({ keep: 'city' as never })).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('keep is "city"') as string })
  })

  it('cannot have a store', async () => {
    await expect(Engine.open({ keep: ['city'], dataDir: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_config' })
  })
})

describe('the columns of a query that was checked without knowing columns', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('are all that it reads: random queries %i', async seed => {
    const dataset = randomDataset(seed)
    const random = new Random(seed)
    const queries = [...queriesOf(dataset, 6), randomFunnel(random, dataset), randomRetention(random, dataset)] as AnyQueryInput[]
    await agree(dataset, queries)
  })

  it('are all that computed, kept and totalled rows need', async () => {
    const random = new Random(7)
    await agree({ sessions: answerSessions(3, 200), columns: ANSWER_COLUMNS }, Array.from({ length: 20 }, () => inputOf(randomAnswerQuery(random))))
  })
})

async function agree({ sessions, columns }: Pick<ReturnType<typeof randomDataset>, 'sessions' | 'columns'>, queries: readonly AnyQueryInput[]): Promise<void> {
  const all = await engineWith(sessions, { columns })
  for (const query of queries) {
    const engine = await engineWith(sessions, { columns, keep: columnsOf(readRequest(query).query) })
    expect(await engine.query(query)).toEqual(await all.query(query))
  }
}
