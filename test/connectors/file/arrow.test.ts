import {
  binary, bool, CompressionType, columnFromArray, dateDay, dateMillisecond, decimal, dictionary, fixedSizeList, float32, float64, getCompressionCodec, int32, int64,
  largeUtf8, list, map, nullType, setCompressionCodec, struct, tableFromColumns, tableToIPC, timeMicrosecond, TimeUnit, timestamp, uint64, utf8, type Column,
  type DataType
} from '@uwdata/flechette'
import { afterAll, describe, expect, it } from 'vitest'
import { damagedCopies, isTyped, pieces, read, TestFolder } from './reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

const T = Date.UTC(2025, 0, 1)
const column = (values: readonly unknown[], type: DataType, maxBatchRows = Infinity): Column<unknown> => columnFromArray([...values], type, { maxBatchRows })

/** Two rows; the second has no value but in the columns that must have one. */
const ALL_TYPES = {
  session_id: column(['ö', 'b'], utf8()),
  started_at: column([T + 123, T], timestamp(TimeUnit.MICROSECOND, 'Europe/Helsinki')),
  country: column(['Finland', null], dictionary(utf8())),
  rooms: column([['x', 'y'], []], list(utf8())),
  tags: column([['x', 'y'], null], list(dictionary(utf8()))),
  pair: column([[1, 2], null], fixedSizeList(int32(), 2)),
  large: column(['l', null], largeUtf8()),
  big: column([9007199254740993n, null], int64()),
  small: column([7n, null], int64()),
  huge: column([18446744073709551615n, null], uint64()),
  n: column([-5, null], int32()),
  f: column([1.5, null], float32()),
  d: column([0.1, Number.NaN], float64()),
  price: column([0.3, null], decimal(9, 2, 128)),
  yes: column([true, null], bool()),
  day: column([Date.UTC(1969, 11, 31), null], dateDay()),
  moment: column([T, null], dateMillisecond()),
  clock: column([49_500_250_000n, null], timeMicrosecond()),
  nanos: column([T + 7, null], timestamp(TimeUnit.NANOSECOND)),
  seconds: column([T, null], timestamp(TimeUnit.SECOND)),
  bytes: column([Uint8Array.of(0x41, 0xff), null], binary()),
  nothing: column([null, null], nullType()),
  device: column([{ os: 'x', v: 1n }, null], struct({ os: utf8(), v: int64() })),
  pairs: column([[['k', 1]], null], map(utf8(), int32()))
}
const SESSION = {
  session_id: 'ö', started_at: T + 123, source: 'visits', country: 'Finland', rooms: ['x', 'y'], tags: ['x', 'y'], pair: [1, 2], large: 'l',
  big: '9007199254740993', small: 7, huge: '18446744073709551615', n: -5, f: 1.5, d: 0.1, price: 0.3, yes: 'true', day: '1969-12-31',
  moment: '2025-01-01', clock: '13:45:00.250', nanos: '2025-01-01T00:00:00.007Z', seconds: '2025-01-01T00:00:00.000Z', bytes: '41ff',
  nothing: null, 'device.os': 'x', 'device.v': 1, pairs: ['["k",1]']
}

function ipc(columns: Readonly<Record<string, Column<unknown>>>, format: 'file' | 'stream', codec?: 0 | 1): Uint8Array {
  return tableToIPC(tableFromColumns(Object.entries(columns)), { format, ...codec !== undefined && { codec } })!
}

/** Bytes as they are in an LZ4 frame. */
function storedFrame(bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(bytes.length + 15)
  frame.writeUInt32LE(0x184d2204, 0)
  frame[4] = 0x60
  frame[5] = 0x40
  frame.writeUInt32LE((0x80000000 | bytes.length) >>> 0, 7)
  frame.set(bytes, 11)
  return frame
}

const fault = async (damaged: Uint8Array) => (await read({ path: folder.write('v.arrow', damaged) })).error
const place = (message: RegExp): object => ({ code: 'file_format', message: expect.stringMatching(message) })

function stream(id: string, country: string): Buffer {
  return Buffer.from(ipc({ session_id: column([id], utf8()), time: column([1], int32()), country: column([country], dictionary(utf8())) }, 'stream'))
}

