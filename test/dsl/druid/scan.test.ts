import { describe, expect, it } from 'vitest'
import { ALL, ask, VISITS } from './visits.js'

const SCAN = { queryType: 'scan', intervals: ALL, columns: ['session_id', 'rooms'] } as const

const ids = async (query: object) =>
  (await ask({ ...SCAN, ...query, queryType: 'scan' })).map(({ events }) => (events as Record<string, unknown>[]).map(event => event.session_id).join(''))

describe('scan', () => {
  it('lists sessions as objects or as arrays', async () => {
    expect(await ask({ ...SCAN, limit: 2 })).toEqual([{
      segmentId: null, columns: ['session_id', 'rooms'], events: [{ session_id: '1', rooms: ['sales', 'support'] }, { session_id: '2', rooms: ['sales'] }]
    }])
    expect(await ask({ ...SCAN, columns: ['__time', 'seconds', 'nobody'], limit: 1, resultFormat: 'compactedList' })).toEqual([{
      segmentId: null, columns: ['__time', 'seconds', 'nobody'], events: [[Date.parse('2024-03-01T10:00:00Z'), 10.5, null]]
    }])
  })

  it('gives all columns where none is named, the time first', async () => {
    const [entry] = await ask({ ...SCAN, columns: [], limit: 1 })
    expect(entry?.columns[0]).toBe('__time')
    expect(entry?.columns).toEqual(expect.arrayContaining(['session_id', 'country', 'rooms', 'seconds', 'code']))
    expect(entry?.columns).not.toContain('started_at')
  })

  it('orders, skips and cuts into batches', async () => {
    expect(await ids({})).toEqual(['1234'])
    expect(await ids({ order: 'descending' })).toEqual(['4321'])
    expect(await ids({ batchSize: 3 })).toEqual(['123', '4'])
    expect(await ids({ batchSize: 2, offset: 1 })).toEqual(['2', '34'])
    expect(await ids({ offset: 1, limit: 2 })).toEqual(['23'])
    expect(await ids({ offset: 3, batchSize: 1 })).toEqual(['4'])
    expect(await ids({ offset: 9 })).toEqual([])
  })

  it('filters, also by a column that nobody has and by several intervals', async () => {
    expect(await ids({ filter: { type: 'selector', dimension: 'country', value: 'Finland' } })).toEqual(['13'])
    expect(await ids({ filter: { type: 'selector', dimension: 'nobody', value: null } })).toEqual(['1234'])
    expect(await ids({ intervals: ['2024-03-01/P1D', '2024-03-05/P1D'] })).toEqual(['124'])
  })

  it('reads on until all is read', async () => {
    const many = Array.from({ length: 250 }, (_, i) => ({ ...VISITS[0]!, session_id: String(i).padStart(3, '0') }))
    const entries = await ask({ ...SCAN, batchSize: 100 }, many)
    expect(entries.map(({ events }) => events.length)).toEqual([100, 100, 50])
    expect(entries.flatMap(({ events }) => events as Record<string, unknown>[]).map(event => event.session_id)).toEqual(many.map(one => one.session_id))
  })
})
