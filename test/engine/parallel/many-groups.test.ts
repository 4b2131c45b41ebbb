/** Groups of which there are thousands are kept otherwise than few are; several threads put them together to the same bits. */
import { afterAll, describe, expect, it } from 'vitest'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { Engine } from '../../../index.js'
import { Random } from '../../support/random.js'
import { threadsOf } from '../../support/workers.js'

const SESSIONS = 30_000
const GROUPS = 5000

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
})
