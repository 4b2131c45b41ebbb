import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { createFileSource } from '../../../connectors/file/file.js'
import { newReport } from '../../../connectors/source.js'
import { TestFolder } from './reading.js'

const folder = new TestFolder()
afterAll(() => folder.remove())

const line = (id: string) => `${JSON.stringify({ session_id: id, time: 5 })}\n`

/** A following source whose sessions are taken one after the other. */
class Follower {
  readonly #abort = new AbortController()
  readonly #done: Promise<unknown>
  readonly #waiting: string[] = []
  state: unknown
  letters = 0

  constructor(path: string, state?: unknown) {
    const source = createFileSource('visits', { path, follow: true })
    this.#done = (async () => {
      for await (const batch of source.read({ state: state as never, signal: this.#abort.signal, report: newReport(), onDeadLetter: () => void this.letters++ })) {
        this.#waiting.push(...batch.sessions.map(session => session.session_id))
        this.state = JSON.parse(JSON.stringify(batch.state)) as unknown
      }
    })().catch((error: unknown) => error)
  }

  async next(count: number): Promise<string[]> {
    for (let tries = 0; this.#waiting.length < count && tries < 500; tries++) await new Promise(resolve => { setTimeout(resolve, 20) })
    return this.#waiting.splice(0)
  }

  /** Long enough for it to have looked again. */
  async quiet(): Promise<string[]> {
    await new Promise(resolve => { setTimeout(resolve, 600) })
    return this.#waiting.splice(0)
  }

  async stop(): Promise<unknown> {
    this.#abort.abort(new Error('enough'))
    return this.#done
  }
}

describe('following a file', () => {
  it('takes what comes, and of the last line nothing before its end', async () => {
    const path = folder.place('v.ndjson')
    const follower = new Follower(path)
    expect(await follower.quiet()).toEqual([])
    writeFileSync(path, `\uFEFF${line('a')}${line('b').slice(0, 10)}`)
    expect(await follower.next(1)).toEqual(['a'])
    appendFileSync(path, line('b').slice(10, -1))
    expect(await follower.quiet()).toEqual([])
    appendFileSync(path, `\n\n{broken\n${line('c')}{"time":7}\n`)
    expect(await follower.next(3)).toEqual(['b', 'c', `${path}#6`])
    expect(follower.letters).toBe(1)
    expect(await follower.stop()).toMatchObject({ message: 'enough' })
  })

  it('goes on across rotation with all of the old file, and across truncation', async () => {
    const path = folder.write('v.ndjson', `${line('a')}{"time":1}\n`)
    const follower = new Follower(path)
    expect(await follower.next(2)).toEqual(['a', `${path}#2`])
    appendFileSync(path, line('b') + line('end').trimEnd())
    renameSync(path, `${path}.1`)
    appendFileSync(`${path}.1`, '')
    writeFileSync(path, `${line('c')}{"time":2}\n`)
    expect(await follower.next(4)).toEqual(['b', 'end', 'c', `${path}~1#2`])
    truncateSync(path, 0)
    expect(await follower.quiet()).toEqual([])
    appendFileSync(path, '{"time":3}\n')
    expect(await follower.next(1)).toEqual([`${path}~2#1`])
    await follower.stop()
  })

  it('goes on from its state', async () => {
    const path = folder.write('v.ndjson', line('a'))
    const first = new Follower(path)
    expect(await first.next(1)).toEqual(['a'])
    await first.stop()
    appendFileSync(path, line('b'))
    const second = new Follower(path, first.state)
    expect(await second.next(1)).toEqual(['b'])
    await second.stop()
    appendFileSync(path, line('c').trimEnd())
    // reading once takes the last line as it is
    const ids: string[] = []
    for await (const { sessions } of createFileSource('visits', { path }).read({ state: second.state as never })) ids.push(...sessions.map(session => session.session_id))
    expect(ids).toEqual(['c'])
  })

  it('takes much at once in batches, with states that never run ahead', async () => {
    const path = folder.write('v.ndjson', Array.from({ length: 30_000 }, (_, i) => line(`s${i}`)).join(''))
    let seen = 0
    for await (const { sessions, state } of createFileSource('visits', { path, follow: true }).read()) {
      seen += sessions.length
      for (const mark of state?.files ?? []) expect(mark.position!.line - 1).toBeLessThanOrEqual(seen)
      if (seen === 30_000) break
    }
    expect(seen).toBe(30_000)
  })

  it.each([[{ path: '-' }], [{ path: 'x.csv', format: 'csv' }], [{ path: 'x', shape: 'giosg' }]])('is refused for %j', config => {
    expect(() => createFileSource('visits', { ...config, follow: true })).toThrow('"follow" is for files of lines')
  })
})
