/** Where the session with a source and an id is. */
import { describe, expect, it } from 'vitest'
import { KeyIndex, MAX_SEGMENT_ROWS, MAX_SLOTS, reference, rowOf, slotOf } from '../../../engine/table/key-index.js'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { ask, total } from '../ask.js'

describe('a reference', () => {
  it('tells slot and row, to the last ones', () => {
    for (const slot of [0, 1, 17, MAX_SLOTS - 1]) {
      for (const row of [0, 1, MAX_SEGMENT_ROWS - 1]) expect([slotOf(reference(slot, row)), rowOf(reference(slot, row))]).toEqual([slot, row])
    }
  })
})

describe('the key index', () => {
  it('holds what was last set for each pair, and nothing else', () => {
    const random = new Random(8)
    const index = new KeyIndex()
    const expected = new Map<string, number>()
    let wrong = 0
    for (let i = 0; i < 20_000; i++) {
      const source = random.pick([1, 2, 3, 65_535])
      const id = random.pick([random.between(1, 50), random.between(1, 3000), 5000])
      const ref = random.pick([0, random.between(0, 2 ** 31), reference(MAX_SLOTS - 1, MAX_SEGMENT_ROWS - 1)])
      if (index.get(source, id) !== (expected.get(`${source} ${id}`) ?? -1)) wrong++
      index.set(source, id, ref)
      expected.set(`${source} ${id}`, ref)
    }
    expect(wrong).toBe(0)
    for (const [key, ref] of expected) expect(index.get(...key.split(' ').map(Number) as [number, number])).toBe(ref)
    expect(index.get(4, 1)).toBe(-1)
    expect(index.get(1, 1_000_000)).toBe(-1)
  })
})

describe('sessions of several sources with the same ids', () => {
  it.each([7, 100, 131_072])('are replaced each on its own, in segments of %i', async segmentRows => {
    const random = new Random(segmentRows)
    const engine = await Engine.open({ segmentRows })
    const kept = new Map<string, number>()
    for (let call = 0; call < 4; call++) {
      const sessions = Array.from({ length: 400 }, () => {
        const session = { session_id: `s${random.between(1, 150)}`, source: random.pick(['a', 'b', '', '__proto__', 'e']), started_at: random.between(0, 1e9), v: random.between(1, 1000) }
        kept.set(JSON.stringify([session.source, session.session_id]), session.v)
        return session
      })
      await engine.ingest(sessions)
      expect(await total(engine, [{ type: 'count' }, { type: 'sum', fields: ['v'] }])).toEqual([kept.size, [...kept.values()].reduce((a, b) => a + b)])
    }
    const bySource = new Map<string, number>()
    for (const key of kept.keys()) bySource.set(JSON.parse(key)[0], (bySource.get(JSON.parse(key)[0]) ?? 0) + 1)
    expect(await ask(engine, { group_by: ['source'] })).toEqual([...bySource].sort(([a], [b]) => (a < b ? -1 : 1)))
    await engine.close()
  })
})
