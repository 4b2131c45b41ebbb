/** Filters, one session at a time. */
import type { Columns } from '../../dsl/query.js'
import { COMPARE, numberOf } from './orderings.js'
import type { BoundJson, FilterJson, IntervalFilterJson, QueryJson, RangeJson, SearchJson, ValueType } from './query-json.js'

interface Cells {
  readonly values: (column: string) => readonly (string | number)[]
}

export function matches(filters: QueryJson['filters'], row: Cells, columns: Columns): boolean {
  if (filters === undefined || filters === null) return true
  if (Array.isArray(filters)) return filters.every(filter => matches(filter, row, columns))
  if (!('type' in filters)) return true
  const filter = filters as FilterJson
  switch (filter.type) {
    case 'and': return filter.fields.every(field => matches(field, row, columns))
    case 'or': return filter.fields.some(field => matches(field, row, columns))
    case 'not': return !matches(filter.field, row, columns)
    case 'selector': return isOneOf([filter.value], row, filter.dimension, columns)
    case 'in': return isOneOf(filter.values, row, filter.dimension, columns)
    case 'bound': return row.values(filter.dimension).some(value => isWithin(value, filter, columns.get(filter.dimension) === 'number'))
    case 'like': return row.values(filter.dimension).some(value => like(filter.pattern, filter.escape).test(String(value)))
    case 'true': return true
    case 'false': return false
    case 'null': return row.values(filter.column).length === 0
    case 'equals': return isOneOf([typed(filter.matchValue, filter.matchValueType)], row, filter.column, columns)
    case 'arrayContainsElement': return isOneOf([typed(filter.elementMatchValue, filter.elementMatchValueType)], row, filter.column, columns)
    case 'range': return row.values(filter.column).some(value => isWithin(value, boundOfRange(filter), columns.get(filter.column) === 'number'))
    case 'search': return row.values(filter.dimension).some(value => isFound(filter, String(value)))
    case 'interval': return spansOf(filter).some(([start, end]) => row.values('started_at').some(at => Number(at) >= start && Number(at) < end))
    case 'columnComparison': return filter.dimensions.every(one => filter.dimensions.every(other => shareValue(row.values(one), row.values(other))))
    case 'regex': return row.values(filter.dimension).some(value => new RegExp(filter.pattern, 'u').test(String(value)))
  }
}

function isOneOf(wanted: readonly (string | number | null)[], row: Cells, dimension: string, columns: Columns): boolean {
  const values = row.values(dimension)
  const isNumber = columns.get(dimension) === 'number'
  return wanted.some(one => {
    if (one === null) return values.length === 0
    return isNumber ? values.some(value => value === Number(one)) : values.includes(String(one))
  })
}

/** A value of a number's type is that number, however it is written. */
export function typed(value: string | number, type: ValueType | undefined): string | number {
  return type === undefined || type === 'STRING' ? value : Number(value)
}

export function boundOfRange({ column, matchValueType, lower, upper, lowerOpen, upperOpen }: RangeJson): BoundJson {
  return {
    type: 'bound',
    dimension: column,
    ...(lower !== undefined && { lower: typed(lower, matchValueType), lowerStrict: lowerOpen === true }),
    ...(upper !== undefined && { upper: typed(upper, matchValueType), upperStrict: upperOpen === true }),
    ...(matchValueType && { ordering: matchValueType === 'STRING' ? 'lexicographic' : 'numeric' })
  }
}

/** The instants of the intervals, which are written with an offset. */
export function spansOf({ intervals }: IntervalFilterJson): [start: number, end: number][] {
  return intervals.map(interval => {
    const [start, end] = typeof interval === 'string' ? interval.split('/') as [string, string] : [interval.start, interval.end]
    return [Date.parse(start), Date.parse(end)]
  })
}

export function isCaseSensitive({ query }: SearchJson): boolean {
  return query.type !== 'insensitive_contains' && query.caseSensitive === true
}

export function wantedTexts({ query }: SearchJson): string[] {
  return query.type === 'fragment' ? query.values : [query.value]
}

function isFound(filter: SearchJson, value: string): boolean {
  return wantedTexts(filter).every(wanted => new RegExp(Array.from(wanted, quoted).join(''), isCaseSensitive(filter) ? 'u' : 'iu').test(value))
}

function shareValue(some: readonly (string | number)[], others: readonly (string | number)[]): boolean {
  if (some.length === 0 || others.length === 0) return some.length === others.length
  return some.some(one => others.some(other => String(one) === String(other)))
}

function isWithin(value: string | number, filter: BoundJson, isNumber: boolean): boolean {
  const ordering = filter.ordering ?? (isNumber ? 'numeric' : 'lexicographic')
  const compare = (limit: string | number): number => {
    if (ordering !== 'numeric') return COMPARE[ordering](String(value), String(limit))
    const left = numberOf(String(value))
    return left === null ? NaN : Math.sign(left - (numberOf(String(limit)) ?? NaN))
  }
  const above = filter.lower === undefined || (filter.lowerStrict === true ? compare(filter.lower) > 0 : compare(filter.lower) >= 0)
  const below = filter.upper === undefined || (filter.upperStrict === true ? compare(filter.upper) < 0 : compare(filter.upper) <= 0)
  return above && below
}

/** `%` is any run of characters, `_` is one; the character after an escape is itself. */
function like(pattern: string, escape: string | undefined): RegExp {
  let source = ''
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string
    if (character === escape) source += quoted(characters[++at] as string)
    else if (character === '%') source += '[^]*'
    else source += character === '_' ? '[^]' : quoted(character)
  }
  return new RegExp(`^${source}$`, 'u')
}

function quoted(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')
}
