/** Types of what a user writes and gets: a query literal is checked by the compiler, and its rows are typed after it. */
import type { MatchValueType } from './match-value.js'
import type { ArithmeticFunction, Comparison, TimeUnit } from './query.js'

export type GranularityName =
  | 'all' | 'none' | 'second' | 'minute' | 'five_minute' | 'ten_minute' | 'fifteen_minute' | 'thirty_minute'
  | 'hour' | 'six_hour' | 'eight_hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

/** Timestamps are ISO-8601; without an offset they are local time in `time_zone`, by default UTC. */
export interface SpanInput {
  readonly start: string
  readonly end: string
  readonly time_zone?: string
}

/** Of `"start/end"` one may be a period: `"2019-01-01/P1M"`. */
export type IntervalInput = string | SpanInput | readonly (string | SpanInput)[] | LastInput

/** The time until now; with `align` until the present day, hour and so on began. */
export interface LastInput {
  readonly last: string
  readonly align?: Exclude<GranularityName, 'all' | 'none'>
  readonly time_zone?: string
}

export type GranularityInput =
  | GranularityName
  | { readonly type: 'period', readonly period: string, readonly time_zone?: string, readonly origin?: string }
  | { readonly type: 'duration', readonly duration: number, readonly origin?: string }

export type DimensionInput =
  | DelegateInput
  | { readonly type: 'bucket', readonly dimension: string, readonly width: number, readonly offset?: number, readonly name?: string }
  | { readonly type: 'bucket', readonly dimension: string, readonly edges: readonly [number, ...number[]], readonly name?: string }
  | { readonly type: 'time', readonly unit: TimeUnit, readonly time_zone?: string, readonly name?: string }
  | { readonly type: 'whole', readonly dimension: string, readonly name?: string }

/** A dimension, or some of its values; those of an array that are not kept are dropped. */
export type DelegateInput =
  | string
  | { readonly dimension: string, readonly name: string }
  | (OfDimension & { readonly type: 'listFiltered', readonly values: readonly (string | number | boolean)[], readonly is_whitelist?: boolean, readonly name?: string })
  | (OfDimension & { readonly type: 'regexFiltered', readonly pattern: string, readonly name?: string })
  | (OfDimension & { readonly type: 'prefixFiltered', readonly prefix: string, readonly name?: string })

type OfDimension =
  | { readonly dimension: string, readonly delegate?: never }
  | { readonly delegate: DelegateInput, readonly dimension?: never }

export type AggregationInput =
  | { readonly type: 'count', readonly fields?: readonly string[], readonly name?: string }
  | {
      readonly type: 'hyperUniqueSketch' | 'exactUnique' | 'avg' | 'sum' | 'min' | 'max' | 'first' | 'last' | 'any'
      readonly fields: readonly [string, ...string[]]
      readonly name?: string
    }
  | {
      readonly type: 'hyperUnique'
      readonly fields: readonly [string, ...string[]]
      readonly name?: string
      /** Each column is followed by its relative standard error. */
      readonly with_error?: boolean
    }
  | {
      readonly type: 'quantile'
      readonly fields: readonly [string, ...string[]]
      /** From 0 to 1; each gives a column of its own. */
      readonly quantiles: readonly [number, ...number[]]
      readonly name?: string
      /** Each column is followed by its relative standard error. */
      readonly with_error?: boolean
    }
  | {
      readonly type: 'histogram'
      readonly fields: readonly [string, ...string[]]
      /** Ranges of one width. */
      readonly bins?: number
      /** In place of `bins`: where ranges begin and end, ascending. */
      readonly edges?: readonly [number, ...number[]]
      readonly name?: string
    }
  | { readonly type: 'uniqueIntersection', readonly filters: readonly [FilterInput, ...FilterInput[]], readonly field: string, readonly name?: string }
  | {
      readonly type: 'filtered'
      readonly filter: FilterInput
      readonly aggregator: AggregationInput
      /** In place of the name that the aggregator gives its column. */
      readonly name?: string
    }

