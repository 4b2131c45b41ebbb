import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketAt } from '../../../engine/plan/buckets.js'
import { BucketRuns, partsOfBuckets } from '../../../engine/plan/bucket-runs.js'
import { Engine } from '../../../engine/engine.js'

const ascending = (most: number, max: number) => fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: most }).map(list => Float64Array.from(list).sort())

/** [bucket, from, to] of each run. */
function runsOf(runs: BucketRuns): number[][] {
  return Array.from({ length: runs.count }, (_, i) => [runs.buckets[i]!, runs.start(i), runs.ends[i]!])
}

describe('runs of buckets', () => {
  it('are the rows of a segment, or of some of its rows, cut where another bucket begins', () => {
    const runs = new BucketRuns()
    fc.assert(fc.property(ascending(60, 40), ascending(200, 60), fc.integer({ min: 1, max: 4 }), (starts, rows, step) => {
      const buckets = Float64Array.from(new Set([-1, ...starts]))
      for (const picked of [null, Uint32Array.from(rows.keys()).filter(row => row % step === 0)]) {
        const n = picked?.length ?? rows.length
        const expected: number[][] = []
        for (let i = 0; i < n; i++) {
          const bucket = bucketAt(buckets, rows[picked === null ? i : picked[i]!]!)
          if (expected.at(-1)?.[0] === bucket) expected.at(-1)![2] = i + 1
          else expected.push([bucket, i, i + 1])
        }
        runs.cut(buckets, rows, picked, 0, n)
        expect(runsOf(runs)).toEqual(expected)
      }
    }), { seed: 7, numRuns: 300 })
  })

  it('begin where they are told to', () => {
    const runs = new BucketRuns()
    runs.cut(Float64Array.of(0, 10, 20), Float64Array.of(1, 2, 11, 12, 25), null, 1, 4)
    expect(runsOf(runs)).toEqual([[0, 1, 2], [1, 2, 4]])
  })
})

function segment(...starts: number[]) {
  return { starts: Float64Array.from(starts), startOf: (row: number) => starts[row]! }
}

function part(...starts: number[]) {
  return { segment: segment(...starts), from: 0, to: starts.length }
}

describe('parts of buckets', () => {
  it('are those that have rows in them, at least one', () => {
    const buckets = Float64Array.of(0, 10, 20, 30)
    expect([...partsOfBuckets(buckets, [part(0, 12), part(19, 19, 35, 35)])]).toEqual([1, 2, 1, 1])
    expect([...partsOfBuckets(buckets, [part(5, 6, 25, 25), part(11), part(12)])]).toEqual([1, 3, 1, 1])
    // Few rows are looked at one by one.
    expect([...partsOfBuckets(buckets, [part(1, 2, 11, 12, 21, 22, 31, 32), part(5, 35)])]).toEqual([2, 1, 1, 2])
  })

  it('are found among some rows of a segment', () => {
    expect([...partsOfBuckets(Float64Array.of(0, 10), [{ segment: segment(1, 2, 3, 11), from: 0, to: 3 }, { segment: segment(1, 15), from: 1, to: 2 }])]).toEqual([1, 1])
  })

  it('are counted as those of several are', async () => {
    const sessions = Array.from({ length: 900 }, (_, i) => ({
      session_id: String(i), started_at: (i * 7919 % 1800) * 1000, visitor_id: `v${i * i % 97}`, country: i % 3 === 0 ? 'A' : 'B', pages: i % 11, rooms: [`r${i % 5}`, `r${i % 7}`]
    }))
    const answers = []
    for (const segmentRows of [50, 2000]) {
      const engine = await Engine.open({ segmentRows })
      // Not merged: segments overlap.
      for (let from = 0; from < sessions.length; from += 60) await engine.ingest(sessions.slice(from, from + 60))
      const { data } = await engine.query({
        interval: { start: '1970-01-01T00:00:00Z', end: '1970-01-01T00:30:00Z' }, granularity: 'minute',
        filters: { type: 'not', field: { type: 'selector', dimension: 'visitor_id', value: 'v0' } },
        aggregations: [
          { type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id', 'rooms', 'pages'] }, { type: 'exactUnique', fields: ['visitor_id', 'rooms', 'pages'] },
          { type: 'avg', fields: ['pages'] },
          { type: 'filtered', name: 'a', filter: { type: 'selector', dimension: 'country', value: 'A' }, aggregator: { type: 'exactUnique', fields: ['visitor_id'] } }
        ]
      })
      answers.push(data)
      const expected = new Set(sessions.filter(({ started_at, visitor_id }) => started_at >= 60_000 && started_at < 120_000 && visitor_id !== 'v0').map(({ visitor_id }) => visitor_id))
      expect(data[1]![2]).toBe(expected.size)
      await engine.close()
    }
    expect(answers[0]).toEqual(answers[1])
  })
})
