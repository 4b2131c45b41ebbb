/**
 * The normalised query: what the engine plans from. Plain data, every default filled in,
 * every name checked. `parseQuery` makes it from the JSON that a user writes (`QueryInput`).
 */

/** How a column's values compare and what may be asked of it. `strings` is an array of distinct strings per session. */
export type ColumnType = 'string' | 'number' | 'strings'

/** Known columns by name. A Map, because `__proto__` is an ordinary column name. */
export type Columns = ReadonlyMap<string, ColumnType>

/** Half-open: a session that starts at `start` is in, one that starts at `end` is out. Milliseconds since the epoch. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Interval extends Span {
  /** The parts of the interval that count, ascending and apart; absent where that is all of it. */
  readonly spans?: readonly Span[]
  /** tz database name; moves buckets and printed stamps, never the interval. */
  readonly timeZone: string
}

export type Granularity =
  | { readonly type: 'all' }
  /** One bucket per distinct millisecond. */
  | { readonly type: 'none' }
  /** A calendar period in a zone, e.g. `PT15M`, `P1D`, `P2W`; `origin` in epoch ms shifts the grid. */
  | { readonly type: 'period'; readonly period: string; readonly timeZone: string; readonly origin: number | null }
  /** A fixed number of milliseconds counted from `origin` (epoch ms). */
  | { readonly type: 'duration'; readonly duration: number; readonly origin: number }

export interface Dimension {
  readonly dimension: string
  /** Name of the output column. */
  readonly name: string
  /** What is grouped by in place of the values themselves. */
  readonly transform?: Transform
}

export type Transform =
  /** Only the values and elements that every filter keeps; where none is left the value is missing. */
  | { readonly type: 'keep'; readonly filters: readonly ElementFilter[] }
  /** Numbers as the lower edge of their bucket; one begins at `offset`. */
  | { readonly type: 'bucket'; readonly width: number; readonly offset: number }
  /** Numbers as the last edge at or below them; those below all are missing. Ascending. */
  | { readonly type: 'edges'; readonly edges: readonly number[] }
  /** What the local clock or calendar shows; the dimension is `started_at`. */
  | { readonly type: 'time'; readonly unit: TimeUnit; readonly timeZone: string }
  /** An array as one value: the JSON text of its elements, sorted by code point. */
  | { readonly type: 'whole' }

/** `list`: keeps the values, or all others. `regex`: of the whole text. */
export type ElementFilter =
  | { readonly type: 'list'; readonly values: readonly (string | number)[]; readonly keeps: boolean }
  | { readonly type: 'regex'; readonly pattern: string }
  | { readonly type: 'prefix'; readonly prefix: string }

export type TimeUnit = 'minute_of_hour' | 'hour_of_day' | 'day_of_week' | 'day_of_month' | 'month_of_year' | 'quarter_of_year'

/** One output column each: an aggregation over several fields becomes several of these. */
export type Aggregation = PlainAggregation | FilteredAggregation

export type PlainAggregation =
  | { readonly type: 'count'; readonly name: string }
  | { readonly type: 'hyperUnique' | 'hyperUniqueSketch' | 'exactUnique' | 'avg' | 'sum' | 'min' | 'max'; readonly field: string; readonly name: string }
  /** The relative standard error of a `hyperUnique` of the field. */
  | { readonly type: 'hyperUniqueError'; readonly field: string; readonly name: string }
  /** Of the field's values in the order of start and session_id, those missing left out; `any` is the least of them. */
  | { readonly type: 'first' | 'last' | 'any'; readonly field: string; readonly name: string }
  /** The value of nearest rank: `quantile` is from 0 (the least) to 1 (the largest); and the relative standard error of it. */
  | { readonly type: 'quantile' | 'quantileError'; readonly field: string; readonly quantile: number; readonly name: string }
  /** Counts between `edges`; or of so many `bins` of one width; or, where both are null, of bins of a bounded relative width. */
  | { readonly type: 'histogram'; readonly field: string; readonly bins: number | null; readonly edges: readonly number[] | null; readonly name: string }
  /** Distinct values that occur under each of the filters, be it in different sessions. */
  | { readonly type: 'uniqueIntersection'; readonly field: string; readonly filters: readonly Filter[]; readonly name: string }

