/** Lines in runs are what they are one by one: the kernel against the line scanner, which other tests hold against JSON.parse. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import type { Column } from '../../../engine/column/column.js'
import { hasBit } from '../../../engine/column/bitset.js'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { USUAL_SHARING, type Member } from '../../../engine/parallel/workers.js'
import { Ahead } from '../../../engine/scan/ahead.js'
import { BlockScanner } from '../../../engine/scan/block-scanner.js'
import { LEFT, LineScanner } from '../../../engine/scan/line-scanner.js'
import { ParcelReader } from '../../../engine/scan/parcel.js'
import { PIECE_BYTES, Pieces } from '../../../engine/scan/pieces.js'
import { AheadScanner, type LinesJob } from '../../../engine/scan/scan-ahead.js'
import { Table } from '../../../engine/table/table.js'

/** Runs that were scanned ahead. */
let parcels: MockInstance<ParcelReader['next']>
beforeEach(() => { parcels = vi.spyOn(ParcelReader.prototype, 'next') })
afterEach(() => {
  useKernels('wasm')
  vi.restoreAllMocks()
})

const COLUMNS = [['n', 'number'], ['m', 'number'], ['tag', 'string'], ['word', 'string'], ['items', 'strings']] as const
const encoder = new TextEncoder()

interface Read {
  readonly outcomes: readonly boolean[]
  readonly rows: unknown
  /** Lines that were taken in runs. */
  readonly inRuns: number
}

function runsAhead(): number {
  return parcels.mock.results.filter(({ value }) => value !== null).length
}

function newTable(segmentRows: number): Table {
  return new Table({ segmentRows, columns: COLUMNS })
}

function readOneByOne(lines: readonly string[], segmentRows: number): Read {
  const table = newTable(segmentRows)
  const scanner = new LineScanner(table, 's')
  const outcomes = lines.map(line => {
    const bytes = encoder.encode(line)
    return scanner.scan(bytes, 0, bytes.length) !== LEFT
  })
  return { outcomes, rows: rowsOf(table), inRuns: 0 }
}

/** Lines are scanned ahead as by a worker, in pieces of so many bytes. */
function aheadOf(pieceBytes: number): Ahead {
  const worker = new AheadScanner()
  const member = { post: (job: LinesJob) => { worker.scan(job) } } as unknown as Member
  return new Ahead({ sharing: { ...USUAL_SHARING, waits: true }, enlist: () => [member] }, pieceBytes)
}
const AHEAD = [100, 5000, PIECE_BYTES].map(aheadOf)
const FEW = 20
const MANY = 2500
const VERY_MANY = 20_000

/** Those that so many lines are tried with: many take long, and few are one piece. */
function aheadsFor(lines: number): readonly Ahead[] {
  if (lines < FEW || lines > VERY_MANY) return []
  return lines > MANY ? AHEAD.slice(1, 2) : AHEAD
}

/** Takes some pieces of a block, and does nothing with them. */
function leave({ pieces: buffer, block, ends }: LinesJob): void {
  const pieces = new Pieces(buffer, block)
  for (const piece of ends.keys()) if (piece % 3 === 1) pieces.take(piece)
}

function readBlocks(blocks: readonly (readonly string[])[], segmentRows: number, ahead: Ahead | null = null): Read {
  const table = newTable(segmentRows)
  const scanner = new BlockScanner(table, 's', ahead)
  const outcomes: boolean[] = []
  let inRuns = 0
  let updated = 0
  for (const lines of blocks) {
    const bytes = encoder.encode(lines.join('\n'))
    scanner.open(bytes)
    for (let from = 0; from < bytes.length;) {
      const rows = scanner.run(from)
      if (rows > 0) {
        inRuns += rows
        updated += scanner.updated
        for (let i = 0; i < rows; i++) outcomes.push(true)
        from = scanner.next
      } else {
        const feed = bytes.indexOf(10, from)
        const end = feed < 0 ? bytes.length : feed
        outcomes.push(scanner.line(from, end) !== LEFT)
        from = end + 1
      }
    }
    scanner.close()
  }
  expect(updated).toBeLessThanOrEqual(inRuns)
  return { outcomes, rows: rowsOf(table), inRuns }
}

