import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startConviva, type Conviva } from '../sandbox/conviva.js'
import { startGenesys, type Genesys } from '../sandbox/genesys.js'
import { startGiosg, type Giosg } from '../sandbox/giosg.js'
import { startPublica, type Publica } from '../sandbox/publica.js'
import { startReader, type Reader } from '../sandbox/reader.js'
import { ended, folder, lines, run, start } from './process.js'
import { BY_DEVICE, COUNT, ndjson, VISITS } from './visits.js'

const SECRETS = {
  PUBLICA_TOKEN: 'publica-secret-1', READER_TOKEN: 'reader-secret-2',
  GENESYS_PASSWORD: 'genesys-secret-3', CONVIVA_SECRET: 'conviva-secret-4', GIOSG_KEY: 'giosg-secret-5'
}
const DAY = 86_400_000
const SESSIONS = 40
const ISSUES = 4
/** The connectors of the process go by the machine's clock, so the data does as well. */
const NOW = Math.floor(Date.now() / 1000) * 1000

interface Servers { publica: Publica, reader: Reader, genesys: Genesys, conviva: Conviva, giosg: Giosg }

let servers: Servers
let files: Awaited<ReturnType<typeof folder>>

beforeAll(async () => {
  const [publica, reader, genesys, conviva, giosg] = await Promise.all([
    startPublica({ sessions: SESSIONS, end: NOW - DAY, token: SECRETS.PUBLICA_TOKEN }),
    startReader({ issues: ISSUES, accessToken: SECRETS.READER_TOKEN }),
    startGenesys({ sessions: SESSIONS, end: NOW - DAY, password: SECRETS.GENESYS_PASSWORD }),
    startConviva({ sessions: SESSIONS, days: 2, clientSecret: SECRETS.CONVIVA_SECRET }),
    startGiosg({ sessions: SESSIONS, days: 10, apiKey: SECRETS.GIOSG_KEY })
  ])
  servers = { publica, reader, genesys, conviva, giosg }
  const sources = {
    reading: { ...publica.config, api_token: '${PUBLICA_TOKEN}' },
    reader: { ...reader.config, access_token: '${READER_TOKEN}' },
    visits: { ...genesys.config, password: '${GENESYS_PASSWORD}' },
    video: { ...conviva.config, client_secret: '${CONVIVA_SECRET}' },
    web: { ...giosg.config, api_key: '${GIOSG_KEY}' },
    old: { type: 'file', path: 'visits.ndjson' }
  }
  files = await folder({
    'six.json': JSON.stringify({ sources }),
    'visits.ndjson': ndjson(VISITS),
    'open.json': JSON.stringify({ sources: { reading: { ...sources.reading, api_token: SECRETS.PUBLICA_TOKEN } } })
  })
})

afterAll(async () => {
  await Promise.all(Object.values(servers).map(server => (server as Publica).close()))
  await files.remove()
})

const sessionql = (args: readonly string[], input = '', env: Record<string, string> = {}) => run(args, input, { cwd: files.path, env: { ...SECRETS, ...env } })
const objects = (stdout: string) => stdout.trimEnd().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
const recent = { interval: { start: new Date(NOW - 400 * DAY).toISOString(), end: new Date(NOW + DAY).toISOString() }, granularity: 'all' }

