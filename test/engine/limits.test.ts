/** Every bound refuses by its name, and what was good is kept. */
import { describe, expect, it } from 'vitest'
import { Engine, LimitError, type QueryInput } from '../../index.js'
import { ask, countOf, DAY, EVER, total } from './ask.js'

const MEGABYTE = 2 ** 20

function* visitors(count: number): Generator<object> {
  for (let i = 0; i < count; i++) yield { session_id: `session ${i}`, started_at: i * 1000, visitor_id: `visitor ${i}`, city: `c${i % 100}` }
}

function rooms(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `room ${i}`)
}

function grouped(times: number): { dimension: string, name: string }[] {
  return Array.from({ length: times }, (_, i) => ({ dimension: 'rooms', name: `r${i}` }))
}

describe('the memory budget', () => {
  it('ends an ingest by its name; what came before is kept and can be asked', async () => {
    const engine = await Engine.open({ memoryBudget: 4 * MEGABYTE, segmentRows: 1000 })
    const error: unknown = await engine.ingest(visitors(1_000_000)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LimitError)
    expect(error).toMatchObject({ code: 'limit_exceeded', limitName: 'memory_budget', limit: 4 * MEGABYTE })
    expect((error as LimitError).needed).toBeGreaterThan(4 * MEGABYTE)
    expect((error as LimitError).message).toMatch(/memory_budget: needs [\d,]+, the limit is 4,194,304\. .*kept/)
    const { sessions, bytes } = engine.schema()
    expect(sessions).toBeGreaterThan(5000)
    expect(bytes).toBeLessThan(6 * MEGABYTE)
    await engine.close()
  })

  it('leaves an engine that is full but not over it in use', async () => {
    const engine = await Engine.open({ memoryBudget: 64 * MEGABYTE })
    await engine.ingest(visitors(20_000))
    expect(await total(engine, [{ type: 'exactUnique', fields: ['visitor_id'] }, { type: 'count' }])).toEqual([20_000, 20_000])
    await engine.close()
  })

  it('is shared with running queries: a heavy one is refused, a light one answered', async () => {
    const unbounded = await Engine.open({ segmentRows: 4096 })
    await unbounded.ingest(visitors(25_000))
    const left = 2 * MEGABYTE
    const engine = await Engine.open({ segmentRows: 4096, memoryBudget: unbounded.schema().bytes + left })
    await unbounded.close()
    await engine.ingest(visitors(25_000))
    const heavy: QueryInput = {
      interval: EVER, granularity: 'hour', group_by: ['session_id', 'visitor_id'],
      aggregations: [{ type: 'sum', fields: ['session_duration_secs', 'distinct_visited_urls_count', 'started_at'] }, { type: 'min', fields: ['started_at', 'session_duration_secs'] },
        { type: 'exactUnique', fields: ['visitor_id', 'session_id', 'city', 'source', 'country', 'os_name', 'device_type'] }, { type: 'max', fields: ['started_at'] }]
    }
    const error = await engine.query(heavy).then(({ data }) => data.length, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'limit_exceeded', limitName: 'memory_budget', limit: left })
    expect((error as LimitError).message).toContain('left for this query')
    expect(await countOf(engine, { type: 'selector', dimension: 'city', value: 'c7' })).toBe(250)
    await engine.close()
  })
})

describe('the rows that an answer is chosen from', () => {
  it('are in the memory budget, with what they are ordered by', async () => {
    const unbounded = await Engine.open()
    await unbounded.ingest(visitors(25_000))
    const engine = await Engine.open({ memoryBudget: unbounded.schema().bytes + 3 * MEGABYTE })
    await unbounded.close()
    await engine.ingest(visitors(25_000))
    const aggregations = Array.from({ length: 20 }, (_, i) => ({ type: 'count' as const, name: `n${i}` }))
    const query = { group_by: ['session_id'], aggregations, limit: 1 }
    expect(await ask(engine, query)).toHaveLength(1)
    await expect(ask(engine, { ...query, order_by: aggregations.map(({ name }) => name) })).rejects.toMatchObject({ limitName: 'memory_budget' })
    await engine.close()
  })
})

