import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { randomIntegers } from '../sketch/random.js'
import { sizeOfBatch } from './batch-sizes.js'
import { opened, stored, temporaryFolder } from './folder.js'

const KILLS = 10

/** Runs the child until it has acknowledged `count` batches and a little longer; the number of the last one acknowledged. */
async function appendAndKill(folder: string, count: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [inject('appender'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.split('\n').length > count) void sleep(delayMs).then(() => child.kill('SIGKILL'))
  })
  const signal = await new Promise(resolve => child.on('close', (_, cause) => resolve(cause)))
  expect(signal).toBe('SIGKILL')
  return Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1))
}

/** All batches up to the last state are there, whole; behind it at most the beginning of one that was never acknowledged. */
async function expectWhole(folder: string, acknowledged: number): Promise<number> {
  const { batches, states } = await stored(folder)
  const state = Number(states.get('child'))
  expect(state).toBeGreaterThanOrEqual(acknowledged)
  const found = new Set(batches.flatMap(batch => batch.sessions.map(session => session.session_id)))
  const expected: string[] = []
  for (let batch = 0; batch <= state; batch++) {
    for (let at = 0; at < sizeOfBatch(batch); at++) expected.push(`${batch}:${at}`)
  }
  expect(expected.filter(id => !found.has(id))).toEqual([])
  const extra = [...found].filter(id => Number(id.split(':')[0]) > state)
  expect(extra).toEqual(extra.map((_, at) => `${state + 1}:${at}`))
  return state
}

it('nothing acknowledged is lost when the process is killed', async () => {
  const folder = await temporaryFolder()
  const next = randomIntegers(2025)
  let before = -1
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = await appendAndKill(folder, 1 + next() % 15, next() % 12)
    expect(acknowledged).toBeGreaterThan(before)
    before = await expectWhole(folder, acknowledged)
  }
})

it('after a write that fails the next goes into a new log, and nothing acknowledged is lost', async () => {
  const folder = await temporaryFolder()
  // The largest file that the process may write, in blocks of 512 bytes (1024 in some shells).
  const limited = `trap '' XFSZ; ulimit -f 5000; exec "$0" "$1" "$2"`
  const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, inject('appender'), folder], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  const [failure, next] = lines.splice(-2)
  expect(failure).toContain(`cannot write ${join(folder, 'log-1')}: EFBIG`)
  expect(next).toBe('undefined')
  expect(lines).toEqual(lines.map((_, at) => String(at)))
  expect(lines.length).toBeGreaterThan(0)
  await expectWhole(folder, lines.length - 1)
  await (await opened(folder)).close()
})
