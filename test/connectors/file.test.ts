import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHUNK_BYTES } from '../../connectors/file/file-chunks.js'
import { createFileSource } from '../../connectors/file/file.js'
import { newReport, type DeadLetter, type Session } from '../../connectors/source.js'
import { Engine } from '../../engine/engine.js'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'sessionql-file-')) })
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(name: string, content: string | Buffer): string {
  const sub = join(folder, `f${files++}`)
  mkdirSync(sub)
  const path = join(sub, name)
  writeFileSync(path, content)
  return path
}

interface Outcome {
  readonly sessions: Session[]
  readonly letters: DeadLetter[]
  readonly report: ReturnType<typeof newReport>
  readonly error: Error | null
}

async function read(config: Record<string, unknown>, stdin?: AsyncIterable<Uint8Array>): Promise<Outcome> {
  const sessions: Session[] = []
  const letters: DeadLetter[] = []
  const report = newReport()
  const source = createFileSource('visits', config, stdin ? { stdin } : {})
  let error: Error | null = null
  try {
    for await (const batch of source.read({ report, onDeadLetter: letter => letters.push(letter) })) sessions.push(...batch.sessions)
  } catch (thrown) {
    error = thrown as Error
  }
  return { sessions, letters, report, error }
}

async function one(record: string, config: Record<string, unknown> = {}): Promise<unknown> {
  const { sessions, letters } = await read({ path: write('v.ndjson', record), ...config })
  return sessions[0] ?? letters[0]?.reason
}

async function readCsv(content: string | Buffer, config: Record<string, unknown> = {}): Promise<Outcome> {
  return read({ path: write('v.csv', content), ...config })
}

const good = (count: number) => Array.from({ length: count }, (_, i) => JSON.stringify({ session_id: `g${i}`, time: 1735689600 + i })).join('\n')
const bad = (count: number) => 'nonsense\n'.repeat(count)

const T = Date.UTC(2025, 0, 1)
const two = [
  { session_id: 'a', started_at: '2025-01-01T00:00:00Z', country: 'Finland', rooms: ['x', 'y'], n: 1 },
  { session_id: 'b', started_at: '2025-01-01T00:00:01Z', country: 'Sweden', rooms: [], n: 2.5 }
]
const twoSessions = [
  { session_id: 'a', started_at: T, source: 'visits', country: 'Finland', rooms: ['x', 'y'], n: 1 },
  { session_id: 'b', started_at: T + 1000, source: 'visits', country: 'Sweden', rooms: [], n: 2.5 }
]
const ndjson = (rows: readonly unknown[]) => rows.map(row => JSON.stringify(row)).join('\n')
const csv = 'session_id,started_at,country,rooms,n\na,2025-01-01T00:00:00Z,Finland,"[""x"",""y""]",1\nb,2025-01-01T00:00:01Z,Sweden,[],2.5\n'