describe('sessionql sync', () => {
  it('reads sources of all six types side by side, and sums up each', async () => {
    const { code, stdout, stderr } = await sessionql(['sync', '--config', 'six.json', '--data', 'store', '--yes'])
    expect(code).toBe(0)
    const summary = objects(stdout)
    expect(summary.map(({ source, state, rows }) => [source, state, rows])).toEqual([
      ['reading', 'done', SESSIONS], ['reader', 'done', ISSUES], ['visits', 'done', SESSIONS],
      ['video', 'done', servers.conviva.truth('video').length], ['web', 'done', SESSIONS], ['old', 'done', VISITS.length]
    ])
    expect(summary[0]).toMatchObject({ new: SESSIONS, replaced: 0, unreadable: 0, gaps: 0, suspected_gaps: [], error: null })
    expect(stderr).toContain(`reading: done, ${SESSIONS} rows in `)
    for (const secret of Object.values(SECRETS)) expect(stdout + stderr).not.toContain(secret)

    const query = { ...recent, group_by: ['source'], aggregations: [{ type: 'count' }] }
    const answer = await sessionql(['query', '--data', 'store'], JSON.stringify(query))
    const counts = new Map(
      objects(answer.stdout).flatMap(({ data }) => (data as [string, string, number][]).map(([, source, count]) => [source, count] as const))
    )
    expect(Object.fromEntries(counts)).toEqual({
      reading: SESSIONS, reader: ISSUES, visits: SESSIONS, video: servers.conviva.truth('video').length, web: SESSIONS
    })
  })

  it('reads on the next time, and status tells how far', async () => {
    const before = servers.giosg.requests().length
    const { code, stdout } = await sessionql(['sync', '--config', 'six.json', '--data', 'store', '--source', 'web'])
    expect(code).toBe(0)
    expect(objects(stdout)).toMatchObject([{ source: 'web', state: 'done', new: 0, gaps: 0 }])
    expect(servers.giosg.requests().length - before).toBeLessThan(30)

    const status = await sessionql(['status', '--config', 'six.json', '--data', 'store'])
    const rows = new Map(objects(status.stdout).map(row => [row['source'], row]))
    expect(status.code).toBe(0)
    expect([...rows.keys()].sort()).toEqual(['old', 'reader', 'reading', 'video', 'visits', 'web'])
    expect(rows.get('web')).toMatchObject({ type: 'giosg', state: 'done', sessions: SESSIONS, gaps: [], counts: { syncs: 2, deadLetters: 0 } })
    for (const row of rows.values()) expect(Math.abs(Number(row['lag_seconds']))).toBeLessThan(2 * DAY / 1000)
    for (const secret of Object.values(SECRETS)) expect(status.stdout + status.stderr).not.toContain(secret)

    const table = await sessionql(['status', '--data', 'store', '--format', 'table'])
    expect(table.stdout).toMatch(/^web +done +\d+ (s|min) ago +\d{4}-\d\d-\d\d \d\d:\d\dZ +\d+ (s|min) +40 +0 +0$/m)
  })

  it('opens no session at a vendor by surprise', async () => {
    const before = servers.reader.requests().length
    for (const args of [['sync', '--config', 'six.json'], ['query', '--config', 'six.json'], ['schema', '--config', 'six.json', '--source', 'reader']]) {
      const { code, stderr, stdout } = await sessionql(args, JSON.stringify(COUNT))
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(`reading "reader" opens ${ISSUES} sessions at the vendor: add --yes`)
    }
    expect(servers.reader.requests().length).toBe(before)
  })

  it('refuses the state of another account, and reads from the beginning when told to', async () => {
    const web = { ...servers.giosg.config, base_url: servers.giosg.url.replace('127.0.0.1', 'localhost'), api_key: '${GIOSG_KEY}' }
    await writeFile(join(files.path, 'other.json'), JSON.stringify({ sources: { web } }))
    const refused = await sessionql(['sync', '--config', 'other.json', '--data', 'store'])
    expect(refused.code).toBe(4)
    expect(objects(refused.stdout)).toMatchObject([{ state: 'failed', error: { code: 'invalid_state', message: expect.stringContaining('sync --fresh') } }])
    const fresh = await sessionql(['sync', '--config', 'other.json', '--data', 'store', '--fresh', '--progress', 'json'])
    expect(objects(fresh.stdout)).toMatchObject([{ state: 'done', replaced: SESSIONS }])
    const last: unknown = JSON.parse(fresh.stderr.trim().split('\n').at(-1)!)
    expect(last).toMatchObject({ source: 'web', state: 'done', rows: SESSIONS, retries: 0, lag_seconds: expect.any(Number) })
  })

  it('takes the sources that are named, and stops none when one fails', async () => {
    const { code, stdout, stderr } = await sessionql(
      ['sync', '--config', 'six.json', '--source', 'reading', '--source', 'old'], '', { PUBLICA_TOKEN: 'wrong-token' }
    )
    expect(code).toBe(4)
    expect(objects(stdout)).toMatchObject(
      [{ source: 'reading', state: 'failed', rows: 0, error: { code: 'source_unauthorized' } }, { source: 'old', state: 'done', rows: VISITS.length }]
    )
    expect(stderr).toContain('reading')
    expect(stdout + stderr).not.toContain('wrong-token')
  })

  it('warns of a secret in the config, without showing it', async () => {
    const { code, stdout, stderr } = await sessionql(['sync', '--config', 'open.json', '--format', 'table'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^source {2,}rows .*\n─.*\nreading {2,}40 .* done\n$/)
    expect(stderr).toContain('environment')
    expect(stdout + stderr).not.toContain(SECRETS.PUBLICA_TOKEN)
  })
})

function within(from: string, to: string): string {
  return `${JSON.stringify({ interval: { start: from, end: to }, granularity: 'all', aggregations: [{ type: 'count' }] })}\n`
}

function truth(from: string, to: string): number {
  return servers.giosg.truth('web').filter(({ started_at }) => Number(started_at) >= Date.parse(from) && Number(started_at) < Date.parse(to)).length
}

/** Counts that were answered, and the requests that it took. */
async function asked(answers: () => Promise<string[]>): Promise<{ counts: number[], requests: number }> {
  const before = servers.giosg.requests().length
  const counts = (await answers()).map(answer => (JSON.parse(answer) as { data: [string, number][] }).data[0]![1])
  return { counts, requests: servers.giosg.requests().length - before }
}

describe('sessionql query over sources of a config', () => {
  it('reads a system for the query\'s interval alone, and more when a later query reaches beyond it', async () => {
    const [middle, first, end] = [NOW - 5 * DAY, NOW - 8 * DAY, NOW - 2 * DAY].map(ms => new Date(Math.floor(ms / DAY) * DAY).toISOString())
    const web = ['query', '--config', 'six.json', '--source', 'web']
    const oneByOne = (...queries: string[]) => asked(async () => {
      const child = start(web, { cwd: files.path, env: SECRETS })
      const [answers, ending] = [lines(child), ended(child)]
      const all: string[] = []
      for (const query of queries) {
        child.stdin.write(query)
        all.push((await answers.next()).value as string)
      }
      child.stdin.end()
      expect((await ending).code).toBe(0)
      return all
    })
    const atOnce = (args: readonly string[], input: string) => asked(async () => {
      const { code, stdout } = await sessionql([...web, ...args], input)
      expect(code).toBe(0)
      return stdout.trimEnd().split('\n')
    })
    const [late, early] = [within(middle!, end!), within(first!, middle!)]
    const apart = await oneByOne(late, early)
    expect(apart.counts).toEqual([truth(middle!, end!), truth(first!, middle!)])
    const covered = await oneByOne(late, early, within(first!, end!), late)
    expect(covered.counts).toEqual([...apart.counts, truth(first!, end!), truth(middle!, end!)])
    expect(covered.requests).toBe(apart.requests)

    await writeFile(join(files.path, 'both.ndjson'), late + early)
    for (const together of [await atOnce(['--query', 'both.ndjson'], ''), await atOnce([], late + early)]) {
      expect(together.counts).toEqual(apart.counts)
      expect(together.requests).toBeLessThan(apart.requests)
    }
  })

  it('opens each reader session once, however many queries come', async () => {
    const before = servers.reader.requests().length
    const query = `${JSON.stringify({ ...recent, aggregations: [{ type: 'count' }] })}\n`
    const { stdout } = await sessionql(['query', '--config', 'six.json', '--source', 'reader', '--yes'], `${JSON.stringify(COUNT)}\n${query}${query}`)
    expect(objects(stdout).map(({ data }) => (data as [string, number][])[0]![1])).toEqual([0, ISSUES, ISSUES])
    expect(servers.reader.requests().length - before).toBe(ISSUES)
  })

  it('reads nothing for a query with a fault', async () => {
    const before = servers.reader.requests().length
    expect((await sessionql(['query', '--config', 'six.json', '--source', 'reader', '--yes'], '{"interval":{}}')).code).toBe(3)
    expect(servers.reader.requests().length).toBe(before)
  })
})

describe('sessionql check', () => {
  it('says one sentence per source, and opens no reader session', async () => {
    const before = servers.reader.requests().filter(({ method }) => method === 'POST').length
    const { code, stdout } = await sessionql(['check', '--config', 'six.json', '--format', 'table'])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').map(line => line.slice(0, 13).trimEnd())).toEqual(
      ['reading', 'reader', 'visits', 'video', 'web', 'old'].map(name => `ok    ${name}`)
    )
    expect(servers.reader.requests().filter(({ method }) => method === 'POST').length).toBe(before)
  })

  it('names the source that fails', async () => {
    const { code, stdout } = await sessionql(['check', '--config', 'six.json', '--source', 'old', '--source', 'web'], '', { GIOSG_KEY: 'wrong-key' })
    expect(code).toBe(4)
    expect(objects(stdout)).toMatchObject([{ source: 'old', ok: true }, { source: 'web', ok: false }])
    expect(stdout).not.toContain('wrong-key')
  })
})

