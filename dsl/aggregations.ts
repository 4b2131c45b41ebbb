/**
 * The aggregations of the language, one entry each: its JSON Schema, what it needs of a field, and the suffix of its column.
 * A new aggregation is one more entry here and one more member of `Aggregation`.
 */
import type { Context } from './context.js'
import { below, orList, quote } from './issues.js'
import type { Aggregation } from './query.js'
import type { Schema } from './shape.js'

/** An aggregation as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawAggregation {
  readonly type: Aggregation['type']
  readonly fields?: readonly (string | undefined)[]
  readonly quantiles?: readonly (number | undefined)[]
  readonly name?: string
}

/** Number columns named in a message. */
const MAX_EXAMPLES = 5

/** Every percentile; each is a column of every row. */
const MAX_QUANTILES = 100

type FieldType = Exclude<Aggregation['type'], 'count' | 'quantile'>

/** Columns that an aggregation is of: `scalars` are strings and numbers. */
type Takes = 'all' | 'scalars' | 'numbers'

interface AggregationKind {
  readonly description: string
  /** Column name: `<field>_<suffix>`. */
  readonly suffix: string
  readonly takes: Takes
}

const KINDS = new Map<FieldType, AggregationKind>([
  ['hyperUnique', { suffix: 'hyper_unique', takes: 'all', description: 'Number of distinct values, estimated within 2 % by HyperLogLog.' }],
  ['exactUnique', { suffix: 'exact_unique', takes: 'all', description: 'Number of distinct values, exact.' }],
  ['avg', { suffix: 'avg', takes: 'numbers', description: 'Mean over the sessions that have a value; null where none has.' }],
  ['sum', { suffix: 'sum', takes: 'numbers', description: 'Sum over the sessions that have a value; null where none has.' }],
  ['min', { suffix: 'min', takes: 'numbers', description: 'Smallest value; null where no session has one.' }],
  ['max', { suffix: 'max', takes: 'numbers', description: 'Largest value; null where no session has one.' }],
  ['first', { suffix: 'first', takes: 'scalars', description: 'Value of the earliest session that has one; null where none has.' }],
  ['last', { suffix: 'last', takes: 'scalars', description: 'Value of the latest session that has one; null where none has.' }],
  ['any', { suffix: 'any', takes: 'scalars', description: 'One of the values, always the least; null where no session has one.' }]
])

const NAME: Schema = {
  type: 'string', minLength: 1, description: 'Name of the output column, in place of the usual one. Only with a single field.'
}

const NUMBER_FIELD: Schema = { type: 'string', description: 'Name of a number dimension.' }

const QUANTILE_SCHEMA: Schema = {
  type: 'object',
  description: 'Values below which a share of the sessions lies, within 0.5 %; null where no session has a value.',
  properties: {
    type: { const: 'quantile' },
    fields: { type: 'array', items: NUMBER_FIELD, minItems: 1, description: 'The dimensions; each gives a column for each quantile.' },
    quantiles: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 1, description: 'From 0, the smallest value, to 1, the largest.' },
      minItems: 1,
      maxItems: MAX_QUANTILES,
      description: 'The quantiles; each gives a column of its own.'
    },
    name: {
      type: 'string',
      minLength: 1,
      description: 'Name of the output column, or of several quantiles what their names begin with. Only with a single field.'
    }
  },
  required: ['type', 'fields', 'quantiles'],
  additionalProperties: false
}

const COUNT_SCHEMA: Schema = {
  type: 'object',
  description: 'Number of sessions.',
  properties: { type: { const: 'count' }, fields: { type: 'array', items: { type: 'string' }, description: 'Ignored.' }, name: NAME },
  required: ['type'],
  additionalProperties: false
}

/** Schemas by the name of their definition. */
export const AGGREGATION_SCHEMAS: Readonly<Record<string, Schema>> = {
  aggregation: {
    description: 'What is computed for each row of the answer.',
    oneOf: ['count', ...KINDS.keys(), 'quantile'].map(type => ({ $ref: `#/definitions/${type}Aggregation` }))
  },
  countAggregation: COUNT_SCHEMA,
  ...Object.fromEntries([...KINDS].map(([type, kind]) => [`${type}Aggregation`, fieldsSchema(type, kind)])),
  quantileAggregation: QUANTILE_SCHEMA
}

