/**
 * A history of batches that can be made again from its seed, so that what a folder holds can be compared with what was acknowledged.
 * Batch b belongs to source `w<b % WRITERS>`; its sessions are new ones, and later versions of earlier ones of the same source.
 */
import { randomIntegers } from '../engine/sketch/random.js'

export const WRITERS = 3
const DAY = 86_400_000
/** Sessions whose later versions come again. */
const RECENT = 400

export interface LedgerSession {
  readonly session_id: string
  readonly started_at: number
  readonly batch: number
  readonly city: string
  readonly visitor_id: string
  readonly rooms: readonly string[]
}

export function batchOf(seed: number, batch: number): LedgerSession[] {
  const next = randomIntegers(seed * 1_000_003 + batch + 1)
  const size = next() % 5 === 0 ? 100 + next() % 400 : 1 + next() % 40
  const sessions = new Map<string, LedgerSession>()
  for (let i = 0; i < size; i++) {
    const again = batch >= WRITERS && next() % 4 === 0
    const session_id = again ? `s${next() % RECENT}` : `s${batch}-${i}`
    sessions.set(session_id, {
      session_id, batch, started_at: Date.UTC(2025, 0, 1) + next() % (300 * DAY), city: `city ${next() % 50}`,
      visitor_id: `visitor ${next() % 3000}`, rooms: next() % 2 === 0 ? [] : [`room ${next() % 9}`, `room ${next() % 9}`]
    })
  }
  return [...sessions.values()]
}

export function sourceOf(batch: number): string {
  return `w${batch % WRITERS}`
}

/** The sessions of a source when its batches up to `last` are in, by id. */
export function expectedOf(seed: number, source: string, last: number): Map<string, LedgerSession> {
  const expected = new Map<string, LedgerSession>()
  for (let batch = Number(source.slice(1)); batch <= last; batch += WRITERS) for (const session of batchOf(seed, batch)) expected.set(session.session_id, session)
  return expected
}
