import { expect, test } from 'vitest'
import { Segment } from '../../../engine/table/segment.js'
import { stretchesOf } from '../../../engine/visitors/stretches.js'

function part(first: number, rows: number, step: number): { part: { segment: Segment, first: number, deleted: null }, from: number, to: number } {
  const segment = Segment.of(Float64Array.from({ length: rows }, (_, i) => first + Math.floor(i / 2) * 2 * step), new Map())
  return { part: { segment, first: 0, deleted: null }, from: 0, to: rows }
}

test('stretches follow each other, have every row once, and are many although the latest sessions lie beside all others', () => {
  const parts = [part(200_000, 100_000, 1), part(0, 100_000, 1), part(100_000, 100_000, 1), part(0, 30_000, 10)]
  const stretches = stretchesOf(parts)
  expect(stretches.map(stretch => stretch.reduce((rows, { from, to }) => rows + to - from, 0))).toEqual([110_000, 110_000, 110_000])
  let before = -Infinity
  for (const stretch of stretches) {
    const starts = stretch.map(({ part: { segment }, from, to }) => segment.starts.subarray(from, to))
    expect(Math.min(...starts.map(list => list[0]!))).toBeGreaterThan(before)
    before = Math.max(...starts.map(list => list[list.length - 1]!))
  }
  expect(stretchesOf([])).toEqual([])
  expect(stretchesOf([part(5, 4, 0), part(5, 4, 0)])).toHaveLength(1)
})
