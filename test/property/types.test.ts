/** A column takes the type that holds all its values, whichever came first, and a session is stored whole or not at all. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../index.js'
import type { Session, SessionValue } from '../../engine/session.js'
import { engineWith } from '../support/engine.js'
import type { QueryJson } from '../support/query-json.js'
import { Random } from '../support/random.js'

const INTERVAL = { start: '1970-01-01T00:00:00Z', end: '1971-01-01T00:00:00Z' }
const GROUPS: QueryJson = { interval: INTERVAL, granularity: 'all', group_by: ['x'], aggregations: [{ type: 'count' }, { type: 'exactUnique', fields: ['x'] }] }

function sessionsWith(values: readonly SessionValue[]): Session[] {
  return values.map((x, at) => ({ session_id: String(at), started_at: at * 1000, x }))
}

async function groups(engine: Engine, query: QueryJson = GROUPS): Promise<unknown[][]> {
  const { data } = await engine.query(query)
  return data.map(row => row.slice(1, 3))
}

describe('the type of a column', () => {
  it.each<[string, SessionValue[], string, unknown[][]]>([
    ['numbers alone', [2, 10, 2], 'number', [[2, 2], [10, 1]]],
    ['a number, then a string', [2, 'a', 10, '2'], 'string', [['10', 1], ['2', 2], ['a', 1]]],
    ['a string, then a number', ['2', 2, 1.5], 'string', [['1.5', 1], ['2', 2]]],
    ['a number, then an array', [7, ['a', 'a', '7'], null], 'strings', [[null, 1], ['7', 2], ['a', 1]]],
    ['a string, then an array', ['a', ['b', 'a'], []], 'strings', [[null, 1], ['a', 2], ['b', 1]]],
    ['an empty array, then a number', [[], 3], 'number', [[null, 1], [3, 1]]],
    ['booleans', [true, false, true], 'string', [['false', 1], ['true', 2]]],
    ['a number, then a boolean', [1, true], 'string', [['1', 1], ['true', 1]]],
    ['elements of any type', [[1, 'a', true, null, 1]], 'strings', [['1', 1], ['a', 1], ['true', 1]]],
    ['very large, very small and negative numbers, then a string', [1e21, 1e-7, -0, 'a'], 'string', [['0', 1], ['1e+21', 1], ['1e-7', 1], ['a', 1]]]
  ])('holds %s', async (_, values, type, expected) => {
    for (const segmentRows of [1, 2, 1000]) {
      const engine = await engineWith(sessionsWith(values), { segmentRows })
      expect(engine.columns.get('x')).toBe(type)
      expect(await groups(engine)).toEqual(expected)
      await engine.close()
    }
  })

  it('and every answer is the same in any order of arrival', async () => {
    const value = fc.oneof(
      fc.constantFrom<SessionValue>(1, 2.5, -3, 0, '1', 'a', '', 'null', true, null, []),
      fc.array(fc.constantFrom<string | number | boolean | null>('a', '1', 1, 2.5, '', true, null), { maxLength: 4 })
    )
    await fc.assert(fc.asyncProperty(fc.array(value, { maxLength: 30 }), fc.integer(), async (values, seed) => {
      fc.pre(values.some(one => (Array.isArray(one) ? one.some(element => element !== null) : one !== null)))
      const sessions = sessionsWith(values)
      const first = await engineWith(sessions)
      const second = await engineWith(new Random(seed).shuffle(sessions), { segmentRows: 3, chunkSeed: seed })
      expect(second.columns.get('x')).toBe(first.columns.get('x'))
      expect(await groups(second)).toEqual(await groups(first))
    }), { seed: 5, numRuns: 150 })
  })

  it('changes under queries that were asked before', async () => {
    const engine = await engineWith(sessionsWith([1, 2, 3]), { segmentRows: 2 })
    const sum: QueryJson = { ...GROUPS, group_by: [], aggregations: [{ type: 'sum', fields: ['x'] }] }
    expect(await groups(engine, sum)).toEqual([[6]])
    await engine.ingest([{ session_id: 'new', started_at: 5, x: 'a' }])
    await expect(engine.query(sum)).rejects.toMatchObject({ issues: [{ code: 'not_numeric', pointer: '/aggregations/0/fields/0' }] })
    expect(await groups(engine)).toEqual([['1', 1], ['2', 1], ['3', 1], ['a', 1]])
    await engine.close()
  })

  it('that was told is kept: other values are refused, numbers as text are read', async () => {
    const engine = await Engine.open({ columns: { x: 'number' } })
    const refused: string[] = []
    const report = await engine.ingest(sessionsWith([1, '2', 'a', [3], true, 4]), { onReject: ({ message }) => refused.push(message) })
    expect(report).toMatchObject({ rows: 6, inserted: 3, rejected: 3 })
    expect(refused.every(message => message.includes('x'))).toBe(true)
    expect(await groups(engine)).toEqual([[1, 1], [2, 1], [4, 1]])
    await engine.close()
  })
})

describe('a session that is refused', () => {
  const bad: Record<string, unknown>[] = [
    { session_id: 'bad', started_at: 'yesterday' },
    { session_id: 'bad', started_at: '2025-02-30T00:00:00Z' },
    { session_id: 'bad' },
    { started_at: 1 },
    { session_id: 'bad', started_at: 1, tags: ['p', 'q'], new_column: 'text', x: 'now a string', session_duration_secs: 'long' },
    { session_id: 'bad', started_at: 1, new_column: [1], tags: ['p', { nested: true }] },
    { session_id: 'bad', started_at: 1, x: Infinity },
    { session_id: 'bad', started_at: 1, x: NaN },
    { session_id: 'bad', started_at: 1, x: ['a'], city: { name: 'Turku' } }
  ]

  it.each(bad.map(session => ({ session })))('leaves no trace: $session', async ({ session }) => {
    for (const segmentRows of [1, 3, 1000]) {
      const engine = await Engine.open({ segmentRows })
      const good: Session[] = [
        { session_id: '1', started_at: 0, x: 1, tags: ['a'] }, { session_id: '2', started_at: 1, x: 2, tags: ['b'] }, { session_id: '3', started_at: 2, x: 3 }
      ]
      const query: QueryJson = { interval: INTERVAL, granularity: 'all', group_by: ['x', 'tags'], aggregations: [{ type: 'count' }] }
      const messages: string[] = []
      const report = await engine.ingest([good[0], session, good[1], session, good[2], session] as Session[], { onReject: ({ message }) => messages.push(message) })
      expect(report).toMatchObject({ rows: 6, inserted: 3, updated: 0, rejected: 3 })
      expect(messages).toHaveLength(3)
      expect((await engine.query(query)).data.map(row => row.slice(1))).toEqual([[1, 'a', 1], [2, 'b', 1], [3, null, 1]])
      expect(engine.columns.has('new_column')).toBe(false)
      expect(engine.columns.get('x')).toBe('number')
      await engine.close()
    }
  })

  it('does not replace the one before it', async () => {
    const engine = await engineWith([{ session_id: 'bad', started_at: 0, x: 1 }])
    await engine.ingest([{ session_id: 'bad', started_at: 0, x: NaN }], { onReject: () => undefined })
    expect(await groups(engine)).toEqual([[1, 1]])
    await engine.close()
  })

  it('ends the call where nobody takes it, and what came before is kept', async () => {
    const engine = await Engine.open()
    const sessions = sessionsWith([1, NaN, 2])
    await expect(engine.ingest(sessions)).rejects.toMatchObject({ code: 'invalid_session' })
    expect(await groups(engine)).toEqual([[1, 1]])
    await engine.close()
  })
})
