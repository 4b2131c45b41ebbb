/** A column whose sessions disagree about its type is of the type that holds them all, whichever came first. */
import { describe, expect, it } from 'vitest'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { ask, countOf } from '../ask.js'

type Cell = string | number | boolean | null | (string | number)[]

async function engineOf(cells: readonly Cell[], segmentRows: number): Promise<Engine> {
  const engine = await Engine.open({ segmentRows })
  await engine.ingest(cells.map((own, i) => ({ session_id: `s${i}`, started_at: i * 1000, own })))
  return engine
}

function textsOf(cell: Cell): string[] {
  return cell === null ? [] : [...new Set((Array.isArray(cell) ? cell : [cell]).map(String))]
}

/** Sessions per value, as a column of texts or arrays groups them. */
function grouped(cells: readonly Cell[]): [string | null, number][] {
  const counts = new Map<string | null, number>()
  for (const cell of cells) for (const text of textsOf(cell).length === 0 ? [null] : textsOf(cell)) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a === null ? -1 : b === null ? 1 : Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

const CASES: [string, Cell[], 'string' | 'strings'][] = [
  ['numbers, then a text', [1, 2.5, null, -0, 1e21, 'x', 3, null, '1'], 'string'],
  ['numbers, then a boolean', [0, 1, 7, true, false, 1], 'string'],
  ['texts, then an array', ['a', '', null, 'b', ['a', 'c'], 'a', []], 'strings'],
  ['numbers, then an array', [1, null, 2, 1, [2, 3], 'x', 5], 'strings'],
  ['numbers, then a text, then an array', [4, null, 0.1, 'x', 4, ['x', 'y'], 'y', null, 4, ['4']], 'strings']
]

describe.each([2, 3, 5, 1000])('in segments of %i', segmentRows => {
  it.each(CASES)('%s', async (_, cells, type) => {
    for (const order of [cells, [...cells].reverse()]) {
      const engine = await engineOf(order, segmentRows)
      expect(engine.columns.get('own')).toBe(type)
      expect(await ask(engine, { group_by: ['own'] })).toEqual(grouped(cells))
      expect(await countOf(engine, { type: 'selector', dimension: 'own', value: null })).toBe(cells.filter(cell => textsOf(cell).length === 0).length)
      const [[distinct, rough] = []] = await ask(engine, { aggregations: [{ type: 'exactUnique', fields: ['own'] }, { type: 'hyperUnique', fields: ['own'] }] })
      expect([distinct, rough]).toEqual(Array(2).fill(grouped(cells).filter(([text]) => text !== null).length))
      await engine.close()
    }
  })

  it('random cells in any order', async () => {
    const random = new Random(segmentRows)
    for (let round = 0; round < 6; round++) {
      const kinds = random.sample<() => Cell>([() => random.between(-3, 3) / 2, () => random.pick(['a', '1', '']), () => random.picks(['a', 'b', '1.5'], random.between(0, 3)), () => random.chance(0.5), () => null], 4)
      const cells = Array.from({ length: 60 }, () => random.pick(kinds)())
      const engine = await engineOf(random.shuffle(cells), segmentRows)
      if (engine.columns.get('own') !== 'number') expect(await ask(engine, { group_by: ['own'] })).toEqual(grouped(cells))
      await engine.close()
    }
  })
})

it('a column that was replaced away keeps its wider type', async () => {
  const engine = await engineOf([1, 'x'], 10)
  await engine.ingest([{ session_id: 's1', started_at: 0, own: 2 }])
  expect(engine.columns.get('own')).toBe('string')
  expect(await ask(engine, { group_by: ['own'] })).toEqual([['1', 1], ['2', 1]])
  await engine.close()
})

it('a query that began before a promotion answers with the type of then', async () => {
  const engine = await engineOf(Array.from({ length: 40 }, (_, i) => i % 4), 8)
  const before = engine.query({ interval: { start: '1970-01-01', end: '1971-01-01' }, granularity: 'all', group_by: ['own'], aggregations: [{ type: 'sum', fields: ['own'] }] })
  await engine.ingest([{ session_id: 'late', started_at: 0, own: ['x'] }])
  expect((await before).data.map(row => row.slice(1))).toEqual([[0, 0], [1, 10], [2, 20], [3, 30]])
  expect(engine.columns.get('own')).toBe('strings')
  await engine.close()
})