type Literal = string | number | boolean | null

export type FilterInput =
  | { readonly type: 'and' | 'or', readonly fields: readonly FilterInput[] }
  | { readonly type: 'not', readonly field: FilterInput }
  | { readonly type: 'selector', readonly dimension: string, readonly value: Literal }
  | { readonly type: 'in', readonly dimension: string, readonly values: readonly Literal[] }
  | {
      readonly type: 'bound'
      readonly dimension: string
      readonly lower?: string | number | null
      readonly upper?: string | number | null
      readonly lowerStrict?: boolean
      readonly upperStrict?: boolean
      readonly ordering?: Comparison
    }
  | { readonly type: 'like', readonly dimension: string, readonly pattern: string, readonly escape?: string | null }
  | { readonly type: 'regex', readonly dimension: string, readonly pattern: string }
  | {
      readonly type: 'range'
      readonly column: string
      readonly matchValueType?: MatchValueType
      readonly lower?: string | number | null
      readonly upper?: string | number | null
      readonly lowerOpen?: boolean
      readonly upperOpen?: boolean
    }
  | { readonly type: 'equals', readonly column: string, readonly matchValueType?: MatchValueType, readonly matchValue: NonNullable<Literal> }
  | {
      readonly type: 'arrayContainsElement'
      readonly column: string
      readonly elementMatchValueType?: MatchValueType
      readonly elementMatchValue: NonNullable<Literal>
    }
  | { readonly type: 'null', readonly column: string }
  | { readonly type: 'search', readonly dimension: string, readonly query: SearchInput }
  | {
      readonly type: 'interval'
      readonly dimension: '__time' | 'started_at'
      readonly intervals: readonly (string | { readonly start: string, readonly end: string })[]
    }
  | { readonly type: 'columnComparison', readonly dimensions: readonly string[] }
  | { readonly type: 'true' | 'false' }

export type SearchInput =
  | { readonly type: 'contains', readonly value: string, readonly caseSensitive?: boolean }
  | { readonly type: 'insensitive_contains', readonly value: string }
  | { readonly type: 'fragment', readonly values: readonly string[], readonly caseSensitive?: boolean }

/** What a post-aggregation computes with: `fieldName` is an aggregation or an earlier post-aggregation. */
export type OperandInput =
  | {
      readonly type: 'arithmetic'
      readonly name?: string
      readonly fn: ArithmeticFunction
      readonly fields: readonly [OperandInput, OperandInput, ...OperandInput[]]
      readonly ordering?: 'numericFirst'
    }
  | { readonly type: 'fieldAccess' | 'finalizingFieldAccess' | 'hyperUniqueCardinality', readonly name?: string, readonly fieldName: string }
  | { readonly type: 'constant', readonly name?: string, readonly value: number }
  | {
      readonly type: 'doubleGreatest' | 'doubleLeast' | 'longGreatest' | 'longLeast'
      readonly name?: string
      readonly fields: readonly [OperandInput, ...OperandInput[]]
    }

export type PostAggregationInput = OperandInput & { readonly name: string }

/** Conditions on rows of the answer; `aggregation` is an output column of numbers, `dimension` one of group_by. */
export type HavingInput =
  | { readonly type: 'greaterThan' | 'lessThan', readonly aggregation: string, readonly value: number | string }
  | { readonly type: 'equalTo', readonly aggregation: string, readonly value: number | string | null }
  | { readonly type: 'dimSelector', readonly dimension: string, readonly value: Literal }
  | { readonly type: 'and' | 'or', readonly havingSpecs: readonly HavingInput[] }
  | { readonly type: 'not', readonly havingSpec: HavingInput }
  | { readonly type: 'filter', readonly filter: FilterInput }
  | { readonly type: 'always' | 'never' }

export type OrderByInput =
  | string
  | {
      readonly column: string
      readonly direction?: 'ascending' | 'descending' | 'asc' | 'desc'
      readonly ordering?: 'natural' | Comparison
    }

