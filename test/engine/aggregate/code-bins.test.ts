/** Values whose groups are bytes are counted where they lie; what comes of them is what comes of the same rows one by one. */
import { afterEach, describe, expect, it } from 'vitest'
import { Distribution } from '../../../engine/aggregate/distribution.js'
import { ownMemory } from '../../../engine/column/memory.js'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { Engine } from '../../../index.js'
import { nearestRankValue } from '../../support/metrics.js'
import { Random } from '../../support/random.js'
import { never, readerOf } from './values.js'

const QUANTILES = [0, 0.001, 0.3, 0.5, 0.95, 0.999, 1]
const BUCKETS = 3

function distribution(groups: number): Distribution {
  const all = new Distribution('v', { maxPairs: 100_000, rows: 100_000, memory: ownMemory }, never)
  all.grow(groups)
  return all
}

function everything(all: Distribution, groups: number): unknown[] {
  for (const _ of all.finish()) { /* nobody else is waiting */ }
  return Array.from({ length: groups }, (_, group) => [QUANTILES.map(quantile => [all.quantile(group, quantile), all.quantileError(group, quantile)]), all.histogram(group)])
}

const kinds: readonly [string, number, (random: Random, part: number) => number][] = [
  ['whole numbers', 3, random => random.between(1, 5000)],
  ['halves in one segment', 3, (random, part) => random.between(1, 5000) / (part === 2 ? 2 : 1)],
  ['a wider range in each segment', 5, (random, part) => (1 + random.fraction()) * 2 ** random.between(-part, 3 * part)],
  ['the least of all at the end', 2, (random, part) => part === 5 ? 2 ** -40 : random.between(1, 9)],
  ['zero, far from the others, and so many groups that bins are listed', 80, random => random.chance(0.01) ? 0 : random.between(1, 99)],
  ['numbers below zero', 4, random => random.between(-100, -1) / 4],
  ['numbers on either side of zero, too far apart', 90, random => random.between(-100, 100) / 4],
  ['more counters than there is room for', 256, random => (1 + random.fraction()) * 2 ** random.between(0, 12)]
]

describe.each(kinds)('bins of bytes: %s', (_, size, value) => {
  it('are those of pairs', () => {
    const random = new Random(size)
    const [byCode, byPair] = [distribution(BUCKETS * size), distribution(BUCKETS * size)]
    let taken = 0
    for (let part = 0; part < 6; part++) {
      const isMissing = part === 3
      const cells = Array.from({ length: 20_000 }, () => isMissing && random.chance(0.1) ? null : value(random, part))
      const codes = Uint8Array.from(cells, () => Math.floor(random.fraction() ** 2 * size))
      for (const all of [byCode, byPair]) all.bind(readerOf(cells))
      for (let from = 0; from < cells.length;) {
        const n = Math.min(cells.length - from, random.pick([1, 1000, 16_384, 17_000]))
        const first = random.between(0, BUCKETS - 1) * size
        const groups = Uint32Array.from(codes.subarray(from, from + n), code => first + code)
        byPair.addPairs(groups, null, from, n)
        if (!byCode.takesCodes(size) || random.chance(0.05)) byCode.addPairs(groups, null, from, n)
        else {
          byCode.addCodes(codes, size, first, from, n)
          taken++
        }
        from += n
      }
    }
    expect(taken > 5).toBe(size < 80)
    expect(everything(byCode, BUCKETS * size)).toEqual(everything(byPair, BUCKETS * size))
  })
})

describe.each(['wasm', 'plain'] as const)('quantiles of few groups, with kernels in %s', kernels => {
  afterEach(() => useKernels('wasm'))

  it('are near those of the sorted values, beside counts and with an aggregation that wants rows sorted', async () => {
    useKernels(kernels)
    const random = new Random(9)
    const sessions = Array.from({ length: 40_000 }, (_, i) => ({
      session_id: `s${i}`, started_at: i * 1000, device: `d${random.between(0, 3)}`, seconds: Math.exp(random.fraction() * 12 - 3), visitor_id: `v${random.between(0, 500)}`
    }))
    const engine = await Engine.open({ segmentRows: 16_384 })
    await engine.ingest(sessions)
    for (const others of [[], [{ type: 'hyperUnique', fields: ['visitor_id'] }]] as const) {
      const { data } = await engine.query({
        interval: { start: '1970-01-01', end: '1970-01-02' }, granularity: 'six_hour', group_by: ['device'],
        aggregations: [{ type: 'count' }, { type: 'quantile', fields: ['seconds'], quantiles: [0, 0.5, 0.99, 1] }, ...others]
      })
      expect(data.length).toBe(8)
      for (const [time, device, count, ...values] of data) {
        const own = sessions.filter(session => session.device === device && Math.floor(session.started_at / 21_600_000) === Number(String(time).slice(11, 13)) / 6)
        const seconds = own.map(session => session.seconds)
        expect(count).toBe(own.length)
        for (const [at, quantile] of [0, 0.5, 0.99, 1].entries()) {
          const exact = nearestRankValue(seconds, quantile)
          expect(Math.abs(values[at] as number - exact)).toBeLessThanOrEqual(quantile === 0 || quantile === 1 ? 0 : exact * 0.00391)
        }
        if (others.length > 0) expect(values[4]).toBe(new Set(own.map(session => session.visitor_id)).size)
      }
    }
    await engine.close()
  })
})
