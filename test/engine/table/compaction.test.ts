/** Sessions in any order of arrival end in segments that follow each other in time. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../../engine/table/segment.js'
import { Table } from '../../../engine/table/table.js'
import { Engine } from '../../../index.js'
import { exactSum } from '../../support/exact-sum.js'
import { Random } from '../../support/random.js'
import { ask, countOf, DAY, total } from '../ask.js'
import { contents, spans, write } from './tables.js'

const START = Date.UTC(2025, 0, 1)

function shuffled(count: number, days: number, seed: number, prefix = 's'): { session_id: string; started_at: number; v: number }[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, i) => ({ session_id: `${prefix}${i}`, started_at: START + random.between(0, days * DAY - 1), v: i }))
}

function segmentsOf(table: Table): WeakRef<Segment>[] {
  return table.image().segments.map(({ segment }) => new WeakRef(segment))
}

function dayQuery(day: number): { interval: { start: string; end: string } } {
  return { interval: { start: new Date(START + day * DAY).toISOString(), end: new Date(START + (day + 1) * DAY).toISOString() } }
}

describe('a load out of order', () => {
  it('is read a few segments a day, whatever the calls that brought it', async () => {
    const sessions = shuffled(20_000, 100, 1)
    for (const call of [20_000, 3000]) {
      const engine = await Engine.open({ segmentRows: 256 })
      for (let at = 0; at < sessions.length; at += call) await engine.ingest(sessions.slice(at, at + call))
      for (const day of [0, 50, 99]) {
        const query = { ...dayQuery(day), granularity: 'all', aggregations: [{ type: 'count' }] } as const
        const { segments, rows } = engine.explain(query)
        const expected = sessions.filter(({ started_at }) => Math.floor((started_at - START) / DAY) === day).length
        expect(rows).toBe(expected)
        expect(segments.read + segments.skipped).toBe(engine.schema().segments)
        expect(segments.skipped).toBeGreaterThan(20_000 / 256 * 0.8)
        expect(segments.read).toBeLessThan(20)
        expect((await engine.query(query)).data[0]).toEqual([query.interval.start, expected])
      }
      expect(await total(engine, [{ type: 'count' }, { type: 'sum', fields: ['v'] }])).toEqual([20_000, 20_000 * 19_999 / 2])
      await engine.close()
    }
  })

  it('in order of time needs no merging: segments are full', async () => {
    const engine = await Engine.open({ segmentRows: 100 })
    await engine.ingest(Array.from({ length: 5000 }, (_, i) => ({ session_id: `s${i}`, started_at: START + i * 60_000 })))
    expect(engine.schema().segments).toBe(50)
    expect(engine.explain({ ...dayQuery(0), granularity: 'all', aggregations: [{ type: 'count' }] }).segments.read).toBe(15)
    await engine.close()
  })

  it('with more sessions of one millisecond than a segment holds loses none', async () => {
    const engine = await Engine.open({ segmentRows: 64 })
    const random = new Random(3)
    const sessions = random.shuffle(Array.from({ length: 4000 }, (_, i) => ({ session_id: `s${i}`, started_at: START + (i < 1500 ? 0 : i % 7) * DAY, v: i })))
    await engine.ingest(sessions)
    await engine.ingest(sessions.slice(0, 900).map(({ session_id, v }) => ({ session_id, v, started_at: START + 3 * DAY })))
    const perDay = Array.from({ length: 7 }, () => 0)
    sessions.forEach(({ started_at }, i) => perDay[i < 900 ? 3 : (started_at - START) / DAY]!++)
    const { data } = await engine.query({ interval: { start: '2025-01-01', end: '2025-01-08' }, granularity: 'day', aggregations: [{ type: 'count' }] })
    expect(data.map(row => row[1])).toEqual(perDay)
    expect(await total(engine, [{ type: 'exactUnique', fields: ['session_id'] }, { type: 'sum', fields: ['v'] }])).toEqual([4000, 4000 * 3999 / 2])
    await engine.close()
  })
})

describe('merging', () => {
  it('makes segments that do not overlap but in a shared millisecond, and is then done', () => {
    for (const segmentRows of [3, 7, 64]) {
      const table = new Table({ segmentRows })
      const sessions = shuffled(400, 3, segmentRows)
      write(table, sessions)
      const before = contents(table.snapshot())
      expect(table.needsCompaction(true)).toBe(true)
      for (const _ of table.compact()) expect(contents(table.snapshot())).toEqual(before)
      expect(contents(table.snapshot())).toEqual(before)
      const snapshot = table.snapshot()
      const sealed = spans({ ...snapshot, parts: snapshot.parts.slice(0, table.segmentCount) })
      sealed.forEach(([first], i) => { if (i > 0) expect(first).toBeGreaterThanOrEqual(sealed[i - 1]![1]) })
      expect(table.needsCompaction(true)).toBe(false)
      for (const { segment } of table.snapshot().parts) expect(segment.rows).toBeLessThanOrEqual(segmentRows)
    }
  })

  it.each([[16, 600], [150, 4000]])('does not lose what changes between its steps, and disturbs no snapshot: segments of %i sessions', (segmentRows, count) => {
    const random = new Random(17)
    for (let round = 0; round < 8; round++) {
      const table = new Table({ segmentRows, columns: [['v', 'number']] })
      const sessions = shuffled(count, 5, round)
      const expected = new Map<string, readonly [number, number]>()
      const put = (some: readonly { session_id: string; started_at: number; v: number }[]): void => {
        write(table, some)
        for (const { session_id, started_at, v } of some) expected.set(`default/${session_id}`, [started_at, v])
      }
      put(sessions)
      const held = [{ snapshot: table.snapshot(), contents: new Map(expected) }]
      let steps = 0
      for (const _ of table.compact()) {
        steps++
        expect(table.needsCompaction(true)).toBe(false)
        put(random.sample(sessions, random.between(0, 12)).map(({ session_id }) => ({ session_id, started_at: START + random.between(0, 5 * DAY), v: random.between(0, 1e6) })))
        if (random.chance(0.4)) put([{ session_id: `new ${steps}`, started_at: START + random.between(-DAY, 6 * DAY), v: steps }])
        if (random.chance(0.3)) held.push({ snapshot: table.snapshot(), contents: new Map(expected) })
        expect(contents(table.snapshot())).toEqual(expected)
        expect(table.rows).toBe(expected.size)
      }
      expect(steps).toBeGreaterThan(20)
      while (table.needsCompaction(true)) for (const _ of table.compact()) expect(table.rows).toBe(expected.size)
      expect(contents(table.snapshot())).toEqual(expected)
      for (const { snapshot, contents: then } of held) {
        expect(contents(snapshot)).toEqual(then)
        expect(snapshot.rows).toBe(then.size)
      }
    }
  })

  it('can be left in the middle and taken up again', () => {
    const table = new Table({ segmentRows: 16 })
    write(table, shuffled(600, 5, 5))
    const before = contents(table.snapshot())
    for (let left = 0; left < 5; left++) {
      let steps = 0
      for (const _ of table.compact()) if (++steps === 3) break
      expect(contents(table.snapshot())).toEqual(before)
    }
    while (table.needsCompaction(true)) for (const _ of table.compact()) expect(table.rows).toBe(600)
    expect(contents(table.snapshot())).toEqual(before)
  })

  it('takes little more than half as much memory again on its way', () => {
    const table = new Table({ segmentRows: 1024 })
    write(table, shuffled(40_000, 30, 3))
    const before = table.bytes
    let most = 0
    for (const _ of table.compact()) most = Math.max(most, table.bytes)
    const sealed = before - [...table.columns.values()].reduce((sum, { dictionary }) => sum + (dictionary?.bytes ?? 0), 0)
    expect(most - before).toBeLessThan(sealed * 0.6)
    expect(most - before).toBeGreaterThan(sealed * 0.1)
  })

  it('gives back the memory of what it merged', () => {
    const table = new Table({ segmentRows: 512 })
    const sessions = shuffled(8000, 30, 9)
    write(table, sessions)
    const bytes: number[] = []
    for (let round = 0; round < 8; round++) {
      write(table, sessions)
      for (const _ of table.compact()) { /* to its end */ }
      bytes.push(table.bytes)
    }
    expect(table.rows).toBe(8000)
    expect(table.segmentCount).toBeLessThan(3 * 8000 / 512)
    expect(bytes[7]).toBeLessThan(bytes[1]! * 1.1)
  })

  it('lets go of segments as they are merged, and not at its end', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const table = new Table({ segmentRows: 128 })
    write(table, shuffled(8000, 30, 9))
    for (const _ of table.compact()) { /* to its end */ }
    write(table, shuffled(8000, 30, 10, 't'))
    const before = segmentsOf(table)
    const steps = table.compact()
    for (let step = 0; step < 100; step++) steps.next()
    // What was looked at stays until a task ends.
    await new Promise(setImmediate)
    collect()
    const left = before.filter(segment => segment.deref() !== undefined).length
    expect(left).toBeLessThan(before.length * 0.7)
    expect(left).toBeGreaterThan(0)
    expect([...steps].length).toBeGreaterThan(20)
    expect(table.rows).toBe(16_000)
  })

  it('keeps sums exact over values that came in segments of their own', async () => {
    const values = [1e300, 3, 0.1, 2 ** -1074, -1e300, 1e-300, 2 ** 60, -(2 ** 60), 0.7, 5]
    const engine = await Engine.open({ segmentRows: 4 })
    const random = new Random(2)
    const sessions = values.flatMap((v, k) => Array.from({ length: 4 }, (_, i) => ({ session_id: `${k}/${i}`, started_at: START + random.between(0, DAY), v: i === 0 ? v : 1 })))
    await engine.ingest(sessions)
    expect(engine.schema().segments).toBeLessThan(20)
    expect(await total(engine, [{ type: 'sum', fields: ['v'] }])).toEqual([exactSum(sessions.map(({ v }) => v))])
    expect(await ask(engine, { group_by: ['source'], aggregations: [{ type: 'sum', fields: ['v'] }] })).toEqual([['default', exactSum(sessions.map(({ v }) => v))]])
    await engine.close()
  })
})

