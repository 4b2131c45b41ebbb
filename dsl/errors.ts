/** Every error that a user can meet, in one place. docs/errors.md is checked against these tables. */

/** Codes of whole errors, with their meaning. */
export const ERROR_CODES = {
  invalid_query: 'The query has faults; `issues` lists all of them. Nothing was run.',
  limit_exceeded: 'A named limit would be exceeded. Nothing was cut silently: there is no answer.',
  invalid_session: 'A session handed to the engine cannot be stored; the message says which one and why.',
  invalid_sketch: 'The bytes are not an HLL sketch of Apache DataSketches; the message says what was got.',
  column_not_kept: 'The query reads a column whose values the engine was told not to keep.',
  closed: 'The engine was closed.',
  invalid_config: 'The configuration has a fault; the message names the source and the key.',
  source_unreachable: 'The host does not answer or does not exist.',
  source_unauthorized: 'The credentials are wrong or lack a permission.',
  source_not_found: 'The system answers that the thing asked for does not exist.',
  source_rejected: 'The system refuses the request for a reason of its own.',
  source_failed: 'The system kept failing after all retries.',
  source_protocol: 'The system answered something that its documents do not allow for.',
  invalid_state: 'The stored state of a source is of another system or account, or of a form that this version does not know.',
  source_data: 'Too many records of the source could not be read.',
  file_not_found: 'No file matches the path.',
  file_format: 'A file is not what its format says; the message gives the line.',
  store_failed: 'The data folder cannot be read or written.',
  store_damaged: 'A stored file is damaged; the message names file and offset.'
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** What every error of this project is. `message` says what is wrong, where, and what to do; it never holds a secret. */
export class SessionqlError extends Error {
  readonly code: ErrorCode
  /** `query_id` of the context of the query that it ended. */
  queryId?: string

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Codes of single faults in a query, with their meaning. */
export const QUERY_ISSUE_CODES = {
  invalid_json: 'The text is not JSON.',
  too_deep: 'The query is nested deeper than the limit.',
  too_large: 'The query is longer, or has more values, than the limit.',
  missing: 'A required key is missing.',
  unknown_key: 'A key that the language does not have.',
  wrong_type: 'A value of the wrong JSON type.',
  invalid_value: 'A value of the right type that is not allowed here.',
  unknown_type: 'A filter or aggregation that the language does not have.',
  unknown_dimension: 'A dimension that no source provides.',
  not_numeric: 'A numeric aggregation over a dimension that is not a number.',
  duplicate_name: 'Two output columns with one name.',
  invalid_interval: 'A timestamp that does not exist, or an interval that ends before it starts.',
  unknown_time_zone: 'A zone that the tz database does not have.',
  invalid_period: 'A period that is not ISO-8601, or is zero.',
  invalid_pattern: 'A regular expression that does not parse.'
} as const

export type QueryIssueCode = keyof typeof QUERY_ISSUE_CODES

export interface QueryIssue {
  readonly code: QueryIssueCode
  /** JSON Pointer (RFC 6901) into the query; empty for the query itself. */
  readonly pointer: string
  /** One sentence: what was got and what is expected. */
  readonly message: string
  /** A known name near the unknown one. */
  readonly suggestion?: string
}

/** A query with faults: all of them at once, found before anything runs. */
export class QueryError extends SessionqlError {
  readonly issues: readonly QueryIssue[]

  constructor(issues: readonly QueryIssue[]) {
    super('invalid_query', issues.map(issue => `${issue.pointer || '(query)'}: ${issue.message}`).join('\n'))
    this.issues = issues
  }
}

/** A bound that would be passed. `limit` and `needed` are in the unit that `name` implies. */
export class LimitError extends SessionqlError {
  readonly limitName: string
  readonly limit: number
  readonly needed: number

  constructor(limitName: string, limit: number, needed: number, advice: string) {
    super('limit_exceeded', `${limitName}: needs ${needed.toLocaleString('en-US')}, the limit is ${limit.toLocaleString('en-US')}. ${advice}`)
    this.limitName = limitName
    this.limit = limit
    this.needed = needed
  }
}
