/** The answers of Druid queries, in Druid's own shapes. Timestamps are ISO-8601 with the offset of the granularity's zone, `Z` in UTC. */
import type { ResultValue } from '../input.js'

/** Arrays are in the rows of a scan alone. */
export type DruidValue = ResultValue

export type DruidRow = Record<string, DruidValue>

/** Of a total the timestamp is null. */
export interface TimeseriesEntry {
  readonly timestamp: string | null
  readonly result: DruidRow
}

export interface TopNEntry {
  readonly timestamp: string
  readonly result: DruidRow[]
}

export interface GroupByEntry {
  readonly version: 'v1'
  readonly timestamp: string
  readonly event: DruidRow
}

export interface ScanEntry {
  /** Druid names a segment here; a batch is of none. */
  readonly segmentId: null
  readonly columns: string[]
  /** Objects as `list`, arrays of values as `compactedList`. */
  readonly events: DruidRow[] | DruidValue[][]
}

export interface TimeBoundaryEntry {
  readonly timestamp: string
  readonly result: { readonly minTime?: string, readonly maxTime?: string }
}

export interface DataSourceMetadataEntry {
  readonly timestamp: string
  readonly result: { readonly maxIngestedEventTime: string }
}

export interface SegmentMetadataEntry {
  readonly id: string
  readonly intervals: string[] | null
  readonly columns: Record<string, ColumnAnalysis>
  /** Bytes in memory. */
  readonly size: number
  readonly numRows: number
  readonly aggregators: null
  readonly timestampSpec: null
  readonly queryGranularity: null
  readonly rollup: boolean
}

export interface ColumnAnalysis {
  readonly type: 'STRING' | 'LONG' | 'DOUBLE'
  readonly hasMultipleValues: boolean
  readonly hasNulls: boolean
  readonly size: number
  /** Distinct values; null for numbers. */
  readonly cardinality: number | null
  readonly minValue: number | null
  readonly maxValue: number | null
  readonly errorMessage: null
}

/** Answers by the type of their query. */
export interface DruidResults {
  timeseries: TimeseriesEntry[]
  topN: TopNEntry[]
  groupBy: GroupByEntry[]
  scan: ScanEntry[]
  timeBoundary: TimeBoundaryEntry[]
  dataSourceMetadata: DataSourceMetadataEntry[]
  segmentMetadata: SegmentMetadataEntry[]
}

export type DruidQueryType = keyof DruidResults

export type DruidResult = DruidResults[DruidQueryType]

/** A Druid native query: only its type is checked by the compiler, the rest when it is run. */
export interface DruidQueryInput {
  readonly queryType: DruidQueryType
  readonly [key: string]: unknown
}

export type DruidResultOf<Q extends DruidQueryInput> = DruidResults[Q['queryType']]
