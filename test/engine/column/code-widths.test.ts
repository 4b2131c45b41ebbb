/** Codes take one, two or four bytes; an answer does not show which. */
import { describe, expect, it } from 'vitest'
import { codesFor } from '../../../engine/column/codes.js'
import { Engine } from '../../../index.js'
import { ask, countOf, total } from '../ask.js'

function session(i: number): object {
  return { session_id: `s${i}`, started_at: i * 1000, city: `c${i}`, rooms: [`r${i}`, `r${i >> 1}`] }
}

describe('the width of codes', () => {
  it('is the narrowest that holds the largest code', () => {
    const widths = [1, 255, 256, 257, 65_535, 65_536, 65_537, 10_000_000].map(size => codesFor(size, 1).BYTES_PER_ELEMENT)
    expect(widths).toEqual([1, 1, 1, 2, 2, 2, 4, 4])
    for (const size of [256, 65_536, 70_000]) {
      const codes = codesFor(size, 1)
      codes[0] = size - 1
      expect(codes[0]).toBe(size - 1)
    }
  })
})

describe.each([[100, 254, 258], [9000, 65_534, 65_538]])('columns of segments of %i, growing from %i to %i values', (segmentRows, from, to) => {
  it('answer alike on both sides of the edge', async () => {
    const engine = await Engine.open({ segmentRows })
    await engine.ingest(Array.from({ length: from - 1 }, (_, i) => session(i)))
    for (let i = from - 1; i < to; i++) {
      await engine.ingest([session(i)])
      const first = await countOf(engine, { type: 'selector', dimension: 'city', value: 'c0' })
      const last = await countOf(engine, { type: 'and', fields: [{ type: 'selector', dimension: 'city', value: `c${i}` }, { type: 'selector', dimension: 'rooms', value: `r${i >> 1}` }] })
      expect([first, last]).toEqual([1, 1])
      expect(await total(engine, [{ type: 'exactUnique', fields: ['city', 'rooms'] }, { type: 'count' }])).toEqual([i + 1, i + 1, i + 1])
    }
    const [[rough] = []] = await ask(engine, { aggregations: [{ type: 'hyperUnique', fields: ['city'] }] })
    const [[grouped] = []] = await ask(engine, { group_by: ['source'], aggregations: [{ type: 'hyperUnique', fields: ['city'] }] }).then(rows => rows.map(row => row.slice(1)))
    const filtered = await total(engine, [{ type: 'hyperUnique', fields: ['city'] }], { type: 'like', dimension: 'city', pattern: '%7' })
    expect(Math.abs(Number(rough) / to - 1)).toBeLessThan(0.02)
    expect(grouped).toBe(rough)
    expect(filtered).toEqual([Math.floor((to + 2) / 10)])
    await engine.close()
  })
})
