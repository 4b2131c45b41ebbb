/** Sums are the true sum rounded once: no order of arrival, no segment and no filter changes a bit. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Session } from '../../engine/session.js'
import { engineWith } from '../support/engine.js'
import { exactMean, exactSum } from '../support/exact-sum.js'
import type { QueryJson } from '../support/query-json.js'
import { Random } from '../support/random.js'

const QUERY: QueryJson = {
  interval: { start: '1970-01-01T00:00:00Z', end: '1980-01-01T00:00:00Z' },
  granularity: 'all',
  group_by: [],
  aggregations: [{ type: 'sum', fields: ['session_duration_secs'] }, { type: 'avg', fields: ['session_duration_secs'] }]
}
const PARAMETERS = { seed: 11, numRuns: 150 }

const adversarial = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, 1e-300, -1e-300, 5e-324, -5e-324, 2 ** 53, 1, -1, 0.1, 2 ** -1022, 2 ** 960, -(2 ** 959)),
  fc.integer({ min: -1000, max: 1000 })
)

function sessionsWith(values: readonly (number | null)[]): Session[] {
  return values.map((value, at) => ({ session_id: String(at), started_at: at * 60_000, session_duration_secs: value, country: at % 3 === 0 ? 'a' : 'b' }))
}

async function sumOf(sessions: readonly Session[], segmentRows?: number, query: QueryJson = QUERY): Promise<unknown[][]> {
  const engine = await engineWith(sessions, { ...(segmentRows && { segmentRows }) })
  const { data } = await engine.query(query)
  await engine.close()
  return data.map(row => row.slice(1))
}

/** The mean is the rounded sum over the number of values, as the language says: Σ/n. */
function wanted(values: readonly number[]): (number | null)[] {
  if (values.length === 0) return [null, null]
  const sum = exactSum(values)
  return Number.isFinite(sum) ? [sum, sum / values.length] : [null, null]
}

describe('a sum', () => {
  it('is exact for doubles of every size, in any order', async () => {
    await fc.assert(fc.asyncProperty(fc.array(adversarial, { maxLength: 60 }), fc.integer(), async (values, seed) => {
      const sum = exactSum(values)
      fc.pre(Number.isFinite(sum))
      const sessions = sessionsWith(values)
      expect(await sumOf(sessions)).toEqual([wanted(values)])
      expect(await sumOf(new Random(seed).shuffle(sessions), 4)).toEqual([wanted(values)])
    }), PARAMETERS)
  })

  it('is exact in every group and bucket', async () => {
    const query: QueryJson = { ...QUERY, granularity: 'ten_minute', group_by: ['country'], fill: 'none' }
    await fc.assert(fc.asyncProperty(fc.array(fc.option(adversarial), { minLength: 1, maxLength: 80 }), async values => {
      const groups = new Map<string, number[]>()
      for (const [at, value] of values.entries()) {
        const key = `${String(Math.floor(at / 10)).padStart(2, '0')}${at % 3 === 0 ? 'a' : 'b'}`
        const group = groups.get(key) ?? []
        if (value !== null) group.push(value)
        groups.set(key, group)
      }
      fc.pre([...groups.values()].every(group => Number.isFinite(exactSum(group))))
      const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => [key.slice(-1)].concat(wanted(group) as never[]))
      expect(await sumOf(sessionsWith(values), 16, query)).toEqual(rows)
    }), PARAMETERS)
  })

  it.each([
    [[1e308, 1e308, -1e308], 1e308],
    [[1, 1e100, 1, -1e100], 2],
    [[1e308, 1e-300, -1e308], 1e-300],
    [[2 ** 53, 1, 5e-324], 2 ** 53 + 2],
    [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 1],
    [[Number.MAX_VALUE, -5e-324], Number.MAX_VALUE],
    [[2 ** 53 + 2, 1, 1], 2 ** 53 + 4],
    [[2 ** 200, 2 ** 147, 2 ** -500, 2 ** -1000], 2 ** 200 + 2 ** 148],
    [[2 ** 200, 2 ** 147, -(2 ** -500), 2 ** -1000], 2 ** 200],
    [[2 ** 200, 2 ** 147, 2 ** -500, -(2 ** -500), 2 ** -1000, -(2 ** -1000)], 2 ** 200]
  ])('of %j is %d', async (values, sum) => {
    expect((await sumOf(sessionsWith(values)))[0]).toEqual([sum, sum / values.length])
  })

  it('of many equal fractions does not drift', async () => {
    const values = Array.from({ length: 30_000 }, () => 0.1)
    expect((await sumOf(sessionsWith(values)))[0]).toEqual([exactSum(values), exactSum(values) / values.length])
    expect(exactMean(values)).toBe(0.1)
  })

  it('too large for a double still has its mean', async () => {
    expect((await sumOf(sessionsWith([1e308, 1e308])))[0]).toEqual([null, 1e308])
    expect((await sumOf(sessionsWith([Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE])))[0]).toEqual([null, Number.MAX_VALUE])
    expect((await sumOf(sessionsWith([-1e308, -1.5e308, null])))[0]).toEqual([null, exactMean([-1e308, -1.5e308])])
  })

  it('that no double can hold is null, never Infinity', async () => {
    expect((await sumOf(sessionsWith([Number.MAX_VALUE, Number.MAX_VALUE])))[0]?.at(0)).toBeNull()
    expect((await sumOf(sessionsWith([-Number.MAX_VALUE, -Number.MAX_VALUE, 1])))[0]?.at(0)).toBeNull()
  })
})
