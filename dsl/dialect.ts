/** The dialects in which a query may be written: our own, and Druid's. A query tells by its keys. */
import { QueryError } from './errors.js'
import { isDruidQuery, parseDruidQuery } from './druid/parse.js'
import type { DruidQueryInput, DruidResultOf } from './druid/result.js'
import type { AnyQueryInput, ResultOf } from './input.js'
import { parseJson, parseQuery } from './parse.js'
import type { AnyQuery, Columns } from './query.js'
import type { Request } from './request.js'

export type AnyInput = AnyQueryInput | DruidQueryInput

/** The answer of a query: Druid's to a query of Druid's, ours to all others. */
export type AnswerOf<Q extends AnyInput> = Q extends DruidQueryInput ? DruidResultOf<Q> : Q extends AnyQueryInput ? ResultOf<Q> : never

/**
 * Checks a query of any dialect. Without `columns` names and types of dimensions are not checked.
 * `now` (epoch ms) is where an interval such as `{"last": "P7D"}` ends.
 * @throws QueryError with every fault of the query
 */
export function readRequest(input: unknown, columns?: Columns, now = Date.now): Request<unknown> {
  if (isDruidQuery(input)) return parseDruidQuery(input, columns)
  const query = parseQuery(input, columns, now)
  return { query, answer: sessions => sessions.run(query) }
}

/**
 * `readRequest` of a JSON text.
 * @throws QueryError that for text which is no JSON names line and column
 */
export function readRequestText(text: string, columns?: Columns): Request<unknown> {
  return readRequest(parseJson(text), columns)
}

/**
 * Checks a query that is to be left standing. Druid's cannot: its answers have no rows that could be told apart.
 * @throws QueryError with every fault of the query
 */
export function readStanding(input: unknown, columns?: Columns, now = Date.now): AnyQuery {
  if (!isDruidQuery(input)) return parseQuery(input, columns, now)
  const message = 'queries of Druid are answered once and cannot be kept up to date; write it as docs/dsl.md says, without "queryType"'
  throw new QueryError([{ code: 'unknown_key', pointer: '/queryType', message }])
}
