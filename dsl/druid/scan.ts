/** Druid's scan: sessions as they are, in batches. */
import { readCursor } from '../cursor.js'
import { LimitError } from '../errors.js'
import { normaliseFilter, type RawFilter } from '../filters.js'
import type { QueryResult, ResultValue } from '../input.js'
import { below } from '../issues.js'
import type { Dimension, Position, SelectQuery } from '../query.js'
import type { Request, Sessions } from '../request.js'
import type { Schema } from '../json-schema.js'
import type { DruidContext } from './context.js'
import { intervalOf, INTERVALS_SCHEMA, readIntervals, type RawIntervals } from './intervals.js'
import { COMMON_KEYS } from './parts.js'
import type { ScanEntry } from './result.js'
import { TIME, TIME_COLUMN } from './tidy.js'

/** Druid's. */
const DEFAULT_BATCH = 20_480
/** A batch is held as a whole. */
const MAX_BATCH = 100_000
/** More than an answer can hold as one JSON value. */
const MAX_ROWS = 5_000_000
const MAX_COLUMNS = 1000

export interface RawScan {
  readonly intervals?: RawIntervals
  readonly filter?: RawFilter
  readonly columns?: readonly (string | undefined)[]
  readonly resultFormat?: 'list' | 'compactedList'
  readonly order?: 'none' | 'ascending' | 'descending'
  readonly limit?: number
  readonly offset?: number
  readonly batchSize?: number
}

const count = (description: string, minimum: number, maximum?: number): Schema => ({ type: 'integer', minimum, ...(maximum && { maximum }), description })

export const SCAN_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...COMMON_KEYS,
    intervals: INTERVALS_SCHEMA,
    filter: { $ref: '#/definitions/filter' },
    columns: { type: 'array', items: { type: 'string' }, maxItems: MAX_COLUMNS, description: 'Names of columns; all where absent or empty.' },
    resultFormat: { enum: ['list', 'compactedList'], description: 'Rows as objects or as arrays.' },
    order: { enum: ['none', 'ascending', 'descending'], description: 'By time.' },
    limit: count('At most this many rows.', 1),
    offset: count('Rows left out at the beginning.', 0),
    batchSize: count('Rows of an entry of the answer.', 1, MAX_BATCH),
    legacy: { type: 'boolean', description: 'The older form is not spoken.' }
  },
  required: ['queryType', 'intervals'],
  additionalProperties: false
}

export function scan(raw: RawScan, context: DruidContext): Request<ScanEntry[]> {
  const interval = intervalOf(readIntervals(raw.intervals, context), 'UTC')
  const filter = raw.filter === undefined ? { type: 'true' } as const : normaliseFilter(raw.filter, context, '/filter')
  const columns = columnsOf(raw, context)
  const dimensions = columns.map((name): Dimension => ({ dimension: context.column(name).column, name }))
  const query: SelectQuery = {
    kind: 'select',
    derived: context.derived,
    interval,
    dimensions,
    filter,
    descending: raw.order === 'descending',
    limit: raw.batchSize ?? DEFAULT_BATCH,
    after: null
  }
  const isCompacted = raw.resultFormat === 'compactedList'
  return { query, answer: sessions => answer(query, columns, { skip: raw.offset ?? 0, limit: raw.limit ?? Infinity, isCompacted }, sessions) }
}

interface Settings {
  readonly skip: number
  readonly limit: number
  readonly isCompacted: boolean
}

async function answer(query: SelectQuery, columns: readonly string[], { skip, limit, isCompacted }: Settings, sessions: Sessions): Promise<ScanEntry[]> {
  const entries: ScanEntry[] = []
  const end = skip + limit
  let read = 0
  for (let after: Position | null = null; read < end;) {
    const page: QueryResult & { next?: string | null } = await sessions.run({ ...query, limit: Math.min(query.limit, end - read), after })
    const rows = page.data.slice(Math.max(0, skip - read)).map(([, ...values]) => values)
    if (rows.length > 0) entries.push({ segmentId: null, columns: [...columns], events: isCompacted ? rows : rows.map(row => eventOf(columns, row)) })
    read += page.data.length
    if (read - skip > MAX_ROWS) throw new LimitError('max_rows', MAX_ROWS, read - skip, 'Add a limit, or filter more.')
    if (page.next === null || page.next === undefined) break
    after = readCursor(page.next)!.after
  }
  return entries
}

function eventOf(columns: readonly string[], row: readonly ResultValue[]): Record<string, ResultValue> {
  return Object.fromEntries(columns.map((name, at) => [name, row[at]!]))
}

/** The time first where all are asked for. */
function columnsOf({ columns = [] }: RawScan, context: DruidContext): readonly string[] {
  const named = columns.filter(name => name !== undefined)
  if (named.length > 0) {
    named.forEach((name, at) => {
      if (named.indexOf(name) < at) context.issues.add('duplicate_name', below('/columns', at), 'the column is there twice, expected it once')
    })
    return named
  }
  return [TIME, ...[...context.columns?.keys() ?? []].filter(name => name !== TIME_COLUMN)]
}