describe('a session that is replaced', () => {
  it.each(['in a sealed segment', 'in the head'])('%s is gone from every answer', async where => {
    const engine = await Engine.open({ segmentRows: where === 'in the head' ? 1000 : 8 })
    const sessions = Array.from({ length: 64 }, (_, i) => ({ session_id: `s${i}`, started_at: START + i * 60_000, city: `c${i % 4}`, rooms: [`r${i % 3}`], v: 1 }))
    await engine.ingest(sessions)
    const report = await engine.ingest(sessions.slice(10, 30).map(({ session_id }) => ({ session_id, started_at: START + DAY, city: 'moved', rooms: [], v: null })))
    expect(report).toMatchObject({ rows: 20, inserted: 0, updated: 20, rejected: 0 })
    const left = [...sessions.slice(0, 10), ...sessions.slice(30)]
    expect(await countOf(engine)).toBe(64)
    expect(await total(engine, [{ type: 'sum', fields: ['v'] }, { type: 'max', fields: ['started_at'] }])).toEqual([44, START + DAY])
    expect(await ask(engine, { group_by: ['city'] })).toEqual([...[0, 1, 2, 3].map(c => [`c${c}`, left.filter(({ city }) => city === `c${c}`).length]), ['moved', 20]])
    expect(await ask(engine, { group_by: ['rooms'] })).toEqual([[null, 20], ...[0, 1, 2].map(r => [`r${r}`, left.filter(({ rooms }) => rooms[0] === `r${r}`).length])])
    expect(await countOf(engine, { type: 'selector', dimension: 'v', value: null })).toBe(20)
    expect(engine.schema()).toMatchObject({ sessions: 64, range: { start: START, end: START + DAY } })
    await engine.close()
  })

  it('many times over leaves one', async () => {
    const engine = await Engine.open({ segmentRows: 4 })
    for (let time = 0; time < 50; time++) await engine.ingest([{ session_id: 'x', started_at: START + time, v: time }, { session_id: `y${time % 3}`, started_at: START, v: 0 }])
    expect(await ask(engine, { group_by: ['session_id'], aggregations: [{ type: 'sum', fields: ['v'] }] })).toEqual([['x', 49], ['y0', 0], ['y1', 0], ['y2', 0]])
    await engine.close()
  })
})
