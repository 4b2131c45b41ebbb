/**
 * Questions as DuckDB's SQL, in the different ways that a knowing user would try. Only what the suite asks is translated;
 * anything else is an error, never a different question.
 */
import { DateTime } from 'luxon'
import type { Aggregation, Columns, Filter, Granularity, Query } from '../../dsl/query.js'
import { list, quote, text, timestamp } from './sql-text.js'

/**
 * How buckets and arrays are asked for:
 * - `truncate`: date_trunc, after DuckDB's own zone conversion of every row where the zone is not UTC;
 * - `arithmetic`: integer division of the time, shifted by the zone's offsets as a CASE of its few changes;
 * - `join`: an ASOF join with the list of bucket starts.
 */
export interface Way {
  readonly bucket: 'truncate' | 'arithmetic' | 'join'
  /** `unnest`: one pass with a CASE that keeps sessions without elements; `union`: two passes. */
  readonly explode: 'unnest' | 'union'
}

export interface Statement {
  readonly sql: string
  /** Epoch ms of a bucket from the first column of a row; it has none where the granularity is `all`. */
  readonly stamp: (bucket: number) => number
}

export interface SqlOptions {
  readonly columns: Columns
  readonly table: string
  /** count(DISTINCT) in place of approx_count_distinct. */
  readonly exact?: boolean
}

const DAY_MS = 86_400_000

type Unit = 'minute' | 'hour' | 'day' | 'month' | 'year'

const UNITS: ReadonlyMap<string, Unit> = new Map([['PT1M', 'minute'], ['PT1H', 'hour'], ['P1D', 'day'], ['P1M', 'month'], ['P1Y', 'year']])
const WIDTH_MS: ReadonlyMap<Unit, number> = new Map([['minute', 60_000], ['hour', 3_600_000], ['day', DAY_MS]])
const US_PER_MS = 1000
const BUCKET = '"$bucket"'

/** The ways that differ for this question. */
export function ways(query: Query, columns: Columns): Way[] {
  const buckets: Way['bucket'][] = query.granularity.type === 'all' ? ['truncate'] : ['arithmetic', 'truncate', 'join']
  const explodes: Way['explode'][] = exploded(query, columns) === null ? ['unnest'] : ['unnest', 'union']
  return buckets.flatMap(bucket => explodes.map(explode => ({ bucket, explode })))
}

export function toSql(query: Query, way: Way, options: SqlOptions): Statement {
  const { postAggregations, having, offset, limitPerBucket, others, totals, subtotals } = query
  if (postAggregations.length > 0 || having.type !== 'true' || offset > 0 || limitPerBucket !== null || others !== null || totals || subtotals !== null) {
    throw new Error('the bench does not translate post_aggregations, having, offset, limit_per_bucket, others, totals and subtotals')
  }
  const bucket = bucketOf(query, way)
  const groups = [...(bucket === null ? [] : [BUCKET]), ...query.groupBy.map(({ dimension }) => quote(dimension))]
  const outputs = [
    ...(bucket === null ? [] : [`${bucket.output}::DOUBLE`]),
    ...query.groupBy.map(({ dimension }) => quote(dimension)),
    ...query.aggregations.map(aggregation => aggregate(aggregation, query.aggregations, options))
  ]
  const names = outputs.map((output, i) => `${output} AS c${i}`)
  const sql = `SELECT ${names.join(', ')} FROM (${intersected(query, groups, source(query, way, bucket, options), options)})`
    + (groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : '')
    + orderOf(query, bucket !== null, groups.length)
    + (query.limit === null ? '' : ` LIMIT ${query.limit}`)
  return { sql, stamp: bucket === null ? () => query.interval.start : bucket.stamp }
}

interface Bucket {
  readonly expression: string
  readonly output: string
  readonly stamp: (value: number) => number
  /** The relation of bucket starts to join with. */
  readonly starts: string | null
}

function bucketOf({ granularity, interval }: Query, { bucket: way }: Way): Bucket | null {
  if (granularity.type === 'all') return null
  const { unit, zone } = calendarUnit(granularity)
  const fromLocal = (local: number): number => DateTime.fromMillis(local, { zone: 'UTC' }).setZone(zone, { keepLocalTime: true }).toMillis()
  if (way === 'join') {
    const local = (ms: number): string => timestamp(DateTime.fromMillis(ms, { zone }).setZone('UTC', { keepLocalTime: true }).toMillis())
    const first = DateTime.fromMillis(interval.start, { zone }).startOf(unit).toMillis()
    const starts = `SELECT timezone('UTC', timezone(${text(zone)}, unnest(range(${local(first)}, ${local(interval.end)}, INTERVAL 1 ${unit})))) AS start`
    return { expression: 'start', output: `epoch_ms(${BUCKET})`, stamp: ms => ms, starts }
  }
  if (way === 'truncate') {
    const local = zone === 'UTC' ? 'started_at' : `timezone(${text(zone)}, started_at::TIMESTAMPTZ)`
    return { expression: `date_trunc(${text(unit)}, ${local})`, output: `epoch_ms(${BUCKET})`, stamp: fromLocal, starts: null }
  }
  const offset = offsetCase(interval.start, interval.end, zone)
  const width = WIDTH_MS.get(unit)
  if (width !== undefined) {
    return {
      expression: `((epoch_us(started_at) + ${offset}) // ${width * US_PER_MS})::INTEGER`,
      output: BUCKET, stamp: value => fromLocal(value * width), starts: null
    }
  }
  const shifted = offset === '0' ? 'started_at' : `make_timestamp(epoch_us(started_at) + ${offset})`
  if (unit === 'year') return { expression: `year(${shifted})`, output: BUCKET, stamp: year => fromLocal(Date.UTC(year, 0)), starts: null }
  return {
    expression: `year(${shifted}) * 12 + month(${shifted}) - 1`,
    output: BUCKET, stamp: months => fromLocal(Date.UTC(Math.floor(months / 12), months % 12)), starts: null
  }
}

