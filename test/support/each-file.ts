/** What every test file begins with. Files share a process: each must leave it as it was. */
import { afterAll, beforeAll, expect, inject, vi } from 'vitest'
import { kernels } from '../../engine/kernels/kernels.js'
import { compareFast } from './equality.js'
import { useWorker } from './workers.js'

compareFast()
useWorker(inject('worker'))

/** What lasts beyond a file if it is not put back. */
function state(): object {
  const listeners = process.eventNames().map(name => [String(name), process.listenerCount(name)])
  const open = process.getActiveResourcesInfo().filter(name => name === 'TCPServerWrap' || name === 'ProcessWrap')
  return { kernels: kernels().name, env: { ...process.env }, folder: process.cwd(), exitCode: process.exitCode, listeners, open, clock: vi.isFakeTimers() }
}

let before: object
beforeAll(() => { before = state() })
// A server that was closed is there a little longer.
afterAll(() => vi.waitFor(() => { expect(state()).toEqual(before) }))