/** An aggregation of the sessions that pass a filter, among those that pass the query's. */
export interface FilteredAggregation {
  readonly type: 'filtered'
  readonly filter: Filter
  readonly aggregator: PlainAggregation
  readonly name: string
}

export type Comparison = 'lexicographic' | 'numeric' | 'alphanumeric' | 'strlen'

/**
 * Two-valued logic: a missing value matches nothing but `null` itself, and `not` is the plain complement.
 * On an array a leaf matches when any element does. Values of a number column are numbers here, of all others strings.
 */
export type Filter =
  | { readonly type: 'true' }
  | { readonly type: 'false' }
  | { readonly type: 'and' | 'or'; readonly fields: readonly Filter[] }
  | { readonly type: 'not'; readonly field: Filter }
  | { readonly type: 'selector'; readonly dimension: string; readonly value: string | number | null }
  | { readonly type: 'in'; readonly dimension: string; readonly values: readonly (string | number | null)[] }
  | {
      readonly type: 'bound'
      readonly dimension: string
      readonly lower: string | number | null
      readonly upper: string | number | null
      readonly lowerStrict: boolean
      readonly upperStrict: boolean
      readonly ordering: Comparison
    }
  | { readonly type: 'like'; readonly dimension: string; readonly pattern: string; readonly escape: string | null }
  | { readonly type: 'regex'; readonly dimension: string; readonly pattern: string }
  /** Every one of the values is found in the text, wherever. */
  | { readonly type: 'search'; readonly dimension: string; readonly values: readonly string[]; readonly caseSensitive: boolean }
  /** Each two of the dimensions share a value, or miss one both. A number equals its text. */
  | { readonly type: 'columnComparison'; readonly dimensions: readonly string[] }

export interface OrderBy {
  readonly column: string
  /** Position of the column in an output row: 0 is the timestamp, then dimensions, aggregations, post-aggregations. */
  readonly index: number
  readonly descending: boolean
  /** `natural` is numbers as numbers and strings by code point. Null sorts lowest in every ordering. */
  readonly ordering: 'natural' | Comparison
}

/** A column made for one query, under a name that no stored column has. */
export type DerivedColumn =
  /** No session has a value. */
  | { readonly type: 'missing'; readonly name: string; readonly of: ColumnType }
  /** Numbers, or what texts say in decimal digits (others are missing); `whole`: cut off towards zero. */
  | { readonly type: 'number'; readonly name: string; readonly column: string; readonly whole: boolean }

export type ArithmeticFunction = '+' | '-' | '*' | '/' | 'quotient' | 'pow'

/** What a post-aggregation computes of a row. Null in gives null out, but that `greatest` and `least` pass nulls over. */
export type Expression =
  /** `metric` counts the aggregations of the query and then its post-aggregations. */
  | { readonly type: 'field'; readonly name: string; readonly metric: number }
  | { readonly type: 'constant'; readonly value: number }
  /** From left to right. By zero `/` is 0 and `quotient` null; null also where the result is not finite. */
  | { readonly type: 'arithmetic'; readonly fn: ArithmeticFunction; readonly fields: readonly Expression[] }
  /** `whole`: of the numbers without their fractions. */
  | { readonly type: 'greatest' | 'least'; readonly whole: boolean; readonly fields: readonly Expression[] }

/** An output column after those of the aggregations. */
export interface PostAggregation {
  readonly name: string
  readonly expression: Expression
}

/** What is compared with the same query over another interval, bucket by bucket in their order. */
export interface Comparisons {
  readonly interval: Interval
  /** After all other columns: for each a value of the other interval, and the relative change since then. */
  readonly columns: readonly {
    /** Position among the aggregations and post-aggregations. */
    readonly metric: number
    readonly previous: string
    readonly change: string
  }[]
}

