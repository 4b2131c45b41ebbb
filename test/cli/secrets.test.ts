import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SOURCE_TYPES } from '../../connectors/index.js'
import { sourceType } from '../../connectors/registry.js'
import { EDITS } from '../sandbox/edits.js'
import type { Fault } from '../sandbox/faults.js'
import { startConviva } from '../sandbox/conviva.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import { startReader } from '../sandbox/reader.js'
import type { SandboxServer } from '../sandbox/server.js'
import { folder, run } from './process.js'
import { COUNT } from './visits.js'

const NOW = Math.floor(Date.now() / 1000) * 1000
/** One for every secret key, found by its name in every form in which it goes over the wire. */
const CANARY = 'canary-3f9d'
const canaryOf = (type: string, key: string) => `${CANARY}-${type}-${key}`.toLowerCase()

type Server = SandboxServer & { readonly config: Readonly<Record<string, unknown>> }

/** Every way to go wrong, on an early request each, and answers that quote what they were sent. */
const FAULTS: readonly Fault[] = [
  { kind: 'status', at: 1 }, { kind: 'cut', at: 2 }, { kind: 'garbage', at: 3 },
  { kind: 'reset', at: 4 }, { kind: 'status', status: 429, at: 5, headers: { 'retry-after': '1' } }, { kind: 'edit', at: 6, edit: EDITS['poisoned']! },
  { kind: 'edit', at: 7, edit: EDITS['unknown']! }
]
/** What ends a reading, each in its turn, with the words that the system finds for it. */
const ENDS: readonly ((secret: string) => Fault)[] = [
  () => ({ kind: 'html', times: 99 }), secret => ({ kind: 'status', status: 401, times: 99, json: { message: `not with ${secret}` } }),
  () => ({ kind: 'status', status: 403, times: 99 }), secret => ({ kind: 'status', status: 400, times: 99, json: { error: { detail: secret } } })
]

/** Taps, each with secrets in its settings that it writes to its log, into what is no message, and into the error that it ends with. */
const tapOf = (file: string) => [process.execPath, fileURLToPath(new URL(`../sandbox/taps/${file}`, import.meta.url))]
const TAPS = {
  singer: { type: 'singer', command: tapOf('singer-tap.mjs'), config: { api_key: '${TAP_KEY}', to: 5, fail_after: 3, junk: true }, map: { started_at: 'begun' } },
  airbyte: { type: 'airbyte', command: tapOf('airbyte-source.mjs'), config: { api_key: '${TAP_KEY}', error: 'system_error' }, catalog: 'catalog.json' }
}

let servers: ReadonlyMap<string, Server>
let files: Awaited<ReturnType<typeof folder>>
const env: Record<string, string> = {}
const shown: string[] = []

beforeAll(async () => {
  const faults = { faults: FAULTS }
  servers = new Map<string, Server>([
    ['publica-consumption', await startPublica({ ...faults, sessions: 400, end: NOW - 3_600_000, token: canaryOf('publica-consumption', 'api_token') })],
    ['publica-reader', await startReader({
      issues: 4, accessToken: canaryOf('publica-reader', 'access_token'), readerToken: canaryOf('publica-reader', 'reader_token'), secret: `${CANARY}-signed`,
      faults: [{ kind: 'edit', at: 2, edit: () => ({ cover: `https://cdn.example/?${CANARY}` }) }, { kind: 'cut', at: 3 }]
    })],
    ['genesys', await startGenesys({ ...faults, sessions: 60, end: NOW - 60_000, password: canaryOf('genesys', 'password') })],
    ['conviva', await startConviva({ ...faults, sessions: 60, days: 2, clientSecret: canaryOf('conviva', 'client_secret') })],
    ['giosg', await startGiosg({ ...faults, sessions: 60, days: 3, apiKey: canaryOf('giosg', 'api_key') })]
  ])
  const sources: Record<string, unknown> = {}
  for (const [type, { config }] of servers) {
    const variables = secretKeys(type).map(name => [name, `${type}_${name}`.toUpperCase().replaceAll('-', '_')] as const)
    for (const [name, variable] of variables) env[variable] = canaryOf(type, name)
    sources[type] = { ...config, ...Object.fromEntries(variables.map(([name, variable]) => [name, `\${${variable}}`])) }
  }
  env['TAP_KEY'] = `${CANARY}-tap/key`
  files = await folder({
    'five.json': JSON.stringify({ sources: { ...sources, ...TAPS } }), 'catalog.json': '{"streams":[]}',
    'literal.json': JSON.stringify({ sources: { crm: { ...TAPS.singer, config: { ...TAPS.singer.config, api_key: `${CANARY}-literal` } } } })
  })
})

