import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../cli/exit.js'
import { Output, OutputClosed } from '../../cli/output.js'

/** A stream that takes each chunk when told to, or fails with a system's error code. */
function slow(fail?: string): { stream: NodeJS.WriteStream, chunks: string[], take: () => void } {
  const chunks: string[] = []
  let finish: (() => void) | null = null
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      chunks.push(chunk)
      finish = () => done(fail === undefined ? null : Object.assign(new Error(fail), { code: fail }))
    }
  })
  return { stream: stream as unknown as NodeJS.WriteStream, chunks, take: () => finish?.() }
}

const tick = () => new Promise(resolve => { setImmediate(resolve) })

describe('output', () => {
  it('gathers small pieces, and waits until a chunk is taken before it makes the next', async () => {
    const { stream, chunks, take } = slow()
    let made = 0
    function* pieces(): Generator<string> {
      for (; made < 300; made++) yield 'x'.repeat(1000)
    }
    const written = new Output(stream).write(pieces())
    await tick()
    expect(chunks).toHaveLength(1)
    expect(made).toBeLessThan(100)
    for (let i = 0; i < 10; i++) {
      take()
      await tick()
    }
    await written
    expect(chunks.join('')).toHaveLength(300_000)
  })

  it('tells a reader that went away from a disk that is full', async () => {
    for (const [code, kind] of [['EPIPE', OutputClosed], ['ENOSPC', UsageError]] as const) {
      const { stream, take } = slow(code)
      const written = new Output(stream).write(['x'])
      take()
      await expect(written).rejects.toBeInstanceOf(kind)
    }
  })

  it('ends with the signal', async () => {
    const controller = new AbortController()
    controller.abort(new Error('interrupted'))
    await expect(new Output(slow().stream).write(['x'], controller.signal)).rejects.toThrow('interrupted')
  })
})
