import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPublica, type Publica } from '../sandbox/publica.js'
import { ended, folder, run, start, type Ended } from './process.js'
import { COUNT, ndjson } from './visits.js'

const GOOD = Array.from({ length: 50 }, (_, i) => ({ session_id: `g${i}`, visitor_id: `v${i % 7}`, started_at: '2019-01-01T10:00:00Z' }))
const NOBODY_LISTENS = 'http://127.0.0.1:9'
const TOO_LONG = 10_000_000
const DEEP = 100_000

/** 50 good sessions with one bad line as the eleventh. */
function withLine(line: string): string {
  return `${ndjson(GOOD.slice(0, 10))}${line}\n${ndjson(GOOD.slice(10))}`
}

function conviva(base_url: string): string {
  return JSON.stringify({ sources: { video: { type: 'conviva', base_url, client_id: 'id', client_secret: '${CONVIVA_SECRET}' } } })
}

let files: Awaited<ReturnType<typeof folder>>
let publica: Publica
/** Begun early: the connector tries again for a while. */
let unreachable: Promise<Ended>

beforeAll(async () => {
  publica = await startPublica({ sessions: 60, end: Date.UTC(2019, 0, 1, 12) })
  const reading = { ...publica.config, api_token: '${PUBLICA_TOKEN}' }
  files = await folder({
    'good.ndjson': ndjson(GOOD),
    'not-json.ndjson': withLine('this is not json'),
    'no-time.ndjson': withLine('{"session_id":"timeless"}'),
    'long.ndjson': withLine(JSON.stringify({ ...GOOD[0], blob: 'x'.repeat(TOO_LONG) })),
    'deep.ndjson': withLine(`{"session_id":"deep","started_at":"2019-01-01T10:00:00Z","a":${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`),
    'page.html': '<!doctype html>\n<title>Sign in</title>\n'.repeat(30),
    'unreachable.json': conviva(NOBODY_LISTENS),
    'reading.json': JSON.stringify({ sources: { reading, web: { type: 'file', path: 'good.ndjson' } } }),
    'unknown-type.json': JSON.stringify({ sources: { x: { type: 'convivia' } } }),
    'not-json.json': '{"sources": {'
  })
  unreachable = run(['check', '--config', 'unreachable.json'], '', { cwd: files.path, env: { CONVIVA_SECRET: 'hush' } })
})

afterAll(async () => {
  await publica.close()
  await files.remove()
})

const asked = `${JSON.stringify(COUNT)}\n`
const query = (args: readonly string[], input = asked, env: Record<string, string> = {}) => run(['query', ...args], input, { cwd: files.path, env })
const countOf = (stdout: string) => (JSON.parse(stdout) as { data: [string, number][] }).data[0]![1]

describe('a record that cannot be read', () => {
  it('is left out, counted and named by its line; the others are kept', async () => {
    const { code, stdout, stderr } = await query(['not-json', 'no-time', 'long', 'deep'].flatMap(name => ['--source', `${name}.ndjson`]))
    expect(code).toBe(0)
    expect(countOf(stdout)).toBe(4 * GOOD.length)
    const notes = stderr.trimEnd().split('\n').sort()
    expect(notes).toHaveLength(4)
    const places = ['deep.ndjson:11: nested deeper', 'long.ndjson:11: 10,000,', 'no-time.ndjson:11: no time', 'not-json.ndjson:11: not JSON']
    for (const [at, place] of places.entries()) {
      expect(notes[at]).toContain('1 record could not be read')
      expect(notes[at]).toContain(place)
      expect(notes[at]!.length).toBeLessThan(500)
    }
  })

  it('is a failure where there are too many of them', async () => {
    const { code, stdout, stderr } = await query(['--source', 'page.html'])
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toHaveProperty('error.code')
    expect(stderr).toContain('page.html')
  })
})

