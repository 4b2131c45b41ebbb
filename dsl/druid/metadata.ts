/** Druid's questions about the table itself: its time range and its columns. */
import { normaliseFilter, type RawFilter } from '../filters.js'
import { ALL_ROWS } from '../output.js'
import type { Filter, Query } from '../query.js'
import type { ColumnSummary, Request, Sessions, SessionsDescription } from '../request.js'
import type { Schema } from '../json-schema.js'
import { stampFormatter } from '../stamp.js'
import type { DruidContext } from './context.js'
import { intervalOf, INTERVALS_SCHEMA, readIntervals, type RawIntervals } from './intervals.js'
import { COMMON_KEYS } from './parts.js'
import type { ColumnAnalysis, DataSourceMetadataEntry, SegmentMetadataEntry, TimeBoundaryEntry } from './result.js'
import { TIME, TIME_COLUMN } from './tidy.js'

export interface RawTimeBoundary {
  readonly bound?: 'minTime' | 'maxTime'
  readonly intervals?: RawIntervals
  readonly filter?: RawFilter
}

export interface RawSegmentMetadata {
  readonly intervals?: RawIntervals
  readonly toInclude?: { readonly type: 'all' | 'none' | 'list', readonly columns?: readonly (string | undefined)[] }
}

export const TIME_BOUNDARY_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...COMMON_KEYS,
    bound: { enum: ['minTime', 'maxTime'], description: 'Only one of the two.' },
    intervals: INTERVALS_SCHEMA,
    filter: { $ref: '#/definitions/filter' }
  },
  required: ['queryType'],
  additionalProperties: false
}

export const DATA_SOURCE_METADATA_SCHEMA: Schema = { type: 'object', properties: COMMON_KEYS, required: ['queryType'], additionalProperties: false }

export const SEGMENT_METADATA_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...COMMON_KEYS,
    intervals: INTERVALS_SCHEMA,
    merge: { type: 'boolean', description: 'Always as if true.' },
    lenientAggregatorMerge: { type: 'boolean' },
    aggregatorMergeStrategy: { type: 'string' },
    usingDefaultInterval: { type: 'boolean' },
    analysisTypes: { type: 'array', items: { type: 'string' }, description: 'Everything that is known is answered.' },
    toInclude: {
      description: 'Which columns.',
      oneOf: [
        { type: 'object', properties: { type: { const: 'all' } }, required: ['type'], additionalProperties: false },
        { type: 'object', properties: { type: { const: 'none' } }, required: ['type'], additionalProperties: false },
        {
          type: 'object',
          properties: { type: { const: 'list' }, columns: { type: 'array', items: { type: 'string' }, description: 'Names of columns.' } },
          required: ['type', 'columns'],
          additionalProperties: false
        }
      ]
    }
  },
  required: ['queryType'],
  additionalProperties: false
}

const format = (instant: number): string => stampFormatter('UTC')(instant)

/** First and last start of the sessions that match. */
export function timeBoundary(raw: RawTimeBoundary, context: DruidContext): Request<TimeBoundaryEntry[]> {
  const filter: Filter = raw.filter === undefined ? { type: 'true' } : normaliseFilter(raw.filter, context, '/filter')
  const query = { ...boundsQuery(raw.intervals, context), derived: context.derived, filter }
  return {
    query,
    async answer(sessions) {
      const [min, max] = await boundsOf(query, sessions)
      if (min === null || max === null) return []
      const result = { ...(raw.bound !== 'maxTime' && { minTime: format(min) }), ...(raw.bound !== 'minTime' && { maxTime: format(max) }) }
      return [{ timestamp: format(raw.bound === 'maxTime' ? max : min), result }]
    }
  }
}

export function dataSourceMetadata(_raw: object, context: DruidContext): Request<DataSourceMetadataEntry[]> {
  const query = boundsQuery(undefined, context)
  return {
    query,
    answer(sessions) {
      const range = sessions.range()
      return Promise.resolve(range === null ? [] : [{ timestamp: format(range.end), result: { maxIngestedEventTime: format(range.end) } }])
    }
  }
}

/** One analysis of the whole table, as Druid's with `merge`. */
export function segmentMetadata({ intervals, toInclude }: RawSegmentMetadata, context: DruidContext): Request<SegmentMetadataEntry[]> {
  const query = boundsQuery(intervals, context)
  return {
    query,
    answer(sessions) {
      const range = sessions.range()
      const { start, end } = query.interval
      if (range === null || range.end < start || range.start >= end) return Promise.resolve([])
      const table = sessions.describe()
      return Promise.resolve([{
        id: 'merged',
        intervals: [`${format(range.start)}/${format(range.end + 1)}`],
        columns: analysesOf(table, isIncluded(toInclude)),
        size: table.bytes,
        numRows: table.sessions,
        aggregators: null,
        timestampSpec: null,
        queryGranularity: null,
        rollup: false
      }])
    }
  }
}

function isIncluded(toInclude: RawSegmentMetadata['toInclude']): (name: string) => boolean {
  if (toInclude === undefined || toInclude.type === 'all') return () => true
  const listed = new Set(toInclude.type === 'none' ? [] : toInclude.columns)
  return name => listed.has(name)
}

function analysesOf({ columns, sessions }: SessionsDescription, includes: (name: string) => boolean): Record<string, ColumnAnalysis> {
  const named = columns.map(column => ({ ...column, name: column.name === TIME_COLUMN ? TIME : column.name }))
  return Object.fromEntries(named.filter(({ name }) => includes(name)).map(column => [column.name, analysisOf(column, sessions)]))
}

function analysisOf({ name, type, present, distinct, min, max }: ColumnSummary, sessions: number): ColumnAnalysis {
  return {
    type: name === TIME ? 'LONG' : type === 'number' ? 'DOUBLE' : 'STRING',
    hasMultipleValues: type === 'strings',
    hasNulls: present < sessions,
    size: 0,
    cardinality: distinct,
    minValue: min,
    maxValue: max,
    errorMessage: null
  }
}

function boundsQuery(intervals: RawIntervals | undefined, context: DruidContext): Query {
  return {
    kind: 'aggregate',
    interval: intervalOf(readIntervals(intervals, context), 'UTC'),
    granularity: { type: 'all' },
    groupBy: [],
    aggregations: [{ type: 'min', field: TIME_COLUMN, name: 'min' }, { type: 'max', field: TIME_COLUMN, name: 'max' }],
    filter: { type: 'true' },
    ...ALL_ROWS,
    fill: 'zero'
  }
}

async function boundsOf(query: Query, sessions: Sessions): Promise<(number | null)[]> {
  const { data } = await sessions.run(query)
  return data[0]!.slice(1) as (number | null)[]
}