function calendarUnit(granularity: Granularity): { unit: Unit, zone: string } {
  const unit = granularity.type === 'period' && granularity.origin === null ? UNITS.get(granularity.period) : undefined
  if (unit === undefined || granularity.type !== 'period') throw new Error(`the bench does not translate the granularity ${JSON.stringify(granularity)}`)
  const zone = granularity.timeZone
  if (zone !== 'UTC' && (unit === 'minute' || unit === 'hour')) throw new Error(`the bench translates ${unit}s in UTC only, not in ${zone}`)
  return { unit, zone }
}

/** Microseconds to add for local time, as a CASE over the instants where the zone's offset changes. */
function offsetCase(start: number, end: number, zone: string): string {
  const offsetAt = (ms: number): number => DateTime.fromMillis(ms, { zone }).offset * 60_000
  const changes: string[] = []
  // No zone of the suite changes twice within a day.
  for (let from = start; from < end; from += DAY_MS) {
    const to = Math.min(from + DAY_MS, end)
    if (offsetAt(from) === offsetAt(to)) continue
    changes.push(`WHEN started_at < ${timestamp(changeBetween(from, to, offsetAt))} THEN ${offsetAt(from) * US_PER_MS}`)
  }
  const last = String(offsetAt(end) * US_PER_MS)
  return changes.length === 0 ? last : `CASE ${changes.join(' ')} ELSE ${last} END`
}

/** The first millisecond with the offset of `to`, by bisection. */
function changeBetween(from: number, to: number, offsetAt: (ms: number) => number): number {
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle) === offsetAt(from)) low = middle
    else high = middle
  }
  return high
}

function source(query: Query, way: Way, bucket: Bucket | null, options: SqlOptions): string {
  const array = exploded(query, options.columns)
  const where = `started_at >= ${timestamp(query.interval.start)} AND started_at < ${timestamp(query.interval.end)}`
    + (query.filter.type === 'true' ? '' : ` AND ${condition(query.filter, options.columns)}`)
  const from = options.table + (bucket?.starts ? ` ASOF JOIN (${bucket.starts}) ON started_at >= start` : '')
  const bucketed = bucket === null ? '' : `, ${bucket.expression} AS ${BUCKET}`
  const select = (element: string | null, more: string): string => {
    const star = array === null ? '*' : `* REPLACE (${element} AS ${quote(array)})`
    return `SELECT ${star}${bucketed} FROM ${from} WHERE ${where}${more}`
  }
  if (array === null) return select(null, '')
  const column = quote(array)
  const empty = `coalesce(len(${column}), 0) = 0`
  if (way.explode === 'unnest') return select(`unnest(CASE WHEN ${empty} THEN [NULL] ELSE ${column} END)`, '')
  return `${select(`unnest(${column})`, '')} UNION ALL ${select('NULL', ` AND ${empty}`)}`
}

/** The array that is grouped by. */
function exploded({ groupBy }: Query, columns: Columns): string | null {
  const arrays = groupBy.filter(({ dimension }) => columns.get(dimension) === 'strings')
  if (arrays.length > 1) throw new Error('the bench does not translate a group_by of two arrays')
  return arrays[0]?.dimension ?? null
}

/** For a uniqueIntersection each value of the field, in each group where every filter has a session of it. */
function intersected({ aggregations }: Query, groups: readonly string[], from: string, { columns }: SqlOptions): string {
  const [first, ...others] = aggregations
  if (first?.type !== 'uniqueIntersection' || others.length > 0) return from
  const keys = [...groups, quote(first.field)].join(', ')
  const having = first.filters.map(filter => `bool_or(${condition(filter, columns)})`).join(' AND ')
  return `SELECT ${keys} FROM (${from}) WHERE ${quote(first.field)} IS NOT NULL GROUP BY ${keys} HAVING ${having}`
}

