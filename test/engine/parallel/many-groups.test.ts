/** Groups of which there are thousands are kept otherwise than few are; several threads put them together to the same bits. */
import { afterAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { threadsOf } from '../../support/workers.js'

const SESSIONS = 30_000
const GROUPS = 5000
/** With those of the organizations so many that the pairs of visitors tell how many sessions a group has. */
const PLANS = 10

afterAll(() => useKernels('wasm'))

describe.each(['wasm', 'plain'] as const)('thousands of groups, with kernels in %s', kernels => {
  it('are answered alike in 1, 2 and 4 threads, and rightly', async () => {
    useKernels(kernels)
    const random = new Random(3)
    const sessions = Array.from({ length: SESSIONS }, (_, i) => ({
      session_id: `s${i}`, started_at: i * 1000, visitor_id: `v${random.between(0, 999)}`, org: `o${random.between(1, GROUPS)}`, seconds: random.between(-1000, 10 ** 9) / 1000
    }))
    let together = 0
    const answers = []
    for (const threads of [1, 2, 4]) {
      const engine = await Engine.open({ segmentRows: 4096, threads: threadsOf(threads, { note: run => { if (run === 'together') together++ } }) })
      await engine.ingest(sessions)
      const { data } = await engine.query({
        interval: { start: '1970-01-01', end: '1970-01-02' }, granularity: 'all', group_by: ['org'],
        aggregations: [{ type: 'count' }, { type: 'avg', fields: ['seconds'] }, { type: 'quantile', fields: ['seconds'], quantiles: [0.5, 1] }, { type: 'hyperUnique', fields: ['visitor_id'] }]
      })
      answers.push(data)
      await engine.close()
    }
    expect(together).toBe(2)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    for (const [, org, count, average, median, largest, visitors] of answers[0]!.slice(0, 200)) {
      const own = sessions.filter(session => session.org === org)
      const seconds = own.map(session => session.seconds).sort((a, b) => a - b)
      expect(count).toBe(own.length)
      expect(average).toBeCloseTo(seconds.reduce((sum, value) => sum + value, 0) / own.length, 6)
      expect(largest).toBe(seconds.at(-1))
      const middle = seconds[Math.ceil(seconds.length / 2) - 1]!
      expect(Math.abs((median as number) - middle)).toBeLessThanOrEqual(Math.abs(middle) / 256)
      expect(visitors).toBe(new Set(own.map(session => session.visitor_id)).size)
    }
  })

  it('have as many sessions in 1, 2 and 4 threads, with a visitor and a number or without', async () => {
    useKernels(kernels)
    const random = new Random(4)
    const sessions = Array.from({ length: SESSIONS }, (_, i) => ({
      session_id: `s${i}`, started_at: i * 1000, org: `o${random.between(1, GROUPS)}`, plan: `p${random.between(1, PLANS)}`,
      ...random.chance(0.8) && { visitor_id: `v${random.between(0, 99)}` }, ...(i < SESSIONS / 2 || random.chance(0.5)) && { seconds: random.between(0, 100) }
    }))
    const expected = new Map<string, { rows: number, sum: number, values: number, visitors: Set<string> }>()
    for (const { org, plan, visitor_id, seconds } of sessions) {
      const group = expected.get(`${org} ${plan}`) ?? { rows: 0, sum: 0, values: 0, visitors: new Set() }
      expected.set(`${org} ${plan}`, group)
      group.rows++
      if (visitor_id !== undefined) group.visitors.add(visitor_id)
      if (seconds !== undefined) group.values++
      group.sum += seconds ?? 0
    }
    for (const threads of [1, 2, 4]) {
      const engine = await Engine.open({ segmentRows: 4096, threads: threadsOf(threads) })
      await engine.ingest(sessions)
      const { data } = await engine.query({
        interval: { start: '1970-01-01', end: '1970-01-02' }, granularity: 'all', group_by: ['org', 'plan'],
        aggregations: [{ type: 'count' }, { type: 'avg', fields: ['seconds'] }, { type: 'hyperUnique', fields: ['visitor_id'] }]
      })
      expect(new Map(data.map(([, org, plan, ...values]) => [`${org} ${plan}`, values])))
        .toEqual(new Map([...expected].map(([name, { rows, sum, values, visitors }]) => [name, [rows, values === 0 ? null : sum / values, visitors.size]])))
      await engine.close()
    }
  })
})