/** All live rows by their ids, in plain values. */
function rowsOf(table: Table): unknown {
  const rows: [string, unknown][] = []
  for (const { segment, first, deleted } of table.snapshot().parts) {
    const columns = [...table.columns.values()].map(({ name, type, dictionary }) => [name, segment.column(name, type, dictionary)] as const)
    for (let row = first; row < segment.rows; row++) {
      if (deleted !== null && hasBit(deleted, row)) continue
      const values = columns.map(([name, column]) => [name, valueOf(column, row)])
      rows.push([String(values.find(([name]) => name === 'session_id')![1]), [segment.starts[row], ...values]])
    }
  }
  return rows.toSorted(([a], [b]) => a < b ? -1 : 1)
}

function valueOf(column: Column, row: number): unknown {
  switch (column.type) {
    case 'string': return column.codes[row] === 0 ? null : column.dictionary.decode(column.codes[row]!)
    case 'number': return column.valid === null || hasBit(column.valid, row) ? column.values[row] : null
    case 'strings': return Array.from(column.codes.subarray(column.offsets[row], column.offsets[row + 1]), code => column.dictionary.decode(code))
  }
}

function expectSame(lines: readonly string[], segmentRows = 100_000): number {
  const { inRuns, ...block } = readBlocks([lines], segmentRows)
  const { inRuns: _, ...single } = readOneByOne(lines, segmentRows)
  expect(block).toEqual(single)
  // What the form is, is known from the second block on.
  const cuts = [0, Math.ceil(lines.length / 5), Math.ceil(lines.length / 2), lines.length]
  const blocks = cuts.slice(1).map((to, i) => lines.slice(cuts[i], to)).filter(some => some.length > 0)
  for (const ahead of aheadsFor(lines.length)) expect(readBlocks(blocks, segmentRows, ahead)).toMatchObject(single)
  return inRuns
}

const line = (i: number, more = ''): string => `{"session_id":"s${i}","started_at":"2025-01-31T12:34:56.789Z"${more}}`
const items = (count: number): string => `,"items":[${Array.from({ length: count }, (_, i) => `"i${i}"`).join(',')}]`
const long = (i: number, length: number): string => line(i, `,"tag":"${'x'.repeat(length)}"`)
const tag = (i: number): string => `tag ${'of many '.repeat(i % 5)}${i}`
const uuid = (i: number): string => `${(i * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, '0')}-0000-4000-8000-00000000${(i % 65_536).toString(16).padStart(4, '0')}`

