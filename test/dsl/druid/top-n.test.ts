import { describe, expect, it } from 'vitest'
import { ALL, ask, COUNT, faultsOf } from './visits.js'

const TOP = { queryType: 'topN', intervals: ALL, granularity: 'all', dimension: 'country', metric: 'n', threshold: 10, aggregations: [COUNT] } as const

const values = async (query: object, key = 'country') =>
  (await ask({ ...TOP, ...query, queryType: 'topN' })).map(({ result }) => result.map(row => row[key]))
const after = (previousStop: string, ordering = 'lexicographic') => ({ type: 'dimension', ordering, previousStop })

describe('topN', () => {
  it('orders by a metric, ties by value, and is stamped with the first session', async () => {
    expect(await ask({ ...TOP, threshold: 2 })).toEqual([{
      timestamp: '2024-03-01T10:00:00.000Z', result: [{ country: 'Finland', n: 2 }, { country: null, n: 1 }]
    }])
    expect(await values({ metric: { type: 'inverted', metric: { type: 'numeric', metric: 'n' } } })).toEqual([[null, 'Sweden', 'Finland']])
    expect(await values({ metric: { type: 'inverted', metric: 'n' } })).toEqual([[null, 'Sweden', 'Finland']])
  })

  it('takes the leaders of every bucket', async () => {
    expect(await values({ granularity: 'day', threshold: 1 })).toEqual([['Finland'], ['Finland'], [null]])
  })

  it('has an empty list over nothing', async () => {
    expect(await ask({ ...TOP, intervals: '2025/P1Y' })).toEqual([{ timestamp: '2025-01-01T00:00:00.000Z', result: [] }])
    expect(await ask({ ...TOP, intervals: '2025/P1Y', granularity: 'day' })).toEqual([])
  })

  it('goes on after a value, also of an array and of numbers', async () => {
    expect(await values({ metric: after('Finland') })).toEqual([['Sweden']])
    expect(await values({ metric: { type: 'lexicographic', previousStop: 'Finland' } })).toEqual([['Sweden']])
    expect(await values({ metric: { type: 'inverted', metric: after('Sweden') } })).toEqual([['Finland']])
    expect(await values({ dimension: 'rooms', metric: after('sales') }, 'rooms')).toEqual([['support']])
    const seconds = { type: 'default', dimension: 'seconds', outputName: 's', outputType: 'long' }
    expect(await values({ dimension: seconds, metric: after('2', 'numeric') }, 's')).toEqual([[10]])
  })

  it('orders by what is computed', async () => {
    const negated = { type: 'arithmetic', name: 'less', fn: '*', fields: [{ type: 'fieldAccess', fieldName: 'n' }, { type: 'constant', value: -1 }] }
    expect(await values({ postAggregations: [negated], metric: 'less' })).toEqual([[null, 'Sweden', 'Finland']])
  })

  it('says what is wrong with its metric', async () => {
    expect(await faultsOf({ ...TOP, metric: 'm' })).toEqual(['/metric: the answer has no column "m", expected country or n; did you mean "n"?'])
    expect(await faultsOf({ ...TOP, metric: { type: 'inverted', metric: { type: 'numeric', metric: 'x' } } }))
      .toEqual(['/metric/metric/metric: the answer has no column "x", expected country or n; did you mean "n"?'])
  })
})