describe('Arrow', () => {
  it.each(['file', 'stream'] as const)('is read with every type (%s)', async format => {
    const bytes = ipc(ALL_TYPES, format)
    for (const name of ['v.arrow', 'v.feather', 'v']) {
      const { sessions, letters, error } = await read({ path: folder.write(name, bytes) })
      expect(error).toBeNull()
      expect(letters).toEqual([])
      expect({ ...sessions[0] }).toEqual(SESSION)
      const rest = Object.entries(sessions[1]!).filter(([, value]) => value !== null)
      expect(rest).toEqual([['session_id', 'b'], ['started_at', T], ['rooms', []], ['source', 'visits']])
    }
    for (const size of [1, 7, 100]) expect({ ...(await read({ path: '-' }, pieces(bytes, size))).sessions[0] }).toEqual(SESSION)
  })

  it('is read batch after batch, with dictionaries that several batches share', async () => {
    const rows = 10_000
    const columns = {
      session_id: column(Array.from({ length: rows }, (_, i) => `s${i}`), utf8(), 999),
      time: column(Array.from({ length: rows }, (_, i) => i + 1), int32(), 999),
      country: column(Array.from({ length: rows }, (_, i) => ['Finland', null, 'Sweden'][i % 3]), dictionary(utf8()), 999)
    }
    for (const format of ['file', 'stream'] as const) {
      const { sessions, error } = await read({ path: folder.write('v.arrow', ipc(columns, format)) })
      expect(error).toBeNull()
      expect(sessions.map(({ session_id }) => session_id)).toEqual(Array.from({ length: rows }, (_, i) => `s${i}`))
      expect(sessions.every(({ country }, i) => country === ['Finland', null, 'Sweden'][i % 3])).toBe(true)
    }
  })

  it('is read stream after stream, each with dictionaries of its own', async () => {
    const bytes = Buffer.concat([stream('a', 'Finland').subarray(0, -8), stream('b', 'Sweden')])
    const { sessions } = await read({ path: '-' }, pieces(bytes, 1000))
    expect(sessions.map(({ session_id, country }) => [session_id, country])).toEqual([['a', 'Finland'], ['b', 'Sweden']])
  })

  it('is read packed with LZ4', async () => {
    // reading loads the codec, of which only the way back is tested
    await read({ path: folder.write('v.arrow', ipc(ALL_TYPES, 'stream')) })
    const { decode } = getCompressionCodec(CompressionType.LZ4_FRAME)!
    setCompressionCodec(CompressionType.LZ4_FRAME, { decode, encode: storedFrame })
    const long = column(['x'.repeat(50_000), 'y'], utf8())
    const bytes = ipc({ ...ALL_TYPES, long }, 'file', CompressionType.LZ4_FRAME)
    expect({ ...(await read({ path: '-' }, pieces(bytes, 4096))).sessions[0] }).toEqual({ ...SESSION, long: 'x'.repeat(50_000) })
  })

  it('without rows is an empty source', async () => {
    const empty = ipc({ session_id: column([], utf8()), time: column([], int32()) }, 'stream')
    expect(await read({ path: folder.write('v.arrow', empty) })).toMatchObject({ sessions: [], error: null })
  })
})

describe('damaged Arrow', () => {
  it('is told with its place', async () => {
    const bytes = ipc(ALL_TYPES, 'stream')
    expect(await fault(bytes.subarray(0, -100))).toMatchObject(place(/v\.arrow: the Arrow data are cut off at byte [\d,]+; copy or write the file again/))
    expect(await fault(bytes.subarray(0, 8))).toMatchObject(place(/cut off at byte 8/))
    const longMetadata = bytes.slice()
    longMetadata[7] = 0x7f
    expect(await fault(longMetadata)).toMatchObject(place(/at byte 0 there is no Arrow message: its metadata would be \d+ bytes long/))
  })

  it('ends in sessions or a typed error', async () => {
    for (const format of ['file', 'stream'] as const) {
      for (const copy of damagedCopies(ipc(ALL_TYPES, format), 300, 17)) {
        const outcome = await read({ path: '-', format: 'arrow' }, pieces(copy, 1 << 20))
        expect(isTyped(outcome), String(outcome.error?.stack)).toBe(true)
      }
    }
  })
})
