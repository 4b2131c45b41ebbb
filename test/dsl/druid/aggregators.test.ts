import { describe, expect, it } from 'vitest'
import { ALL, ask, faultsOf } from './visits.js'

const over = (...aggregations: object[]) =>
  ask({ queryType: 'timeseries', intervals: ALL, granularity: 'all', aggregations }).then(([entry]) => entry?.result)

const each = (type: string, fieldName: string) => over({ type, name: 'x', fieldName }).then(result => result?.x)

describe('aggregators', () => {
  it('cut every value of a long off towards zero before they aggregate it', async () => {
    expect([await each('longSum', 'seconds'), await each('doubleSum', 'seconds')]).toEqual([10 + 2 - 3, 9.75])
    expect([await each('longMin', 'seconds'), await each('doubleMin', 'seconds')]).toEqual([-3, -3.5])
    expect([await each('longMax', 'seconds'), await each('floatMax', 'seconds')]).toEqual([10, 10.5])
    expect([await each('longFirst', 'seconds'), await each('doubleLast', 'seconds')]).toEqual([10, -3.5])
    expect(await each('doubleMean', 'seconds')).toBe(3.25)
  })

  it('read numbers out of texts', async () => {
    expect([await each('longSum', 'code'), await each('doubleMax', 'code')]).toEqual([26, 12])
  })

  it('know the time as __time', async () => {
    expect(await each('longMax', '__time')).toBe(Date.parse('2024-03-05T00:00:00Z'))
  })

  it('find nothing in a column that nobody has', async () => {
    expect(await over({ type: 'longSum', name: 'a', fieldName: 'no' }, { type: 'hyperUnique', name: 'b', fieldName: 'no' }, { type: 'stringFirst', name: 'c', fieldName: 'no' }))
      .toEqual({ a: null, b: 0, c: null })
  })

  it('estimate distinct values, rounded where asked', async () => {
    const cardinality = { type: 'cardinality', name: 'x', fields: ['rooms'], byRow: false, round: true }
    expect(await over(cardinality)).toEqual({ x: 2 })
    expect(await over({ ...cardinality, fields: [{ type: 'default', dimension: 'country' }] })).toEqual({ x: 2 })
    expect(await over({ type: 'thetaSketch', name: 'x', fieldName: 'country', size: 16384 }, { type: 'HLLSketchBuild', name: 'y', fieldName: 'country', lgK: 12, round: true }))
      .toMatchObject({ y: 2 })
  })

  it('take the texts of the first and the last session', async () => {
    expect([await each('stringFirst', 'country'), await each('stringLast', 'code'), await each('stringAny', 'country')]).toEqual(['Finland', '7', 'Finland'])
  })

  it('compute over what passes a filter of their own, or several', async () => {
    const finland = { type: 'selector', dimension: 'country', value: 'Finland' }
    const filtered = { type: 'filtered', filter: finland, aggregator: { type: 'longSum', name: 'x', fieldName: 'code' } }
    expect(await over(filtered)).toEqual({ x: 7 })
    expect(await over({ ...filtered, name: 'y' })).toEqual({ y: 7 })
    const late = { type: 'selector', dimension: '__time', value: Date.parse('2024-03-03T09:30:00Z') }
    expect(await over({ type: 'filtered', filter: late, aggregator: { ...filtered, aggregator: { type: 'count', name: 'x' } } })).toEqual({ x: 1 })
  })

  it('say what they cannot do', async () => {
    const query = { queryType: 'timeseries', intervals: ALL, granularity: 'all' } as const
    const faults = (...aggregations: unknown[]) => faultsOf({ ...query, aggregations })
    expect(await faults({ type: 'longSum', name: 'a', fieldName: 'rooms' })).toEqual(['/aggregations/0/fieldName: "rooms" is an array of strings, expected numbers.'])
    expect(await faults({ type: 'cardinality', name: 'a', fields: ['country', 'code'] }))
      .toEqual(['/aggregations/0/fields: got 2 dimensions, expected one: values of several are not counted together.'])
    expect(await faults({ type: 'count', name: 'a' }, { type: 'count', name: 'a' }))
      .toEqual(['/aggregations/1/name: there is another output column "a", expected another name.'])
    expect((await faults({ type: 'longsum', name: 'a', fieldName: 'seconds' }))[0]).toMatch(/^\/aggregations\/0\/type: unknown type "longsum", .* did you mean "longSum"\?$/)
    expect((await faults({ type: 'javascript', name: 'a' }))[0]).toMatch(/unknown type "javascript"/)
  })
})
