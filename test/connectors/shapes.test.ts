import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFileSource } from '../../connectors/file/file.js'
import { SHAPE_NAMES, type ShapeName } from '../../connectors/file/shapes.js'
import { gather, table } from '../sandbox/gather.js'
import { startConviva } from '../sandbox/conviva.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'sessionql-shapes-')) })
afterAll(() => rmSync(folder, { recursive: true }))

async function ask(url: string, headers: Record<string, string>, json?: unknown): Promise<unknown> {
  const response = await fetch(url, json === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(json) })
  return response.json()
}

/** A source over recorded responses, written once as one response per line, once as an array of them. */
function recorded(shape: ShapeName, bodies: readonly unknown[]) {
  const lines = join(folder, `${shape}.ndjson`)
  const array = join(folder, `${shape}.json`)
  writeFileSync(lines, bodies.map(body => JSON.stringify(body)).join('\n'))
  writeFileSync(array, JSON.stringify(bodies, null, 1))
  return [lines, array].map(path => createFileSource('recorded', { path, shape }))
}

test('there is a shape for every system', () => {
  expect([...SHAPE_NAMES].sort()).toEqual(['conviva', 'genesys', 'giosg', 'publica-consumption', 'publica-reader'])
  for (const shape of SHAPE_NAMES) expect(createFileSource('x', { path: 'x', shape }).describe().map(column => column.name)).toContain('session_id')
})

test('conviva: recorded pages give the sessions of the connector', async () => {
  const now = Date.UTC(2025, 0, 15)
  const server = await startConviva({ sessions: 300, days: 1, now: () => now })
  const { client_id: user, client_secret: secret } = server.config
  const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
  const bodies: unknown[] = []
  for (let at = now - 86_400_000; at < now; at += 3 * 3_600_000) {
    const [start, end] = [at, at + 3 * 3_600_000].map(ms => encodeURIComponent(new Date(ms).toISOString().replace('Z', '+00:00')))
    bodies.push(await ask(`${server.url}/insights/3.0/sessions/content?limit=1500&start_date=${start}&end_date=${end}`, { authorization }))
  }
  await server.close()
  for (const source of recorded('conviva', bodies)) expect((await gather(source)).sessions).toEqual(table(server.truth('recorded')))
})

test('giosg: answers by scalars and by arrays are put together', async () => {
  const now = Date.UTC(2025, 0, 15)
  const server = await startGiosg({ sessions: 300, days: 100, now: () => now })
  const headers = { authorization: `Token ${server.config['api_key']}` }
  const interval = { start: '2024-09-01T00:00:00Z', end: '2025-01-15T00:00:00Z' }
  const url = `${server.url}/api/reporting/v1/orgs/${server.config['organization_id']}/visitor_sessions`
  const scalars = ['visitor_id', 'browser_name', 'browser_version', 'city', 'country', 'device_type', 'ip_organization', 'os_name']
  const numbers = ['session_duration_secs', 'distinct_visited_urls_count']
  const arrays = ['rooms', 'distinct_visited_urls', 'distinct_landing_urls', 'distinct_referrer_urls', 'distinct_search_terms']
  const bodies = [
    await ask(url, headers, { interval, granularity: 'minute', group_by: [...scalars, 'session_id'], aggregations: [{ type: 'avg', fields: numbers }] }),
    ...await Promise.all(
      arrays.map(name => ask(url, headers, { interval, granularity: 'minute', group_by: [name, 'session_id'], aggregations: [{ type: 'count' }] }))
    )
  ]
  await server.close()
  for (const source of recorded('giosg', bodies)) expect((await gather(source)).sessions).toEqual(table(server.truth('recorded')))
})

test('publica-consumption: recorded pages give the sessions of the connector', async () => {
  const server = await startPublica({ sessions: 60, paging: 'unique' })
  const bodies: unknown[] = []
  for (let url: string | null = `${server.url}/integration-api/v1/consumption/sessions`; url !== null;) {
    const body = await ask(url, { 'x-user-token': String(server.config['api_token']) }) as { next_page_url: string | null }
    bodies.push(body)
    url = body.next_page_url
  }
  await server.close()
  for (const source of recorded('publica-consumption', bodies)) expect((await gather(source)).sessions).toEqual(table(server.truth('recorded')))
})

test('genesys: sessions one by one, and entries for "no session" are passed over', async () => {
  const session = { sessionId: 'a-1', identityId: 'maija@example.org', visitId: 'v', startDate: 1_700_000_000_000, endDate: 1_700_000_000_454, duration: 0 }
  const bodies = [session, [{ ...session, sessionId: 'a-2', endDate: 0 }, { sessionId: '00000000-0000-1000-8000-000000000000', startDate: 0 }]]
  for (const source of recorded('genesys', bodies)) {
    const { sessions, letters } = await gather(source)
    expect(letters).toEqual([])
    expect(sessions.get('a-1')).toMatchObject({ started_at: 1_700_000_000_000, session_duration_secs: 0.454, source: 'recorded' })
    expect(sessions.get('a-2')).toMatchObject({ session_duration_secs: null })
    expect(sessions.size).toBe(2)
  }
})

test('publica-reader: no token and no address comes out, not even of what cannot be read', async () => {
  const answer = {
    token: 'CANARY-token', file_url: 'https://files.example/x?sig=CANARY',
    files_urls: ['https://files.example/1?sig=CANARY'], issue_id: 5, answered_at: '2025-01-01T00:00:00Z'
  }
  const path = join(folder, 'reader.ndjson')
  writeFileSync(path, `${JSON.stringify(answer)}\n${JSON.stringify({ ...answer, answered_at: 'CANARY' })}\n${JSON.stringify(answer).slice(0, 60)}\n`)
  const { sessions, letters, report } = await gather(createFileSource('recorded', { path, shape: 'publica-reader' }))
  expect(sessions.size).toBe(1)
  expect(letters).toHaveLength(2)
  expect(JSON.stringify([[...sessions.values()], letters, report])).not.toContain('CANARY')
  writeFileSync(path, 'CANARY\n'.repeat(20))
  const error = await gather(createFileSource('recorded', { path, shape: 'publica-reader' })).catch((thrown: Error) => thrown) as Error
  expect(error).toMatchObject({ code: 'source_data' })
  expect(error.message).not.toContain('CANARY')
})

test('rows that are no rows of the system are dead letters with their line', async () => {
  const path = join(folder, 'bad.ndjson')
  const good = { conviva_session_id: 'x', start_time_ms: 1_700_000_000_000 }
  writeFileSync(path, [JSON.stringify({ sessions: [good, { start_time_ms: 1 }] }), JSON.stringify({ hello: 1 }), '7'].join('\n'))
  const { sessions, letters } = await gather(createFileSource('recorded', { path, shape: 'conviva' }))
  expect(sessions.size).toBe(1)
  expect(letters.map(letter => letter.reason.replace(/^.*bad\.ndjson:/, ''))).toEqual([
    '1: "conviva_session_id" is missing', '2: "conviva_session_id" is missing', '3: a row that is not an object'
  ])
})
