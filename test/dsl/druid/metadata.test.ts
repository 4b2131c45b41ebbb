import { describe, expect, it } from 'vitest'
import { ask } from './visits.js'

const [FIRST, LAST] = ['2024-03-01T10:00:00.000Z', '2024-03-05T00:00:00.000Z']

describe('timeBoundary', () => {
  it('tells the first and the last start', async () => {
    expect(await ask({ queryType: 'timeBoundary', dataSource: 'visits' })).toEqual([{ timestamp: FIRST, result: { minTime: FIRST, maxTime: LAST } }])
    expect(await ask({ queryType: 'timeBoundary', bound: 'maxTime' })).toEqual([{ timestamp: LAST, result: { maxTime: LAST } }])
    expect(await ask({ queryType: 'timeBoundary', bound: 'minTime' })).toEqual([{ timestamp: FIRST, result: { minTime: FIRST } }])
  })

  it('looks at what passes its filter alone', async () => {
    expect(await ask({ queryType: 'timeBoundary', filter: { type: 'selector', dimension: 'country', value: 'Sweden' } }))
      .toMatchObject([{ result: { minTime: '2024-03-01T11:00:00.000Z', maxTime: '2024-03-01T11:00:00.000Z' } }])
    expect(await ask({ queryType: 'timeBoundary', filter: { type: 'selector', dimension: 'nobody', value: 'x' } })).toEqual([])
  })

  it('has no answer over no sessions', async () => {
    expect(await ask({ queryType: 'timeBoundary' }, [])).toEqual([])
    expect(await ask({ queryType: 'dataSourceMetadata' }, [])).toEqual([])
    expect(await ask({ queryType: 'segmentMetadata' }, [])).toEqual([])
  })
})

describe('dataSourceMetadata', () => {
  it('tells the last start', async () => {
    expect(await ask({ queryType: 'dataSourceMetadata', dataSource: { type: 'table', name: 'visits' } }))
      .toEqual([{ timestamp: LAST, result: { maxIngestedEventTime: LAST } }])
  })
})

describe('segmentMetadata', () => {
  it('describes every column', async () => {
    const [analysis] = await ask({ queryType: 'segmentMetadata', merge: true, analysisTypes: ['cardinality', 'minmax'] })
    expect(analysis).toMatchObject({ id: 'merged', numRows: 4, intervals: [`${FIRST}/2024-03-05T00:00:00.001Z`], aggregators: null })
    expect(analysis?.columns['__time']).toMatchObject({ type: 'LONG', minValue: Date.parse(FIRST), maxValue: Date.parse(LAST), hasNulls: false })
    expect(analysis?.columns.country).toMatchObject({ type: 'STRING', cardinality: 2, hasMultipleValues: false, hasNulls: true })
    expect(analysis?.columns.rooms).toMatchObject({ type: 'STRING', hasMultipleValues: true })
    expect(analysis?.columns.seconds).toMatchObject({ type: 'DOUBLE', cardinality: null, minValue: -3.5, maxValue: 10.5 })
  })

  it('describes those that are asked for, in the interval that is asked for', async () => {
    const [analysis] = await ask({ queryType: 'segmentMetadata', toInclude: { type: 'list', columns: ['country', '__time'] } })
    expect(Object.keys(analysis!.columns).toSorted()).toEqual(['__time', 'country'])
    expect(await ask({ queryType: 'segmentMetadata', toInclude: { type: 'none' } })).toMatchObject([{ columns: {} }])
    expect(await ask({ queryType: 'segmentMetadata', intervals: ['2020/2021'] })).toEqual([])
  })
})