describe('a faulty query', () => {
  it('is an error line, and the next is answered; the exit code is 3', async () => {
    const faulty = [
      ['nope', 'invalid_json'],
      ['{"interval": "', 'invalid_json'],
      [`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`, 'too_deep'],
      [`"${'x'.repeat(TOO_LONG)}"`, 'too_large'],
      [JSON.stringify({ ...COUNT, interval: { ...COUNT.interval, time_zone: 'Europe/Helsinky' } }), 'unknown_time_zone'],
      [JSON.stringify({ ...COUNT, limt: 5 }), 'unknown_key'],
      [JSON.stringify({ ...COUNT, aggregations: [{ type: 'avg', fields: ['country'] }] }), 'not_numeric']
    ] as const
    const { code, stdout, stderr } = await query(['--source', 'good.ndjson'], faulty.map(([text]) => `${text}\n${asked}`).join(''))
    const answers = stdout.trimEnd().split('\n')
    expect(code).toBe(3)
    expect(answers).toHaveLength(2 * faulty.length)
    for (const [at, [, issue]] of faulty.entries()) {
      expect(JSON.parse(answers[2 * at]!)).toMatchObject({ error: { code: 'invalid_query', issues: [{ code: issue }] } })
      expect(countOf(answers[2 * at + 1]!)).toBe(GOOD.length)
    }
    expect(stderr.match(/the query cannot be answered/g)).toHaveLength(faulty.length)
    expect(stderr).toContain('did you mean "Europe/Helsinki"?')
    expect(stderr.length).toBeLessThan(5000)
  })

  it('is told on stderr alone where nobody reads line by line', async () => {
    const { code, stdout, stderr } = await query(['--source', 'good.ndjson', '--format', 'csv'], `nope\n${asked}`)
    expect(code).toBe(3)
    expect(stdout).toBe('timestamp,count\n2019-01-01T00:00:00.000+02:00,50\n')
    expect(stderr).toContain('not JSON')
  })
})

describe('a source that fails', () => {
  it('names the host and what to do', async () => {
    const { code, stdout } = await unreachable
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ source: 'video', ok: false })
    expect(stdout).toContain(NOBODY_LISTENS)
  })

  it('does not stop the others, and says what the answers rest on', async () => {
    const { code, stdout, stderr } = await query(['--config', 'reading.json'], asked, { PUBLICA_TOKEN: 'a-wrong-token' })
    expect(code).toBe(4)
    expect(countOf(stdout)).toBe(50)
    expect(stderr).toMatch(/source "reading".*(token|credential)/i)
    expect(stderr).toContain('source "reading" is missing from the answers')
    expect(stdout + stderr).not.toContain('a-wrong-token')
  })

  it('leaves no answer where nothing else was read', async () => {
    const { code, stdout, stderr } = await query(['--source', 'nowhere.ndjson'], asked + asked)
    expect(code).toBe(4)
    expect(stdout.trimEnd().split('\n').map(line => (JSON.parse(line) as { error: { code: string } }).error.code)).toEqual(['file_not_found', 'file_not_found'])
    expect(stderr).toContain('nowhere.ndjson')
  })
})

describe('a faulty config', () => {
  it.each([
    ['unknown-type.json', 'conviva'],
    ['not-json.json', 'not-json.json'],
    ['unreachable.json', 'CONVIVA_SECRET']
  ])('%s ends with 2 before anything is read', async (config, hint) => {
    const { code, stdout, stderr } = await query(['--config', config])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(hint)
  })

  it('is also a source that it does not name', async () => {
    const { code, stderr } = await query(['--config', 'reading.json', '--source', 'raeding'], asked, { PUBLICA_TOKEN: 'x' })
    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean reading?')
  })
})

describe('a limit', () => {
  it('ends with 5, names itself, and leaves no answer', async () => {
    const { code, stdout, stderr } = await query(['--source', 'good.ndjson', '--memory', '1kB'])
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toHaveProperty('error.code', 'limit_exceeded')
    expect(stderr).toContain('memory_budget')
  })
})

describe('Ctrl-C', () => {
  it('ends a request that hangs, and sums up what came before', async () => {
    const before = publica.requests().length
    publica.misbehave({ kind: 'stall', at: before + 2 })
    const child = start(['sync', '--config', 'reading.json'], { cwd: files.path, env: { PUBLICA_TOKEN: publica.config['api_token'] as string } })
    const end = ended(child)
    while (publica.requests().length < before + 2) await new Promise(resolve => { setTimeout(resolve, 20) })
    child.kill('SIGINT')
    const { code, stdout, stderr } = await end
    expect(code).toBe(130)
    expect(stdout.trimEnd().split('\n').map(line => JSON.parse(line) as unknown)).toMatchObject([{ source: 'reading', state: 'stopped' }, { source: 'web' }])
    expect(stderr).toContain('interrupted')
  })

  it('ends with 130', async () => {
    const child = start(['query', '--source', 'good.ndjson'], { cwd: files.path })
    const end = ended(child)
    child.stdin.write(asked)
    await new Promise(resolve => { child.stdout.once('data', resolve) })
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') as string })
  })

  it('says what a data folder keeps', async () => {
    const child = start(['query', '--source', 'good.ndjson', '--data', 'kept'], { cwd: files.path })
    const end = ended(child)
    child.stdin.write(asked)
    await new Promise(resolve => { child.stdout.once('data', resolve) })
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining('stays in kept') as string })
    expect(countOf((await query(['--data', 'kept'])).stdout)).toBe(50)
  })
})