describe('lines in runs', () => {
  it('are all taken where they are of one form, also when some lack keys', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => line(i, `,"n":${i}${i % 3 === 0 ? '' : `,"tag":"t${i % 50}"`}${i % 5 === 0 ? '' : `,"items":["a","b${i % 7}"]`}`))
    expect(expectSame(lines)).toBeGreaterThan(2990)
    expect(expectSame(lines.map(text => text.replaceAll(':', ': ').replaceAll(',"', ', "').replace(/12: 34: 56/, '12:34:56')))).toBeGreaterThan(2990)
    expect(expectSame(lines.map(text => `${text}\r`))).toBeGreaterThan(2990)
    expect(runsAhead()).toBeGreaterThan(30)
  })

  it('are none without kernels', () => {
    useKernels('plain')
    expect(expectSame([line(1), line(2), line(3)])).toBe(0)
  })

  it('are scanned here where a worker takes pieces and leaves them, or comes late', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => line(i, `,"n":${i},"tag":"t${i % 50}"`))
    const cuts = [0, 10, 1000, 2000, 3000]
    const blocks = cuts.slice(1).map((to, i) => lines.slice(cuts[i], to))
    const jobs: LinesJob[] = []
    const late = new AheadScanner()
    for (const post of [leave, (job: LinesJob) => { jobs.push(job) }, (job: LinesJob) => { for (const old of jobs.splice(0, 1, job)) late.scan(old) }]) {
      const ahead = new Ahead({ sharing: USUAL_SHARING, enlist: () => [{ post } as unknown as Member] }, 5000)
      const { inRuns, ...block } = readBlocks(blocks, 100_000, ahead)
      const { inRuns: _, ...single } = readOneByOne(lines, 100_000)
      expect(block).toEqual(single)
      expect(inRuns).toBeGreaterThan(2990)
    }
  })

  it('end where a segment is full, and replace what came before', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => line(i % 1700, `,"n":${i},"items":["x${i}"]`))
    for (const segmentRows of [1, 2, 7, 1023, 1024, 1025, 4096]) expect(expectSame(lines, segmentRows)).toBeGreaterThan(4000)
  })

  it('may hold more items than there is room for at once', () => {
    expectSame([line(0, items(1)), ...[4096, 4095, 1, 4097, 2, 5000, 3000, 3000, 10].map((count, i) => line(i + 1, items(count)))])
  })

  it('may be longer than what is scanned at once', () => {
    expectSame([long(1, 1), long(2, 600_000), long(3, 5), long(4, 524_200), long(5, 524_288), long(6, 200_000), long(7, 200_000), long(8, 200_000), long(9, 3)])
  })

  it('keep texts of every length and form apart', () => {
    const texts = ['', 'a', 'é', '0'.repeat(15), '0'.repeat(16), '0'.repeat(17), '日本語日本', ...Array.from({ length: 40 }, (_, i) => 'abcdefghij0123456789ABCDEFGHIJ0123456789'.slice(0, i))]
    const ids = [uuid, (i: number) => uuid(i).toUpperCase(), (i: number) => uuid(i).replaceAll('-', ''), (i: number) => uuid(i).replace('-', 'a'), (i: number) => uuid(i).replace('4', 'g'),
      (i: number) => `${uuid(i)}0`, (i: number) => uuid(i).replaceAll('-', '').replace(/.$/, '`')]
    const lines = Array.from({ length: 4000 }, (_, i) => `{"session_id":"${ids[i % 7]!(i % 1100)}","started_at":"2025-01-31T12:34:56.789Z","tag":"${texts[i % texts.length]}","word":"w${i % 2000}"}`)
    expect(expectSame(lines)).toBeGreaterThan(3990)
  })

  it.each([900, 1100, 4200, 20_000, 66_000])('know %i texts apart when they come again', count => {
    const lines = Array.from({ length: count + Math.min(count, 6000) }, (_, i) => line(i, `,"tag":"${tag(i % count)}","word":"w${i * 7 % (count >>> 1)}","items":["${tag(i % count)}","i${i % 3000}"]`))
    expect(expectSame(lines)).toBeGreaterThan(lines.length - 20)
  }, 20_000)

  it('know texts that end alike or begin alike, however long', () => {
    const texts = Array.from({ length: 1500 }, (_, i) => [`${'x'.repeat(i)}`, `${'x'.repeat(i)}y`, `y${'x'.repeat(i)}`]).flat()
    const lines = Array.from({ length: 3 * texts.length }, (_, i) => line(i, `,"tag":"${texts[i * 7 % texts.length]}"`))
    expect(expectSame(lines)).toBeGreaterThan(lines.length - 20)
  }, 20_000)

  it('of hardly a text that comes again are not looked for, and known all the same', () => {
    const lines = Array.from({ length: 72_000 }, (_, i) => line(i, `,"tag":"${i < 68_000 ? uuid(i) : uuid(i - 67_000)}"`))
    expect(expectSame(lines)).toBeGreaterThan(lines.length - 20)
  }, 20_000)

  it('of two tables by turns do not meet', () => {
    const tables = [newTable(50), newTable(50)]
    const scanners = tables.map(table => new BlockScanner(table, 's'))
    const blocks = [1, 2].map(k => encoder.encode(Array.from({ length: 300 }, (_, i) => k === 1 ? line(i, `,"tag":"t${i % 9}"`) : line(i, `,"n":${i},"tag":"u${i % 9}"`)).join('\n')))
    scanners.forEach((scanner, k) => scanner.open(blocks[k]!))
    const from = [0, 0]
    while (from.some((at, k) => at < blocks[k]!.length)) {
      for (const k of [0, 1]) {
        if (from[k]! >= blocks[k]!.length) continue
        if (scanners[k]!.run(from[k]!) > 0) from[k] = scanners[k]!.next
        else {
          const feed = blocks[k]!.indexOf(10, from[k]!)
          const end = feed < 0 ? blocks[k]!.length : feed
          scanners[k]!.line(from[k]!, end)
          from[k] = end + 1
        }
      }
    }
    expect(tables.map(table => table.rows)).toEqual([300, 300])
    expect(tables.map(table => table.columns.get('tag')!.dictionary!.lookup('t1') > 0)).toEqual([true, false])
  })

  const number = fc.oneof(
    fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1e6, max: 1e6 }).map(n => n / 1000)
  ).map(String)
  const odd = fc.constantFrom('00', '01', '-', '-0', '0.0', '-0.0', '.5', '5.', '1.5.5', '1e5', '1E5', '999999999999999', '1234567890123456', '0.123456789012345', '0.1234567890123456',
    '123456789012.34567', 'tru', 'true', 'false', 'fals', 'falsy', 'null', 'nul', 'nulll', '[]', '[', '[]]', '{}', '""', '"a', '"\\n"', '"tab\there"', '["a"]', '["a",]', '["a" ]', '[ "a"]',
    '["a", "b"]', '["a","a"]', '[null]', '[1]', '["\\u0041"]', '"2025-01-01T00:00:00.000Z"', ' 1', '1 ')
  const text = fc.oneof(
    { weight: 60, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'é', '💡', '\u007f', '\u2028', ' ', '}', ','), maxLength: 40 }) }, fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'b', 'é', '💡', '"', '\\', '\u007f', '\u2028'), maxLength: 40 }), fc.constantFrom('a', 'b', 'x'.repeat(16)), fc.uuid(),
    fc.nat(99).map(uuid)
  ).map(one => JSON.stringify(one))
  const time = fc.oneof(
    { weight: 40, arbitrary: fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }).map(date => date.toISOString()) },
    fc.constantFrom('2025-02-29T00:00:00.000Z', '2024-02-29T24:00:00.000Z', '2024-02-29T24:00:00.001Z', '1900-02-29T00:00:00.000Z', '2000-02-29T00:00:00.000Z', '2025-13-01T00:00:00.000Z',
      '2025-00-01T00:00:00.000Z', '2025-01-00T00:00:00.000Z', '2025-04-31T00:00:00.000Z', '2025-01-01T00:60:00.000Z', '2025-01-01T00:00:60.000Z', '2025-01-01T25:00:00.000Z', '2025-01-01T00:00:00.0000',
      '2025-01-01 00:00:00.000Z', '2025-01-01T00:00:00Z', '2025-1-01T00:00:00.000Z0', '2025-01-01T0a:00:00.000Z', '2025-01-01T00:00:00.00aZ', 'x025-01-01T00:00:00.000Z', '')
  ).map(one => JSON.stringify(one))
  const pairs = fc.record({
    session_id: fc.oneof({ weight: 40, arbitrary: fc.nat(60).map(i => JSON.stringify(`s${i}`)) }, { weight: 9, arbitrary: fc.nat(60).map(i => JSON.stringify(uuid(i))) }, text, odd),
    started_at: fc.oneof({ weight: 60, arbitrary: time }, odd),
    n: fc.oneof({ weight: 40, arbitrary: number }, odd), m: number,
    tag: fc.oneof({ weight: 40, arbitrary: text }, odd), word: text,
    items: fc.oneof({ weight: 40, arbitrary: fc.array(text, { maxLength: 5 }).map(texts => `[${texts.join(',')}]`) }, odd),
    unknown: number
  }, { requiredKeys: ['session_id', 'started_at'] })
  const style = fc.constantFrom([':', ','], [':', ','], [': ', ', '], [': ', ','], [' :', ' ,']) as fc.Arbitrary<[string, string]>

  it('are the same whatever they hold', () => {
    let inRuns = 0
    const written = fc.tuple(fc.array(fc.tuple(pairs, fc.nat(40)), { minLength: 1, maxLength: 60, size: 'max' }), style, fc.constantFrom('', '\r', ' '), fc.constantFrom(1, 5, 1000)).map(([records, [colon, comma], tail, segmentRows]) => ({
      segmentRows,
      lines: records.map(([record, odds]) => {
        const entries = Object.entries(record).filter(([key]) => key !== 'unknown' || odds === 0)
        return `{${(odds === 1 ? entries.toReversed() : entries).map(([key, value]) => `"${key}"${colon}${value}`).join(comma)}}${odds === 2 ? ',' : tail}`
      })
    }))
    fc.assert(fc.property(written, ({ lines, segmentRows }) => { inRuns += expectSame(lines.map(one => one.replaceAll('\n', ' ')), segmentRows) }), { seed: 7, numRuns: 400 })
    expect(inRuns).toBeGreaterThan(1000)
    expect(runsAhead()).toBeGreaterThan(1000)
  })

  it('are the same with any byte in the place of another', () => {
    const lines = Array.from({ length: 8 }, (_, i) => line(i, `,"n":-1${i}.5,"tag":"t","items":["a","b"],"word":"${uuid(i)}"`))
    const middle = lines[4]!
    for (let at = 0; at < middle.length; at++) {
      for (const other of ['"', '\\', ',', ':', '{', '}', '[', ']', ' ', '0', '9', '-', '.', 'e', '\t', '\r', 'é', '\0']) {
        expectSame([...lines.slice(0, 4), middle.slice(0, at) + other + middle.slice(at + 1), ...lines.slice(5)])
      }
      expectSame([...lines.slice(0, 4), middle.slice(0, at), ...lines.slice(5)])
    }
  })
})
