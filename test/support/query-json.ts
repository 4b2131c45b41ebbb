/** The query language as JSON, as far as the random queries use it. */

export type FilterJson =
  | LeafJson
  | { type: 'and' | 'or'; fields: FilterJson[] }
  | { type: 'not'; field: FilterJson }

export type LeafJson =
  | { type: 'selector'; dimension: string; value: string | number | null }
  | { type: 'in'; dimension: string; values: (string | number | null)[] }
  | BoundJson
  | { type: 'like'; dimension: string; pattern: string; escape?: string }
  | { type: 'regex'; dimension: string; pattern: string }
  | EqualsJson
  | ElementJson
  | RangeJson
  | SearchJson
  | IntervalFilterJson
  | { type: 'null'; column: string }
  | { type: 'columnComparison'; dimensions: string[] }
  | { type: 'true' }
  | { type: 'false' }

export type ValueType = 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT'

export interface EqualsJson {
  type: 'equals'
  column: string
  matchValueType?: ValueType
  matchValue: string | number
}

export interface ElementJson {
  type: 'arrayContainsElement'
  column: string
  elementMatchValueType?: ValueType
  elementMatchValue: string | number
}

export interface RangeJson {
  type: 'range'
  column: string
  matchValueType?: ValueType
  lower?: string | number
  upper?: string | number
  lowerOpen?: boolean
  upperOpen?: boolean
}

export interface SearchJson {
  type: 'search'
  dimension: string
  query:
    | { type: 'contains'; value: string; caseSensitive?: boolean }
    | { type: 'insensitive_contains'; value: string }
    | { type: 'fragment'; values: string[]; caseSensitive?: boolean }
}

export interface IntervalFilterJson {
  type: 'interval'
  dimension: '__time' | 'started_at'
  intervals: (string | { start: string; end: string })[]
}

export type Ordering = 'lexicographic' | 'numeric' | 'alphanumeric' | 'strlen'

export interface BoundJson {
  type: 'bound'
  dimension: string
  lower?: string | number
  upper?: string | number
  lowerStrict?: boolean
  upperStrict?: boolean
  ordering?: Ordering
}

export type NamedGranularity =
  | 'all' | 'none' | 'second' | 'minute' | 'five_minute' | 'ten_minute' | 'fifteen_minute' | 'thirty_minute'
  | 'hour' | 'six_hour' | 'eight_hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

export type GranularityJson =
  | NamedGranularity
  | { type: 'period'; period: string; time_zone?: string; origin?: string }
  | { type: 'duration'; duration: number; origin?: string }

export type AggregationJson =
  | { type: 'count'; name?: string }
  | { type: 'hyperUniqueSketch' | 'exactUnique' | 'avg' | 'sum' | 'min' | 'max' | 'first' | 'last' | 'any'; fields: [string, ...string[]]; name?: string }
  | { type: 'hyperUnique'; fields: [string, ...string[]]; name?: string; with_error?: boolean }
  | { type: 'quantile'; fields: [string, ...string[]]; quantiles: [number, ...number[]]; name?: string; with_error?: boolean }
  | { type: 'histogram'; fields: [string, ...string[]]; bins?: number; edges?: [number, ...number[]]; name?: string }
  | { type: 'uniqueIntersection'; filters: [FilterJson, ...FilterJson[]]; field: string; name?: string }
  | { type: 'filtered'; filter: FilterJson; aggregator: AggregationJson; name?: string }

export type TimeUnitJson = 'minute_of_hour' | 'hour_of_day' | 'day_of_week' | 'day_of_month' | 'month_of_year' | 'quarter_of_year'

type Filtered<Keys> = (({ dimension: string } & Keys) | ({ delegate: DelegateJson } & Keys)) & { name?: string }

export type DelegateJson =
  | string
  | { dimension: string; name: string }
  | Filtered<{ type: 'listFiltered'; values: string[]; is_whitelist?: boolean }>
  | Filtered<{ type: 'regexFiltered'; pattern: string }>
  | Filtered<{ type: 'prefixFiltered'; prefix: string }>

export type DimensionJson =
  | DelegateJson
  | { type: 'bucket'; dimension: string; width: number; offset?: number; name?: string }
  | { type: 'bucket'; dimension: string; edges: [number, ...number[]]; name?: string }
  | { type: 'time'; unit: TimeUnitJson; time_zone?: string; name?: string }
  | { type: 'whole'; dimension: string; name?: string }

export interface OrderByJson {
  column: string
  direction?: 'ascending' | 'descending'
  ordering?: Ordering
}

export interface QueryJson {
  interval: { start: string; end: string; time_zone?: string }
  granularity: GranularityJson
  group_by: DimensionJson[]
  aggregations: AggregationJson[]
  filters?: FilterJson | FilterJson[] | null | Record<string, never>
  order_by?: OrderByJson[]
  limit?: number
  fill?: 'none' | 'zero'
}

/** An array only where it is one value. */
export type BinJson = readonly [lower: number | null, upper: number | null, count: number]

export type Value = string | number | null | readonly string[] | readonly BinJson[]

export interface Table {
  readonly fields: readonly { readonly name: string; readonly type: 'dimension' | 'metric' }[]
  readonly data: readonly (readonly Value[])[]
}
