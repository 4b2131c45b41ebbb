/**
 * The query language over plain session objects, evaluated in the most literal way: no columns, no indexes, nothing of the engine.
 * What it says is what the specification says.
 */
import { DateTime } from 'luxon'
import type { Columns } from '../../dsl/query.js'
import type { Session } from '../../engine/session.js'
import { matches } from './brute-filter.js'
import { instantOfText, nominalLength, ruleOf } from './granularity.js'
import { dimensionKeys, dimensionName } from './dimensions.js'
import { measure, metricsOf } from './metrics.js'
import { natural, ordered } from './orderings.js'
import type { DimensionJson, QueryJson, Table, Value } from './query-json.js'
import { bucketStart, bucketStarts, stamp } from './wall-clock.js'

/** A session with every column as the list of its distinct values: none is missing, one is a scalar. */
export interface Row {
  readonly instant: number
  readonly values: (column: string) => readonly (string | number)[]
}

/** A query with more buckets has to be one that leaves out empty ones. */
export const MANY_BUCKETS = 2000

interface Group {
  readonly bucket: number
  readonly keys: readonly Value[]
  readonly rows: Row[]
}

export function startOf(session: Session): number {
  const at = session.started_at
  if (at instanceof Date) return at.getTime()
  return typeof at === 'number' ? at : DateTime.fromISO(at, { zone: 'utc' }).toMillis()
}

/** The sessions that remain when later ones replace earlier ones of the same source and id. */
export function latest(sessions: readonly Session[]): Session[] {
  const byKey = new Map<string, Session>()
  for (const session of sessions) byKey.set(JSON.stringify([session.source, session.session_id]), session)
  return [...byKey.values()]
}

export function rowOf(session: Session, columns: Columns): Row {
  const instant = startOf(session)
  const values = (column: string): readonly (string | number)[] => {
    if (column === 'started_at') return [instant]
    const raw: unknown = Object.hasOwn(session, column) ? session[column] : null
    const list = (Array.isArray(raw) ? raw : [raw]).filter(value => value !== null && value !== undefined) as (string | number | boolean)[]
    return [...new Set(list.map(value => (columns.get(column) === 'number' ? Number(value) : String(value))))]
  }
  return { instant, values }
}

/** One list of keys for every combination of the distinct elements of the dimensions. */
export function combinations(row: Row, dimensions: readonly DimensionJson[], zone: string): Value[][] {
  const [first, ...others] = dimensions
  if (first === undefined) return [[]]
  const values = dimensionKeys(first, row, zone)
  const tails = combinations(row, others, zone)
  return (values.length === 0 ? [null] : values).flatMap(value => tails.map(tail => [value as Value].concat(tail)))
}

/** Starts of the buckets of the interval; where those are many, or each is a millisecond, only of those with sessions. */
function bucketsOf(query: QueryJson, start: number, end: number, rows: readonly Row[]): number[] {
  if (query.granularity === 'all') return [start]
  const occupied = (floor: (instant: number) => number): number[] => [...new Set(rows.map(row => floor(row.instant)))].sort((a, b) => a - b)
  if (query.granularity === 'none') return occupied(instant => instant)
  const rule = ruleOf(query)
  const isMany = (end - start) / nominalLength(query.granularity) > MANY_BUCKETS
  return isMany ? occupied(instant => bucketStart(instant, rule)) : bucketStarts(start, end, rule)
}

/** The last start at or before the instant. */
export function bucketOf(instant: number, starts: readonly number[]): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= instant) low = middle
    else high = middle
  }
  return starts[low] as number
}

function groupsOf(rows: readonly Row[], starts: readonly number[], dimensions: readonly DimensionJson[], zone: string, zeros: boolean): Group[] {
  const groups = new Map<string, Group>()
  const groupAt = (bucket: number, keys: readonly Value[]): Group => {
    const id = JSON.stringify([bucket, ...keys])
    const group = groups.get(id) ?? { bucket, keys, rows: [] }
    groups.set(id, group)
    return group
  }
  for (const row of rows) {
    for (const keys of combinations(row, dimensions, zone)) groupAt(bucketOf(row.instant, starts), keys).rows.push(row)
  }
  if (zeros) {
    const seen = dimensions.length === 0 ? [[]] : [...groups.values()].map(group => group.keys)
    for (const keys of new Map(seen.map(key => [JSON.stringify(key), key])).values()) {
      for (const bucket of starts) groupAt(bucket, keys)
    }
  }
  return [...groups.values()]
}

/** The answer, in its order. Distinct counts are exact, those of `hyperUnique` too. */
export function bruteForce(sessions: readonly Session[], columns: Columns, query: QueryJson): Table {
  const zone = query.interval.time_zone ?? 'UTC'
  const start = instantOfText(query.interval.start, zone)
  const end = instantOfText(query.interval.end, zone)
  const rows = latest(sessions).map(session => rowOf(session, columns))
    .filter(row => row.instant >= start && row.instant < end && matches(query.filters, row, columns))
  const metrics = metricsOf(query)
  const dimensions = query.group_by
  const starts = bucketsOf(query, start, end, rows)
  const zeros = (query.fill ?? (dimensions.length === 0 ? 'zero' : 'none')) === 'zero'
  const groups = groupsOf(rows, starts, dimensions, zone, zeros)
  const lines = groups.map(group => ({
    bucket: group.bucket,
    cells: [stamp(group.bucket, zone), ...group.keys, ...metrics.map(metric => measure(metric, group.rows, columns))]
  }))
  const names = ['timestamp', ...dimensions.map(dimensionName), ...metrics.map(metric => metric.name)]
  type Line = (typeof lines)[number]
  const byDefault = (a: Line, b: Line): number =>
    a.bucket - b.bucket || firstOf(dimensions.map((_, i) => () => natural(a.cells[i + 1] as Value, b.cells[i + 1] as Value)))
  const byRequest = (a: Line, b: Line): number => firstOf((query.order_by ?? []).map(({ column, direction, ordering }) => () => {
    const at = names.indexOf(column)
    const difference = at === 0 ? a.bucket - b.bucket : ordered(a.cells[at] as Value, b.cells[at] as Value, ordering)
    return direction === 'descending' ? -difference : difference
  }))
  lines.sort((a, b) => byRequest(a, b) || byDefault(a, b))
  return {
    fields: names.map((name, at) => ({ name, type: at <= dimensions.length ? 'dimension' : 'metric' })),
    data: lines.slice(0, query.limit).map(line => line.cells)
  }
}

/** The first difference that is none of zero. */
export function firstOf(comparisons: readonly (() => number)[]): number {
  for (const compare of comparisons) {
    const difference = compare()
    if (difference !== 0) return difference
  }
  return 0
}
