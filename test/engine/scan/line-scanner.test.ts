import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFileSource } from '../../../connectors/file/file.js'
import { newReport, type DeadLetter, type SourceReport } from '../../../connectors/source.js'
import { Engine } from '../../../engine/engine.js'
import { INSERTED, LEFT, LineScanner, UPDATED } from '../../../engine/scan/line-scanner.js'
import { Table } from '../../../engine/table/table.js'

let folder = ''
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'sessionql-scan-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly columns: readonly (readonly [string, string])[]
  readonly rows: unknown
  readonly report: Pick<SourceReport, 'rows' | 'deadLetters'>
  readonly letters: readonly string[]
  readonly counts: unknown
}

/** The same file read as lines or as objects. */
async function read(path: string, blocks: boolean): Promise<Outcome> {
  const engine = await Engine.open({ segmentRows: 7 })
  const source = createFileSource('file', { path, max_bad_share: 1 })
  const report = newReport()
  const letters: DeadLetter[] = []
  const { state: _, ...counts } = await engine.ingest({
    name: 'file', read: options => source.read({ report, onDeadLetter: letter => letters.push(letter), blocks: blocks && options.blocks })
  }, { onReject: ({ message }) => letters.push({ source: 'file', reason: message, record: null }) })
  const columns = [...engine.columns].filter(([name]) => name !== 'session_id').toSorted(([a], [b]) => a < b ? -1 : 1)
  const rows: unknown[] = []
  for (const [name] of columns) {
    rows.push((await engine.query({
      interval: { start: '1900-01-01', end: '2100-01-01' }, granularity: 'all', group_by: ['session_id', name], aggregations: [{ type: 'count' }]
    })).data)
  }
  await engine.close()
  return { columns, rows, counts, report: { rows: report.rows, deadLetters: report.deadLetters }, letters: letters.map(({ reason }) => reason).toSorted() }
}

async function expectSame(lines: readonly string[]): Promise<Outcome> {
  const path = join(folder, 'sessions.ndjson')
  writeFileSync(path, lines.join('\n'))
  const scanned = await read(path, true).catch((error: unknown) => ({ error: String(error) }))
  const parsed = await read(path, false).catch((error: unknown) => ({ error: String(error) }))
  expect(scanned).toEqual(parsed)
  return scanned as Outcome
}

const line = (id: string, more = ''): string => `{"session_id":"${id}","started_at":"2025-01-31T12:34:56.789Z"${more}}`

