import { QueryError, type QueryIssue } from '../../dsl/errors.js'
import { parseQuery } from '../../dsl/parse.js'
import type { Columns, Query } from '../../dsl/query.js'

export const COLUMNS: Columns = new Map([
  ['country', 'string'], ['city', 'string'], ['visitor_id', 'string'], ['rooms', 'strings'],
  ['session_duration_secs', 'number'], ['distinct_visited_urls_count', 'number']
])

/** A whole query with these keys in place of its own; undefined takes a key away. */
export function queryWith(keys: Record<string, unknown>): Record<string, unknown> {
  const query: Record<string, unknown> = {
    interval: { start: '2019-01-01T00:00:00Z', end: '2019-01-02T00:00:00Z' },
    granularity: 'all',
    aggregations: [{ type: 'count' }],
    ...keys
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

export function issuesOf(run: () => unknown): readonly QueryIssue[] {
  try {
    run()
  } catch (error) {
    if (error instanceof QueryError) return error.issues
    throw error
  }
  return []
}

/** A query that must be an aggregate one. */
export function parseAggregate(input: unknown, columns?: Columns): Query {
  const query = parseQuery(input, columns)
  if (query.kind !== 'aggregate') throw new Error(`a query of the kind ${query.kind}`)
  return query
}

/** The faults of a query, as a person reads them: code, pointer, sentence. */
export function faults(keys: Record<string, unknown>, columns: Columns | undefined = COLUMNS): string[] {
  return issuesOf(() => parseQuery(queryWith(keys), columns)).map(({ code, pointer, message }) => `${code} ${pointer} ${message}`)
}
