/** Histograms against counts of the values themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AggregationInput, HistogramBin } from '../../../dsl/input.js'
import { LimitError } from '../../../dsl/errors.js'
import { Engine } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { Random } from '../../support/random.js'
import { ask, EVER, total } from '../ask.js'

const N = 5000
const random = new Random(12)
const x = Array.from({ length: N }, () => (random.chance(0.1) ? null : random.chance(0.2) ? -random.fraction() * 50 : random.fraction() ** 4 * 1e6))
const whole = Array.from({ length: N }, () => random.pick([0, 0, 1, 7, -7, 255, 256, 257, 300, -300, 5000]))
const group = Array.from({ length: N }, () => random.pick(['a', 'b', 'c']))

const histogram = (field: string, options: { bins?: number, edges?: [number, ...number[]] } = {}): AggregationInput => ({ type: 'histogram', fields: [field], ...options })
const present = x.filter(value => value !== null)

describe('a histogram', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await engineWith(x.map((value, i) => ({ session_id: `s${i}`, started_at: i, x: value, whole: whole[i]!, group: group[i]!, empty: null })),
      { segmentRows: 700, columns: new Map([['empty', 'number' as const]]) })
  })
  afterAll(() => engine.close())

  const one = async (aggregation: AggregationInput): Promise<HistogramBin[]> => (await total(engine, [aggregation]))[0] as HistogramBin[]

  it('with edges counts exactly, below the first and from the last on too', async () => {
    const edges: [number, ...number[]] = [-7, 0, 0.5, 100, 1e5]
    const wanted = [-Infinity, ...edges].map((lower, i) => [
      i === 0 ? null : lower, edges[i] ?? null, present.filter(value => value >= lower && value < (edges[i] ?? Infinity)).length
    ])
    expect(await one(histogram('x', { edges }))).toEqual(wanted)
    const atEdges = await one(histogram('whole', { edges: [-7, 0, 7, 256] }))
    expect(atEdges.map(([, , count]) => count)).toEqual([
      whole.filter(v => v < -7).length, whole.filter(v => v === -7).length, whole.filter(v => v >= 0 && v < 7).length,
      whole.filter(v => v === 7 || v === 255).length, whole.filter(v => v >= 256).length
    ])
  })

  it('without options has ranges of at most 1 % of their values that count exactly', async () => {
    const bins = await one(histogram('x'))
    expect(bins.reduce((sum, [, , count]) => sum + count, 0)).toBe(present.length)
    for (const [lower, upper, count] of bins) {
      const isIn = (value: number): boolean => value < 0 ? value > lower! && value <= upper! : value >= lower! && value < upper!
      expect(count).toBe(present.filter(value => lower === upper ? value === lower : isIn(value)).length)
      expect(upper! - lower!).toBeLessThanOrEqual(0.01 * Math.max(Math.abs(upper!), Math.abs(lower!)))
    }
    const lowers = bins.map(([lower]) => lower!)
    expect(lowers).toEqual([...lowers].sort((a, b) => a - b))
  })

  it('of whole numbers has whole ranges', async () => {
    expect(await one(histogram('whole'))).toEqual(
      [[-302, -300, -300], [-8, -7, -7], [0, 0, 0], [1, 2, 1], [7, 8, 7], [255, 256, 255], [256, 258, 256], [300, 302, 300], [4992, 5024, 5000]]
        .map(([lower, upper, value]) => [lower, upper, whole.filter(other => other === value || (value === 256 && other === 257)).length])
    )
  })

  it('with bins has so many of one width from the smallest to the largest value, right but for 0.4 % about an edge', async () => {
    for (const bins of [1, 3, 40, 1000]) {
      const got = await one(histogram('x', { bins }))
      expect(got).toHaveLength(bins)
      expect(got[0]![0]).toBe(Math.min(...present))
      expect(got.at(-1)![1]).toBe(Math.max(...present))
      let before = 0
      for (const [lower, upper, count] of got) {
        expect(upper! - lower!).toBeCloseTo((Math.max(...present) - Math.min(...present)) / bins, 4)
        before += count
        const slack = Math.abs(upper!) / 256
        expect(before).toBeGreaterThanOrEqual(present.filter(value => value < upper! - slack).length)
        expect(before).toBeLessThanOrEqual(present.filter(value => value <= upper! + slack).length)
      }
      expect(before).toBe(present.length)
    }
    expect(await total(engine, [histogram('whole', { bins: 4 })], { type: 'selector', dimension: 'whole', value: 7 }))
      .toEqual([[[7, 7, whole.filter(v => v === 7).length]]])
  })

  it('by group is that of the group alone, beside quantiles of the same field', async () => {
    const aggregations: AggregationInput[] = [
      { type: 'quantile', fields: ['x'], quantiles: [0.5] }, histogram('x'), { ...histogram('x', { bins: 9 }), name: 'nine' } as AggregationInput,
      { ...histogram('x', { edges: [0] }), name: 'two' } as AggregationInput
    ]
    for (const [name, ...row] of await ask(engine, { group_by: ['group'], aggregations })) {
      expect(await total(engine, aggregations, { type: 'selector', dimension: 'group', value: name as string })).toEqual(row)
    }
    // Far more groups than there are counters.
    const many = await ask(engine, { group_by: ['session_id'], aggregations: [histogram('x', { edges: Array.from({ length: 900 }, (_, i) => i) as [number, ...number[]] })] })
    for (const [at, [, bins]] of many.entries()) {
      expect((bins as HistogramBin[]).reduce((sum, [, , count]) => sum + count, 0)).toBe(x[Number((many[at]![0] as string).slice(1))] === null ? 0 : 1)
    }
  })

  it('of nothing is empty, or has its edges with 0', async () => {
    expect(await total(engine, [histogram('empty'), { ...histogram('empty', { bins: 5 }), name: 'b' } as AggregationInput])).toEqual([[], []])
    expect(await one(histogram('empty', { edges: [1, 2] }))).toEqual([[null, 1, 0], [1, 2, 0], [2, null, 0]])
    const { data } = await engine.query({
      interval: { start: '2000-01-01', end: '2000-01-02' }, granularity: 'all', aggregations: [histogram('x'), histogram('whole', { edges: [1] })]
    })
    expect(data[0]!.slice(1)).toEqual([[], [[null, 1, 0], [1, null, 0]]])
  })

  it('of the largest doubles has finite edges', async () => {
    const huge = await engineWith([-Number.MAX_VALUE, 0, Number.MAX_VALUE].map((value, i) => ({ session_id: `s${i}`, started_at: i, y: value })))
    const [fine, bins] = await total(huge, [histogram('y'), { ...histogram('y', { bins: 3 }), name: 'b' } as AggregationInput])
    for (const bound of [...fine as HistogramBin[], ...bins as HistogramBin[]].flat()) expect(Number.isFinite(bound)).toBe(true)
    expect((bins as HistogramBin[]).map(([, , count]) => count)).toEqual([1, 1, 1])
    await huge.close()
  })

  it('cannot be more than an answer can hold', async () => {
    const query = {
      interval: EVER, granularity: 'all', group_by: ['session_id'], aggregations: Array.from({ length: 2 }, (_, i) => ({
        ...histogram('x', { edges: Array.from({ length: 1000 }, (_element, at) => at) as [number, ...number[]] }), name: `h${i}`
      } as AggregationInput))
    } as const
    await expect(engine.query(query)).rejects.toMatchObject({ limitName: 'max_bins' })
    await expect(engine.query(query)).rejects.toBeInstanceOf(LimitError)
  })
})
