import { describe, expect, it } from 'vitest'
import { ALL, ask, COUNT } from './visits.js'

const DAILY = { queryType: 'timeseries', intervals: ALL, granularity: 'day', aggregations: [COUNT] } as const

const counts = async (query: Parameters<typeof ask>[0]): Promise<[unknown, unknown][]> =>
  (await ask({ ...query, queryType: 'timeseries' })).map(({ timestamp, result }) => [timestamp?.slice(5, 10) ?? null, result.n])

describe('timeseries', () => {
  it('fills buckets from the first to the last session, not over all of the interval', async () => {
    expect(await counts(DAILY)).toEqual([['03-01', 2], ['03-02', 0], ['03-03', 1], ['03-04', 0], ['03-05', 1]])
    expect(await counts({ ...DAILY, filter: { type: 'selector', dimension: 'country', value: 'Norway' } })).toHaveLength(5)
  })

  it('leaves empty buckets out where the context says so', async () => {
    expect(await counts({ ...DAILY, context: { skipEmptyBuckets: true } })).toEqual([['03-01', 2], ['03-03', 1], ['03-05', 1]])
    expect(await counts({ ...DAILY, context: { skipEmptyBuckets: 'true', timeout: 1000 } })).toHaveLength(3)
  })

  it('goes backwards, up to a limit', async () => {
    expect(await counts({ ...DAILY, descending: true, limit: 2 })).toEqual([['03-05', 1], ['03-04', 0]])
    expect(await counts({ ...DAILY, limit: 0 })).toHaveLength(5)
  })

  it('adds a total of all rows, with a timestamp of null', async () => {
    const total = await ask({ ...DAILY, context: { grandTotal: true }, aggregations: [COUNT, { type: 'hyperUnique', name: 'u', fieldName: 'country' }] })
    expect(total.at(-1)).toMatchObject({ timestamp: null, result: { n: 4 } })
    expect(total.at(-1)?.result.u).toBeCloseTo(2, 2)
  })

  it('counts several intervals without what lies between them, and fills none of it', async () => {
    const intervals = ['2024-03-05/2024-03-06', '2024-03-01T00/PT12H', '2024-03-01/2024-03-01T10:30:00Z']
    expect(await counts({ ...DAILY, intervals })).toEqual([['03-01', 2], ['03-05', 1]])
    expect(await counts({ ...DAILY, intervals: { type: 'intervals', intervals: ['2024-03-03/2024-03-04'] } })).toEqual([['03-03', 1]])
  })

  it('stamps "all" with the start of the interval and answers over nothing', async () => {
    expect(await ask({ ...DAILY, granularity: 'ALL', intervals: '2023/2023-02' }))
      .toEqual([{ timestamp: '2023-01-01T00:00:00.000Z', result: { n: 0 } }])
    expect(await ask({ ...DAILY, intervals: '2023/2023-02' })).toEqual([])
  })

  it('follows the zone of a period', async () => {
    const granularity = { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' }
    const [first] = await ask({ ...DAILY, granularity })
    expect(first?.timestamp).toBe('2024-03-01T00:00:00.000-08:00')
    expect(await counts({ ...DAILY, granularity })).toEqual([['03-01', 2], ['03-02', 0], ['03-03', 1], ['03-04', 1]])
  })

  it('takes durations from an origin in milliseconds or as a timestamp', async () => {
    const half = { type: 'duration', duration: 12 * 3_600_000 }
    const [first] = await ask({ ...DAILY, granularity: { ...half, origin: 3_600_000 } })
    expect(first?.timestamp).toBe('2024-03-01T01:00:00.000Z')
    const [other] = await ask({ ...DAILY, granularity: { ...half, duration: '43200000', origin: '2024-01-01T02:00:00Z' } })
    expect(other?.timestamp).toBe('2024-03-01T02:00:00.000Z')
  })

  it('reaches over all time by Druid\'s eternity', async () => {
    const eternity = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z'
    expect(await counts({ ...DAILY, intervals: [eternity] })).toHaveLength(5)
  })
})
