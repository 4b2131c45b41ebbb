import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { createReadStream, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damagedCopies, isTyped, pieces, read, TestFolder } from './reading.js'

const folder = new TestFolder()
let duckdb: DuckDBConnection
beforeAll(async () => { duckdb = await (await DuckDBInstance.create()).connect() })
afterAll(() => {
  duckdb.closeSync()
  folder.remove()
})

/** What DuckDB writes of a query. */
async function parquet(select: string, options = ''): Promise<string> {
  const path = folder.place('v.parquet')
  await duckdb.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`)
  return path
}

const ALL_TYPES = `SELECT
  'ö-' || i AS session_id,
  TIMESTAMP '2025-01-01 00:00:00.123456' + to_seconds(i) AS started_at,
  CASE WHEN i % 2 = 0 THEN 'Finland' END AS country,
  [ 'x', NULL, 'y' || i ] AS rooms,
  CASE WHEN i = 0 THEN NULL WHEN i = 1 THEN [] ELSE [ 'z' ] END AS maybe,
  [ 1.10::DECIMAL(9,2), 0.30 ] AS prices,
  [ [ 1 ], [ 2, 3 ] ] AS nested,
  9007199254740993::BIGINT + i AS big, i::BIGINT AS small, 18446744073709551615::UBIGINT AS huge, -5::TINYINT AS tiny, 4294967295::UINTEGER AS word,
  0.1::DOUBLE AS d, 1.5::FLOAT AS f, 'NaN'::DOUBLE AS nan,
  0.30::DECIMAL(4,1) AS dec32, -12345678901.23::DECIMAL(18,2) AS dec64, 12345678901234567890123456.789::DECIMAL(38,3) AS dec128,
  12345678901234567890::DECIMAL(38,0) AS dec_id,
  true AS yes, DATE '1969-12-31' AS day, TIME '13:45:00.25' AS clock, TIMESTAMP_NS '2025-01-01 00:00:00.123456789' AS nanos,
  TIMESTAMP_MS '1960-01-01 00:00:00.001' AS before, TIMESTAMPTZ '2025-01-01 02:00:00+02' AS zoned,
  '\\x41\\xff'::BLOB AS bytes, '{"a":{"b":9007199254740993}}'::JSON AS doc, { 'x': 1, 'y': [ 'q' ] } AS struct,
  '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'::UUID AS uuid
  FROM range(3) t(i) ORDER BY i`

describe('Parquet as DuckDB writes it', () => {
  it.each(['snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw', 'uncompressed'])('is read with every type (%s)', async codec => {
    const { sessions, letters, error } = await read({ path: await parquet(ALL_TYPES, `, CODEC ${codec}`) })
    expect(error).toBeNull()
    expect(letters).toEqual([])
    expect(sessions).toHaveLength(3)
    expect({ ...sessions[1] }).toEqual({
      session_id: 'ö-1', started_at: Date.UTC(2025, 0, 1) + 1123, source: 'visits', country: null, rooms: ['x', null, 'y1'], maybe: [],
      prices: [1.1, 0.3], nested: ['[1]', '[2,3]'], big: '9007199254740994', small: 1, huge: '18446744073709551615', tiny: -5, word: 4294967295,
      d: 0.1, f: 1.5, nan: null, dec32: 0.3, dec64: -12345678901.23, dec128: Number('12345678901234567890123456.789'), dec_id: '12345678901234567890',
      yes: 'true', day: '1969-12-31', clock: '13:45:00.250', nanos: '2025-01-01T00:00:00.123Z', before: '1960-01-01T00:00:00.001Z',
      zoned: '2025-01-01T00:00:00.000Z', bytes: '41ff', 'doc.a.b': '9007199254740993', 'struct.x': 1, 'struct.y': ['q'],
      uuid: '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'
    })
    expect(sessions.map(({ maybe }) => maybe)).toEqual([null, [], ['z']])
    expect(sessions.map(({ big }) => big)).toEqual(['9007199254740993', '9007199254740994', '9007199254740995'])
  })

  it('is read with columns of hostile and mapped names', async () => {
    const path = await parquet(`SELECT 'a' AS "__proto__", 'b' AS "constructor", 'c' AS "a.b", 7 AS id, 1735689600 AS begun`)
    const { sessions } = await read({ path, map: { session_id: 'id', started_at: 'begun' } })
    expect(Object.entries(sessions[0]!)).toEqual([
      ['session_id', '7'], ['started_at', Date.UTC(2025, 0, 1)], ['__proto__', 'a'], ['constructor', 'b'], ['a.b', 'c'], ['source', 'visits']
    ])
  })

  it('is read row group by row group, in order, from stdin and packed too', async () => {
    const path = await parquet(`SELECT 's' || i AS session_id, i AS time, i % 7 AS n FROM range(50000) t(i)`, ', ROW_GROUP_SIZE 2048')
    const { sessions, error } = await read({ path })
    expect(error).toBeNull()
    expect(sessions.map(({ session_id }) => session_id)).toEqual(Array.from({ length: 50_000 }, (_, i) => `s${i}`))
    expect(sessions.every((session, i) => session['n'] === i % 7)).toBe(true)
    expect((await read({ path: '-' }, createReadStream(path))).sessions).toEqual(sessions)
    expect((await read({ path: '-' }, pieces(readFileSync(path), 3))).sessions).toEqual(sessions)
    expect((await read({ path: folder.write('v.parquet.gz', gzipSync(readFileSync(path))) })).sessions).toEqual(sessions)
  })

  it('without rows is an empty source', async () => {
    expect(await read({ path: await parquet(`SELECT 'a' AS session_id, 1 AS time LIMIT 0`) })).toMatchObject({ sessions: [], error: null })
  })

  it('has dead letters where a row is no session', async () => {
    const { sessions, letters } = await read({ path: await parquet(`SELECT CASE WHEN i <> 1 THEN i END AS time, i::DOUBLE / 0 AS x FROM range(1, 4) t(i)`) })
    expect(sessions).toEqual([])
    expect(letters.map(({ reason }) => reason.replace(/^.*v\.parquet:/, ''))).toEqual([
      expect.stringContaining('1: '), '2: "x" is a number beyond the range of a double', '3: "x" is a number beyond the range of a double'
    ])
  })
})

describe('damaged Parquet', () => {
  it('that was cut off is told', async () => {
    const bytes = readFileSync(await parquet(ALL_TYPES))
    const { error } = await read({ path: folder.write('v.parquet', bytes.subarray(0, -9)) })
    expect(error).toMatchObject({ code: 'file_format', message: expect.stringContaining(`does not end with PAR1, at byte ${bytes.length - 9}`) })
  })

  it('ends in sessions or a typed error', async () => {
    for (const codec of ['zstd', 'snappy', 'uncompressed']) {
      const bytes = readFileSync(await parquet(ALL_TYPES, `, CODEC ${codec}`))
      for (const copy of damagedCopies(bytes, 150, 7)) {
        const outcome = await read({ path: '-', format: 'parquet' }, pieces(copy, 1 << 20))
        expect(isTyped(outcome), String(outcome.error?.stack)).toBe(true)
      }
    }
  })
})
