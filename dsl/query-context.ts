/** `context`: bounds of one query, and what its answer tells about itself. */
import type { ContextInput } from './input.js'
import type { QueryContext } from './query.js'
import type { Schema } from './json-schema.js'

/** What timers take: nearly 25 days. */
const MAX_TIMEOUT = 2 ** 31 - 1
/** It is repeated in answers and errors. */
const MAX_ID_LENGTH = 200

export const CONTEXT_SCHEMA: Schema = {
  type: 'object',
  description: 'Bounds of this query, and what its answer tells about itself.',
  properties: {
    timeout_ms: { type: 'integer', minimum: 1, maximum: MAX_TIMEOUT, description: 'The query ends with an error when it takes longer. Milliseconds.' },
    query_id: { type: 'string', maxLength: MAX_ID_LENGTH, description: 'A name of the query, repeated in its meta and in its errors.' },
    max_groups: { type: 'integer', exclusiveMinimum: 0, description: 'Most rows of the answer, below the limit of the engine.' },
    max_bytes: { type: 'integer', exclusiveMinimum: 0, description: 'Most memory that the query may take, below what the engine has left.' },
    use_cache: { type: 'boolean', default: true, description: 'Whether the answer may be one that was computed before. The engine keeps none: each is computed.' },
    meta: { type: 'boolean', default: false, description: 'Whether the answer tells what it rests on.' }
  },
  additionalProperties: false
}

/** `raw` is as the shape check leaves it: of the right types, faulty parts undefined. */
export function normaliseContext(raw: ContextInput): QueryContext {
  return {
    timeoutMs: raw.timeout_ms ?? null,
    queryId: raw.query_id ?? null,
    maxGroups: raw.max_groups ?? Infinity,
    maxBytes: raw.max_bytes ?? Infinity,
    meta: raw.meta ?? false
  }
}

/** The name that a query gives itself, whatever else is wrong with it. */
export function queryIdOf(input: unknown): string | null {
  const context = ownValue(input, 'context')
  const id = ownValue(context, 'query_id')
  return typeof id === 'string' && id.length <= MAX_ID_LENGTH ? id : null
}

function ownValue(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}
