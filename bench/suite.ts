/** The questions of the suite, and the columns of its dataset. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Columns, ColumnType, Query } from '../dsl/query.js'
import { parseQuery } from '../dsl/parse.js'
import { QueryError } from '../dsl/errors.js'

/** The folder of the questions, one file each. */
export const QUERIES = join(dirname(fileURLToPath(import.meta.url)), 'queries')

/** Columns of the query bench. `distinct_visited_urls` is only in the load and one-shot benches. */
export const COLUMNS: Columns = new Map<string, ColumnType>([
  ['source', 'string'], ['session_id', 'string'], ['visitor_id', 'string'], ['started_at', 'number'],
  ['country', 'string'], ['city', 'string'], ['browser_name', 'string'], ['browser_version', 'string'],
  ['device_type', 'string'], ['os_name', 'string'], ['ip_organization', 'string'],
  ['session_duration_secs', 'number'], ['distinct_visited_urls_count', 'number'],
  ['rooms', 'strings'], ['distinct_visited_urls', 'strings']
])

export interface Question {
  /** The file's name without its ending, e.g. `q03-helsinki-days`. */
  readonly name: string
  /** As in the file: what an engine of this project is given. */
  readonly input: unknown
  /** Normalised: what the peers' translations start from. */
  readonly query: Query
}

export interface Skipped {
  readonly name: string
  readonly reason: string
}

/** All questions whose name starts with one of `only` (all, if it is empty), and those that the language cannot ask yet. */
export function questions(only: readonly string[], folder = QUERIES): { asked: Question[], skipped: Skipped[] } {
  const asked: Question[] = []
  const skipped: Skipped[] = []
  for (const file of readdirSync(folder).filter(entry => entry.endsWith('.json')).sort()) {
    const name = file.slice(0, -'.json'.length)
    if (only.length > 0 && !only.some(prefix => name.startsWith(prefix))) continue
    const input: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    try {
      const query = parseQuery(input, COLUMNS)
      if (query.kind === 'aggregate') asked.push({ name, input, query })
      else skipped.push({ name, reason: `the bench asks no ${query.kind} query` })
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      skipped.push({ name, reason: error.message })
    }
  }
  return { asked, skipped }
}
