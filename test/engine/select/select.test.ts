/** Lists of sessions: their order, their pages, and what may happen between two pages. */
import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ResultValue, SelectInput, SelectResult } from '../../../dsl/input.js'
import type { Session } from '../../../engine/session.js'
import type { Engine } from '../../../index.js'
import { latest, startOf } from '../../support/brute-force.js'
import { engineWith } from '../../support/engine.js'
import { byCodePoint } from '../../support/orderings.js'
import { Random } from '../../support/random.js'
import { EVER } from '../ask.js'

const START = Date.UTC(2025, 2, 29)

/** Few instants, sources and ids, so that many sessions start together. */
function sessionsOf(seed: number, count: number): Session[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (): Session => ({
    session_id: `${random.pick(['s', 'S', 'ä', '\u{1f600}', '\uffee', ''])}${random.between(0, 30)}`,
    source: random.pick(['web', '', 'null']),
    started_at: START + random.between(0, 12) * random.pick([1, 3_600_000]),
    city: random.pick(['Turku', 'Oulu', null]),
    n: random.chance(0.3) ? null : random.between(0, 9)
  }))
}

function inOrder(sessions: readonly Session[]): Session[] {
  return latest(sessions).sort((a, b) =>
    startOf(a) - startOf(b) || byCodePoint(a.source!, b.source!) || byCodePoint(a.session_id, b.session_id))
}

const keysOf = (sessions: readonly Session[]): ResultValue[][] => sessions.map(session => [session.source!, session.session_id])

async function pages(engine: Engine, query: Omit<SelectInput, 'interval' | 'select'>, between?: () => Promise<void>): Promise<ResultValue[][]> {
  const keys: ResultValue[][] = []
  let after: string | null = null
  do {
    const page: SelectResult = await engine.query({ interval: EVER, select: ['source', 'session_id'], ...query, after } as SelectInput)
    keys.push(...page.data.map(row => row.slice(1)))
    after = page.next
    if (after !== null) {
      expect(page.data.length).toBe(query.limit)
      await between?.()
    }
  } while (after !== null)
  return keys
}

describe('a list of sessions', () => {
  it('has the start in the zone of the interval, and values as they are', async () => {
    const engine = await engineWith([
      { session_id: 'b', started_at: START, source: 'x', rooms: ['2', '1', '2'], city: '', session_duration_secs: 1.5 },
      { session_id: 'a', started_at: START, source: 'x', rooms: [] }
    ])
    const interval = { start: '2025-03-29', end: '2025-03-30', time_zone: 'Europe/Helsinki' }
    const select = ['session_id', 'rooms', { dimension: 'city', name: 'town' }, 'session_duration_secs', 'started_at'] as const
    const result = await engine.query({ interval, select })
    expectTypeOf(result).toEqualTypeOf<SelectResult<[timestamp: string, ResultValue, ResultValue, ResultValue, ResultValue, ResultValue]>>()
    expect(result).toEqual({
      fields: ['timestamp', 'session_id', 'rooms', 'town', 'session_duration_secs', 'started_at'].map(name => ({ name, type: 'dimension' })),
      data: [
        ['2025-03-29T02:00:00.000+02:00', 'a', null, null, null, START],
        ['2025-03-29T02:00:00.000+02:00', 'b', ['2', '1'], '', 1.5, START]
      ],
      next: null
    })
    await engine.close()
  })

  it.each([1, 7, 100])('comes in pages of %i that lose and repeat nothing, in both directions', async limit => {
    for (const [seed, segmentRows] of [[1, 4], [2, 16], [3, undefined]] as const) {
      const sessions = sessionsOf(seed, 120)
      const engine = await engineWith(sessions, { chunkSeed: seed, ...(segmentRows && { segmentRows }) })
      const wanted = keysOf(inOrder(sessions))
      expect(await pages(engine, { limit })).toEqual(wanted)
      expect(await pages(engine, { limit, order: 'descending' })).toEqual(wanted.toReversed())
      const inTurku = keysOf(inOrder(sessions).filter(({ city }) => city === 'Turku'))
      expect(await pages(engine, { limit, filters: { type: 'selector', dimension: 'city', value: 'Turku' } })).toEqual(inTurku)
      await engine.close()
    }
  })

  it('goes on at its place when sessions come, move and change between pages', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (seed, limit, descending) => {
      const sessions = sessionsOf(seed, 40)
      const engine = await engineWith(sessions, { segmentRows: 8 })
      const before = new Set(keysOf(inOrder(sessions)).map(key => JSON.stringify(key)))
      let round = 0
      const seen = await pages(engine, { limit, order: descending ? 'descending' : 'ascending' }, async () => {
        await engine.ingest([{ session_id: `new ${round++}`, source: 'web', started_at: START + new Random(seed + round).between(0, 12) }])
      })
      const texts = seen.map(key => JSON.stringify(key))
      expect(new Set(texts).size).toBe(texts.length)
      for (const key of before) expect(texts).toContain(key)
      await engine.close()
    }), { seed: 11, numRuns: 30 })
  })

  it('goes on although the session at its place is gone from there', async () => {
    const sessions = ['a', 'b', 'c', 'd'].map((session_id): Session => ({ session_id, source: 'x', started_at: START }))
    const engine = await engineWith(sessions)
    const first: SelectResult = await engine.query({ interval: EVER, select: ['session_id'], limit: 2 })
    await engine.ingest([{ session_id: 'b', source: 'x', started_at: START + 5 }])
    const second: SelectResult = await engine.query({ interval: EVER, select: ['session_id'], limit: 2, after: first.next })
    expect(second.data.map(row => row[1])).toEqual(['c', 'd'])
    await engine.close()
  })

  it('is explained by all that the page may be looked for in', async () => {
    const sessions = Array.from({ length: 100 }, (_, i): Session => ({ session_id: `s${i}`, started_at: START + i }))
    const engine = await engineWith(sessions, { segmentRows: 10 })
    const { next } = await engine.query({ interval: EVER, select: [], order: 'descending', limit: 10 })
    const { segments, rows, columns } = engine.explain({ interval: EVER, select: ['city'], order: 'descending', limit: 10, after: next })
    expect({ segments, rows }).toEqual({ segments: { read: 10, skipped: 0 }, rows: 91 })
    expect(columns.map(({ name }) => name)).toEqual(['city', 'source', 'session_id'])
    await engine.close()
  })
})
