import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { describe, expect, inject, it } from 'vitest'
import { foldFrame, type Frame, type QueryResult } from '../../index.js'
import { ended, folder, lines, run, start } from './process.js'
import { BY_DEVICE, COUNT, ndjson, VISITS } from './visits.js'

const LATE = { ...VISITS[0], session_id: 'late' }

async function withFolder(files: Readonly<Record<string, string>>, test: (path: string) => Promise<void>): Promise<void> {
  const { path, remove } = await folder({ 'q.json': JSON.stringify(COUNT), ...files })
  try {
    await test(path)
  } finally {
    await remove()
  }
}

/** The answer after the next frame. */
async function fold(frames: AsyncIterator<string>, before: QueryResult | null): Promise<QueryResult> {
  const { value } = await frames.next() as { value: string }
  return foldFrame(before, JSON.parse(value) as Frame)
}

async function interrupt(child: ChildProcessWithoutNullStreams, end: ReturnType<typeof ended>): Promise<void> {
  child.kill('SIGINT')
  expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') as string })
}

describe.concurrent('query --follow', () => {
  it('gives a frame a line for what comes into a file, until it is interrupted', async () => {
    await withFolder({ 'visits.ndjson': ndjson(VISITS) }, async cwd => {
      const child = start(['query', '--source', 'visits.ndjson', '--query', 'q.json', '--follow'], { cwd })
      const end = ended(child)
      const frames = lines(child)
      const first = await fold(frames, null)
      expect(first.data).toEqual([['2019-01-01T00:00:00.000+02:00', 4]])
      await appendFile(join(cwd, 'visits.ndjson'), ndjson([LATE]))
      expect((await fold(frames, first)).data).toEqual([['2019-01-01T00:00:00.000+02:00', 5]])
      await interrupt(child, end)
    })
  })

  it('takes sessions from stdin as they come, stores them, and ends with them', async () => {
    await withFolder({}, async cwd => {
      const child = start(['query', '--source', '-', '--data', 'store', '--query', 'q.json', '--follow', '--lateness', 'PT1H'], { cwd })
      const end = ended(child)
      const frames = lines(child)
      child.stdin.write(ndjson(VISITS.slice(0, 1)))
      const first = await frames.next() as { value: string }
      expect(JSON.parse(first.value)).toMatchObject({ data: [['2019-01-01T00:00:00.000+02:00', 1]], progress: { watermarks: { stdin: '2018-12-31T21:00:00.000Z' } } })
      child.stdin.write(ndjson(VISITS.slice(1, 2)))
      const second = await frames.next() as { value: string }
      expect(JSON.parse(second.value)).toMatchObject({ type: 'change', changed: [{ at: 0, row: ['2019-01-01T00:00:00.000+02:00', 2] }] })
      child.stdin.end(ndjson(VISITS.slice(2)))
      expect((await end).code).toBe(0)
      const stored = await run(['query', '--data', 'store', '--query', 'q.json'], '', { cwd })
      expect((JSON.parse(stored.stdout) as QueryResult).data).toEqual([['2019-01-01T00:00:00.000+02:00', 4]])
    })
  })

  it('shows what another process stores in a data folder', async () => {
    await withFolder({ 'visits.ndjson': ndjson(VISITS), 'late.ndjson': ndjson([LATE]) }, async cwd => {
      await run(['sync', '--source', 'visits.ndjson', '--data', 'store'], '', { cwd })
      const child = start(['query', '--data', 'store', '--query', 'q.json', '--follow'], { cwd })
      const end = ended(child)
      const frames = lines(child)
      const first = await fold(frames, null)
      expect(first.data).toEqual([['2019-01-01T00:00:00.000+02:00', 4]])
      await run(['sync', '--source', 'late.ndjson', '--data', 'store'], '', { cwd })
      expect((await fold(frames, first)).data).toEqual([['2019-01-01T00:00:00.000+02:00', 5]])
      await interrupt(child, end)
    })
  })

  it('waits for a file that is not there yet, and ends quietly and at once when its reader has gone', async () => {
    await withFolder({}, async cwd => {
      const child = start(['query', '--source', 'later.ndjson', '--query', 'q.json', '--follow'], { cwd })
      const end = ended(child)
      const frames = lines(child)
      const first = await fold(frames, null)
      expect(first.data).toEqual([['2019-01-01T00:00:00.000+02:00', 0]])
      await writeFile(join(cwd, 'later.ndjson'), ndjson(VISITS))
      expect((await fold(frames, first)).data).toEqual([['2019-01-01T00:00:00.000+02:00', 4]])
      child.stdout.destroy()
      expect(await end).toMatchObject({ code: 0, stderr: '' })
    })
  })

  it('ends soon when a pipe of the shell has lost its reader, and shows until then that it stands', async () => {
    await withFolder({ 'visits.ndjson': ndjson(VISITS) }, async cwd => {
      const command = '"$NODE" "$COMMAND" query --source visits.ndjson --query q.json --follow | head -2; echo "$PIPESTATUS"'
      const child = spawn('bash', ['-c', command], { cwd, env: { ...process.env, NODE: process.execPath, COMMAND: inject('command') } })
      const { stdout, stderr } = await ended(child)
      const [first, second, code] = stdout.trim().split('\n')
      expect(JSON.parse(first!)).toMatchObject({ type: 'result' })
      expect(JSON.parse(second!)).toEqual({ type: 'change', changed: [], removed: [] })
      expect({ code, stderr }).toEqual({ code: '0', stderr: '' })
    })
  }, 40_000)

  it.each([
    ['several queries', ['--source', 'v.ndjson', '--query', 'two.json'], 'several were given'],
    ['a form that has no frames', ['--source', 'v.ndjson', '--query', 'q.json', '--format', 'csv'], 'use --format ndjson'],
    ['a table that is not on a terminal', ['--source', 'v.ndjson', '--query', 'q.json', '--format', 'table'], 'takes a terminal'],
    ['a source that ends', ['--config', 'c.json', '--query', 'q.json'], 'source "crm" is of type singer, which is read once'],
    ['a lateness that is none', ['--source', 'v.ndjson', '--query', 'q.json', '--lateness', 'P1M'], 'lateness is "P1M"'],
    ['a lateness over a folder', ['--data', 'store', '--query', 'q.json', '--lateness', 'PT1H'], 'follow its sources']
  ])('refuses %s', async (_what, options, message) => {
    const files = {
      'v.ndjson': ndjson(VISITS), 'two.json': `${JSON.stringify(COUNT)}\n${JSON.stringify(BY_DEVICE)}\n`,
      'c.json': JSON.stringify({ sources: { crm: { type: 'singer', command: ['tap'] } } })
    }
    await withFolder(files, async cwd => {
      const { code, stderr } = await run(['query', '--follow', ...options], '', { cwd })
      expect(stderr).toContain(message)
      expect(code).toBe(2)
    })
  })

  it('refuses a query with faults and one of Druid, in words and as a line', async () => {
    await withFolder({ 'v.ndjson': ndjson(VISITS) }, async cwd => {
      for (const [query, fault] of [[{ ...COUNT, group_by: ['contry'] }, 'country'], [{ queryType: 'timeBoundary', dataSource: 'visits' }, '/queryType']] as const) {
        const { code, stdout, stderr } = await run(['query', '--follow', '--source', 'v.ndjson'], JSON.stringify(query), { cwd })
        expect(stderr).toContain(fault)
        expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'invalid_query' } })
        expect(code).toBe(3)
      }
    })
  })

  it('refuses --lateness without it', async () => {
    const { code, stderr } = await run(['query', '--source', 'v.ndjson', '--lateness', 'PT1H'])
    expect(stderr).toContain('add --follow')
    expect(code).toBe(2)
  })
})
