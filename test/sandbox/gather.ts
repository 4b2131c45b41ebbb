import type { Session } from '../../engine/session.js'
import { newReport, type DeadLetter, type ReadOptions, type Source, type SourceReport } from '../../connectors/source.js'

export interface Gathered {
  /** By session_id; a later one replaces an earlier one, as in the engine. Plain objects, to compare with. */
  readonly sessions: Map<string, Session>
  readonly states: unknown[]
  readonly batches: number
  readonly report: SourceReport
  readonly letters: DeadLetter[]
}

/** Reads a source to its end, as the engine would; `batches` stops earlier. */
export async function gather(source: Source, options: ReadOptions & { readonly batches?: number } = {}): Promise<Gathered> {
  const sessions = new Map<string, Session>()
  const states: unknown[] = []
  const letters: DeadLetter[] = []
  const report = options.report ?? newReport()
  let batches = 0
  for await (const batch of source.read({ report, onDeadLetter: letter => letters.push(letter), ...options })) {
    for (const session of batch.sessions) sessions.set(session.session_id, { ...session })
    // what is stored goes through JSON
    states.push(JSON.parse(JSON.stringify(batch.state)))
    if (++batches === options.batches) break
  }
  return { sessions, states, batches, report, letters }
}

/** Sessions by their id, to compare whole tables. */
export function table(sessions: Iterable<Session>): Map<string, Session> {
  return new Map([...sessions].map(session => [session.session_id, session]))
}