afterAll(async () => {
  await Promise.all([...servers.values()].map(server => server.close()))
  await files.remove()
})

async function sessionql(args: readonly string[], input = ''): Promise<{ code: number | null, text: string }> {
  const { code, stdout, stderr } = await run(args, input, { cwd: files.path, env })
  shown.push(stdout, stderr)
  return { code, text: stdout + stderr }
}

describe('a secret', () => {
  it('of every kind is part of the test', () => {
    const all = SOURCE_TYPES.flatMap(type => secretKeys(type).map(name => canaryOf(type, name)))
    expect(Object.values(env).toSorted()).toEqual([...all, env['TAP_KEY']].toSorted())
  })

  it('shows in no output and no file, whatever goes wrong', async () => {
    const sync = ['sync', '--config', 'five.json', '--data', 'store', '--yes', '--progress', 'json']
    expect((await sessionql(sync)).text).toContain('"unreadable"')
    for (const end of ENDS) {
      for (const [type, server] of servers) {
        server.calm()
        server.misbehave(end(secretOf(type)))
      }
      expect((await sessionql([...sync, '--fresh'])).code).toBe(4)
      expect((await sessionql(['check', '--config', 'five.json'])).code).toBe(4)
    }
    for (const server of servers.values()) server.calm()
    await sessionql(['check', '--config', 'five.json', '--format', 'table'])
    await sessionql(['status', '--config', 'five.json', '--data', 'store'])
    await sessionql(['schema', '--config', 'five.json'])
    await sessionql(['explain', '--data', 'store', '--config', 'five.json', '--yes'], JSON.stringify(COUNT))
    const open = { sources: { video: { ...servers.get('conviva')!.config, limitt: 3 } } }
    await writeFile(join(files.path, 'open.json'), JSON.stringify(open))
    await sessionql(['sync', '--config', 'open.json'])

    const warned = await sessionql(['sync', '--config', 'literal.json', '--data', 'store'])
    expect(warned.code).toBe(4)
    expect(warned.text).toContain('source "crm": "config.api_key" stands in the config file itself; put it into the environment and write "${CRM_CONFIG_API_KEY}"')
    expect(warned.text).toContain('Its last words: INFO connecting with *** | CRITICAL 401')

    const written = await readdir(join(files.path, 'store'), { recursive: true, withFileTypes: true })
    const paths = written.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    expect(paths.some(path => path.endsWith('dead-letters.ndjson'))).toBe(true)
    const texts = [...shown, ...await Promise.all(paths.map(path => readFile(path, 'latin1')))].map(text => text.toLowerCase())
    const hidden = [CANARY, ...[...servers.values()].flatMap(({ config }) => encoded(config))]
    for (const secret of hidden) expect(texts.filter(text => text.includes(secret)).map(text => around(text, secret))).toEqual([])
  }, 180_000)
})

function around(text: string, secret: string): string {
  const at = text.indexOf(secret)
  return text.slice(Math.max(0, at - 300), at + 100)
}

function secretKeys(type: string): string[] {
  return Object.entries(sourceType(type)!.keys).filter(([, kind]) => kind === 'secret').map(([name]) => name)
}

/** The first of a type. */
function secretOf(type: string): string {
  return Object.values(env).find(value => value.startsWith(`${CANARY}-${type}`)) ?? ''
}

/** Basic credentials as they go over the wire. */
function encoded(config: Readonly<Record<string, unknown>>): string[] {
  return [['client_id', 'client_secret'], ['username', 'password']].filter(([user]) => config[user!] !== undefined)
    .map(([user, secret]) => Buffer.from(`${String(config[user!])}:${String(config[secret!])}`).toString('base64').toLowerCase())
}
