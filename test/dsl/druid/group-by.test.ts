import { describe, expect, it } from 'vitest'
import { ALL, ask, COUNT, faultsOf } from './visits.js'

const GROUP = { queryType: 'groupBy', intervals: ALL, granularity: 'all', dimensions: ['country'], aggregations: [COUNT] } as const

const events = async (query: object) => (await ask({ ...GROUP, ...query, queryType: 'groupBy' })).map(({ event }) => event)
const values = async (query: object) => (await events(query)).map(event => Object.values(event)[0])

describe('groupBy', () => {
  it('has Druid\'s envelope, stamped with the start of the interval', async () => {
    expect((await ask(GROUP))[0]).toEqual({ version: 'v1', timestamp: '2024-03-01T00:00:00.000Z', event: { country: null, n: 1 } })
  })

  it('groups numbers as texts where no other type is asked for', async () => {
    const typed = (outputType?: string) => values({ dimensions: [{ dimension: 'seconds', outputType }] })
    expect(await typed()).toEqual([null, '-3.5', '10.5', '2.75'])
    expect(await typed('LONG')).toEqual([null, -3, 2, 10])
    expect(await typed('double')).toEqual([null, -3.5, 2.75, 10.5])
    expect(await values({ dimensions: [{ type: 'default', dimension: 'code', outputType: 'LONG' }] })).toEqual([null, 7, 12])
    expect(await values({ dimensions: [{ dimension: 'seconds' }], limitSpec: { type: 'default', columns: [{ dimension: 'seconds', dimensionOrder: 'numeric' }] } }))
      .toEqual([null, '-3.5', '2.75', '10.5'])
  })

  it('groups by the time and by what nobody has', async () => {
    expect(await values({ dimensions: [{ dimension: '__time', outputType: 'LONG' }], limit: 1 })).toEqual([Date.parse('2024-03-01T10:00:00Z')])
    expect(await events({ dimensions: ['nobody'] })).toEqual([{ nobody: null, n: 4 }])
  })

  it('keeps some values of a dimension', async () => {
    const list = { type: 'listFiltered', delegate: 'rooms', values: ['sales'] }
    expect(await events({ dimensions: [list] })).toEqual([{ rooms: null, n: 2 }, { rooms: 'sales', n: 2 }])
    expect(await values({ dimensions: [{ ...list, isWhitelist: false }] })).toEqual([null, 'support'])
    expect(await values({ dimensions: [{ type: 'prefixFiltered', delegate: { type: 'regexFiltered', delegate: 'rooms', pattern: 's.*' }, prefix: 'sup' }] }))
      .toEqual([null, 'support'])
    const whole = { type: 'default', dimension: 'seconds', outputType: 'LONG' }
    expect(await values({ dimensions: [{ type: 'listFiltered', delegate: whole, values: ['10'] }] })).toEqual([null, 10])
  })

  it('gives the rows of several sets of dimensions, one set after the other', async () => {
    const dimensions = [{ dimension: 'country', outputName: 'land' }, { dimension: 'seconds', outputType: 'DOUBLE' }]
    const sets = (subtotalsSpec: unknown, rest = {}) => events({ dimensions, subtotalsSpec, ...rest })
    expect(await sets([['land'], []])).toEqual([
      { land: null, seconds: null, n: 1 }, { land: 'Finland', seconds: null, n: 2 }, { land: 'Sweden', seconds: null, n: 1 }, { land: null, seconds: null, n: 4 }
    ])
    expect(await sets([['seconds'], ['land']], { limitSpec: { type: 'default', columns: [{ dimension: 'n', direction: 'descending' }, 'land'], limit: 1 } }))
      .toEqual([{ land: null, seconds: null, n: 1 }, { land: 'Finland', seconds: null, n: 2 }])
    expect(await sets([])).toHaveLength(4)
    expect(await faultsOf({ ...GROUP, dimensions, subtotalsSpec: [['country'], ['land', 'land']] })).toEqual([
      '/subtotalsSpec/0/0: the answer is not grouped by "country", expected land or seconds.', '/subtotalsSpec/1: got a dimension twice, expected each once.'
    ])
  })

  it('orders by columns after the time, and cuts', async () => {
    const columns = [{ dimension: 'n', direction: 'DESCENDING' }, 'country']
    expect(await values({ limitSpec: { type: 'default', columns, limit: 2 } })).toEqual(['Finland', null])
    expect(await values({ limitSpec: { type: 'default', columns, offset: 2 } })).toEqual(['Sweden'])
    expect(await values({ limit: 1, orderBy: [['country', 'descending']] })).toEqual(['Sweden'])
    expect(await values({ granularity: 'day', limitSpec: { type: 'default', columns, limit: 2 } })).toEqual(['Finland', 'Sweden'])
  })

  it('keeps rows by conditions on aggregations, dimensions and what is computed', async () => {
    const half = { type: 'arithmetic', name: 'half', fn: '/', fields: [{ type: 'fieldAccess', fieldName: 'n' }, { type: 'constant', value: 2 }] }
    expect(await values({ having: { type: 'greaterThan', aggregation: 'n', value: 1 } })).toEqual(['Finland'])
    expect(await values({ postAggregations: [half], having: { type: 'equalTo', aggregation: 'half', value: 0.5 } })).toEqual([null, 'Sweden'])
    expect(await values({ having: { type: 'dimSelector', dimension: 'country', value: null } })).toEqual([null])
    expect(await values({ having: { type: 'not', havingSpec: { type: 'filter', filter: { type: 'selector', dimension: 'country' }, finalize: true } } })).toEqual(['Finland', 'Sweden'])
    expect(await values({ dimensions: [{ dimension: 'seconds', outputType: 'LONG' }], having: { type: 'dimSelector', dimension: 'seconds', value: '10' } })).toEqual([10])
  })

  it('answers the later of two columns of one name', async () => {
    const doubled = { type: 'arithmetic', name: 'n', fn: '+', fields: [{ type: 'fieldAccess', fieldName: 'n' }, { type: 'fieldAccess', fieldName: 'n' }] }
    expect(await events({ postAggregations: [doubled], having: { type: 'equalTo', aggregation: 'n', value: 4 } })).toEqual([{ country: 'Finland', n: 4 }])
  })

  it('has one row without dimensions, also over nothing', async () => {
    expect(await events({ dimensions: [], intervals: '2025/P1D' })).toEqual([{ n: 0 }])
    expect(await events({ dimensions: [], granularity: 'day' })).toEqual([{ n: 2 }, { n: 1 }, { n: 1 }])
    expect(await events({ intervals: '2025/P1D' })).toEqual([])
  })

  it('may name columns as it likes', async () => {
    const dimensions = [{ dimension: 'country', outputName: '__proto__' }, { dimension: 'country', outputName: 'timestamp' }]
    const [first] = await events({ dimensions, aggregations: [{ type: 'count', name: 'dimension 0' }] })
    expect(Object.entries(first!)).toEqual([['__proto__', null], ['timestamp', null], ['dimension 0', 1]])
  })

  it('reads arrays that have keys of their own', async () => {
    const dimensions = Object.assign(['country'], { constructor: {} })
    expect(await values({ dimensions })).toEqual([null, 'Finland', 'Sweden'])
  })

  it('says every fault at once, where it is', async () => {
    expect(await faultsOf({
      ...GROUP,
      intervals: ['2024-02-30/2024-03-01', '2024-03-02/2024-03-01', '2024-03-01', 'P1X/2024-01-01'],
      granularity: { type: 'period', period: 'P1D', timeZone: 'Helsinki' },
      dimensions: [{ type: 'default', dimension: 'rooms', outputType: 'LONG' }, { type: 'extraction', dimension: 'country' }],
      filter: { type: 'and', fields: [{ type: 'selector', dimension: 'country', value: [1] }] },
      having: { type: 'above' },
      limitSpec: { type: 'default', columns: ['n'], limit: -1 },
      virtualColumns: [{ type: 'expression' }]
    })).toEqual([
      '/virtualColumns: expressions are not evaluated: make the column where the sessions come from.',
      '/dimensions/1/type: unknown type "extraction", expected one of default, listFiltered, regexFiltered, prefixFiltered.',
      '/filter/fields/0/value: got an array, expected a string, a number, true or false or null; the filter "in" takes several values.',
      '/having/type: unknown type "above", expected one of greaterThan, lessThan, equalTo, dimSelector, and, or, not, filter, always, never.',
      '/limitSpec/limit: got the number -1, expected at least 1.',
      '/dimensions/0/dimension: "rooms" is an array of strings, its outputType can only be STRING.',
      '/intervals/0: "2024-02-30" is a date that does not exist.',
      '/intervals/1: the end "2024-03-01" lies before the start "2024-03-02", expected it at or after.',
      '/intervals/2: got "2024-03-01", expected two timestamps as in "2019-01-01/2019-01-02".',
      '/intervals/3: "P1X" is not an ISO-8601 period, expected for example "P1D".',
      '/granularity/timeZone: the tz database has no time zone "Helsinki", expected for example "Europe/Helsinki".'
    ])
  })
})
