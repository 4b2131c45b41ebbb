/** The query that lists sessions: its JSON Schema, and how it becomes a checked one. */
import type { Context } from './context.js'
import { readCursor } from './cursor.js'
import { normaliseDimension, PLAIN_DIMENSION_SCHEMA, type RawDimension } from './dimensions.js'
import { FILTERS_SCHEMA, normaliseFilters, type RawFilter } from './filters.js'
import { INTERVAL_SCHEMA, normaliseInterval, type RawInterval } from './intervals.js'
import { quote } from './issues.js'
import type { Position, SelectQuery } from './query.js'
import { EDITOR_SCHEMA, type Schema } from './json-schema.js'
import { readAll } from './shape.js'

/** More than a person reads at once, and quick to hand over. */
const DEFAULT_LIMIT = 100
/** A page is held as a whole; the next ones follow by the cursor. */
const MAX_LIMIT = 100_000
/** Each is a column of every row. */
const MAX_DIMENSIONS = 1000

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawSelect {
  readonly interval?: RawInterval
  readonly select?: readonly (RawDimension | undefined)[]
  readonly filters?: RawFilter | readonly (RawFilter | undefined)[] | null
  readonly order?: 'ascending' | 'descending'
  readonly limit?: number
  readonly after?: string | null
}

export const SELECT_SCHEMA: Schema = {
  description: 'Lists sessions, a page at a time.',
  type: 'object',
  properties: {
    $schema: EDITOR_SCHEMA,
    interval: INTERVAL_SCHEMA,
    select: {
      type: 'array', items: PLAIN_DIMENSION_SCHEMA, maxItems: MAX_DIMENSIONS, description: 'The dimensions of a row, in their order, after the start of the session.'
    },
    filters: FILTERS_SCHEMA,
    order: { enum: ['ascending', 'descending'], default: 'ascending', description: 'Earliest or latest session first.' },
    limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'At most this many sessions in a page.' },
    after: { type: ['string', 'null'], description: 'What the page before had in `next`. Absent or null: the first page.' }
  },
  required: ['interval', 'select'],
  additionalProperties: false
}

export function normaliseSelect(raw: RawSelect, context: Context): SelectQuery {
  const interval = normaliseInterval(raw.interval ?? {}, context)
  const dimensions = readAll(raw.select, (item, index) => normaliseDimension(item, context, `/select/${index}`))
  const filter = normaliseFilters(raw.filters, context)
  const descending = raw.order === 'descending'
  return { kind: 'select', interval, dimensions, filter, descending, limit: raw.limit ?? DEFAULT_LIMIT, after: readAfter(raw.after, descending, context) }
}

function readAfter(text: string | null | undefined, descending: boolean, context: Context): Position | null {
  if (text === null || text === undefined) return null
  const cursor = readCursor(text)
  if (cursor === null) {
    context.issues.add('invalid_value', '/after', `got ${quote(text)}, expected the "next" of the page before, unchanged`)
    return null
  }
  if (cursor.descending !== descending) {
    const [theirs, ours] = descending ? ['ascending', 'descending'] : ['descending', 'ascending']
    const message = `the cursor is that of a list in "${theirs}" order, expected the same order and not "${ours}"`
    context.issues.add('invalid_value', '/after', message)
  }
  return cursor.after
}
