import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Engine } from '../../index.js'
import { seeded } from '../sandbox/random.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import { ended, folder, run, start } from './process.js'

const DAY = 86_400_000
const KILLS = 3
const BOOKS = 1_000
/** Five processes are started one after the other. */
const TIMEOUT_MS = 240_000
/** Each answer takes so long that a sync outlives the kills. */
const DELAY_MS = 20
const NOW = Math.floor(Date.now() / 1000) * 1000

let servers: { books: Awaited<ReturnType<typeof startPublica>>, visits: Awaited<ReturnType<typeof startGenesys>>, web: Awaited<ReturnType<typeof startGiosg>> }
let files: Awaited<ReturnType<typeof folder>>

beforeAll(async () => {
  const [books, visits, web] = await Promise.all([
    startPublica({ sessions: BOOKS, end: NOW - DAY, delayMs: DELAY_MS }), startGenesys({ sessions: 300, end: NOW - DAY, delayMs: DELAY_MS }),
    startGiosg({ sessions: 500, days: 300, tooMany: 200, delayMs: DELAY_MS })
  ])
  servers = { books, visits, web }
  files = await folder({})
  const sources = Object.fromEntries(Object.entries(servers).map(([name, { config }]) => [name, config]))
  await writeFile(join(files.path, 'three.json'), JSON.stringify({ sources }))
})

afterAll(async () => {
  await Promise.all(Object.values(servers).map(server => server.close()))
  await files.remove()
})

function requests(): number {
  return Object.values(servers).reduce((sum, server) => sum + server.requests().length, 0)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => { setTimeout(resolve, 5) })
}

const SYNC = ['sync', '--config', 'three.json', '--data', 'store']

describe('a sync that is killed', { timeout: TIMEOUT_MS }, () => {
  it('again and again leaves, once it comes to its end, exactly what the sources have', async () => {
    const random = seeded(11)
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(SYNC, { cwd: files.path })
      const end = ended(child)
      const enough = requests() + random.int(5, 60)
      await until(() => requests() >= enough || child.exitCode !== null)
      child.kill('SIGKILL')
      expect((await end).stdout).toBe('')
    }
    const last = await run(SYNC, '', { cwd: files.path })
    expect(last).toMatchObject({ code: 0 })
    const engine = await Engine.open({ dataDir: join(files.path, 'store') })
    try {
      const { data } = await engine.query({
        interval: { start: new Date(NOW - 400 * DAY).toISOString(), end: new Date(NOW + DAY).toISOString() }, granularity: 'all',
        group_by: ['source', 'session_id', 'session_duration_secs', 'visitor_id'], aggregations: [{ type: 'count' }]
      })
      const stored = data.map(([, ...row]) => JSON.stringify(row)).toSorted()
      const truth = [...servers.books.truth('books'), ...servers.visits.truth('visits'), ...servers.web.truth('web')]
      const expected = truth.map(row => JSON.stringify([row.source, row.session_id, row['session_duration_secs'] ?? null, row['visitor_id'] ?? null, 1]))
      expect(stored).toEqual(expected.toSorted())
    } finally {
      await engine.close()
    }
  })

  it('by Ctrl-C ends although an answer hangs, with all that was read stored, and says so; status tells of it before and after', async () => {
    const args = ['sync', '--config', 'three.json', '--data', 'stopped', '--source', 'books']
    const before = requests()
    servers.books.misbehave({ kind: 'stall', at: servers.books.requests().length + 20 })
    const child = start(args, { cwd: files.path })
    const end = ended(child)
    await until(() => requests() >= before + 20)
    const beside = JSON.parse((await run(['status', '--data', 'stopped'], '', { cwd: files.path })).stdout) as { state: string, sessions: number }
    expect(beside.state).toBe('reading')
    expect(beside.sessions).toBeGreaterThan(0)
    child.kill('SIGINT')
    const { code, stderr, stdout } = await end
    expect(code).toBe(130)
    expect(stderr).toContain('what was read before the interrupt stays in stopped; the next run reads on from there')
    const { rows, state } = JSON.parse(stdout) as { rows: number, state: string }
    expect(state).toBe('stopped')
    const [status] = (await run(['status', '--data', 'stopped'], '', { cwd: files.path })).stdout.trim().split('\n')
    expect(JSON.parse(status!)).toMatchObject({ source: 'books', state: 'unfinished', sessions: rows })
    const asked = requests()
    const rest = await run(args, '', { cwd: files.path })
    expect(JSON.parse(rest.stdout)).toMatchObject({ state: 'done', gaps: 0 })
    expect(requests() - asked).toBeLessThan(BOOKS / 25)
  })
})
