/** Which kind of query a JSON value is: its keys tell. */
import type { QueryIssue } from './errors.js'
import { orList } from './issues.js'
import type { AnyQuery } from './query.js'
import { nearest } from './suggest.js'

/** The key that makes a query one of a kind. */
const KEYS = new Map<string, AnyQuery['kind']>([['aggregations', 'aggregate'], ['select', 'select'], ['funnel', 'funnel'], ['retention', 'retention']])

/** The kind, or the fault where the query is of two. A query with none of the keys is taken for what it probably is. */
export function kindOf(input: unknown): AnyQuery['kind'] | QueryIssue {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'aggregate'
  const keys = Object.keys(input).filter(key => (input as Record<string, unknown>)[key] !== undefined)
  const [first, second] = keys.filter(key => KEYS.has(key))
  if (second !== undefined) {
    const message = `${first} and ${second} make two different kinds of query, expected one of ${orList([...KEYS.keys()])}.`
    return { code: 'unknown_key', pointer: `/${second}`, message }
  }
  return KEYS.get(first ?? meant(keys)) ?? 'aggregate'
}

/** The key that one of these is a slip of. */
function meant(keys: readonly string[]): string {
  for (const key of keys) {
    const known = nearest(key, KEYS.keys())
    if (known !== undefined) return known
  }
  return ''
}