describe('the groups of one session', () => {
  it('are bounded, in aggregations and funnels', async () => {
    const engine = await Engine.open()
    await engine.ingest([
      { session_id: '1', started_at: 1, visitor_id: 'a', rooms: rooms(2) }, { session_id: '2', started_at: 2, visitor_id: 'a', rooms: rooms(64) }
    ])
    expect(await ask(engine, { group_by: grouped(3), limit: 1 })).toEqual([['room 0', 'room 0', 'room 0', 2]])
    const tooMany = { limitName: 'max_row_groups', limit: 2 ** 18, needed: 64 ** 4 }
    await expect(ask(engine, { group_by: grouped(4) })).rejects.toMatchObject(tooMany)
    await expect(ask(engine, { group_by: grouped(40) })).rejects.toMatchObject({ limitName: 'max_row_groups' })
    const funnel = { by: 'visitor_id', steps: [{ type: 'true' }, { type: 'true' }] } as const
    await expect(engine.query({ interval: EVER, funnel, group_by: grouped(4) })).rejects.toMatchObject(tooMany)
    await engine.close()
  })

  it('count after dimensions that keep some elements', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ session_id: '1', started_at: 1, rooms: rooms(1000) }])
    const group_by = Array.from({ length: 10 }, (_, i) => ({ type: 'listFiltered' as const, dimension: 'rooms', values: ['room 7'], name: `r${i}` }))
    expect(await ask(engine, { group_by })).toEqual([[...group_by.map(() => 'room 7'), 1]])
    await engine.close()
  })
})

describe('the number of rows of an answer', () => {
  it('is bounded where it is counted, not where there is a smaller limit', async () => {
    const engine = await Engine.open({ maxGroups: 100 })
    await engine.ingest(visitors(3000))
    expect(await ask(engine, { group_by: ['city'] })).toHaveLength(100)
    const error: unknown = await ask(engine, { group_by: ['visitor_id'] }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'limit_exceeded', limitName: 'max_groups', limit: 100, needed: 3000 })
    expect(await ask(engine, { group_by: ['visitor_id'], limit: 100 })).toHaveLength(100)
    await expect(ask(engine, { group_by: ['visitor_id'], limit: 101 })).rejects.toMatchObject({ limitName: 'max_groups' })
    await engine.close()
  })
})

describe('the number of buckets', () => {
  const day = { interval: { start: '1970-01-01', end: '1970-01-02' }, aggregations: [{ type: 'count' }] } as const

  it('is bounded whether buckets are filled or only those with sessions are looked for', async () => {
    const engine = await Engine.open({ maxBuckets: 1440 })
    await engine.ingest(visitors(3000))
    expect((await engine.query({ ...day, granularity: 'minute' })).data).toHaveLength(1440)
    await expect(engine.query({ ...day, interval: { start: '1970-01-01', end: '1970-01-02T00:00:00.001Z' }, granularity: 'minute' })).rejects.toMatchObject({ limitName: 'max_buckets', limit: 1440 })
    expect((await engine.query({ ...day, granularity: 'minute', fill: 'none' })).data).toHaveLength(50)
    for (const granularity of ['none', 'second'] as const) {
      await expect(engine.query({ ...day, granularity, fill: 'none' })).rejects.toMatchObject({ code: 'limit_exceeded', limitName: 'max_buckets', limit: 1440 })
    }
    await engine.close()
  })

  it('counts the buckets that sessions are in, however far apart', async () => {
    const engine = await Engine.open({ maxBuckets: 300, segmentRows: 64 })
    await engine.ingest(Array.from({ length: 900 }, (_, i) => ({ session_id: `s${i}`, started_at: (i % 300) * 100 * DAY + i })))
    const { data } = await engine.query({ interval: { start: '1970-01-01', end: '2060-01-01' }, granularity: 'minute', fill: 'none', aggregations: [{ type: 'count' }] })
    expect(data).toHaveLength(300)
    expect(new Set(data.map(row => row[1]))).toEqual(new Set([3]))
    await engine.ingest([{ session_id: 'more', started_at: 50 * DAY }])
    await expect(engine.query({ interval: { start: '1970-01-01', end: '2060-01-01' }, granularity: 'minute', fill: 'none', aggregations: [{ type: 'count' }] })).rejects.toMatchObject({ limitName: 'max_buckets', needed: 301 })
    await engine.close()
  })
})
