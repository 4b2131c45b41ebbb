/** A few sessions that Druid queries are asked of. */
import type { DruidQueryInput, DruidResultOf, QueryIssue } from '../../../index.js'
import { QueryError } from '../../../index.js'
import type { Session } from '../../../engine/session.js'
import { engineWith } from '../../support/engine.js'

export const VISITS: readonly Session[] = [
  { session_id: '1', started_at: '2024-03-01T10:00:00Z', country: 'Finland', rooms: ['sales', 'support'], seconds: 10.5, code: '7' },
  { session_id: '2', started_at: '2024-03-01T11:00:00Z', country: 'Sweden', rooms: ['sales'], seconds: 2.75, code: '12' },
  { session_id: '3', started_at: '2024-03-03T09:30:00Z', country: 'Finland', rooms: [], seconds: null, code: 'x' },
  { session_id: '4', started_at: '2024-03-05T00:00:00Z', country: null, rooms: ['support'], seconds: -3.5, code: '7' }
]

export const ALL = '2024-03-01/2024-04-01'
export const COUNT = { type: 'count', name: 'n' } as const

/** The answer of a query over the visits. */
export async function ask<const Q extends DruidQueryInput>(query: Q, sessions = VISITS): Promise<DruidResultOf<Q>> {
  const engine = await engineWith(sessions)
  try {
    return await engine.query(query) as DruidResultOf<Q>
  } finally {
    await engine.close()
  }
}

/** The faults of a query, as `pointer: message`. */
export async function faultsOf(query: DruidQueryInput): Promise<string[]> {
  const error: unknown = await ask(query).then(() => null, (reason: unknown) => reason)
  if (!(error instanceof QueryError)) throw new Error('the query has no faults', { cause: error })
  return error.issues.map(({ pointer, message }: QueryIssue) => `${pointer}: ${message}`)
}