/** @param among a FILTER clause, or nothing */
function aggregate(aggregation: Aggregation, all: readonly Aggregation[], options: SqlOptions, among = ''): string {
  const { columns, exact = false } = options
  if (aggregation.type === 'filtered') {
    const { filter, aggregator } = aggregation
    const alike = all.flatMap(other => other.type === 'filtered' && JSON.stringify(other.filter) === JSON.stringify(filter) ? [other.aggregator] : [])
    return aggregate(aggregator, alike, options, ` FILTER (${condition(filter, columns)})`)
  }
  if (aggregation.type === 'count') return `count(*)${among}::DOUBLE`
  const column = quote(aggregation.field)
  if (columns.get(aggregation.field) === 'strings') throw new Error(`the bench does not translate ${aggregation.type} of an array`)
  switch (aggregation.type) {
    case 'exactUnique': return `count(DISTINCT ${column})${among}::DOUBLE`
    case 'hyperUnique': return `${exact ? `count(DISTINCT ${column})` : `approx_count_distinct(${column})`}${among}::DOUBLE`
    case 'quantile': return quantile(aggregation, column, all, among)
    case 'first': return `arg_min(${column}, (started_at, session_id))${among}${cast(aggregation.field, columns)}`
    case 'last': return `arg_max(${column}, (started_at, session_id))${among}${cast(aggregation.field, columns)}`
    case 'any': return `min(${column})${among}${cast(aggregation.field, columns)}`
    case 'uniqueIntersection':
      if (all.length > 1) throw new Error('the bench translates a uniqueIntersection by itself only')
      return 'count(*)::DOUBLE'
    case 'avg': case 'sum': case 'min': case 'max': return `${aggregation.type}(${column})${among}::DOUBLE`
    default: throw new Error(`the bench does not translate ${aggregation.type}`)
  }
}

function cast(field: string, columns: Columns): string {
  return columns.get(field) === 'number' ? '::DOUBLE' : '::VARCHAR'
}

/** One list of all quantiles of a column, which DuckDB then selects from its values once. */
function quantile({ field, quantile: asked }: Extract<Aggregation, { quantile: number }>, column: string, all: readonly Aggregation[], among: string): string {
  const quantiles = all.flatMap(other => other.type === 'quantile' && other.field === field ? [other.quantile] : [])
  return `(quantile_disc(${column}, [${quantiles.join(', ')}])${among})[${quantiles.indexOf(asked) + 1}]::DOUBLE`
}

function condition(filter: Filter, columns: Columns): string {
  switch (filter.type) {
    case 'true': case 'false': return filter.type
    case 'and': case 'or': return `(${filter.fields.map(field => condition(field, columns)).join(` ${filter.type.toUpperCase()} `) || String(filter.type === 'and')})`
    case 'not': return `(${condition(filter.field, columns)}) IS NOT TRUE`
    case 'search': case 'columnComparison': throw new Error(`the bench does not translate the filter ${filter.type}`)
  }
  const column = quote(filter.dimension)
  const array = columns.get(filter.dimension) === 'strings'
  if (filter.type === 'selector') {
    if (filter.value === null) return array ? `coalesce(len(${column}), 0) = 0` : `${column} IS NULL`
    return array ? `list_contains(${column}, ${text(filter.value)})` : `${column} = ${text(filter.value)}`
  }
  if (array) throw new Error(`the bench does not translate the filter ${filter.type} of an array`)
  switch (filter.type) {
    case 'in': {
      const values = filter.values.filter(value => value !== null)
      const some = values.length === 0 ? 'false' : `${column} IN ${list(values)}`
      return filter.values.includes(null) ? `(${some} OR ${column} IS NULL)` : some
    }
    case 'bound': return bound(filter, column, columns.get(filter.dimension) === 'number')
    case 'like': return `${column} LIKE ${text(filter.pattern)}${filter.escape === null ? '' : ` ESCAPE ${text(filter.escape)}`}`
    case 'regex': return `regexp_matches(${column}, ${text(filter.pattern)})`
  }
}

function bound(filter: Extract<Filter, { type: 'bound' }>, column: string, numeric: boolean): string {
  if (filter.ordering !== (numeric ? 'numeric' : 'lexicographic')) throw new Error(`the bench does not translate the ordering ${filter.ordering} of ${column}`)
  const value = (limit: string | number): string => numeric ? String(Number(limit)) : text(limit)
  const parts = [
    ...(filter.lower === null ? [] : [`${column} ${filter.lowerStrict ? '>' : '>='} ${value(filter.lower)}`]),
    ...(filter.upper === null ? [] : [`${column} ${filter.upperStrict ? '<' : '<='} ${value(filter.upper)}`])
  ]
  return parts.length === 0 ? `${column} IS NOT NULL` : `(${parts.join(' AND ')})`
}

/** The order that the question asks for, then time and groups ascending with null first. Columns of the output are 1-based. */
function orderOf({ orderBy }: Query, hasBucket: boolean, groups: number): string {
  const other = orderBy.find(({ ordering }) => ordering !== 'natural')
  if (other !== undefined) throw new Error(`the bench does not translate the ordering ${other.ordering} of ${other.column}`)
  const position = (index: number): number => index + (hasBucket ? 1 : 0)
  const asked = orderBy.filter(order => hasBucket || order.index > 0)
    .map(order => `${position(order.index)} ${order.descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`)
  const rest = Array.from({ length: groups }, (_, i) => `${i + 1} ASC NULLS FIRST`)
  const orders = [...asked, ...rest]
  return orders.length === 0 ? '' : ` ORDER BY ${orders.join(', ')}`
}
