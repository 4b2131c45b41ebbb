/** Exit codes, and how an error is told to a person and to a program. */
import { QueryError, SessionqlError, type ErrorCode, type QueryIssue } from '../dsl/errors.js'

export const EXIT = { ok: 0, unexpected: 1, usage: 2, query: 3, source: 4, limit: 5, interrupted: 130 } as const

/** Which one a run ends with when several things went wrong: the one whose cause lies deepest. */
const PRECEDENCE: readonly number[] = [EXIT.interrupted, EXIT.unexpected, EXIT.usage, EXIT.source, EXIT.query, EXIT.limit]

export function worse(a: number, b: number): number {
  return PRECEDENCE.find(code => code === a || code === b) ?? EXIT.ok
}

/** A command line that cannot be carried out. The message says what to write instead. */
export class UsageError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  return error instanceof SessionqlError ? exitOfCode(error.code) : EXIT.unexpected
}

function exitOfCode(code: ErrorCode): number {
  switch (code) {
    case 'invalid_query': return EXIT.query
    case 'limit_exceeded': return EXIT.limit
    case 'invalid_config': return EXIT.usage
    case 'closed': return EXIT.unexpected
    default: return EXIT.source
  }
}

/** The line a program reads in place of an answer. */
export function errorLine(error: unknown): string {
  const code = error instanceof SessionqlError ? error.code : error instanceof UsageError ? 'usage' : 'unexpected'
  const issues = error instanceof QueryError ? { issues: error.issues } : {}
  const id = error instanceof SessionqlError && error.queryId !== undefined ? { query_id: error.queryId } : {}
  return `${JSON.stringify({ error: { code, message: messageOf(error), ...issues, ...id } })}\n`
}

/** What a person reads: the message, each fault of a query on a line of its own. */
export function describeError(error: unknown): string {
  if (error instanceof QueryError) return `the query cannot be answered:\n${error.issues.map(describeIssue).join('\n')}`
  if (error instanceof SessionqlError || error instanceof UsageError) return error.message
  return `unexpected error, a fault of sessionql itself: ${error instanceof Error ? error.stack ?? error.message : String(error)}`
}

function describeIssue({ pointer, message }: QueryIssue): string {
  return `  ${pointer === '' ? '' : `${pointer}: `}${message}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
