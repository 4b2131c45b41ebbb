import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesOf } from '../../../engine/parallel/job.js'
import type { Plan, PlannedPart } from '../../../engine/plan/plan.js'
import { Segment } from '../../../engine/table/segment.js'

function partOf(starts: readonly number[], from = 0, to = starts.length): PlannedPart {
  return { part: { segment: Segment.of(Float64Array.from(starts).sort(), new Map()), first: 0, deleted: null }, from, to }
}

function pieces(parts: readonly PlannedPart[], threads: number, least: number): PlannedPart[][] {
  return piecesOf({ parts, rows: parts.reduce((sum, { from, to }) => sum + to - from, 0) } as Pick<Plan, 'parts' | 'rows'> as Plan, threads, least)
}

/** The rows of a part in the order of the pieces that have them. */
function rowsOf(part: PlannedPart, cut: readonly PlannedPart[][]): number[] {
  return cut.flat().filter(({ part: { segment } }) => segment === part.part.segment).flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))
}

describe('pieces of work', () => {
  it('have every row of every part once', () => {
    const starts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 80, size: 'max' })
    fc.assert(fc.property(fc.array(fc.tuple(starts, fc.nat(20), fc.nat(900)), { maxLength: 9 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }), (given, threads, least) => {
      // Some of a short time, so that others are of few rows for theirs.
      const parts = given.map(([times, skipped, width]) => partOf(times.map(time => width + time % (1000 - width)), Math.min(skipped, times.length - 1)))
      const cut = pieces(parts, threads, least)
      for (const part of parts) expect(rowsOf(part, cut)).toEqual(Array.from({ length: part.to - part.from }, (_, i) => part.from + i))
      expect(cut.every(piece => piece.length > 0)).toBe(true)
    }), { seed: 3, numRuns: 500 })
  })

  it('are of a stretch of time each, with what came last and is of all times', () => {
    const sorted = Array.from({ length: 10 }, (_, i) => partOf(Array.from({ length: 100 }, (_row, row) => i * 100 + row)))
    const last = partOf(Array.from({ length: 50 }, (_, i) => i * 20 + 7))
    const cut = pieces([...sorted, last], 1, 50)
    expect(cut.length).toBe(20)
    let end = -1
    for (const piece of cut) {
      const times = piece.flatMap(({ part: { segment }, from, to }) => Array.from(segment.starts.subarray(from, to)))
      expect(Math.min(...times)).toBeGreaterThan(end)
      end = Math.max(...times)
    }
  })

  it('are as the parts come where all are of all times', () => {
    const parts = Array.from({ length: 8 }, (_, i) => partOf(Array.from({ length: 100 }, (_row, row) => row * 8 + i)))
    expect(pieces(parts, 1, 100).map(piece => piece.map(({ from, to }) => to - from))).toEqual(parts.map(() => [100]))
  })
})
