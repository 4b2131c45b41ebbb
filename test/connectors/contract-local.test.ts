/** The contract, as far as it is not about requests, for sources that make none. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../connectors/http/clock.js'
import { createSource } from '../../connectors/registry.js'
import { contractTests, type ContractWorld } from '../../connectors/testing/index.js'
import type { Session } from '../../connectors/source.js'
import { gather } from '../sandbox/gather.js'
import { TestFolder } from './file/reading.js'

const T = Date.UTC(2025, 0, 1)
const SECRET = 'canary-77e0'
/** Of the contract: the others are about columns that are known before, and about requests. */
const PROMISES = ['reads exactly what the system has', 'goes on from every state', 'refuses or ignores a state that is not its own', 'shows no secret']
const folder = new TestFolder()
afterAll(() => folder.remove())

function world(config: Record<string, unknown>, truth: () => Iterable<Session>): () => Promise<ContractWorld> {
  return async () => ({ source: createSource('one', config), fetch, clock: systemClock, truth, secrets: [SECRET] })
}

const tap = (file: string): string[] => [process.execPath, fileURLToPath(new URL(`../sandbox/taps/${file}`, import.meta.url))]

/** More than one batch, in two files of different formats. */
function files(): () => Promise<ContractWorld> {
  const sessions = Array.from({ length: 4_400 }, (_, i) => ({ session_id: `s${i}`, started_at: T + i * 1000, country: `c${i % 7}` }))
  const path = folder.write('a.ndjson', sessions.slice(0, 4_200).map(session => `${JSON.stringify(session)}\n`).join(''))
  const rows = sessions.slice(4_200).map(({ session_id, started_at, country }) => `${session_id},${started_at},${country}\n`)
  writeFileSync(path.replace(/a\.ndjson$/, 'b.csv'), `session_id,started_at,country\n${rows.join('')}`)
  const truth = sessions.map(session => Object.assign(session, { source: 'one' }))
  return world({ type: 'file', path: path.replace(/a\.ndjson$/, '{a.ndjson,b.csv}') }, () => truth)
}

function singer(): () => Promise<ContractWorld> {
  const visits = Array.from({ length: 450 }, (_, i): Session => ({
    session_id: `visits:fi:${i + 1}`, started_at: T + (i + 1) * 1000, source: 'one', site: 'fi', id: i + 1, ...i !== 1 && { big: 1 }, country: 'Finland', stream: 'visits'
  }))
  const config = { api_key: SECRET, to: visits.length }
  return world({ type: 'singer', command: tap('singer-tap.mjs'), config, streams: ['visits'], map: { started_at: 'begun', country: 'user.country' } }, () => visits)
}

function airbyte(): () => Promise<ContractWorld> {
  const catalog = folder.write('catalog.json', '{"streams":[{"stream":{"name":"visits","source_defined_primary_key":[["id","number"]]}}]}')
  const visits: Session[] = [
    { session_id: 'visits:1', started_at: T, source: 'one', 'id.site': 'fi', 'id.number': 1, country: 'Finland', stream: 'visits' },
    { session_id: 'visits:2', started_at: T + 1000, source: 'one', 'id.site': 'fi', 'id.number': 2, stream: 'visits' }
  ]
  return world({ type: 'airbyte', command: tap('airbyte-source.mjs'), config: { api_key: SECRET, kind: 'stream' }, catalog, streams: ['visits'] }, () => visits)
}

describe.each([['file', files()], ['singer', singer()], ['airbyte', airbyte()]])('the contract of %s', (_, open) => {
  const tests = contractTests(open).filter(({ name }) => PROMISES.includes(name))
  test('has these promises', () => {
    expect(tests.map(({ name }) => name)).toEqual(PROMISES)
  })
  for (const { name, run } of tests) test(name, run)

  test('reads the same twice', async () => {
    const readings = [await gather((await open()).source), await gather((await open()).source)]
    expect(readings[0]!.sessions.size).toBeGreaterThan(0)
    expect(readings[1]!.sessions).toEqual(readings[0]!.sessions)
  })
})
