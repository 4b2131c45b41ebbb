/** Filters, one session at a time. */
import type { Columns } from '../../dsl/query.js'
import { COMPARE, numberOf } from './orderings.js'
import type { BoundJson, FilterJson, QueryJson } from './query-json.js'

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