/** A query as JSON. docs/dsl.md describes it, query.schema.json is its schema. */
export interface QueryInput {
  readonly $schema?: string
  readonly interval: IntervalInput
  readonly granularity: GranularityInput
  readonly group_by?: readonly DimensionInput[]
  readonly aggregations: readonly AggregationInput[]
  readonly post_aggregations?: readonly PostAggregationInput[]
  readonly filters?: FilterInput | readonly FilterInput[] | Readonly<Record<string, never>> | null
  readonly having?: HavingInput
  readonly order_by?: readonly OrderByInput[]
  readonly limit?: number
  readonly offset?: number
  readonly limit_per_bucket?: number
  readonly others?: string
  readonly totals?: boolean
  /** Names of columns of group_by. */
  readonly subtotals?: readonly (readonly string[])[]
  readonly fill?: 'none' | 'zero'
  readonly compare?: CompareInput
  readonly context?: ContextInput
}

/** Bounds of one query, and what its answer tells about itself. */
export interface ContextInput {
  readonly timeout_ms?: number
  readonly query_id?: string
  readonly max_groups?: number
  readonly max_bytes?: number
  readonly use_cache?: boolean
  readonly meta?: boolean
}

/** Adds `<column>_previous` and `<column>_change` for every column that is no dimension. `to` is `start/end`, too. */
export interface CompareInput {
  readonly to: 'previous_period' | 'previous_year' | (string & {}) | SpanInput
}