describe('every format gives the same sessions', () => {
  it.each([
    ['v.ndjson', ndjson(two)],
    ['v.jsonl', `${ndjson(two)}\n`],
    ['v.ndjson', `\uFEFF${ndjson(two)}\n`],
    ['v.ndjson', `\r\n${ndjson(two).replaceAll('\n', '\r\n')}\r\n\r\n  \n`],
    ['v.json', JSON.stringify(two)],
    ['v.json', `\uFEFF${JSON.stringify(two, null, 2)}\r\n`],
    ['v.json', JSON.stringify({ data: two, next_cursor: null })],
    ['v.json', JSON.stringify({ sessions: two }, null, 1)],
    ['v.json', two.map(row => JSON.stringify(row, null, 2)).join('\n')],
    ['v.csv', csv],
    ['v.csv', `\uFEFF${csv.replaceAll('\n', '\r\n')}`],
    ['v.tsv', 'session_id\tstarted_at\tcountry\trooms\tn\na\t2025-01-01T00:00:00Z\tFinland\t"[""x"",""y""]"\t1\nb\t2025-01-01T00:00:01Z\tSweden\t[]\t2.5\n'],
    ['v.ndjson.gz', gzipSync(ndjson(two))],
    ['v.csv.gz', gzipSync(csv)],
    ['v.ndjson', gzipSync(ndjson(two))],
    ['v.ndjson.gz', Buffer.concat([gzipSync(`${JSON.stringify(two[0])}\n`), gzipSync(JSON.stringify(two[1]))])],
    ['v', ndjson(two)],
    ['v', JSON.stringify(two, null, 2)],
    ['v', csv]
  ])('%s (%#)', async (name, content) => {
    const { sessions, letters, error } = await read({ path: write(name, content) })
    expect(error).toBeNull()
    expect(letters).toEqual([])
    expect(sessions).toEqual(twoSessions)
  })

  it('stdin, in pieces that cut characters and lines anywhere', async () => {
    const bytes = Buffer.from(ndjson([...two, { session_id: 'ö€😀', time: 1735689600 }]))
    async function* pieces() {
      for (const byte of bytes) yield Buffer.from([byte])
    }
    const { sessions } = await read({ path: '-' }, pieces())
    expect(sessions).toEqual([...twoSessions, { session_id: 'ö€😀', started_at: T, source: 'visits' }])
  })

  it('a JSON array in pieces of every size', async () => {
    const text = JSON.stringify([{ session_id: '"\\"[{', started_at: T, 'a,b': '\\' }, { session_id: 'ö\n', started_at: T, deep: { x: [1, 2] } }], null, 1)
    for (const size of [1, 2, 3, 7, 1000]) {
      async function* pieces() {
        for (let at = 0; at < Buffer.byteLength(text); at += size) yield Buffer.from(text).subarray(at, at + size)
      }
      const { sessions } = await read({ path: '-', format: 'json' }, pieces())
      expect(sessions).toEqual([
        { session_id: '"\\"[{', started_at: T, source: 'visits', 'a,b': '\\' },
        { session_id: 'ö\n', started_at: T, source: 'visits', 'deep.x': [1, 2] }
      ])
    }
  })

  it('empty files are empty sources', async () => {
    for (const name of ['v.ndjson', 'v.json', 'v.csv', 'v']) expect(await read({ path: write(name, '') })).toMatchObject({ sessions: [], error: null })
    expect(await read({ path: write('v.json', '[]') })).toMatchObject({ sessions: [], error: null })
    expect(await read({ path: write('v.csv', 'session_id,time\n') })).toMatchObject({ sessions: [], error: null })
  })
})

