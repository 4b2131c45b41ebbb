/** Sessions that cannot be stored: each is named, and none leaves a trace. */
import { describe, expect, it } from 'vitest'
import { Engine, SessionqlError } from '../../index.js'
import { ask, countOf, total } from './ask.js'

const GOOD = { session_id: 'good', started_at: 0 }
const OVERLONG = 'x'.repeat(2 ** 20 + 1)

const FAULTS: [string, unknown, string][] = [
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a number', 5, 'number'],
  ['a text', 'session', 'string'],
  ['a function', () => GOOD, 'function'],
  ['an array', [GOOD], 'session_id'],
  ['no session_id', { started_at: 0 }, 'session_id: missing'],
  ['a null session_id', { session_id: null, started_at: 0 }, 'session_id: missing'],
  ['an object as session_id', { session_id: {}, started_at: 0 }, 'session_id: an object'],
  ['a boolean session_id', { session_id: true, started_at: 0 }, 'session_id: true'],
  ['NaN as session_id', { session_id: NaN, started_at: 0 }, 'session_id: NaN'],
  ['an overlong session_id', { session_id: OVERLONG, started_at: 0 }, 'session_id: a text of 1048577'],
  ['a source that is an array', { ...GOOD, source: ['a'] }, 'source: an array'],
  ['an overlong source', { ...GOOD, source: OVERLONG }, 'source: a text of 1048577'],
  ['no start', { session_id: 'x' }, 'started_at: missing'],
  ['a start that does not exist', { ...GOOD, started_at: '2025-02-29T00:00:00Z' }, '2025-02-29'],
  ['a long text as start', { ...GOOD, started_at: 'y'.repeat(500) }, 'started_at'],
  ['an invalid Date as start', { ...GOOD, started_at: new Date(NaN) }, 'started_at'],
  ['a start beyond all dates', { ...GOOD, started_at: 8.64e15 + 1 }, 'started_at'],
  ['NaN', { ...GOOD, session_duration_secs: NaN }, 'session_duration_secs: NaN'],
  ['Infinity', { ...GOOD, session_duration_secs: Infinity }, 'session_duration_secs: Infinity'],
  ['a text for a number', { ...GOOD, session_duration_secs: 'long' }, 'session_duration_secs: "long"'],
  ['an array for a number', { ...GOOD, session_duration_secs: [1] }, 'session_duration_secs'],
  ['an array for a text', { ...GOOD, city: ['Turku'] }, 'city'],
  ['an object for a text', { ...GOOD, city: { name: 'Turku' } }, 'city: an object'],
  ['a function for a text', { ...GOOD, city: () => 'Turku' }, 'city: a function'],
  ['a symbol for a text', { ...GOOD, city: Symbol('Turku') }, 'city: a symbol'],
  ['an invalid Date for a text', { ...GOOD, city: new Date(NaN) }, 'city'],
  ['NaN for a text', { ...GOOD, city: -Infinity }, 'city: -Infinity'],
  ['an overlong text', { ...GOOD, city: OVERLONG }, 'city: a text of 1048577 characters'],
  ['an object in an array', { ...GOOD, rooms: ['a', {}] }, 'rooms: an object'],
  ['an array in an array', { ...GOOD, rooms: ['a', ['b']] }, 'rooms: an array'],
  ['NaN in an array', { ...GOOD, rooms: [1, NaN] }, 'rooms: NaN'],
  ['an overlong text in an array', { ...GOOD, rooms: [OVERLONG] }, 'rooms: a text of 1048577'],
  ['an object for a column of its own', { ...GOOD, fresh: {} }, 'fresh: an object'],
  ['an object after a new column', { ...GOOD, fresh: 1, other: {} }, 'other: an object'],
  ['an object after a text for a number', { ...GOOD, number: 'text', other: {} }, 'other: an object'],
  ['an object after an array for a text', { ...GOOD, text: ['a'], other: {} }, 'other: an object']
]