/** An aggregate query: rows are computed from groups of sessions. */
export interface Query {
  readonly kind: 'aggregate'
  /** Absent where there are none. */
  readonly derived?: readonly DerivedColumn[]
  readonly interval: Interval
  readonly granularity: Granularity
  readonly groupBy: readonly Dimension[]
  readonly aggregations: readonly Aggregation[]
  readonly postAggregations: readonly PostAggregation[]
  readonly filter: Filter
  /** Which rows stay; its dimensions are names of output columns. */
  readonly having: Filter
  readonly orderBy: readonly OrderBy[]
  readonly limit: number | null
  /** Rows left out before `limit` counts. */
  readonly offset: number
  /** The first rows of every bucket, before `offset` and `limit`. */
  readonly limitPerBucket: number | null
  /** Name of the rows of all groups that the limits cut off, one of each bucket; null: there are none. */
  readonly others: string | null
  /** Whether there is a row of all sessions. */
  readonly totals: boolean
  /** Sets of positions in `groupBy`: the answer has the rows of each, one set after the other. null: those of all of `groupBy`. */
  readonly subtotals: readonly (readonly number[])[] | null
  /** `zero`: every bucket of the interval is present, for every group that the answer has; `none`: only those with sessions. */
  readonly fill: 'none' | 'zero'
  /** Absent where there is none. */
  readonly compare?: Comparisons
}

/** A place in the order of sessions: by start (epoch ms), of sessions that start together by `source`, then by `session_id`, both by code point. */
export interface Position {
  readonly start: number
  readonly source: string
  readonly sessionId: string
}

/** Lists sessions, a page at a time. */
export interface SelectQuery {
  readonly kind: 'select'
  /** Absent where there are none. */
  readonly derived?: readonly DerivedColumn[]
  readonly interval: Interval
  readonly dimensions: readonly Dimension[]
  readonly filter: Filter
  /** Latest session first. */
  readonly descending: boolean
  /** Most sessions of the page. */
  readonly limit: number
  /** The page begins with the session after this place; null at the first session. */
  readonly after: Position | null
}

export interface FunnelStep {
  readonly name: string
  readonly filter: Filter
}

/**
 * Counts those who did one step after the other. A visitor reached step n where n of their sessions follow each other in the order of
 * sessions (see `Position`), the i-th matches step i, and the last starts at most `within` ms after the first.
 * Bucket and group are those of the first.
 */
export interface FunnelQuery {
  readonly kind: 'funnel'
  readonly interval: Interval
  readonly granularity: Granularity
  readonly groupBy: readonly Dimension[]
  readonly filter: Filter
  /** The string or number column whose values are the visitors; sessions without one are left out. */
  readonly by: string
  readonly steps: readonly FunnelStep[]
  /** Milliseconds; Infinity where there is no limit. */
  readonly within: number
}

/**
 * Counts those who came back. A visitor is of the cohort of the bucket of their first session that matches `first`, and came back in
 * period k where a session that matches `returning` and does not start earlier lies in the k-th bucket after that one.
 */
export interface RetentionQuery {
  readonly kind: 'retention'
  readonly interval: Interval
  readonly granularity: Granularity
  readonly filter: Filter
  /** As in a funnel. */
  readonly by: string
  readonly first: Filter
  readonly returning: Filter
  /** Periods 0 to this are counted. */
  readonly periods: number
}

/** Everything that can be asked. */
export type AnyQuery = (Query | SelectQuery | FunnelQuery | RetentionQuery) & { readonly context?: QueryContext }

/** Bounds of one query, below those of the engine. */
export interface QueryContext {
  readonly timeoutMs: number | null
  readonly queryId: string | null
  readonly maxGroups: number
  readonly maxBytes: number
  /** Whether the answer tells what it rests on. */
  readonly meta: boolean
}