describe('what becomes of a record', () => {
  it('takes its time from started_at, else timestamp, time, __time', async () => {
    expect(
      await one('{"session_id":"a","started_at":"2025-01-01","timestamp":5,"time":6}')
    ).toEqual({ session_id: 'a', started_at: T, timestamp: 5, time: 6, source: 'visits' })
    expect(await one('{"session_id":"a","started_at":null,"timestamp":1735689600000}')).toEqual({ session_id: 'a', started_at: T, source: 'visits' })
    expect(await one('{"session_id":"a","time":"2025-01-01T02:00:00+02:00"}')).toEqual({ session_id: 'a', started_at: T, source: 'visits' })
    expect(await one('{"session_id":"a","__time":1735689600}')).toEqual({ session_id: 'a', started_at: T, source: 'visits' })
  })

  it('takes its time from what map says before all others', async () => {
    const map = { started_at: 'meta.begun', visitor_id: 'user.id' }
    expect(await one('{"session_id":"a","time":1,"meta":{"begun":1735689600},"user":{"id":7}}', { map }))
      .toEqual({ session_id: 'a', started_at: T, source: 'visits', time: 1, visitor_id: 7 })
    expect(await one('{"session_id":"a","time":1735689600}', { map })).toEqual({ session_id: 'a', started_at: T, source: 'visits' })
  })

  it('maps objects as a whole and lets a mapped column win over one of its name', async () => {
    expect(await one('{"session_id":"a","time":1,"geo":{"c":{"name":"Finland","code":"FI"}},"country":"old"}', { map: { country: 'geo.c' } }))
      .toEqual({ session_id: 'a', started_at: 1000, source: 'visits', 'country.name': 'Finland', 'country.code': 'FI' })
    const { report } = await read({ path: write('v.ndjson', '{"time":1,"x":1}'), map: { y: 'x.z' } })
    expect(report.warnings).toEqual(['"map" names the path "x.z", which no record has.'])
  })

  it('flattens objects, keeps arrays of scalars, and writes booleans as text', async () => {
    expect(await one('{"session_id":"a","time":1,"a":{"b":{"c":true},"d":null},"list":[1,"x",false,null,{"k":[1]}],"":0}'))
      .toEqual({ session_id: 'a', started_at: 1000, source: 'visits', 'a.b.c': 'true', 'a.d': null, list: [1, 'x', 'false', null, '{"k":[1]}'], '': 0 })
  })

  it('keeps hostile names as ordinary columns', async () => {
    const session = await one('{"session_id":"__proto__","time":1,"__proto__":"p","constructor":"c","toString":"t"}') as Session
    expect(Object.entries(session)).toEqual([
      ['session_id', '__proto__'], ['started_at', 1000], ['time', undefined], ['__proto__', 'p'], ['constructor', 'c'], ['toString', 't'], ['source', 'visits']
    ])
    expect('hasOwnProperty' in session).toBe(false)
  })

  it('keeps integers beyond 2^53 as strings, and only these', async () => {
    expect(await one('{"session_id":9007199254740993,"time":1,"ids":[-12345678901234567890,7],"safe":9007199254740991,'
      + '"text":": 12345678901234567890","f":0.12345678901234567890,"o":{"x":12345678901234567}}'))
      .toEqual({
        session_id: '9007199254740993', started_at: 1000, source: 'visits', ids: ['-12345678901234567890', 7], safe: 9007199254740991,
        text: ': 12345678901234567890', f: 0.12345678901234568, 'o.x': '12345678901234567'
      })
  })

  it('keys a record without an id by path and number, so that reading again changes nothing', async () => {
    const path = write('v.ndjson', '{"time":1}\n\n{"time":2,"session_id":""}\n{"time":3,"session_id":0}')
    expect((await read({ path })).sessions.map(session => session.session_id)).toEqual([`${path}#1`, `${path}#3`, '0'])
    const page = write('v.json', JSON.stringify({ data: [{ time: 1 }, { time: 2 }] }))
    expect((await read({ path: page })).sessions.map(session => session.session_id)).toEqual([`${page}#1.1`, `${page}#1.2`])
  })

  it('keeps a field "source" beside the name of the connector', async () => {
    const { sessions, report } = await read({ path: write('v.ndjson', '{"session_id":"a","time":1,"source":"ads"}') })
    expect(sessions).toEqual([{ session_id: 'a', started_at: 1000, source: 'visits', original_source: 'ads' }])
    expect(report.warnings[0]).toContain('original_source')
  })

  it.each([
    ['{"session_id":"a"}', 'no time: none of started_at, timestamp, time, __time has a value; "map" can name another field for "started_at"'],
    ['{"time":"soon"}', '"time" is "soon", which is not a time (ISO-8601, or epoch seconds or milliseconds)'],
    ['{"time":"2025-02-30"}', '"time" is "2025-02-30", which is not a time (ISO-8601, or epoch seconds or milliseconds)'],
    ['{"time":1,"x":1e400}', '"x" is a number beyond the range of a double'],
    ['{"time":1,"x":[{"y":-1e400}]}', '"x" is a number beyond the range of a double'],
    ['{"time":1,"session_id":["a"]}', '"session_id" is a list; it must be one string or number'],
    ['42', 'a JSON number where an object is expected'],
    ['null', 'a JSON null where an object is expected'],
    ['[1]', 'a JSON array where an object is expected'],
    [`{"time":1,"x":${'{"y":'.repeat(40)}1${'}'.repeat(40)}}`, 'nested deeper than 32 levels'],
    [`{"time":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, '"x" is nested deeper than 32 levels'],
    [`{"time":1,${Array.from({ length: 2001 }, (_, i) => `"k${i}":1`).join()}}`, 'more than 2,000 fields in one record']
  ])('refuses a record: %#', async (record, reason) => {
    const { letters, error } = await read({ path: write('v.ndjson', `{"time":1}\n${record}`) })
    expect(error).toBeNull()
    expect(letters.map(letter => letter.reason.replace(/^.*v\.ndjson:/, ''))).toEqual([`2: ${reason}`])
  })
})

describe('what cannot be read', () => {
  it('is a dead letter with file and line, and reading goes on', async () => {
    const path = write('v.ndjson', Buffer.concat([
      Buffer.from('{"session_id":"a","time":1}\n{"broken\n'), Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 10]), Buffer.from('{"session_id":"b","time":2}')
    ]))
    const { sessions, letters, report, error } = await read({ path })
    expect(error).toBeNull()
    expect(sessions.map(session => session.session_id)).toEqual(['a', 'b'])
    expect(letters.map(letter => letter.reason)).toEqual([expect.stringContaining(`${path}:2: not JSON: `), `${path}:3: not valid UTF-8`])
    expect(letters[0]).toMatchObject({ source: 'visits', record: '{"broken' })
    expect(report).toMatchObject({ rows: 2, deadLetters: 2 })
  })

  it('is a line of 10 MB, of which only a sample is kept', async () => {
    for (const long of [`{"session_id":"${'x'.repeat(10_000_000)}","time":1}`, 'y'.repeat(10_000_000)]) {
      const path = write('v.ndjson', `{"session_id":"a","time":1}\n${long}\n{"session_id":"b","time":2}\n`)
      const { sessions, letters } = await read({ path })
      expect(sessions.map(session => session.session_id)).toEqual(['a', 'b'])
      expect(letters[0]?.reason).toMatch(/v\.ndjson:2: 10,000,\d+ bytes in one record; the limit is 8,388,608$/)
      expect(String(letters[0]?.record).length).toBe(2_000)
    }
  })

  it('is an element of an array that is too long, broken or cut off', async () => {
    const path = write(
      'v.json', `[{"session_id":"a","time":1},\n{"session_id":"${'x'.repeat(9_000_000)}"},\n{"x" 1},{"session_id":"b","time":2},{"session_id":"c"`
    )
    const { sessions, letters } = await read({ path })
    expect(sessions.map(session => session.session_id)).toEqual(['a', 'b'])
    expect(letters.map(letter => letter.reason.replace(/^.*v\.json:/, ''))).toEqual([
      expect.stringMatching(/^2: 9,000,017 bytes/), expect.stringMatching(/^3: not JSON/), '3: the file ends inside this record; it may have been cut off'
    ])
  })

  it('is named by the line where it begins, also where records span lines', async () => {
    const path = write('v.json', `${JSON.stringify([{ session_id: 'a', time: 1 }, { session_id: 'b' }], null, 2)}\n`)
    expect((await read({ path })).letters.map(letter => letter.reason)).toEqual([expect.stringContaining(`${path}:6: no time`)])
  })

  it('is an array that is never closed', async () => {
    const { sessions, letters } = await read({ path: write('v.json', '[{"session_id":"a","time":1}') })
    expect(sessions).toHaveLength(1)
    expect(letters[0]?.reason).toContain('before its array is closed')
  })

  it('ends the source when it is more than 1 % and at least 10 records; the good ones have been given', async () => {
    expect((await read({ path: write('v.ndjson', bad(9) + good(5)) })).error).toBeNull()
    expect((await read({ path: write('v.ndjson', bad(10) + good(990)) })).error).toBeNull()
    const path = write('v.ndjson', `${good(988)}\n${bad(10)}`)
    const { error, sessions } = await read({ path })
    expect(sessions).toHaveLength(988)
    expect(error).toMatchObject({ code: 'source_data' })
    expect(error?.message).toMatch(/^source "visits": 10 of 998 records could not be read; the first one is .*v\.ndjson:989: not JSON/)
    expect((await read({ path, max_bad_share: 0.02 })).error).toBeNull()
  })

  it('ends the source when nothing at all could be read', async () => {
    expect((await read({ path: write('v.ndjson', 'hello\n') })).error).toMatchObject({
      code: 'source_data', message: expect.stringContaining('v.ndjson:1: not JSON')
    })
  })

  it.each([true, false])('is named by its line wherever chunks of the file end (read as blocks: %s)', async blocks => {
    for (const before of [CHUNK_BYTES - 3, CHUNK_BYTES - 2, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 30]) {
      const lines = Array.from({ length: 3000 }, (_, i) => `{"session_id":"s${i}","started_at":"2025-01-01T00:00:00Z"}`)
      lines[0] = lines[0]!.padEnd(before - lines.slice(1).join('\n').length - 3)
      const path = write('v.ndjson', [...lines, '', '', '', 'wrong', ...lines.slice(1, 100), 'wrong'].join('\n'))
      const source = createFileSource('f', { type: 'file', path })
      const letters: string[] = []
      const engine = await Engine.open()
      await engine.ingest({ name: 'f', read: options => source.read({ ...options, blocks, onDeadLetter: ({ reason }) => { letters.push(reason) } }) })
      await engine.close()
      expect(letters.map(reason => reason.slice(path.length, path.length + 6))).toEqual([':3004:', ':3104:'])
    }
  })

  it('ends a source early that is plainly something else', async () => {
    const { error, letters } = await read({ path: write('v.ndjson', 'not a session\n'.repeat(200_000)) })
    expect(error).toMatchObject({ code: 'source_data' })
    expect(letters.length).toBeLessThan(100_000)
  })

  it('is gzip that was cut off', async () => {
    const packed = gzipSync(Array.from({ length: 50_000 }, (_, i) => `{"session_id":"${Math.sin(i)}","time":1}`).join('\n'))
    const { error, sessions } = await read({ path: write('v.ndjson.gz', packed.subarray(0, packed.length >> 1)) })
    expect(error).toMatchObject({ code: 'file_format', message: expect.stringContaining('gzip data are damaged or cut off at about byte') })
    expect(sessions.length).toBeGreaterThan(4_000)
  })

  it.each([
    ['v.parquet', 'PAR1', '4 bytes are no Parquet file; it may have been cut off'],
    ['v.bin', 'PAR1..........', 'does not end with PAR1, at byte 14'],
    ['v.csv', 'PAR1..........', 'this is Parquet, not CSV; correct its ending'],
    ['v.arrow', 'x', 'this is no Arrow: its first bytes are others'],
    ['v.ndjson.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'the Zstandard data are cut off at byte 5'],
    ['v.ndjson.gz', gzipSync(gzipSync('{}')), 'packed twice'],
    ['v.csv', Buffer.from('\uFEFFa,b', 'utf16le'), 'UTF-16'],
    ['v.csv', 'a,b,a\n1,2,3\n', 'names the column "a" twice']
  ])('is %s (%#)', async (name, content, message) => {
    expect((await read({ path: write(name, content) })).error).toMatchObject({ code: 'file_format', message: expect.stringContaining(message) })
  })

  it('is a file that is not there, or a folder', async () => {
    expect((await read({ path: join(folder, 'none.ndjson') })).error).toMatchObject({ code: 'file_not_found', message: expect.stringContaining('none.ndjson') })
    expect((await read({ path: join(folder, '*.nothing') })).error).toMatchObject({ code: 'file_not_found', message: expect.stringContaining('*.nothing') })
    expect((await read({ path: folder })).error).toMatchObject({ code: 'file_format', message: expect.stringContaining('is a folder') })
    expect(await createFileSource('visits', { path: join(folder, 'none') }).check()).toMatchObject({ ok: false, message: expect.stringContaining('none') })
  })
})

describe('CSV', () => {
  it('makes numbers of canonical JSON numbers, but not in text columns', async () => {
    const { sessions } = await readCsv(
      'session_id,time,n,neg,exp,zip,lead,big,browser_version,order_id,code,empty,quoted\n'
      + '1,1735689600,12,-0.5,1e3,00100,+1,12345678901234567890,120.10,77,5,,"a ""b"", c\nd"\n',
      { strings: ['code'] }
    )
    expect(sessions).toEqual([{
      session_id: '1', started_at: T, source: 'visits', n: 12, neg: -0.5, exp: 1000, zip: '00100', lead: '+1', big: '12345678901234567890',
      browser_version: '120.10', order_id: '77', code: '5', quoted: 'a "b", c\nd'
    }])
  })

  it('buries rows of another length, or that are not UTF-8, with their line', async () => {
    const { sessions, letters, error } = await readCsv(Buffer.concat([
      Buffer.from('session_id,time,x\na,1,\uFFFD\nb\nc,3,x,y\nd,4,'), Buffer.from([0xff]), Buffer.from('\ne,5,ok\n')
    ]))
    expect(error).toBeNull()
    expect(sessions.map(session => session.session_id)).toEqual(expect.arrayContaining(['e']))
    expect(letters.map(letter => letter.reason.replace(/^.*v\.csv:/, ''))).toEqual(expect.arrayContaining([
      expect.stringMatching(/^3: no time: none of started_at/), '4: 4 cells where the header has 3', '5: not valid UTF-8'
    ]))
  })

  it('takes a replacement character for what it is where all bytes are UTF-8', async () => {
    expect((await readCsv('session_id,time\n\uFFFD,1\n')).sessions.map(session => session.session_id)).toEqual(['\uFFFD'])
  })

  it('takes stray quotes as they stand and reads on', async () => {
    const { sessions, letters } = await readCsv('session_id,time,x\na,1,5" disk\nb,2,"x"y\nc,3,ok\n')
    expect(sessions.map(session => session['x'])).toEqual(['5" disk', '"x"y', 'ok'])
    expect(letters).toEqual([])
  })

  it('says so when a quote is never closed', async () => {
    const { letters, sessions } = await readCsv('session_id,time,x\na,1,ok\nb,2,"x\nc,3,ok\n')
    expect(sessions.map(session => session.session_id)).toEqual(['a'])
    expect(letters[0]?.reason).toContain('not CSV')
  })
})

describe('paths and memory', () => {
  it('reads all files of a glob in order of their paths', async () => {
    const first = write('x.ndjson', '{"session_id":"1","time":1}')
    const dir = join(first, '..')
    writeFileSync(join(dir, 'y.csv'), 'session_id,time\n2,2\n')
    writeFileSync(join(dir, 'z.txt'), 'no session')
    const { sessions } = await read({ path: join(dir, '*.{ndjson,csv}') })
    expect(sessions.map(session => session.session_id)).toEqual(['1', '2'])
    writeFileSync(join(dir, 'k.jsonl'), '{"time":1}')
    expect((await read({ path: join(dir, '*.jsonl') })).sessions[0]?.session_id).toBe(`${join(dir, 'k.jsonl')}#1`)
  })

  it('takes a path with brackets as it is', async () => {
    expect((await read({ path: write('v[1].ndjson', '{"time":1}') })).sessions).toHaveLength(1)
  })

  it('keeps memory flat over 400,000 sessions and stops reading when the consumer does', async () => {
    let produced = 0
    async function* endless() {
      for (;;) {
        produced += 1000
        yield Buffer.from(Array.from({ length: 1000 }, (_, i) => `{"session_id":"s${produced + i}","time":1,"page":"${'p'.repeat(150)}"}\n`).join(''))
      }
    }
    let taken = 0
    let peak = 0
    const before = process.memoryUsage().heapUsed
    for await (const { sessions } of createFileSource('visits', { path: '-' }, { stdin: endless() }).read()) {
      taken += sessions.length
      peak = Math.max(peak, process.memoryUsage().heapUsed)
      expect(sessions.length).toBeLessThanOrEqual(8_192)
      expect(produced - taken).toBeLessThan(10_000)
      if (taken >= 400_000) break
    }
    expect(peak - before).toBeLessThan(150_000_000)
  })

  it('ends at once on an abort', async () => {
    const abort = new AbortController()
    const path = write('v.ndjson', '{"time":1}\n'.repeat(50_000))
    const iterate = async () => {
      for await (const _ of createFileSource('visits', { path }).read({ signal: abort.signal })) abort.abort(new Error('enough'))
    }
    await expect(iterate()).rejects.toThrow('enough')
  })
})

describe('config', () => {
  it.each([
    [{}, '"path" is missing'],
    [{ path: 'x', delimiter: ';;' }, '"delimiter" must be one character'],
    [{ path: 'x', delimiter: '"' }, '"delimiter" must be one character'],
    [{ path: 'x', delimiter: 7 }, '"delimiter" must be one character'],
    [{ path: 'x', format: 'ndjson', delimiter: ';' }, '"delimiter" is for CSV; it cannot be given beside the format ndjson'],
    [{ path: 'x', format: 'xml' }, '"format" is "xml"; it must be one of ndjson, json, csv, tsv, parquet, arrow, singer, airbyte'],
    [{ path: 'x', format: 'parquet', shape: 'conviva' }, '"shape" is for recorded JSON'],
    [{ path: 'x', shape: 'google' }, '"shape" is "google"'],
    [{ path: 'x', map: { a: 1 } }, '"map.a" must be a string'],
    [{ path: 'x', shape: 'conviva', map: { a: 'b' } }, '"map" cannot be given beside "shape"'],
    [{ path: 'x', max_bad_share: 2 }, '"max_bad_share" must be a number from 0 to 1'],
    [{ path: 'x', colour: 1 }, '"colour" is not a key']
  ])('refuses %j', (config, message) => {
    expect(() => createFileSource('visits', config)).toThrow(message)
  })
})