describe.each(FAULTS)('%s', (_, faulty, message) => {
  const before = [{ session_id: 'a', started_at: 0, number: 1, text: 'x', city: 'Turku' }, { session_id: 'good', started_at: 5, number: 2, text: 'y', rooms: ['r'] }]

  it('is refused with its place, and changes nothing', async () => {
    for (const segmentRows of [2, 1000]) {
      const engine = await Engine.open({ segmentRows })
      await engine.ingest(before)
      const { bytes: _bytes, ...schema } = engine.schema()
      const error: unknown = await engine.ingest([faulty as object], { source: 'shop' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(SessionqlError)
      expect(error).toMatchObject({ code: 'invalid_session', message: expect.stringContaining(message) })
      expect((error as Error).message).toMatch(/^session 1 of source "shop": /)
      expect((error as Error).message.length).toBeLessThan(200)
      const { bytes: _after, ...schemaAfter } = engine.schema()
      expect(schemaAfter).toEqual(schema)
      expect(await ask(engine, { group_by: ['session_id', 'number', 'text', 'rooms'] })).toEqual([['a', 1, 'x', null, 1], ['good', 2, 'y', 'r', 1]])
      await engine.close()
    }
  })

  it('is handed to onReject, and the rest comes in', async () => {
    const engine = await Engine.open({ segmentRows: 2 })
    const rejections: { session: unknown; message: string }[] = []
    const report = await engine.ingest([...before, faulty as object, { session_id: 'b', started_at: 9, number: 4 }, faulty as object], { onReject: rejection => rejections.push(rejection) })
    expect(report).toMatchObject({ rows: 5, inserted: 3, updated: 0, rejected: 2 })
    expect(rejections.map(({ session }) => session)).toEqual([faulty, faulty])
    expect(rejections[0]?.message).toContain(message)
    expect(await total(engine, [{ type: 'count' }, { type: 'sum', fields: ['number'] }])).toEqual([3, 7])
    await engine.close()
  })
})

describe('the first session that cannot be stored', () => {
  it('ends the ingest with its number; what came before is kept, what comes after is not read', async () => {
    const engine = await Engine.open()
    const input = Array.from({ length: 9000 }, (_, i) => (i === 5000 ? { session_id: 'x', started_at: 'never' } : { session_id: `s${i}`, started_at: i }))
    await expect(engine.ingest(input)).rejects.toThrow('session 5001 of source "default": started_at: "never" is not a time')
    expect(await countOf(engine)).toBe(5000)
    expect(await engine.ingest(input.slice(5001))).toMatchObject({ inserted: 3999 })
    await engine.close()
  })

  it('keeps the session that it would have replaced', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ ...GOOD, city: 'Turku' }])
    await expect(engine.ingest([{ ...GOOD, city: 'Oulu', rooms: [{}] }])).rejects.toThrow('rooms')
    expect(await ask(engine, { group_by: ['city', 'rooms'] })).toEqual([['Turku', null, 1]])
    await engine.close()
  })

  it('is what onReject throws, where it throws', async () => {
    const engine = await Engine.open()
    const ours = new Error('enough')
    await expect(engine.ingest([GOOD, { session_id: 'x' }, { session_id: 'y', started_at: 1 }], { onReject: () => { throw ours } })).rejects.toBe(ours)
    expect(await countOf(engine)).toBe(1)
    await engine.close()
  })
})

describe('values that look bad and are not', () => {
  it('are kept as they are', async () => {
    const engine = await Engine.open()
    const odd = Object.assign(Object.create(null) as object, JSON.parse('{"__proto__": "p", "constructor": "c", "toString": 5}'), {
      session_id: '', source: '__proto__', started_at: 0, city: '', country: 'null', rooms: [null, '', 'a', 'a', undefined, 1, true], big: 123456789012345678901n,
      flag: false, day: new Date(0), nothing: null, absent: undefined, none: [], long: 'x'.repeat(2 ** 20)
    })
    await engine.ingest([odd])
    expect(await ask(engine, { group_by: ['source', 'session_id', 'city', 'country', 'big', 'flag', 'day', '__proto__', 'constructor', 'toString'] })).toEqual([
      ['__proto__', '', '', 'null', '123456789012345678901', 'false', '1970-01-01T00:00:00.000Z', 'p', 'c', 5, 1]
    ])
    expect(await ask(engine, { group_by: ['rooms'] })).toEqual([['', 1], ['1', 1], ['a', 1], ['true', 1]])
    expect(await countOf(engine, { type: 'like', dimension: 'long', pattern: 'x%' })).toBe(1)
    expect(['nothing', 'absent', 'none'].map(name => engine.columns.has(name))).toEqual([false, false, false])
    await engine.close()
  })

  it('numbers as identifiers are their text', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ session_id: 7, started_at: 0, source: 1 }, { session_id: '7', started_at: 0, source: '1' }])
    expect(await ask(engine, { group_by: ['source', 'session_id'] })).toEqual([['1', '7', 1]])
    await engine.close()
  })

  it('both zeros are one value, of a start too', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ session_id: 'a', started_at: 0, v: 0 }, { session_id: 'b', started_at: -0, v: -0 }])
    expect(await ask(engine, { group_by: ['started_at', 'v'] })).toEqual([[0, 0, 2]])
    await engine.close()
  })

  it('an array of very many elements is taken, each element once', async () => {
    const engine = await Engine.open()
    const rooms = Array.from({ length: 300_000 }, (_, i) => `r${i % 150_000}`)
    const again = Array.from({ length: 500 }, (_, i) => `r${i % 100}`)
    await engine.ingest([{ ...GOOD, rooms }, { session_id: 'b', started_at: 0, rooms: ['r1', 'r1'] }, { session_id: 'c', started_at: 0, rooms: again }, { session_id: 'd', started_at: 0, rooms: again }])
    expect(await total(engine, [{ type: 'exactUnique', fields: ['rooms'] }])).toEqual([150_000])
    expect(await ask(engine, { group_by: ['session_id', 'rooms'], filters: { type: 'in', dimension: 'session_id', values: ['c', 'd'] } })).toHaveLength(200)
    expect((await ask(engine, { group_by: ['rooms'], order_by: [{ column: 'count', direction: 'desc' }], limit: 2 }))).toEqual([['r1', 4], ['r0', 3]])
    await engine.close()
  })
})
