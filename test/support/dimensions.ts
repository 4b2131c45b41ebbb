/** The dimensions of group_by over plain values: names, values and random ones. */
import { DateTime } from 'luxon'
import type { Columns } from '../../dsl/query.js'
import { byCodePoint } from './orderings.js'
import type { DelegateJson, DimensionJson, TimeUnitJson, Value } from './query-json.js'
import type { Random } from './random.js'

/** Values as a session has them: none is missing, one is a scalar. */
interface Session {
  readonly instant: number
  readonly values: (column: string) => readonly (string | number)[]
}

export const TIME_UNITS: readonly TimeUnitJson[] = ['minute_of_hour', 'hour_of_day', 'day_of_week', 'day_of_month', 'month_of_year', 'quarter_of_year']
/** DuckDB and this agree on them to the last bit. */
const WIDTHS = [1, 2, 3, 7, 10, 60, 1000]
const OFFSETS = [0, 0, 5, -1]
const EDGES = [-1000, -2.5, 0, 0.1, 1, 3, 10, 60, 3600, 2 ** 31, 1e21]

export function dimensionName(item: DimensionJson): string {
  if (typeof item === 'string') return item
  return item.name ?? ('unit' in item ? item.unit : 'dimension' in item ? item.dimension : dimensionName(item.delegate))
}

/** The column whose values an item is made of. */
export function dimensionColumn(item: DimensionJson): string {
  if (typeof item === 'string') return item
  return 'unit' in item ? 'started_at' : 'dimension' in item ? item.dimension : dimensionColumn(item.delegate)
}

/** Whether its values are numbers. */
export function isNumeric(item: DimensionJson, columns: Columns): boolean {
  return typeof item === 'object' && 'unit' in item || columns.get(dimensionColumn(item)) === 'number'
}

/** The keys of one session; none means null. */
export function dimensionKeys(item: DimensionJson, session: Session, zone: string): readonly Value[] {
  if (typeof item === 'string') return session.values(item)
  if (!('type' in item)) return session.values(item.dimension)
  if (item.type === 'time') return [clock(item.unit, session.instant, item.time_zone ?? zone)]
  if (item.type === 'whole') {
    const elements = session.values(item.dimension) as readonly string[]
    return elements.length === 0 ? [] : [JSON.stringify([...elements].sort(byCodePoint))]
  }
  if (item.type === 'bucket') return session.values(item.dimension).flatMap(value => numberBucket(item, value as number))
  const values = 'dimension' in item ? session.values(item.dimension) : dimensionKeys(item.delegate, session, zone)
  return values.filter(value => {
    if (item.type === 'listFiltered') return item.values.some(listed => String(listed) === String(value)) === (item.is_whitelist ?? true)
    return item.type === 'prefixFiltered' ? String(value).startsWith(item.prefix) : new RegExp(`^(?:${item.pattern})$`, 'u').test(String(value))
  })
}

function numberBucket(item: Extract<DimensionJson, { type: 'bucket' }>, value: number): number[] {
  if ('edges' in item) return item.edges.filter(edge => edge <= value).slice(-1)
  const index = Math.floor((value - (item.offset ?? 0)) / item.width)
  return [Math.abs(index) >= 2 ** 53 ? value : index * item.width + (item.offset ?? 0)]
}

function clock(unit: TimeUnitJson, instant: number, zone: string): number {
  const local = DateTime.fromMillis(instant, { zone })
  switch (unit) {
    case 'minute_of_hour': return local.minute
    case 'hour_of_day': return local.hour
    case 'day_of_week': return local.weekday
    case 'day_of_month': return local.day
    case 'month_of_year': return local.month
    case 'quarter_of_year': return local.quarter
  }
}

/** A random dimension over one column of the dataset. */
export function randomDimension(random: Random, column: string, columns: Columns, texts: readonly string[], zones: readonly string[], at: number): DimensionJson {
  const type = columns.get(column)
  const name = `dim${at}`
  const kind = random.fraction()
  if (kind < 0.15) return { type: 'time', unit: random.pick(TIME_UNITS), name, ...(random.chance(0.3) && { time_zone: random.pick(zones) }) }
  if (type === 'number') {
    if (random.chance(0.5)) return { type: 'bucket', dimension: column, width: random.pick(WIDTHS), offset: random.pick(OFFSETS), name }
    return { type: 'bucket', dimension: column, edges: random.sample(EDGES, random.between(1, 5)).sort((a, b) => a - b) as [number, ...number[]], name }
  }
  if (type === 'strings' && kind < 0.35) return { type: 'whole', dimension: column, name }
  const inner: DelegateJson = { type: 'prefixFiltered', dimension: column, prefix: random.pick(['', 'a', 'f', '\u{1f600}', '1']), name }
  if (kind < 0.5) return inner
  if (kind < 0.6) return { type: 'regexFiltered', dimension: column, pattern: random.pick(['[0-9]+', '[a-f]+', 'a|b', 'file0*[0-9]*']), name }
  const list = { type: 'listFiltered' as const, values: random.sample(texts, random.between(0, 6)), is_whitelist: random.chance(0.7), name }
  return random.chance(0.2) ? { ...list, delegate: inner } : { ...list, dimension: column }
}