/** A query that lists sessions, a page at a time. */
export interface SelectInput {
  readonly $schema?: string
  readonly context?: ContextInput
  readonly interval: IntervalInput
  /** Dimensions, after the start of the session. */
  readonly select: readonly DimensionInput[]
  readonly filters?: QueryInput['filters']
  readonly order?: 'ascending' | 'descending'
  /** Sessions of a page, at most 100,000. Default 100. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string | null
}

/** A query that counts who did one step after the other. */
export interface FunnelInput {
  readonly $schema?: string
  readonly context?: ContextInput
  readonly interval: IntervalInput
  /** Default `all`. */
  readonly granularity?: GranularityInput
  /** Dimensions of the session that did the first step. */
  readonly group_by?: readonly DimensionInput[]
  readonly filters?: QueryInput['filters']
  readonly funnel: {
    readonly by: string
    /** ISO-8601, without months and years. Default: any time. */
    readonly within?: string
    /** At most 32. */
    readonly steps: readonly [FunnelStepInput, ...FunnelStepInput[]]
  }
}

export type FunnelStepInput = FilterInput | { readonly name: string, readonly filter: FilterInput }

/** A query that counts who came back. */
export interface RetentionInput {
  readonly $schema?: string
  readonly context?: ContextInput
  readonly interval: IntervalInput
  readonly filters?: QueryInput['filters']
  readonly retention: {
    readonly by: string
    readonly granularity: GranularityInput
    /** Default: any session. */
    readonly first?: FilterInput
    /** Default: any session. */
    readonly returning?: FilterInput
    /** At most 1,000. Default 12. */
    readonly periods?: number
  }
}

/** Everything that can be asked, as JSON. */
export type AnyQueryInput = QueryInput | SelectInput | FunnelInput | RetentionInput

export interface ResultField {
  readonly name: string
  readonly type: 'dimension' | 'metric'
}

/** From `lower` to below `upper` (of negative numbers without edges or bins: above `lower` to `upper`); null is no bound. */
export type HistogramBin = readonly [lower: number | null, upper: number | null, count: number]

/** An array of strings is that of one session, or stands for one whole array; an array of bins is a histogram. */
export type ResultValue = string | number | null | readonly string[] | readonly HistogramBin[]

/** An answer: `fields` names the positions of every row of `data`. */
export interface QueryResult<Row extends readonly ResultValue[] = ResultValue[]> {
  readonly fields: ResultField[]
  readonly data: Row[]
  /** Of all sessions, where `totals` were asked for; its dimensions are null. */
  readonly totals?: Row
  /** Where `context.meta` was asked for. */
  readonly meta?: ResultMeta
  /** Where `subtotals` were asked for: which rows of `data` are of which set. */
  readonly subtotals?: SubtotalRows[]
}

/** What an answer rests on. Stamps are in the time zone of the query. */
export interface ResultMeta {
  readonly query_id: string | null
  readonly rows_scanned: number
  readonly elapsed_ms: number
  readonly sources: SourceMeta[]
  /** Columns that are no exact values; no row of them has a larger error. */
  readonly approximate: { readonly column: string, readonly relative_standard_error: number }[]
}

export interface SourceMeta {
  readonly source: string
  /** Its sessions that are in the interval and match the filters. */
  readonly sessions: number
  /** Starts of its first and last session, in the interval or not. */
  readonly range: { readonly start: string, readonly end: string }
  /** Whole hours or days of the interval without a session of it, though there are some before and after. null: not looked for. */
  readonly gaps: { readonly start: string, readonly end: string }[] | null
  /** When it was last read, in UTC; null: not since the engine was opened. */
  readonly last_read: string | null
}

/** So many rows, after those of the sets before, are grouped by these columns alone. */
export interface SubtotalRows {
  readonly group_by: string[]
  readonly rows: number
}

/** A page of sessions. */
export interface SelectResult<Row extends readonly ResultValue[] = ResultValue[]> extends QueryResult<Row> {
  /** What `after` is for the next page; null where this one is the last. */
  readonly next: string | null
}

/** Counts and distinct counts are numbers; others are null over no values. */
interface MetricValues {
  count: number
  hyperUnique: number
  hyperUniqueSketch: string
  histogram: readonly HistogramBin[]
  exactUnique: number
  avg: number | null
  sum: number | null
  min: number | null
  max: number | null
  first: string | number | null
  last: string | number | null
  any: string | number | null
}

/** One dimension value for each item of `group_by`. */
type DimensionValues<Items> = Items extends readonly [infer First, ...infer Rest] ? [DimensionValue<First>, ...DimensionValues<Rest>] : []

/** With others, subtotals or totals a group value may be their text or null, whatever the dimension. */
type GroupValues<Q> =
  Q extends { readonly others: string } | { readonly subtotals: readonly unknown[] } | { readonly totals: true }
    ? Repeat<GroupByOf<Q>, [string | number | null]>
    : DimensionValues<GroupByOf<Q>>

type DimensionValue<Item> =
  Item extends { readonly type: 'time' } ? number
  : Item extends { readonly type: 'bucket' } ? number | null
  : Item extends { readonly type: 'whole' } ? string | null
  : string | number | null

/** The values of each aggregation. */
type MetricRow<Items> = Items extends readonly [infer First, ...infer Rest] ? [...MetricsOf<Innermost<First>>, ...MetricRow<Rest>] : []

/** One value for each field, of a quantile for each of its quantiles, each followed by its error; `count` is one whatever its fields. */
type MetricsOf<Item> =
  Item extends { readonly type: 'count' | 'uniqueIntersection' } ? [number]
  : Item extends { readonly type: 'quantile', readonly fields: infer Fields, readonly quantiles: infer Quantiles }
    ? Repeat<Fields, Repeat<Quantiles, WithError<Item, number | null>>>
  : Item extends { readonly type: infer Type extends keyof MetricValues, readonly fields: infer Fields }
    ? Repeat<Fields, WithError<Item, MetricValues[Type]>>
  : never

/** A value, and its error where that is asked for. */
type WithError<Item, Value> = Item extends { readonly with_error: true } ? [Value, Value] : [Value]

type Repeat<Fields, Values extends unknown[]> = Fields extends readonly [unknown, ...infer Rest] ? [...Values, ...Repeat<Rest, Values>] : []

/** A number or null for each post-aggregation. */
type PostValues<Q> = Repeat<PostAggregationsOf<Q>, [number | null]>

/** Whether the compiler knows every item of a list and, of aggregations, of their fields. */
type IsLiteral<List> = List extends readonly unknown[] ? number extends List['length'] ? false : true : true

/** What is inside of `filtered`, however deep; of lists without a known length where the compiler does not know it. */
type Innermost<Item> =
  Item extends { readonly type: 'filtered', readonly aggregator: infer Inner }
    ? AggregationInput extends Inner ? { readonly type: 'sum', readonly fields: string[] } : Innermost<Inner>
    : Item

type FieldsOf<Item> = Item extends { readonly type: 'count' | 'uniqueIntersection' } ? [] : Item extends { readonly fields: infer Fields } ? Fields : []

type QuantilesOf<Item> = Item extends { readonly quantiles: infer Quantiles } ? Quantiles : []

/** A list of unknown length where it is not known whether there are errors. */
type ErrorsOf<Item> = Item extends { readonly with_error: infer Asked } ? boolean extends Asked ? unknown[] : [] : []

type ListsOf<Item> = FieldsOf<Item> | QuantilesOf<Item> | ErrorsOf<Item>

type GroupByOf<Q> = Q extends { readonly group_by: infer GroupBy } ? GroupBy : []

type PostAggregationsOf<Q> = Q extends { readonly post_aggregations: infer Items } ? Items : []

/** Whether it is open that a key is there. */
type IsOpen<Q extends QueryInput, Key extends keyof QueryInput> = Key extends keyof Q ? undefined extends Q[Key] ? true : false : false

type IsKnown<Q extends QueryInput> = true extends IsOpen<Q, 'group_by'> | IsOpen<Q, 'post_aggregations'> | IsOpen<Q, 'compare'> ? false : AllLiteral<Q>

type AllLiteral<Q extends QueryInput> =
  false extends IsLiteral<GroupByOf<Q>> | IsLiteral<PostAggregationsOf<Q>> | IsLiteral<Q['aggregations']> ? false
  : false extends IsLiteral<ListsOf<Innermost<Q['aggregations'][number]>>> ? false : true

/** The answer of a query: rows are tuples where the query is a literal, and lists of values where it is not. */
export type ResultOf<Q extends AnyQueryInput> = KindResult<Q> & (Q extends { readonly context: { readonly meta: true } } ? { readonly meta: ResultMeta } : unknown)

type KindResult<Q extends AnyQueryInput> =
  Q extends SelectInput ? SelectResult<SelectRow<Q['select']>>
  : Q extends FunnelInput ? QueryResult<FunnelRow<GroupByOf<Q>>>
  : Q extends RetentionInput ? QueryResult<RetentionRow>
  : Q extends QueryInput ? AggregateResult<Q>
  : never

type AggregateResult<Q extends QueryInput> =
  IsKnown<Q> extends true
    ? QueryResult<[timestamp: string, ...GroupValues<Q>, ...MetricRow<Q['aggregations']>, ...PostValues<Q>, ...ComparedValues<Q>]>
    : QueryResult

/** The previous value and the change of every column that is no dimension. */
type ComparedValues<Q extends QueryInput> =
  Q extends { readonly compare: CompareInput } ? Compared<[...MetricRow<Q['aggregations']>, ...PostValues<Q>]> : []

type Compared<Values> = Values extends readonly [infer First, ...infer Rest] ? [First | null, number | null, ...Compared<Rest>] : []

export type FunnelRow<GroupBy = []> = IsLiteral<GroupBy> extends true
  ? [timestamp: string, ...DimensionValues<GroupBy>, step: number, name: string, visitors: number, share: number | null, share_of_previous: number | null]
  : ResultValue[]

export type RetentionRow = [timestamp: string, period: number, cohort_size: number, visitors: number, share: number | null]

type SelectRow<Select> = IsLiteral<Select> extends true ? [timestamp: string, ...SelectedValues<Select>] : ResultValue[]

type SelectedValues<Items> = Items extends readonly [unknown, ...infer Rest] ? [ResultValue, ...SelectedValues<Rest>] : []
