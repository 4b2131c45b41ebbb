/** Random filters, nested to a depth, over values that exist and values that do not. */
import type { ColumnType } from '../../dsl/query.js'
import type { FilterJson } from './query-json.js'
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
