/** Random filters, nested to a depth, over values that exist and values that do not. */
import type { ColumnType } from '../../dsl/query.js'
import type { FilterJson, SearchJson, ValueType } from './query-json.js'
import type { Random } from './random.js'
import type { Dataset } from './sessions.js'

const ABSENT = ['', 'null', 'nobody', '__proto__', 'z', '\u{1f680}', '%', '10', 'file7', "it's"]
export const PATTERNS = ['%', '_', '__', 'a%', '%a', '%1%', 'A_', '%\u{1f600}%', '_b', 'null', '', '%\n%', 's%', 'v1_', 'Å%', '%(%', '%.%']
export const ESCAPED: readonly (readonly [string, string])[] = [['a\\%b', '\\'], ['a!_b', '!'], ['%!_%', '!'], ['!%%', '!'], ['%\\\\%', '\\'], ['é_%', 'é']]
export const REGEXES = ['^a', 'b$', '^$', '.', '[0-9]+', '^(a|b)', 'n.ll', '^.{2}$', 'o+', '\\d', '(?:Fin|Swe)', '^[^a-z]*$', '\u{1f600}', '^v\\d$', 'a.*b', '^s1']

function valuesOf(dataset: Dataset, column: string): (string | number)[] {
  return dataset.sessions.flatMap(session => {
    if (column === 'started_at') return [dataset.edges[0] ?? 0]
    const value: unknown = Object.hasOwn(session, column) ? session[column] : null
    const list: unknown[] = Array.isArray(value) ? value : [value]
    return list.filter(one => one !== null && one !== undefined).map(one => (typeof one === 'number' ? one : String(one)))
  })
}

/** A value to compare with: of a session, or none of any; a number sometimes as text. */
function operand(random: Random, dataset: Dataset, column: string, type: ColumnType): string | number {
  const present = dataset.sessions.length > 0 ? valuesOf(dataset, column) : []
  if (type === 'number') {
    const value = present.length > 0 && random.chance(0.8) ? random.pick(present) : random.pick([0, 7, -1.5, 1e9, 1e-9])
    return random.chance(0.3) ? String(value) : value
  }
  return present.length > 0 && random.chance(0.7) ? random.pick(present) : random.pick(ABSENT)
}

function leaf(random: Random, dataset: Dataset): FilterJson {
  const dimension = random.pick([...dataset.columns.keys()])
  const type = dataset.columns.get(dimension) as ColumnType
  const value = (): string | number => operand(random, dataset, dimension, type)
  if (random.chance(0.45)) return druidLeaf(random, dataset, dimension, type, value)
  const kinds = type === 'number' ? ['selector', 'in', 'bound', 'bound'] as const : ['selector', 'in', 'bound', 'like', 'regex'] as const
  switch (random.pick<'selector' | 'in' | 'bound' | 'like' | 'regex'>(kinds)) {
    case 'selector': return { type: 'selector', dimension, value: random.chance(0.2) ? null : value() }
    case 'in': {
      const values: (string | number | null)[] = Array.from({ length: random.pick([0, 1, 2, 5]) }, value)
      return { type: 'in', dimension, values: random.chance(0.2) ? [...values, null] : values }
    }
    case 'bound': return bound(random, dimension, type, value)
    case 'like': {
      const [pattern, escape] = random.pick(ESCAPED)
      return random.chance(0.3) ? { type: 'like', dimension, pattern, escape } : { type: 'like', dimension, pattern: random.pick(PATTERNS) }
    }
    case 'regex': return { type: 'regex', dimension, pattern: random.pick(REGEXES) }
  }
}

/** Kinds that Druid has beside the older ones. */
function druidLeaf(random: Random, dataset: Dataset, column: string, type: ColumnType, value: () => string | number): FilterJson {
  const numeric = (): string | number => (type === 'number' ? value() : random.pick(['0', '9', '10', '-3.5', '1e3', '010', 10, 9]))
  switch (random.pick(['equals', 'element', 'range', 'null', 'search', 'search', 'interval', 'comparison', 'comparison', 'constant'] as const)) {
    case 'equals': {
      const [matchValue, matchValueType] = typedOperand(random, value, numeric)
      return { type: 'equals', column, matchValue, ...(matchValueType && { matchValueType }) }
    }
    case 'element': {
      const [elementMatchValue, elementMatchValueType] = typedOperand(random, value, numeric)
      return { type: 'arrayContainsElement', column, elementMatchValue, ...(elementMatchValueType && { elementMatchValueType }) }
    }
    case 'range': return range(random, column, value, numeric)
    case 'null': return { type: 'null', column }
    case 'search': return search(random, column, value)
    case 'interval': return interval(random, dataset)
    case 'comparison': return { type: 'columnComparison', dimensions: compared(random, dataset, column, type) }
    case 'constant': return { type: random.pick(['true', 'false'] as const) }
  }
}

