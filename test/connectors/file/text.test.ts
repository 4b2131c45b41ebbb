import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { formatCsv } from '../../../cli/csv.js'
import { pieces, read, TestFolder } from './reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

const T = Date.UTC(2025, 0, 1)
const csv = async (text: string, config: object = {}) => read({ path: folder.write('v.csv', text), ...config })
const GIVEN = new Set(['source', 'started_at'])
const values = async (text: string, config: object = {}) =>
  (await csv(text, config)).sessions.map(session => Object.fromEntries(Object.entries(session).filter(([name]) => !GIVEN.has(name))))

const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('', ' ', '007', '1e3', 'null', '[1]', '{"a":1}', '"', '""', '\r', '\n', '\r\n', ',', ';', '\t', '\uFEFF', '#'))
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0)
const list = fc.array(anyText, { minLength: 1, maxLength: 3 })
const rows = fc.array(fc.tuple(anyText, fc.option(anyText), fc.option(number), fc.option(list)), { maxLength: 30 })
const SIZE = fc.integer({ min: 1, max: 500 })
const asStored = (x: number | null) => x !== null && Number.isInteger(x) && !Number.isSafeInteger(x) && !/[.eE]/.test(String(x)) ? String(x) : x

describe('sessions written as text', () => {
  it('come back from NDJSON as they were', async () => {
    await fc.assert(fc.asyncProperty(rows, SIZE, fc.constantFrom('\n', '\r\n', '\n\n'), async (all, size, end) => {
      const lines = all.map(([t, u, x, names], i) => `${JSON.stringify({ session_id: `s${i}`, time: T + i, t, u, x, names, ['__proto__x']: t })}${end}`)
      const { sessions, letters, error } = await read({ path: '-', format: 'ndjson' }, pieces(Buffer.from(lines.join('')), size))
      expect({ letters, error }).toEqual({ letters: [], error: null })
      expect(sessions.map(({ session_id, started_at, t, u, x, names, __proto__x }) => [session_id, started_at, t, u ?? null, x ?? null, names ?? null, __proto__x]))
        .toEqual(all.map(([t, u, x, names], i) => [`s${i}`, T + i, t, u, asStored(x), names, t]))
    }), { seed: 3, numRuns: 80 })
  })

  it('come back from CSV as they were, nulls and empty texts apart', async () => {
    await fc.assert(fc.asyncProperty(rows, SIZE, fc.constantFrom('', '\uFEFF'), async (all, size, mark) => {
      const fields = ['session_id', 'time', 't', 'u', 'x', 'names'].map(name => ({ name, type: 'dimension' as const }))
      const table = { fields, data: all.map((cells, i) => [`s${i}`, T + i, ...cells]) }
      const bytes = Buffer.from(mark + [...formatCsv(table)].join(''))
      const { sessions, letters, error } = await read({ path: '-', format: 'csv', strings: ['t', 'u'] }, pieces(bytes, size))
      expect({ letters, error }).toEqual({ letters: [], error: null })
      expect(sessions.map(({ session_id, started_at, t, u, x, names }) => [session_id, started_at, t ?? null, u ?? null, x ?? null, names ?? null]))
        .toEqual(all.map(([t, u, x, names], i) => [`s${i}`, T + i, t, u, asStored(x), names]))
    }), { seed: 4, numRuns: 80 })
  })
})

describe('CSV', () => {
  it.each([[';'], ['\t'], ['|'], [',']])('is parted by what the first line is parted by: %j', async delimiter => {
    const others = [',', ';', '\t', '|'].filter(other => other !== delimiter)
    const name = `a${others.join('')}${others.join('')}z`
    const text = ['session_id', 'time', `"${name}"`].join(delimiter) + `\n1${delimiter}1${delimiter}x${others[0]}y\n`
    const expected = [{ session_id: '1', [name]: `x${others[0]}y` }]
    expect(await values(text)).toEqual(expected)
    expect((await read({ path: '-' }, pieces(Buffer.from(text), 4))).sessions).toHaveLength(1)
  })

  it('is parted by "delimiter" where the first line would say otherwise', async () => {
    const text = 'session_id^time^a,b,c,d\n1^1^x\n'
    expect(await values(text, { delimiter: '^' })).toEqual([{ session_id: '1', 'a,b,c,d': 'x' }])
    expect(await values('session_id\ttime\ta;b;c;d\n1\t1\tx\n', { delimiter: '\t' })).toEqual([{ session_id: '1', 'a;b;c;d': 'x' }])
  })

  it('tells an empty text from no value', async () => {
    expect(await values('session_id,time,a,b\n1,1,"",\n')).toEqual([{ session_id: '1', a: '' }])
  })

  it('may lack cells at the end of a row, or have empty ones beyond its header', async () => {
    expect(await values('session_id,time,a,b\n1,1\n2,1,x\n3,1,x,y,,\n')).toEqual([{ session_id: '1' }, { session_id: '2', a: 'x' }, { session_id: '3', a: 'x', b: 'y' }])
  })

  it('may end each line in its own way, with line ends in quotes', async () => {
    expect(await values('session_id,time,a\r\n1,1,"x\r\ny"\n2,1,"x\ny"\r\n3,1,"x\ry"\r4,1,z')).toEqual([
      { session_id: '1', a: 'x\r\ny' }, { session_id: '2', a: 'x\ny' }, { session_id: '3', a: 'x\ry' }, { session_id: '4', a: 'z' }
    ])
  })

  it('keeps identifiers that begin with zeros, and decimals with a comma, as text', async () => {
    expect(await values('session_id;time;code;price\n007;1;007;1,5\n')).toEqual([{ session_id: '007', code: '007', price: '1,5' }])
  })
})