/** An aggregation of the normalised query, and where the query asks for it. */
export interface PlacedAggregation {
  readonly aggregation: Aggregation
  /** Pointer of what names its column. */
  readonly pointer: string
}

/** One aggregation for each field; of quantiles one for each of them. */
export function normaliseAggregation(raw: RawAggregation, context: Context, pointer: string): PlacedAggregation[] {
  const { type, name } = raw
  if (type === 'count') {
    return [{ aggregation: { type, name: name ?? 'count' }, pointer: name === undefined ? pointer : below(pointer, 'name') }]
  }
  const fields = raw.fields ?? []
  if (name !== undefined && fields.length > 1) {
    context.issues.add('invalid_value', below(pointer, 'name'), `got one name for ${fields.length} fields, expected a single field or no name`)
  }
  const placed: PlacedAggregation[] = []
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue
    const fieldPointer = `${pointer}/fields/${index}`
    const ownName = fields.length === 1 ? name : undefined
    const namePointer = ownName === undefined ? fieldPointer : below(pointer, 'name')
    if (type === 'quantile') {
      checkField(field, type, 'numbers', context, fieldPointer)
      placed.push(...quantilesOf(field, raw.quantiles ?? [], ownName, pointer, namePointer))
      continue
    }
    const { suffix, takes } = KINDS.get(type)!
    checkField(field, type, takes, context, fieldPointer)
    placed.push({ aggregation: { type, field, name: ownName ?? `${field}_${suffix}` }, pointer: namePointer })
  }
  return placed
}

function quantilesOf(
  field: string, quantiles: readonly (number | undefined)[], ownName: string | undefined, pointer: string, namePointer: string
): PlacedAggregation[] {
  return quantiles.flatMap((quantile, index): PlacedAggregation[] => {
    if (quantile === undefined) return []
    const name = ownName !== undefined && quantiles.length === 1 ? ownName : `${ownName ?? field}_${percentile(quantile)}`
    const isRepeated = quantiles.indexOf(quantile) < index
    return [{ aggregation: { type: 'quantile', field, quantile, name }, pointer: isRepeated ? `${pointer}/quantiles/${index}` : namePointer }]
  })
}

/** 0.5 is p50, 0.999 is p99_9. */
function percentile(quantile: number): string {
  // Shifted as a decimal: 0.07 * 100 is not 7.
  const [digits, exponent = '0'] = String(quantile).split('e')
  const percent = Number(`${digits}e${Number(exponent) + 2}`)
  return `p${String(percent).replace('.', '_')}`
}

function checkField(field: string, type: FieldType | 'quantile', takes: Takes, context: Context, pointer: string): void {
  const columnType = context.typeOf(field, pointer)
  if (takes === 'all' || columnType === undefined || columnType === 'number') return
  if (takes === 'scalars') {
    if (columnType === 'strings') context.issues.add('invalid_value', pointer, `${quote(field)} is an array of strings, ${type} expects a string or a number`)
    return
  }
  const what = columnType === 'string' ? 'a string' : 'an array of strings'
  const numbers = [...context.columns!].filter(([, known]) => known === 'number').map(([known]) => known)
  const examples = numbers.length === 0 ? '' : ` such as ${orList(numbers.slice(0, MAX_EXAMPLES))}`
  context.issues.add('not_numeric', pointer, `${quote(field)} is ${what}, ${type} expects a number${examples}`)
}

function fieldsSchema(type: FieldType, { description, takes }: AggregationKind): Schema {
  const what = takes === 'all' ? 'Name of a dimension.' : 'Name of a string or number dimension.'
  const items: Schema = takes === 'numbers' ? NUMBER_FIELD : { type: 'string', description: what }
  return {
    type: 'object',
    description,
    properties: {
      type: { const: type },
      fields: { type: 'array', items, minItems: 1, description: 'The dimensions; each gives a column of its own.' },
      name: NAME
    },
    required: ['type', 'fields'],
    additionalProperties: false
  }
}
