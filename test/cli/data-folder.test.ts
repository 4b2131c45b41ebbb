/** Commands over a data folder alone: compact and export. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Engine } from '../../index.js'
import { temporaryFolder } from '../engine/store/folder.js'
import { run } from './process.js'

it('compact drops what is too old, and export writes the rest in each format', async () => {
  const folder = await temporaryFolder()
  const data = join(folder, 'store')
  const engine = await Engine.open({ dataDir: data })
  const recent = Date.now() - 86_400_000
  await engine.ingest([{ session_id: 'old', started_at: 0 }, { session_id: 'new', started_at: recent, rooms: ['a', 'b'], city: 'Turku', session_duration_secs: 1.5 }])
  await engine.close()
  const compacted = await run(['compact', '--data', data, '--retention', 'P1Y'])
  expect(compacted.code, compacted.stderr).toBe(0)
  expect(compacted.stderr).toContain('1 session in 1 segment')
  const { code, stdout } = await run(['export', '--data', data])
  expect(code).toBe(0)
  const expected = { source: 'default', session_id: 'new', started_at: new Date(recent).toISOString(), rooms: ['a', 'b'], city: 'Turku', session_duration_secs: 1.5 }
  expect(JSON.parse(stdout)).toEqual(expected)
  const count = await run(['query', '--data', data, '--format', 'csv'], JSON.stringify({ interval: { start: '1970-01-01', end: '2100-01-01' }, granularity: 'all', aggregations: [{ type: 'count' }] }))
  expect(count.stdout.trim().split('\n').at(-1)).toMatch(/,1$/)
})

it('compact and export need a folder, and one that is there', async () => {
  for (const command of ['compact', 'export']) expect(await run([command])).toMatchObject({ code: 2 })
  const missing = await run(['export', '--data', join(await temporaryFolder(), 'nothing', 'here')])
  expect(missing.code).not.toBe(0)
  expect(missing.stderr).toContain('does not exist')
})
