import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ended, folder, run, start } from './process.js'
import { COUNT, ndjson, VISITS } from './visits.js'

it('sync --follow stores what comes until it is interrupted, and the next sync goes on from there', async () => {
  const files = await folder({ 'visits.ndjson': ndjson(VISITS) })
  try {
    const options = { cwd: files.path }
    const child = start(['sync', '--source', 'visits.ndjson', '--data', 'store', '--follow', '--progress', 'json'], options)
    const end = ended(child)
    await new Promise<void>(resolve => { child.stderr.on('data', (text: string) => { if (text.includes('following')) resolve() }) })
    await appendFile(join(files.path, 'visits.ndjson'), `${JSON.stringify({ ...VISITS[0], session_id: 'late' })}\n`)
    await new Promise(resolve => { setTimeout(resolve, 1_500) })
    child.kill('SIGINT')
    expect((await end).code).toBe(130)
    const answer = await run(['query', '--data', 'store'], JSON.stringify(COUNT), options)
    // four of the first ones lie in the query's interval
    expect((JSON.parse(answer.stdout) as { data: unknown[][] }).data[0]![1]).toBe(5)
    const again = await run(['sync', '--source', 'visits.ndjson', '--data', 'store', '--format', 'json'], '', options)
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'done', rows: 0 })
  } finally {
    await files.remove()
  }
})

it('sync --follow without a file is refused', async () => {
  const files = await folder({ 'c.json': JSON.stringify({ sources: { crm: { type: 'singer' } } }) })
  try {
    const { code, stderr } = await run(['sync', '--config', 'c.json', '--follow'], '', { cwd: files.path })
    expect(code).toBe(2)
    expect(stderr).toContain('--follow: none of the sources is a file')
  } finally {
    await files.remove()
  }
})