function typedOperand(
  random: Random, value: () => string | number, numeric: () => string | number
): [value: string | number, type: ValueType | undefined] {
  const type = random.pick([undefined, 'STRING', 'LONG', 'DOUBLE', 'FLOAT'] as const)
  if (type === undefined || type === 'STRING') return [value(), type]
  const number = numeric()
  return [number, type === 'LONG' && !Number.isSafeInteger(Number(number)) ? 'DOUBLE' : type]
}

function range(random: Random, column: string, value: () => string | number, numeric: () => string | number): FilterJson {
  const sides = random.pick(['lower', 'upper', 'both'] as const)
  const matchValueType = random.pick([undefined, undefined, 'STRING', 'DOUBLE', 'FLOAT'] as const)
  const limit = matchValueType === undefined || matchValueType === 'STRING' ? value : numeric
  return {
    type: 'range',
    column,
    ...(matchValueType && { matchValueType }),
    ...(sides === 'upper' ? {} : { lower: limit(), ...(random.chance(0.5) ? { lowerOpen: random.chance(0.5) } : {}) }),
    ...(sides === 'lower' ? {} : { upper: limit(), ...(random.chance(0.5) ? { upperOpen: random.chance(0.5) } : {}) })
  }
}

/** Pieces of texts that exist, in any case. */
function search(random: Random, dimension: string, value: () => string | number): SearchJson {
  const piece = (): string => {
    const characters = Array.from(String(value()))
    const start = random.between(0, characters.length)
    const text = characters.slice(start, start + random.pick([1, 1, 2, 3, 100])).join('')
    return random.pick([text, text.toUpperCase(), text.toLowerCase()])
  }
  const sensitivity = random.pick([{}, { caseSensitive: true }, { caseSensitive: false }])
  switch (random.pick(['contains', 'insensitive_contains', 'fragment'] as const)) {
    case 'contains': return { type: 'search', dimension, query: { type: 'contains', value: piece(), ...sensitivity } }
    case 'insensitive_contains': return { type: 'search', dimension, query: { type: 'insensitive_contains', value: piece() } }
    case 'fragment': {
      const values = Array.from({ length: random.pick([1, 2, 3]) }, piece)
      return { type: 'search', dimension, query: { type: 'fragment', values, ...sensitivity } }
    }
  }
}

function interval(random: Random, { range: { start, end }, edges }: Dataset): FilterJson {
  const instant = (): number => (edges.length > 0 && random.chance(0.5) ? random.pick(edges) + random.pick([0, 0, 1, -1]) : random.between(start, end))
  const text = (at: number): string => random.pick([new Date(at).toISOString(), new Date(at + 7_200_000).toISOString().replace('Z', '+02:00')])
  const intervals = Array.from({ length: random.pick([1, 1, 2, 4]) }, () => {
    const [first, last] = [instant(), instant()].sort((a, b) => a - b) as [number, number]
    return random.chance(0.5) ? `${text(first)}/${text(last)}` : { start: text(first), end: text(last) }
  })
  return { type: 'interval', dimension: random.pick(['__time', 'started_at'] as const), intervals }
}

/** Columns of one type mostly: others are seldom equal. */
function compared(random: Random, dataset: Dataset, column: string, type: ColumnType): string[] {
  const isLike = ([, other]: readonly [string, ColumnType]): boolean => random.chance(0.1) || (other === 'number') === (type === 'number')
  const others = [...dataset.columns].filter(isLike).map(([name]) => name)
  return [column, ...random.picks([column, ...others], random.pick([1, 1, 1, 2]))]
}

function bound(random: Random, dimension: string, type: ColumnType, value: () => string | number): FilterJson {
  const sides = random.pick(['lower', 'upper', 'both'] as const)
  const ordering = type === 'number'
    ? random.pick([undefined, 'numeric'] as const)
    : random.pick([undefined, 'lexicographic', 'numeric', 'alphanumeric', 'strlen'] as const)
  const limit = (): string | number => (type !== 'number' && ordering === 'numeric' ? random.pick(['0', '9', '10', '-3.5', '1e3', '999']) : value())
  return {
    type: 'bound',
    dimension,
    ...(sides === 'upper' ? {} : { lower: limit(), ...(random.chance(0.5) ? { lowerStrict: random.chance(0.5) } : {}) }),
    ...(sides === 'lower' ? {} : { upper: limit(), ...(random.chance(0.5) ? { upperStrict: random.chance(0.5) } : {}) }),
    ...(ordering ? { ordering } : {})
  }
}

export function randomFilter(random: Random, dataset: Dataset, depth: number): FilterJson {
  if (depth === 0) return leaf(random, dataset)
  const field = (): FilterJson => randomFilter(random, dataset, random.between(0, depth - 1))
  const kind = random.pick(['and', 'or', 'not', 'leaf'] as const)
  if (kind === 'leaf') return leaf(random, dataset)
  if (kind === 'not') return { type: 'not', field: field() }
  return { type: kind, fields: Array.from({ length: random.pick([1, 2, 2, 3]) }, field) }
}
