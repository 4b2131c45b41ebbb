/** Random valid queries over a random dataset. */
import { DateTime } from 'luxon'
import { randomFilter } from './filters.js'
import { dimensionName, isNumeric, randomDimension } from './dimensions.js'
import { nominalLength } from './granularity.js'
import { metricsOf } from './metrics.js'
import type { AggregationJson, FilterJson, GranularityJson, NamedGranularity, OrderByJson, Ordering, QueryJson } from './query-json.js'
import { Random } from './random.js'
import { TEXTS, type Dataset } from './sessions.js'

/** More buckets than this make a query slow to check without checking more. */
const MOST_BUCKETS = 1500

/** So few that every group may have every one of them. */
const FEW_BUCKETS = 40

const NAMES: readonly NamedGranularity[] = [
  'all', 'none', 'second', 'minute', 'five_minute', 'ten_minute', 'fifteen_minute', 'thirty_minute',
  'hour', 'six_hour', 'eight_hour', 'day', 'week', 'month', 'quarter', 'year'
]
const PERIODS = ['PT10S', 'PT15M', 'PT30M', 'PT90M', 'PT2H', 'PT6H', 'PT12H', 'P1D', 'P2D', 'P3D', 'P10D', 'P1W', 'P2W', 'P1M', 'P2M', 'P3M', 'P1Y', 'P2Y']
const DURATIONS = [1000, 60_000, 3_600_000, 5_400_000, 86_400_000, 7 * 86_400_000, 123_456_789]
const ZONES = ['UTC', 'Europe/Helsinki', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/Havana']
const AGGREGATIONS = ['count', 'hyperUnique', 'exactUnique', 'avg', 'sum', 'min', 'max', 'quantile', 'first', 'last', 'any', 'histogram', 'hyperUniqueSketch', 'uniqueIntersection'] as const
const QUANTILES = [0, 0.001, 0.07, 0.25, 0.5, 0.75, 0.95, 0.999, 1]
const ORDERINGS: readonly Ordering[] = ['lexicographic', 'alphanumeric', 'strlen', 'numeric']

/** An instant as text: with `Z`, with an offset, or as local time where that is unambiguous. */
function instantText(random: Random, instant: number, timeZone: string): string {
  const local = DateTime.fromMillis(instant, { zone: timeZone })
  const plain = local.toISO({ includeOffset: false }) ?? ''
  const isClear = [-3_600_000, -1_800_000, 0, 1_800_000, 3_600_000].every(shift => local.offset === local.plus(shift).offset)
  const texts = [new Date(instant).toISOString(), local.toISO() ?? '', local.setZone('UTC+3').toISO() ?? '']
  return random.pick(isClear ? [...texts, plain] : texts)
}

function instants(random: Random, { range, edges }: Dataset): [number, number] {
  const kind = random.fraction()
  if (kind < 0.5) return [range.start, range.end]
  if (kind < 0.53) return [range.start, range.start]
  const one = (): number => {
    if (edges.length > 0 && random.chance(0.5)) return random.pick(edges) + random.pick([0, 0, 1, -1, 3_600_000, -86_400_000])
    return random.between(range.start - 86_400_000, range.end + 86_400_000)
  }
  if (kind < 0.65) {
    const start = one()
    return [start, start + random.between(1, 900_000)]
  }
  const [a, b] = [one(), one()]
  return [Math.min(a, b), Math.max(a, b)]
}

/** `sparse`: any number of buckets will do, since empty ones are left out. */
function granularity(random: Random, dataset: Dataset, length: number, timeZone: string, sparse: boolean): GranularityJson {
  const origin = (zone: string): string => instantText(random, random.between(dataset.range.start - 40 * 86_400_000, dataset.range.end), zone)
  for (;;) {
    const kind = random.fraction()
    let candidate: GranularityJson = random.pick(NAMES)
    if (kind > 0.6) {
      candidate = { type: 'period', period: random.pick(PERIODS) }
      if (random.chance(0.3)) candidate.time_zone = random.pick(ZONES)
      if (random.chance(0.6)) candidate.origin = origin(candidate.time_zone ?? timeZone)
    }
    if (kind > 0.85) {
      candidate = { type: 'duration', duration: random.pick(DURATIONS) }
      if (random.chance(0.6)) candidate.origin = origin(timeZone)
    }
    if (sparse || length / nominalLength(candidate) <= MOST_BUCKETS) return candidate
  }
}

function groupBy(random: Random, dataset: Dataset): QueryJson['group_by'] {
  const columns = [...dataset.columns.keys()]
  const dimensions = random.sample(columns, random.pick([0, 0, 1, 1, 2, 3]))
  const items: QueryJson['group_by'] = dimensions.map((dimension, at) => {
    const kind = random.fraction()
    if (kind < 0.25) return randomDimension(random, dimension, dataset.columns, TEXTS, ZONES, at)
    return kind < 0.4 ? { dimension, name: `dim${at}` } : dimension
  })
  // the same dimension twice under two names
  if (dimensions.length === 1 && random.chance(0.1)) items.push({ dimension: dimensions[0] as string, name: 'again' })
  return items
}

function aggregations(random: Random, dataset: Dataset): AggregationJson[] {
  return random.sample(AGGREGATIONS, random.between(1, 4)).map((type, at) => {
    const name = random.chance(0.2) ? `out ${at}` : null
    if (!random.chance(0.2)) return aggregation(random, type, name, dataset)
    return filtered(random, aggregation(random, type, `part ${at}`, dataset), name ?? `some ${at}`, dataset)
  })
}

function filtered(random: Random, aggregator: AggregationJson, name: string, dataset: Dataset): AggregationJson {
  const filter = randomFilter(random, dataset, random.between(0, 2))
  const inner = random.chance(0.2) ? filtered(random, aggregator, `${name} inside`, dataset) : aggregator
  return random.chance(0.7) ? { type: 'filtered', filter, aggregator: inner, name } : { type: 'filtered', filter, aggregator: inner }
}

function aggregation(random: Random, type: (typeof AGGREGATIONS)[number], name: string | null, dataset: Dataset): AggregationJson {
  if (type === 'count') return name === null ? { type } : { type, name }
  const types = dataset.columns
  const columns = [...types.keys()]
  if (type === 'uniqueIntersection') {
    const filters = Array.from({ length: random.between(1, 3) }, () => randomFilter(random, dataset, random.between(0, 1))) as [FilterJson, ...FilterJson[]]
    return { type, filters, field: random.pick(columns), ...(name !== null && { name }) }
  }
  const isScalar = type === 'first' || type === 'last' || type === 'any'
  const isDistinct = type === 'hyperUnique' || type === 'hyperUniqueSketch' || type === 'exactUnique'
  const fields = isDistinct ? columns : columns.filter(column => isScalar ? types.get(column) !== 'strings' : types.get(column) === 'number')
  const [first, second] = random.sample(fields, 2) as [string, string?]
  const given: [string, ...string[]] = name === null && second !== undefined && random.chance(0.25) ? [first, second] : [first]
  const named = { ...(name !== null && { name }) }
  const error = { ...(random.chance(0.3) && { with_error: true }) }
  if (type === 'quantile') return { type, fields: given, quantiles: random.sample(QUANTILES, random.between(1, 3)) as [number, ...number[]], ...named, ...error }
  if (type === 'histogram') return { type, fields: given, ...named, ...histogramRanges(random, given[0], dataset) }
  return type === 'hyperUnique' ? { type, fields: given, ...named, ...error } : { type, fields: given, ...named }
}

function histogramRanges(random: Random, field: string, { sessions }: Dataset): { bins?: number; edges?: [number, ...number[]] } {
  const kind = random.fraction()
  if (kind < 0.2) return {}
  if (kind < 0.5) return { bins: random.pick([1, 2, 7, 100]) }
  // Edges that are values, and others.
  const values = random.sample(sessions, 5).map(session => session[field]).filter(value => typeof value === 'number')
  const edges = [...new Set([...values, random.between(-10, 100), 0.5])].sort((a, b) => a - b)
  return { edges: edges as [number, ...number[]] }
}

/** What has no order, or is an estimate that may swap places with another. */
const UNORDERED: ReadonlySet<string> = new Set(['quantile', 'quantileError', 'hyperUniqueError', 'hyperUniqueSketch', 'histogram'])

/** Names and types of the output columns after the timestamp that can be ordered by: what is an estimate may swap places. */
function outputs(query: QueryJson, dataset: Dataset): { name: string; isText: boolean }[] {
  const dimensions = query.group_by.map(item => ({ name: dimensionName(item), isText: !isNumeric(item, dataset.columns) }))
  const metrics = metricsOf(query).filter(({ type }) => !UNORDERED.has(type)).map(({ type, field, name }) => {
    const isScalar = type === 'first' || type === 'last' || type === 'any'
    return { name, isText: isScalar && dataset.columns.get(field) === 'string' }
  })
  return [...dimensions, ...metrics]
}

function orderBy(random: Random, query: QueryJson, dataset: Dataset): OrderByJson[] {
  const columns = [{ name: 'timestamp', isText: false }, ...outputs(query, dataset)]
  return random.sample(columns, random.between(1, 2)).map(({ name, isText }) => {
    const order: OrderByJson = { column: name }
    if (random.chance(0.7)) order.direction = random.pick(['ascending', 'descending'] as const)
    if (isText && random.chance(0.5)) order.ordering = random.pick(ORDERINGS)
    return order
  })
}

export function randomQuery(random: Random, dataset: Dataset): QueryJson {
  const timeZone = random.pick(dataset.zones)
  const [start, end] = instants(random, dataset)
  const sparse = random.chance(0.15)
  const query: QueryJson = {
    interval: { start: instantText(random, start, timeZone), end: instantText(random, end, timeZone), time_zone: timeZone },
    granularity: granularity(random, dataset, end - start, timeZone, sparse),
    group_by: groupBy(random, dataset),
    aggregations: aggregations(random, dataset)
  }
  if (timeZone === 'UTC' && random.chance(0.5)) delete query.interval.time_zone
  const filter = random.fraction()
  if (filter < 0.6) query.filters = randomFilter(random, dataset, random.between(0, 4))
  else if (filter < 0.7) query.filters = [randomFilter(random, dataset, 1), randomFilter(random, dataset, 1)]
  else if (filter < 0.8) query.filters = random.pick([null, {}])
  // zeros for every group and bucket of a grouped answer can be many rows
  const isSmall = query.group_by.length === 0 || (end - start) / nominalLength(query.granularity) < FEW_BUCKETS
  if (random.chance(0.3)) query.fill = isSmall && random.chance(0.7) ? 'zero' : 'none'
  if (sparse || query.granularity === 'none') query.fill = 'none'
  if (random.chance(0.3)) query.order_by = orderBy(random, query, dataset)
  if (random.chance(0.3)) query.limit = random.pick([1, 2, 10, 1000])
  return query
}

/** The queries of a dataset follow from its seed; the first n are the same however many are asked. */
export function* queriesOf(dataset: Dataset, count: number): Generator<QueryJson> {
  const random = new Random(dataset.seed ^ 0x5eed)
  for (let index = 0; index < count; index++) yield randomQuery(random, dataset)
}
