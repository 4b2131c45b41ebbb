/** A query of the language as one SQL statement for DuckDB, over the table that `duckdb.ts` loads. */
import type { Columns } from '../../dsl/query.js'
import { MANY_BUCKETS } from '../support/brute-force.js'
import { boundOfRange, isCaseSensitive, spansOf, typed, wantedTexts } from '../support/brute-filter.js'
import { dimensionColumn } from '../support/dimensions.js'
import { instantOfText, nominalLength, ruleOf } from '../support/granularity.js'
import { metricsOf, type Metric } from '../support/metrics.js'
import type { BoundJson, DimensionJson, FilterJson, LeafJson, QueryJson, TimeUnitJson } from '../support/query-json.js'
import { bucketStarts } from '../support/wall-clock.js'

/**
 * For these DuckDB's own time zone library is the second opinion on buckets.
 * It merges the two hours of a clock that is set back, so hours and less are joined with the boundaries of `wall-clock.ts`.
 */
const TRUNCATED = new Set(['day', 'week', 'month', 'quarter', 'year'])

/** Where a day can have two midnights; date_trunc takes each of them for a start of that day. */
const TWO_MIDNIGHTS = 'America/Havana'

/** Its rows: the bucket in epoch ms, the dimensions, the metrics, then a magnitude for every metric. */
export interface Statement {
  readonly sql: string
  /** DuckDB's setting for date_trunc. */
  readonly timeZone: string
  /** Whether the rows come in the order of the language: without order_by they do. */
  readonly isOrdered: boolean
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function number(value: string | number): string {
  return `'${Number(value)}'::DOUBLE`
}

/** A condition on one element, `x`, or on the column itself. Null never matches. */
function leaf(filter: LeafJson, columns: Columns): string | null {
  if (filter.type === 'true' || filter.type === 'false') return filter.type
  if (filter.type === 'interval') return `(${spansOf(filter).map(([start, end]) => `(started_at >= ${start} AND started_at < ${end})`).join(' OR ')})`
  if (filter.type === 'columnComparison') return comparison(filter.dimensions, columns)
  const name = 'column' in filter ? filter.column : filter.dimension
  const column = identifier(name)
  const type = columns.get(name)
  const literal = (value: string | number): string => (type === 'number' ? number(value) : text(String(value)))
  const any = (condition: (element: string) => string): string => type === 'strings'
    ? `len(list_filter(${column}, lambda x: ${condition('x')})) > 0`
    : `coalesce(${condition(column)}, false)`
  const oneOf = (values: readonly (string | number | null)[]): string => {
    const given = values.filter(value => value !== null)
    const parts = [
      ...(given.length > 0 ? [any(x => `${x} IN (${given.map(literal).join(', ')})`)] : []),
      ...(given.length < values.length ? [type === 'strings' ? `len(${column}) = 0` : `${column} IS NULL`] : [])
    ]
    return parts.length === 0 ? 'false' : `(${parts.join(' OR ')})`
  }
  switch (filter.type) {
    case 'selector': return oneOf([filter.value])
    case 'in': return oneOf(filter.values)
    case 'like':
      // it knows escapes of one byte only
      if (filter.escape && filter.escape > '\x7f') return null
      return any(x => `${x} LIKE ${text(filter.pattern)}${filter.escape ? ` ESCAPE ${text(filter.escape)}` : ''}`)
    case 'regex': return any(x => `regexp_matches(${x}, ${text(filter.pattern)})`)
    case 'null': return oneOf([null])
    case 'equals': return oneOf([typed(filter.matchValue, filter.matchValueType)])
    case 'arrayContainsElement': return oneOf([typed(filter.elementMatchValue, filter.elementMatchValueType)])
    case 'search':
      // it writes numbers in a way of its own
      if (type === 'number') return null
      return any(x => wantedTexts(filter).map(wanted => found(x, wanted, isCaseSensitive(filter))).join(' AND '))
    case 'range':
    case 'bound': {
      const conditions = boundConditions(filter.type === 'range' ? boundOfRange(filter) : filter, type === 'number')
      return conditions && any(x => conditions.map(condition => condition(x)).join(' AND '))
    }
  }
}

function found(x: string, wanted: string, isExact: boolean): string {
  if (isExact) return `contains(${x}, ${text(wanted)})`
  return `regexp_matches(${x}, ${text(wanted.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))}, 'i')`
}

/** Each column against each; null where one is a number and the other a text. */
function comparison(dimensions: readonly string[], columns: Columns): string | null {
  const parts = dimensions.flatMap((one, at) => dimensions.slice(at + 1).map(other => {
    const [a, b] = [identifier(one), identifier(other)]
    const [x, y] = [columns.get(one), columns.get(other)]
    if ((x === 'number') !== (y === 'number')) return null
    if (x === 'strings' && y === 'strings') return `(len(list_intersect(${a}, ${b})) > 0 OR len(${a}) + len(${b}) = 0)`
    if (x === 'strings') return hasElement(a, b)
    if (y === 'strings') return hasElement(b, a)
    return `${a} IS NOT DISTINCT FROM ${b}`
  }))
  return parts.includes(null) ? null : `(${parts.join(' AND ')})`
}

function hasElement(list: string, value: string): string {
  return `(coalesce(list_contains(${list}, ${value}), false) OR (${value} IS NULL AND len(${list}) = 0))`
}

/** Null for a text that is no decimal number, "Infinity" and "0x10" among them. */
function decimal(value: string): string {
  return `CASE WHEN regexp_full_match(trim(${value}), '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?') THEN try_cast(${value} AS DOUBLE) END`
}

/** Null where DuckDB has no such ordering. */
function boundConditions(filter: BoundJson, isNumber: boolean): ((x: string) => string)[] | null {
  const ordering = filter.ordering ?? (isNumber ? 'numeric' : 'lexicographic')
  if (ordering === 'alphanumeric' || (isNumber && ordering !== 'numeric')) return null
  const side = (value: string): string =>
    ordering === 'numeric' && !isNumber ? decimal(value) : ordering === 'strlen' ? `(length(${value}), ${value})` : value
  // a row of nulls is not null
  const present = (x: string): string => (ordering === 'strlen' ? `${x} IS NOT NULL AND ` : '')
  const limit = (value: string | number): string => (ordering === 'numeric' ? number(value) : side(text(String(value))))
  const conditions: ((x: string) => string)[] = []
  const { lower, upper } = filter
  if (lower !== undefined) conditions.push(x => `coalesce(${present(x)}${side(x)} ${filter.lowerStrict ? '>' : '>='} ${limit(lower)}, false)`)
  if (upper !== undefined) conditions.push(x => `coalesce(${present(x)}${side(x)} ${filter.upperStrict ? '<' : '<='} ${limit(upper)}, false)`)
  return conditions
}

export function where(filters: QueryJson['filters'], columns: Columns): string | null {
  if (filters === undefined || filters === null) return 'true'
  if (Array.isArray(filters)) return where({ type: 'and', fields: filters }, columns)
  if (!('type' in filters)) return 'true'
  const filter = filters as FilterJson
  if (filter.type === 'not') {
    const field = where(filter.field, columns)
    return field && `NOT (${field})`
  }
  if (filter.type === 'and' || filter.type === 'or') {
    const fields = filter.fields.map(field => where(field, columns))
    return fields.includes(null) ? null : `(${fields.join(filter.type === 'and' ? ' AND ' : ' OR ')})`
  }
  return leaf(filter as LeafJson, columns)
}

interface Measure {
  readonly sql: string
  /** Its value in an empty bucket. */
  readonly zero: string
  /** The same over absolute values: what a rounding error is relative to. */
  readonly magnitude: string
  /** Of the column's own type, which may be text. */
  readonly isValue?: boolean
}

/** Null where DuckDB has no such filter. */
function measure(metric: Metric, columns: Columns): Measure | null {
  const condition = metric.filters.length === 0 ? 'true' : where([...metric.filters], columns)
  if (condition === null) return null
  const column = identifier(metric.field)
  const among = `FILTER (${condition})`
  const present = `FILTER (${condition} AND ${column} IS NOT NULL)`
  const order = `ORDER BY started_at, session_id, ${column}`
  const isArray = columns.get(metric.field) === 'strings'
  switch (metric.type) {
    case 'count': return { sql: `count(*) ${among}`, zero: '0', magnitude: 'NULL' }
    case 'any': return { sql: `min(${column}) ${among}`, zero: 'NULL', magnitude: 'NULL', isValue: true }
    case 'first':
    case 'last': return { sql: `${metric.type}(${column} ${order}) ${present}`, zero: 'NULL', magnitude: 'NULL', isValue: true }
    case 'quantile': return { sql: `quantile_disc(${column}, ${metric.quantile!.toFixed(3)}) ${among}`, zero: 'NULL', magnitude: 'NULL' }
    case 'quantileError': return { sql: `CASE WHEN count(${column}) ${among} > 0 THEN 0 END`, zero: 'NULL', magnitude: 'NULL' }
    case 'hyperUniqueError': return { sql: '0', zero: '0', magnitude: 'NULL' }
    case 'histogram': {
      const { edges } = metric
      const counts = edges ? edgeConditions(column, edges).map(part => `count(*) FILTER (${condition} AND ${part})`) : [`count(${column}) ${among}`]
      return { sql: `concat_ws(',', ${counts.join(', ')})`, zero: `'${counts.map(() => '0').join(',')}'`, magnitude: 'NULL', isValue: true }
    }
    case 'uniqueIntersection': {
      const conditions = metric.all!.map(filter => where(filter, columns))
      if (conditions.includes(null)) return null
      const lists = conditions.map(one => isArray ? `flatten(list(${column}) FILTER (${condition} AND ${one}))` : `list(${column}) FILTER (${condition} AND ${one} AND ${column} IS NOT NULL)`)
      const common = lists.reduce((all, list) => `list_intersect(${all}, ${list})`)
      return { sql: `coalesce(len(list_distinct(${common})), 0)`, zero: '0', magnitude: 'NULL' }
    }
    case 'hyperUnique':
    case 'hyperUniqueSketch':
    case 'exactUnique': {
      const distinct = isArray ? `len(list_distinct(flatten(list(${column}) ${among})))` : `count(DISTINCT ${column}) ${among}`
      return { sql: `coalesce(${distinct}, 0)`, zero: '0', magnitude: 'NULL' }
    }
    default: return { sql: `${metric.type}(${column}) ${among}`, zero: 'NULL', magnitude: `${metric.type}(abs(${column})) ${among}` }
  }
}

/** What is below the first edge, between each two, and from the last on. */
function edgeConditions(column: string, edges: readonly number[]): string[] {
  return Array.from({ length: edges.length + 1 }, (_, i) => [
    ...(i > 0 ? [`${column} >= ${number(edges[i - 1]!)}`] : []), ...(i < edges.length ? [`${column} < ${number(edges[i]!)}`] : [])
  ].join(' AND '))
}

function isExploded(item: DimensionJson, columns: Columns): boolean {
  return columns.get(dimensionColumn(item)) === 'strings' && !(typeof item === 'object' && 'type' in item && item.type === 'whole')
}

/** What a row is grouped by: a value, or a list of them. */
function keysOf(item: DimensionJson, columns: Columns, timeZone: string): string {
  const column = identifier(dimensionColumn(item))
  if (typeof item === 'string' || !('type' in item)) return column
  switch (item.type) {
    case 'time': return `CAST(${CLOCKS[item.unit]}(timezone(${text(item.time_zone ?? timeZone)}, make_timestamptz(CAST(started_at * 1000 AS BIGINT)))) AS DOUBLE)`
    case 'whole': return `CASE WHEN len(${column}) > 0 THEN CAST(to_json(list_sort(${column})) AS VARCHAR) END`
    case 'bucket': {
      if ('edges' in item) return `list_max(list_filter([${item.edges.map(number).join(', ')}], lambda e: e <= ${column}))`
      const [width, offset] = [number(item.width), number(item.offset ?? 0)]
      const index = `floor((${column} - ${offset}) / ${width})`
      return `CASE WHEN abs(${index}) >= 9007199254740992 THEN ${column} ELSE ${index} * ${width} + ${offset} END`
    }
    default: {
      const values = 'dimension' in item ? column : keysOf(item.delegate, columns, timeZone)
      const keeps = (x: string): string => keepsSql(item, x)
      return isExploded(item, columns) ? `list_filter(${values}, lambda x: ${keeps('x')})` : `CASE WHEN ${keeps(values)} THEN ${values} END`
    }
  }
}

const CLOCKS: Record<TimeUnitJson, string> = {
  minute_of_hour: 'minute', hour_of_day: 'hour', day_of_week: 'isodow', day_of_month: 'day', month_of_year: 'month', quarter_of_year: 'quarter'
}

function keepsSql(item: Extract<DimensionJson, { type: 'listFiltered' | 'regexFiltered' | 'prefixFiltered' }>, x: string): string {
  switch (item.type) {
    case 'prefixFiltered': return `starts_with(${x}, ${text(item.prefix)})`
    case 'regexFiltered': return `regexp_full_match(${x}, ${text(item.pattern)})`
    case 'listFiltered': {
      const isListed = item.values.length === 0 ? 'false' : `${x} IN (${item.values.map(text).join(', ')})`
      return item.is_whitelist ?? true ? isListed : `NOT (${isListed})`
    }
  }
}

/** Null where the query uses what DuckDB does not have, or has too many buckets to list them. */
export function translate(query: QueryJson, columns: Columns): Statement | null {
  const condition = where(query.filters, columns)
  const measured = metricsOf(query).map(metric => measure(metric, columns))
  if (condition === null || measured.includes(null)) return null
  const { granularity } = query
  const timeZone = query.interval.time_zone ?? 'UTC'
  const start = instantOfText(query.interval.start, timeZone)
  const end = instantOfText(query.interval.end, timeZone)
  const dimensions = query.group_by
  const zeros = (query.fill ?? (dimensions.length === 0 ? 'zero' : 'none')) === 'zero'
  const isTruncated = typeof granularity === 'string' && TRUNCATED.has(granularity) && timeZone !== TWO_MIDNIGHTS

  if (!isTruncated && Number.isFinite(nominalLength(granularity)) && (end - start) / nominalLength(granularity) > MANY_BUCKETS) return null

  const starts = granularity === 'all' ? [start] : granularity === 'none' ? [] : bucketStarts(start, end, ruleOf(query))
  const kept = `SELECT * FROM latest WHERE started_at >= ${start} AND started_at < ${end} AND ${condition}`
  const timed = granularity === 'none' ? 'SELECT kept.*, started_at AS "#bucket" FROM kept'
    : isTruncated ? `SELECT kept.*, epoch_ms(date_trunc('${granularity}', make_timestamptz(CAST(started_at * 1000 AS BIGINT)))) AS "#bucket" FROM kept`
    : granularity === 'all' ? `SELECT kept.*, ${start}::BIGINT AS "#bucket" FROM kept`
    : 'SELECT kept.*, starts.start AS "#bucket" FROM kept ASOF JOIN starts ON kept.started_at >= starts.start'
  const steps = [
    `starts AS (SELECT unnest('[${starts.join()}]'::BIGINT[]) AS start)`,
    `kept AS (${kept})`,
    `timed AS (${timed})`,
    ...dimensions.map((dimension, at) => {
      const keys = keysOf(dimension, columns, timeZone)
      const values = isExploded(dimension, columns) ? `unnest(CASE WHEN len(${keys}) > 0 THEN ${keys} ELSE [NULL] END)` : keys
      return `e${at} AS (SELECT *, ${values} AS "#g${at}" FROM ${at === 0 ? 'timed' : `e${at - 1}`})`
    })
  ]
  const keys = dimensions.map((_, at) => `"#g${at}"`)
  const metrics = measured.filter(metric => metric !== null)
  const aliased = metrics.map(({ sql, isValue }, at) => `${isValue ? sql : `CAST(${sql} AS DOUBLE)`} AS "#m${at}"`)
  const magnitudes = metrics.map(({ magnitude }, at) => `${magnitude} AS "#a${at}"`)
  steps.push(`answer AS (SELECT ${['"#bucket"', ...keys, ...aliased, ...magnitudes].join(', ')} FROM ${keys.length === 0 ? 'timed' : `e${keys.length - 1}`} GROUP BY ALL)`)
  const output = zeros && granularity !== 'none' ? filled(steps, keys, metrics) : 'SELECT CAST("#bucket" AS DOUBLE), * EXCLUDE ("#bucket") FROM answer'
  const order = [1, ...keys.map((_, at) => at + 2)].map(position => `${position} NULLS FIRST`).join(', ')
  return { sql: `WITH ${steps.join(',\n')}\n${output} ORDER BY ${order}`, timeZone, isOrdered: query.order_by === undefined }
}

/** Every bucket for every group of the answer. */
function filled(steps: string[], keys: readonly string[], metrics: readonly Measure[]): string {
  steps.push(`present AS (SELECT DISTINCT ${keys.length === 0 ? '1 AS one FROM (SELECT 1)' : `${keys.join(', ')} FROM answer`})`)
  const same = ['answer."#bucket" = starts.start', ...keys.map(key => `answer.${key} IS NOT DISTINCT FROM present.${key}`)].join(' AND ')
  const values = metrics.map(({ zero }, at) => `coalesce(answer."#m${at}", ${zero})`)
  const magnitudes = metrics.map((_, at) => `answer."#a${at}"`)
  const columns = ['CAST(starts.start AS DOUBLE)', ...keys.map(key => `present.${key}`), ...values, ...magnitudes].join(', ')
  return `SELECT ${columns} FROM starts CROSS JOIN present LEFT JOIN answer ON ${same}`
}