describe('sessionql schema', () => {
  it('lists the columns of what is read', async () => {
    const { code, stdout, stderr } = await sessionql(['schema', '--source', 'visits.ndjson', '--format', 'table'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^name +type +distinct +missing$/m)
    expect(stdout).toMatch(/^device_type +string +2 +1$/m)
    expect(stdout).toMatch(/^rooms +strings +2 +2$/m)
    expect(stderr).toContain('5 sessions')
  })

  it('prints json', async () => {
    const [schema] = objects((await sessionql(['schema', '--source', 'visits.ndjson'])).stdout)
    expect(schema).toMatchObject({ sessions: 5, range: { start: Date.parse('2018-12-31T22:00:00Z') } })
  })

  it('lists what sources say that they provide, without asking them', async () => {
    const before = servers.conviva.requests().length
    const { stdout } = await sessionql(['schema', '--config', 'six.json'])
    expect(objects(stdout)).toContainEqual(expect.objectContaining({ source: 'video', name: 'ended_status', type: 'string' }))
    expect(servers.conviva.requests().length).toBe(before)
  })
})

describe('sessionql explain', () => {
  it('prints the plan as json or as text', async () => {
    const args = ['explain', '--source', 'visits.ndjson']
    const { code, stdout } = await sessionql(args, JSON.stringify(BY_DEVICE))
    expect(code).toBe(0)
    expect(objects(stdout)).toMatchObject([{ query: { groupBy: [{ dimension: 'device_type' }] } }])
    const text = (await sessionql([...args, '--format', 'table'], JSON.stringify(BY_DEVICE))).stdout
    expect(text).toMatch(/^segments: /m)
    expect(text).toMatch(/^ {4}- dimension=device_type name=device_type$/m)
  })

  it('ends with 3 at a faulty query', async () => {
    expect(await sessionql(['explain', '--source', 'visits.ndjson'], 'nope')).toMatchObject({ code: 3 })
  })
})
