import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { tableFromIPC } from '@uwdata/flechette'
import * as fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeArrow } from '../../../connectors/columnar/arrow-writer.js'
import { batchesOfRows, batchesOfSessions, type OutputBatches, type OutputColumn } from '../../../connectors/columnar/columns.js'
import { writeParquet } from '../../../connectors/columnar/parquet-writer.js'
import { pieces, read, TestFolder } from '../file/reading.js'

const folder = new TestFolder()
let duckdb: DuckDBConnection
beforeAll(async () => { duckdb = await (await DuckDBInstance.create()).connect() })
afterAll(() => {
  duckdb.closeSync()
  folder.remove()
})

const COLUMNS: readonly OutputColumn[] = [
  { name: 'session_id', type: 'string' }, { name: 'started_at', type: 'time' }, { name: 'country', type: 'string' },
  { name: 'rooms', type: 'strings' }, { name: 'x', type: 'number' }, { name: 'n', type: 'integer' }, { name: '__proto__', type: 'string' }
]
const T = Date.UTC(2025, 0, 1)
const WRITERS = { parquet: writeParquet, arrow: writeArrow }

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const row = fc.tuple(
  fc.option(fc.string({ unit: 'binary', maxLength: 8 })), fc.option(fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { minLength: 1, maxLength: 3 })),
  fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), fc.option(fc.maxSafeInteger()), fc.option(fc.constantFrom('a', 'b'))
)

const SIZE = fc.integer({ min: 1, max: 3000 })

describe.each(['parquet', 'arrow'] as const)('sessions written as %s', format => {
  const write = (columns: readonly OutputColumn[], batches: OutputBatches) => bytesOf(WRITERS[format](columns, batches))

  it('come back as they were', async () => {
    await fc.assert(fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }), SIZE, async (rows, perBatch, size) => {
      const all = rows.map(([country, rooms, x, n, proto], i) => [`s${i}`, T + i, country, rooms, x, n, proto])
      function* batches() {
        for (let at = 0; at < all.length; at += perBatch) yield* batchesOfRows(COLUMNS, all.slice(at, at + perBatch))
      }
      const { sessions, letters, error } = await read({ path: '-', format }, pieces(await write(COLUMNS, batches()), size))
      expect(error).toBeNull()
      expect(letters).toEqual([])
      expect(sessions.map(session => COLUMNS.map(({ name }) => session[name] ?? null))).toEqual(all)
    }), { seed: 5, numRuns: 60 })
  })

  it('of any shape become the types of their columns', async () => {
    const odd = [
      { session_id: 7, started_at: '2025-01-01T00:00:00Z', country: ['a'], rooms: 'x', x: '1.5', n: null, extra: 1 },
      { session_id: 'b', started_at: new Date(T), rooms: [], x: Number.POSITIVE_INFINITY, n: 3 }
    ]
    const { sessions } = await read({ path: '-', format }, pieces(await write(COLUMNS, batchesOfSessions(COLUMNS, odd)), 100))
    expect(sessions.map(session => COLUMNS.map(({ name }) => session[name]))).toEqual([
      ['7', T, '["a"]', ['x'], 1.5, null, null], ['b', T, null, null, null, 3, null]
    ])
  })

  it('need the memory of one batch', async () => {
    const list = ['x', 'y']
    let made = 0
    let taken = 0
    async function* endless() {
      for (let i = 0; i < 1_000_000; i++) {
        made = i
        yield { session_id: `s${i}`, started_at: T + i, country: 'Finland', rooms: list, x: i / 7, n: i }
      }
    }
    for await (const piece of WRITERS[format](COLUMNS, batchesOfSessions(COLUMNS, endless()))) {
      taken += piece.length
      // nothing is read beyond the batch that is being written
      expect(made).toBeLessThan(65_536)
      if (taken > 100_000) break
    }
  })

  it('without rows are a file with columns', async () => {
    expect(await read({ path: '-', format }, pieces(await write(COLUMNS, []), 100))).toMatchObject({ sessions: [], error: null })
  })
})

describe('what others read', () => {
  const rows = Array.from({ length: 70_000 }, (_, i) => [
    `s${i}`, T + i * 1000, ['Finland', 'Åland', '', null][i % 4]!, [['a', 'b'], null, ['']][i % 3]!, i % 5 === 0 ? null : i / 3, i % 7 === 0 ? null : 2 ** 53 - 1 - i, 'p'
  ])

  it('is Parquet, to DuckDB', async () => {
    const path = folder.place('v.parquet')
    const bytes = await bytesOf(writeParquet(COLUMNS, batchesOfRows(COLUMNS, rows)))
    writeFileSync(path, bytes)
    const types = (await duckdb.runAndReadAll(`DESCRIBE SELECT * FROM '${path}'`)).getRowObjects().map(({ column_name, column_type }) => [column_name, column_type])
    expect(types).toEqual([
      ['session_id', 'VARCHAR'], ['started_at', 'TIMESTAMP WITH TIME ZONE'], ['country', 'VARCHAR'], ['rooms', 'VARCHAR[]'], ['x', 'DOUBLE'], ['n', 'BIGINT'],
      ['__proto__', 'VARCHAR']
    ])
    const reader = await duckdb.runAndReadAll(
      `SELECT session_id, epoch_ms(started_at)::DOUBLE, country, rooms::JSON::VARCHAR, x, n::VARCHAR, "__proto__" FROM '${path}'`
    )
    expect(reader.getRows()).toEqual(rows.map(([id, time, country, rooms, x, n, p]) => [
      id, time, country, rooms === null ? null : JSON.stringify(rooms), x, n === null ? null : String(n), p
    ]))
    expect(parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer).row_groups.map(group => Number(group.num_rows)))
      .toEqual([65_536, 4_464])
  }, 60_000)

  it('is Arrow, to flechette', async () => {
    const stream = await bytesOf(writeArrow(COLUMNS, batchesOfRows(COLUMNS, rows)))
    const table = tableFromIPC(stream, { useBigInt: true })
    expect(table.numRows).toBe(rows.length)
    expect(table.schema.fields.map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name))
    for (const i of [0, 1, 2, 3, 65_535, 65_536, 69_999]) {
      const [id, time, country, rooms, x, n] = rows[i]!
      expect(['session_id', 'started_at', 'country', 'rooms', 'x', 'n'].map(name => table.getChild(name)!.at(i)))
        .toEqual([id, time, country, rooms, x, n === null ? null : BigInt(n as number)])
    }
  })
})
