import { describe, expect, test } from 'vitest'
import { createSource } from '../../connectors/registry.js'
import { contractTests, type ContractOptions, type ContractWorld } from '../../connectors/testing/index.js'
import type { Clock, Session, Source } from '../../connectors/source.js'
import { eventClock } from '../sandbox/event-clock.js'
import { startConviva } from '../sandbox/conviva.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import { startReader } from '../sandbox/reader.js'
import type { SandboxServer } from '../sandbox/server.js'
import { createLumen } from './lumen.js'
import { startLumen } from './lumen-server.js'

const NOW = Date.UTC(2025, 0, 15, 12)
const SECRET = 'canary-81c2'
const SESSIONS = 90

type Open = (common: { readonly inProcess: Clock; readonly now: () => number }) => Promise<{
  readonly server: SandboxServer
  readonly config: Record<string, unknown>
  truth(): Session[]
}>

function world(open: Open, create: (name: string, config: Record<string, unknown>) => Source = createSource): () => Promise<ContractWorld> {
  return async () => {
    const clock = eventClock(NOW)
    const { server, config, truth } = await open({ inProcess: clock, now: clock.now })
    return { source: create('one', config), fetch: server.fetch, clock, truth, secrets: [SECRET] }
  }
}

type Connector = readonly [type: string, open: () => Promise<ContractWorld>, options?: ContractOptions]

const LUMEN: Connector = ['lumen, the worked example of the docs', world(async common => {
  const server = await startLumen({ ...common, sessions: SESSIONS, key: SECRET })
  return { server, config: server.config, truth: () => server.truth('one') }
}, createLumen)]

const CONNECTORS: readonly Connector[] = [
  ['publica-consumption', world(async common => {
    const server = await startPublica({ ...common, end: NOW, sessions: SESSIONS, token: SECRET })
    return { server, config: server.config, truth: () => server.truth('one') }
  })],
  ['publica-reader', world(async common => {
    const server = await startReader({ ...common, issues: 5, accessToken: SECRET, readerToken: SECRET, secret: SECRET })
    return { server, config: server.config, truth: () => server.truth('one', NOW) }
  }), { creates: true }],
  ['genesys', world(async common => {
    const server = await startGenesys({ ...common, sessions: 300, password: SECRET })
    return { server, config: server.config, truth: () => server.truth('one') }
  })],
  ['conviva', world(async common => {
    const server = await startConviva({ ...common, sessions: SESSIONS, days: 2, clientSecret: SECRET })
    return { server, config: { ...server.config, limit: 40 }, truth: () => server.truth('one') }
  })],
  ['giosg', world(async common => {
    const server = await startGiosg({ ...common, sessions: SESSIONS, days: 200, apiKey: SECRET, tooMany: 60 })
    return { server, config: server.config, truth: () => server.truth('one') }
  })],
  LUMEN
]

for (const [type, open, options] of CONNECTORS) {
  describe(`the contract of ${type}`, () => {
    for (const { name, run } of contractTests(open, options)) test(name, run)
  })
}

async function failing(tests: ReturnType<typeof contractTests>) {
  const names: string[] = []
  for (const { name, run } of tests) await run().catch(() => names.push(name))
  return names
}

describe('the contract', () => {
  test('notices a connector that loses a row, forgets a type or shows a secret', async () => {
    const [, open] = LUMEN
    const broken = (change: (source: Source) => Partial<Source>) => contractTests(async () => {
      const { source, ...rest } = await open()
      return { ...rest, source: { ...source, ...change(source) } }
    })
    const lossy = broken(source => ({
      async* read(options) {
        for await (const { sessions, state } of source.read(options)) yield { sessions: sessions.slice(1), state }
      }
    }))
    expect(await failing(lossy)).toContain('reads exactly what the system has')
    const early = broken(source => ({
      async* read(options) {
        let before: unknown
        for await (const { sessions, state } of source.read(options)) {
          // the state is one batch ahead of its rows
          if (before !== undefined) yield { sessions: before as Session[], state }
          before = sessions
        }
      }
    }))
    expect(await failing(early)).toContain('goes on from every state')
    expect(await failing(broken(() => ({ account: `https://${SECRET}.example` })))).toEqual(['shows no secret'])
    const silent = broken(source => ({ describe: () => source.describe().slice(1) }))
    expect(await failing(silent)).toContain('describes itself: a name, a type, columns that the sessions keep to')
  })
})