describe('lines read straight into columns are what JSON.parse makes of them', () => {
  const cases: Record<string, readonly string[]> = {
    'plain values': [line('a', ',"city":"Turku","n":1.5,"on":true,"rooms":["x","y"]'), line('b', ',"city":"","n":-0,"on":false,"rooms":[]'), line('c', ',"city":null,"n":0.1')],
    'numbers of every form': ['1', '-1', '0', '-0', '1.0', '0.1', '1e3', '1E-3', '123456789012345', '1234567890123456', '9007199254740993', '0.30000000000000004',
      '12345678.1234567', '00', '01', '.5', '5.', '-', '+1', '1.5.5', '1e400'].map((n, i) => line(`n${i}`, `,"n":${n}`)),
    'escapes and unicode': [line('a', ',"city":"\\u00e9"'), line('b', ',"city":"é"'), line('c', ',"city":"\\"q\\""'), line('d', ',"city":"💡"'), line('e', ',"city":"\\ud83d\\udca1"')],
    'blanks and carriage returns': ['  { "session_id" : "a" , "started_at" : "2025-01-31T12:34:56.789Z" , "n" : 1 } \r', '', '\r', `\t${line('b', ',"n":2')}`],
    'keys twice': [line('a', ',"x":"1","x":"2"'), line('b', ',"rooms":["a"],"rooms":["b"]'), line('c', ',"session_id":"d"'), line('e', ',"x":"1","x":null')],
    'types that change': [line('a', ',"x":1'), line('b', ',"x":2'), line('c', ',"x":"two"'), line('d', ',"x":3'), line('e', ',"x":["f"]'), line('f', ',"x":true')],
    'odd names': [line('a', ',"__proto__":"p","constructor":"c","":"e"'), line('b', ',"__proto__":"q","constructor":"d","":"f"'), line('c', ',"a\\u0062":1,"ab":2')],
    'other times': ['{"session_id":"a","timestamp":1738326896789}', '{"session_id":"b","started_at":"2025-01-31 12:34:56"}', '{"session_id":"c","started_at":null,"time":"2025-01-31"}',
      '{"session_id":"d","started_at":"2025-02-29T00:00:00.000Z"}', '{"session_id":"e","started_at":"2024-02-29T23:59:59.999Z"}', '{"session_id":"f"}', '{"session_id":"g","started_at":""}'],
    'no key': ['{"started_at":"2025-01-31T12:34:56.789Z","n":1}', '{"session_id":"","started_at":"2025-01-31T12:34:56.789Z"}', '{"session_id":7,"started_at":"2025-01-31T12:34:56.789Z"}'],
    'its own source': [line('a', ',"source":"web"'), line('b', ',"source":null'), line('c')],
    'nested values': [line('a', ',"o":{"p":{"q":1}},"rooms":[["x"],{"y":1},2,null,true]'), line('b', ',"o":{"p":{"q":2}},"rooms":["x"]')],
    'broken lines': [line('a'), '{"session_id":"b"', 'x', '[]', '"text"', `${line('c')}}`, `${line('d')},`, '{"session_id":"e","started_at":"2025-01-31T12:34:56.789Z",}', line('f').slice(0, -1),
      '{"session_id":"g" "started_at":1}', line('h', ',"rooms":["x"'), line('i', ',"rooms":["x",]'), line('j', ',"x":tru'), line('k', ',"x":nulll'), line('l', ',"city":"tab\there"')],
    'declared columns': [line('a', ',"session_duration_secs":"12.5"'), line('b', ',"session_duration_secs":"long"'), line('c', ',"city":5'), line('d', ',"rooms":"one"'), line('e', ',"city":["a"]')],
    'a session again': [line('a', ',"n":1,"rooms":["x"]'), line('b', ',"n":2'), line('a', ',"n":3'), line('a', ',"o":{"p":1}'), line('b', ',"n":4,"rooms":["y"]')]
  }

  it.each(Object.entries(cases))('%s', async (_name, lines) => {
    // Twice: the first lines teach the columns.
    const outcome = await expectSame([...lines, ...lines])
    expect(outcome.report.rows + outcome.report.deadLetters).toBeGreaterThan(0)
  })

  it('random lines, whole and damaged', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }), fc.constantFrom('', 'a', 'null', 'Turku'), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(), fc.constant(null), fc.array(fc.oneof(fc.string(), fc.constantFrom('x', 'y'), fc.integer()), { maxLength: 4 }), fc.dictionary(fc.constantFrom('p', 'q'), fc.integer())
    )
    const record = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('2025-01-31T12:34:56.789Z', '1999-12-31T23:59:59.999Z', '2025-06-01', 'never'),
      fc.dictionary(fc.constantFrom('city', 'x', 'y', 'rooms', 'session_duration_secs', '__proto__', 'ä'), value)
    ).map(([session_id, started_at, more]) => Object.assign(more, { session_id, started_at }))
    const text = fc.tuple(record, fc.constantFrom(0, 0, 0, 1), fc.boolean()).map(([one, indent, shuffled]) => {
      const entries = Object.entries(one)
      return JSON.stringify(Object.fromEntries(shuffled ? entries.toReversed() : entries), null, indent).replaceAll('\n', '')
    })
    const damaged = fc.tuple(text, fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, noise]) => {
      const place = at % json.length
      return (json.slice(0, place) + noise + json.slice(place + 1)).replaceAll('\n', ' ')
    })
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: damaged }), { minLength: 1, maxLength: 25 }), async lines => {
      await expectSame(lines)
    }), { seed: 20250131, numRuns: 150 })
  })
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a scanner', () => {
  it('takes plain lines, tells new ones from replaced ones, and leaves others without a trace', () => {
    const table = new Table({ columns: [['n', 'number']] })
    const scanner = new LineScanner(table, 's')
    const scan = (text: string): number => scanner.scan(bytes(text), 0, bytes(text).length)
    expect(scan(line('a', ',"n":1'))).toBe(INSERTED)
    expect(scan(line('a', ',"n":2'))).toBe(UPDATED)
    expect(scan(line('b', ',"n":{}'))).toBe(LEFT)
    expect(scan(line('b', ',"unknown":1'))).toBe(LEFT)
    expect(table.rows).toBe(1)
    expect(table.snapshot().parts[0].segment.rows).toBe(1)
    expect(table.columns.has('unknown')).toBe(false)
  })

  it('reads the line it is given and nothing beyond', () => {
    const table = new Table({ columns: [['n', 'number']] })
    const all = bytes(`${line('a', ',"n":12')}\n${line('b', ',"n":3')}`)
    const scanner = new LineScanner(table, 's')
    for (let end = 0; end < all.indexOf(10); end++) expect(scanner.scan(all, 0, end)).toBe(LEFT)
    expect(scanner.scan(all, 0, all.indexOf(10))).toBe(INSERTED)
    expect(scanner.scan(all, all.indexOf(10) + 1, all.length)).toBe(INSERTED)
  })
})
