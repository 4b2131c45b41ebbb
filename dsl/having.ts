/** Which rows of the answer stay: Druid's having, read as a filter over output columns. */
import { Context } from './context.js'
import type { RawFilter } from './filter-kind.js'
import { normaliseFilter } from './filters.js'
import { below, orList, quote } from './issues.js'
import type { ColumnType, Filter } from './query.js'
import type { Schema } from './json-schema.js'
import { columnValue, type Literal } from './values.js'

/** A having as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawHaving {
  readonly type: string
  readonly aggregation?: string
  readonly dimension?: string
  readonly value?: Literal
  readonly havingSpecs?: readonly (RawHaving | undefined)[]
  readonly havingSpec?: RawHaving
  readonly filter?: RawFilter
}

const EVERY_ROW: Filter = { type: 'true' }
const NO_ROW: Filter = { type: 'false' }

const AGGREGATION: Schema = { type: 'string', description: 'Name of an output column of numbers.' }
const NESTED: Schema = { $ref: '#/definitions/having' }

const SCHEMAS = new Map<string, Schema>([
  ['greaterThan', schemaOf('greaterThan', 'Keeps rows with a number above the value.', {
    aggregation: AGGREGATION, value: { type: ['number', 'string'], description: 'The number.' }
  })],
  ['lessThan', schemaOf('lessThan', 'Keeps rows with a number below the value.', {
    aggregation: AGGREGATION, value: { type: ['number', 'string'], description: 'The number.' }
  })],
  ['equalTo', schemaOf('equalTo', 'Keeps rows with this number.', {
    aggregation: AGGREGATION, value: { type: ['number', 'string', 'null'], description: 'The number; null for rows without one.' }
  })],
  ['dimSelector', schemaOf('dimSelector', 'Keeps rows of one group value.', {
    dimension: { type: 'string', description: 'Name of a column of group_by.' },
    value: { type: ['string', 'number', 'boolean', 'null'], description: 'The value; null for rows without one.' }
  })],
  ['and', schemaOf('and', 'Keeps rows that all of several keep.', { havingSpecs: { type: 'array', items: NESTED, description: 'The conditions.' } })],
  ['or', schemaOf('or', 'Keeps rows that one of several keeps.', { havingSpecs: { type: 'array', items: NESTED, description: 'The conditions.' } })],
  ['not', schemaOf('not', 'Keeps rows that another does not keep.', { havingSpec: NESTED })],
  ['filter', schemaOf('filter', 'Keeps rows by a filter over output columns.', { filter: { $ref: '#/definitions/filter' } })],
  ['always', schemaOf('always', 'Keeps every row.', {})],
  ['never', schemaOf('never', 'Keeps no row.', {})]
])

/** Schemas by the name of their definition. */
export const HAVING_SCHEMAS: Readonly<Record<string, Schema>> = {
  having: { description: 'Which rows stay in the answer.', oneOf: [...SCHEMAS.keys()].map(type => ({ $ref: `#/definitions/${type}Having` })) },
  ...Object.fromEntries([...SCHEMAS].map(([type, schema]) => [`${type}Having`, schema]))
}

function schemaOf(type: string, description: string, properties: Record<string, Schema>): Schema {
  return {
    type: 'object', description, properties: { type: { const: type }, ...properties }, required: ['type', ...Object.keys(properties)], additionalProperties: false
  }
}

/** What a having may name: the answer's columns in place of the sessions' dimensions. */
export class OutputContext extends Context {
  readonly #types: ReadonlyMap<string, ColumnType | undefined> | null
  readonly #groups: readonly string[]

  /** `types` of the output columns, undefined where one is not known; null where faults leave the columns unknown. `groups`: names of group_by. */
  constructor(types: ReadonlyMap<string, ColumnType | undefined> | null, groups: readonly string[], outer: Context) {
    super(outer.issues, undefined)
    this.#types = types
    this.#groups = groups
    this.timeZone = outer.timeZone
    this.patternLength = outer.patternLength
  }

  override typeOf(name: string, pointer: string): ColumnType | undefined {
    if (this.#types === null || this.#types.has(name)) return this.#scalarType(name, pointer)
    const names = [...this.#types.keys()]
    this.issues.add('invalid_value', pointer, `the answer has no column ${quote(name)}, expected ${orList(names)}`, name, names)
    return undefined
  }

  /** Only a histogram is an array. */
  #scalarType(name: string, pointer: string): ColumnType | undefined {
    const type = this.#types?.get(name)
    if (type === 'strings') this.issues.add('invalid_value', pointer, `${quote(name)} is a histogram, expected a column of numbers or strings`)
    return type
  }

  groupType(name: string, pointer: string): ColumnType | undefined {
    if (this.#types === null || this.#groups.includes(name)) return this.#types?.get(name)
    const expected = this.#groups.length === 0 ? 'a group_by to choose from' : orList(this.#groups)
    this.issues.add('invalid_value', pointer, `the answer is not grouped by ${quote(name)}, expected ${expected}`, name, this.#groups)
    return undefined
  }
}

/** A filter over output columns. */
export function normaliseHaving(raw: RawHaving | undefined, context: OutputContext, pointer = '/having'): Filter {
  if (raw === undefined) return EVERY_ROW
  switch (raw.type) {
    case 'always': return EVERY_ROW
    case 'never': return NO_ROW
    case 'and':
    case 'or': {
      const fields = (raw.havingSpecs ?? []).map((spec, index) => normaliseHaving(spec, context, `${pointer}/havingSpecs/${index}`))
      return { type: raw.type, fields }
    }
    case 'not': return { type: 'not', field: normaliseHaving(raw.havingSpec, context, below(pointer, 'havingSpec')) }
    case 'filter': return raw.filter === undefined ? NO_ROW : normaliseFilter(raw.filter, context, below(pointer, 'filter'))
    case 'dimSelector': return dimSelector(raw, context, pointer)
    default: return comparison(raw, context, pointer)
  }
}

function dimSelector({ dimension, value }: RawHaving, context: OutputContext, pointer: string): Filter {
  if (dimension === undefined) return NO_ROW
  const type = context.groupType(dimension, below(pointer, 'dimension'))
  return value === undefined ? NO_ROW : { type: 'selector', dimension, value: columnValue(value, type, context, below(pointer, 'value')) }
}

function comparison({ type, aggregation, value }: RawHaving, context: OutputContext, pointer: string): Filter {
  if (aggregation === undefined) return NO_ROW
  const at = below(pointer, 'aggregation')
  const columnType = context.typeOf(aggregation, at)
  if (columnType !== undefined && columnType !== 'number') {
    context.issues.add('not_numeric', at, `${quote(aggregation)} is a text, ${type} expects a number; a having of type "filter" compares texts`)
    return NO_ROW
  }
  if (value === undefined) return NO_ROW
  const number = columnValue(value, 'number', context, below(pointer, 'value'))
  if (type === 'equalTo') return { type: 'selector', dimension: aggregation, value: number }
  const strict = { lowerStrict: true, upperStrict: true, ordering: 'numeric' } as const
  const [lower, upper] = type === 'greaterThan' ? [number, null] : [null, number]
  return { type: 'bound', dimension: aggregation, lower, upper, ...strict }
}
