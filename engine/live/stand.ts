/** Answers that are kept up to date: the cost of what happened is that of the sessions that came, not of those that are there. */
import type { AnyQuery, Query } from '../../dsl/query.js'
import { columnsOf } from '../plan/columns.js'
import { run } from '../run.js'
import type { Running } from '../running.js'
import { Incremental } from './incremental.js'
import type { Answer } from './live-rows.js'
import type { Standing } from './standing.js'

/** Names of the columns that it must be told of. */
export function columnsToldTo(query: AnyQuery): Iterable<string> {
  return isIncremental(query) ? columnsOf(query) : []
}

/** Begins with the sessions of `running`. */
export async function stand(query: AnyQuery, running: Running): Promise<Standing> {
  return isIncremental(query) && await Incremental.of(query, running) || new Rerun(query, running)
}

/** Asked again as a whole: for what cannot be told from the sessions that came alone. */
class Rerun implements Standing {
  readonly isKeyed = false
  readonly isSpoiled = false
  private readonly query: AnyQuery
  private readonly running: Running

  constructor(query: AnyQuery, running: Running) {
    this.query = query
    this.running = running
  }

  async apply(): Promise<boolean> {
    return false
  }

  async repair(): Promise<void> { /* nothing is kept */ }

  async answer(): Promise<Answer> {
    return { result: await run(this.query, this.running) }
  }
}

/** One pass over the sessions answers it, and rows are chosen of its groups alone. */
function isIncremental(query: AnyQuery): query is Query {
  return query.kind === 'aggregate' && query.subtotals === null && !query.totals && query.others === null && query.compare === undefined && query.derived === undefined
}
