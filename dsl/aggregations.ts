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
  readonly name?: string
}

/** Number columns named in a message. */
const MAX_EXAMPLES = 5

type FieldType = Exclude<Aggregation['type'], 'count'>

interface AggregationKind {
  readonly description: string
  /** Column name: `<field>_<suffix>`. */
  readonly suffix: string
  readonly isNumeric: boolean
}

const KINDS = new Map<FieldType, AggregationKind>([
  ['hyperUnique', { suffix: 'hyper_unique', isNumeric: false, description: 'Number of distinct values, estimated within 2 % by HyperLogLog.' }],
  ['exactUnique', { suffix: 'exact_unique', isNumeric: false, description: 'Number of distinct values, exact.' }],
  ['avg', { suffix: 'avg', isNumeric: true, description: 'Mean over the sessions that have a value; null where none has.' }],
  ['sum', { suffix: 'sum', isNumeric: true, description: 'Sum over the sessions that have a value; null where none has.' }],
  ['min', { suffix: 'min', isNumeric: true, description: 'Smallest value; null where no session has one.' }],
  ['max', { suffix: 'max', isNumeric: true, description: 'Largest value; null where no session has one.' }]
])

const NAME: Schema = {
  type: 'string', minLength: 1, description: 'Name of the output column, in place of the usual one. Only with a single field.'
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
    oneOf: ['count', ...KINDS.keys()].map(type => ({ $ref: `#/definitions/${type}Aggregation` }))
  },
  countAggregation: COUNT_SCHEMA,
  ...Object.fromEntries([...KINDS].map(([type, kind]) => [`${type}Aggregation`, fieldsSchema(type, kind)]))
}

/** An aggregation of the normalised query, and where the query asks for it. */
export interface PlacedAggregation {
  readonly aggregation: Aggregation
  /** Pointer of what names its column. */
  readonly pointer: string
}

/** One aggregation for each field. */
export function normaliseAggregation(raw: RawAggregation, context: Context, pointer: string): PlacedAggregation[] {
  const { type, name } = raw
  if (type === 'count') {
    return [{ aggregation: { type, name: name ?? 'count' }, pointer: name === undefined ? pointer : below(pointer, 'name') }]
  }
  const { suffix, isNumeric } = KINDS.get(type)!
  const fields = raw.fields ?? []
  if (name !== undefined && fields.length > 1) {
    context.issues.add('invalid_value', below(pointer, 'name'), `got one name for ${fields.length} fields, expected a single field or no name`)
  }
  const placed: PlacedAggregation[] = []
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue
    const fieldPointer = `${pointer}/fields/${index}`
    checkField(field, type, isNumeric, context, fieldPointer)
    const isNamed = name !== undefined && fields.length === 1
    placed.push({
      aggregation: { type, field, name: isNamed ? name : `${field}_${suffix}` },
      pointer: isNamed ? below(pointer, 'name') : fieldPointer
    })
  }
  return placed
}

function checkField(field: string, type: FieldType, isNumeric: boolean, context: Context, pointer: string): void {
  const columnType = context.typeOf(field, pointer)
  if (!isNumeric || columnType === undefined || columnType === 'number') return
  const what = columnType === 'string' ? 'a string' : 'an array of strings'
  const numbers = [...context.columns!].filter(([, known]) => known === 'number').map(([known]) => known)
  const examples = numbers.length === 0 ? '' : ` such as ${orList(numbers.slice(0, MAX_EXAMPLES))}`
  context.issues.add('not_numeric', pointer, `${quote(field)} is ${what}, ${type} expects a number${examples}`)
}

function fieldsSchema(type: FieldType, { description, isNumeric }: AggregationKind): Schema {
  const items = { type: 'string', description: isNumeric ? 'Name of a number dimension.' : 'Name of a dimension.' } as const
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
