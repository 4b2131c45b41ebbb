/** Columns computed from the aggregations of a row: Druid's post-aggregations. */
import type { Context } from './context.js'
import { below, orList, quote } from './issues.js'
import type { ColumnType, ArithmeticFunction, Expression, PostAggregation } from './query.js'
import type { Schema } from './json-schema.js'

/** A post-aggregation as the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawPostAggregation {
  readonly type: string
  readonly name?: string
  readonly fn?: ArithmeticFunction
  readonly fields?: readonly (RawPostAggregation | undefined)[]
  readonly fieldName?: string
  readonly value?: number
}

/** A column that the aggregations give, or an earlier post-aggregation. */
export interface Metric {
  readonly name: string
  /** `strings` stands for a list, which nothing can be computed from. */
  readonly type: ColumnType
  /** Whether it is a number of distinct values. */
  readonly isDistinct: boolean
}

export interface PlacedPostAggregation {
  readonly postAggregation: PostAggregation
  /** Pointer of its name. */
  readonly pointer: string
}

/** As many as a person can mean; each is a pass over the rows. */
const MAX_OPERANDS = 1000

/** What a faulty operand is read as; nothing is run then. */
const NOUGHT: Expression = { type: 'constant', value: 0 }

const FUNCTIONS: readonly ArithmeticFunction[] = ['+', '-', '*', '/', 'quotient', 'pow']
const EXTREMES = ['doubleGreatest', 'doubleLeast', 'longGreatest', 'longLeast'] as const
const ACCESSES = new Map([
  ['fieldAccess', 'The value of a column of numbers.'],
  ['finalizingFieldAccess', 'The value of a column of numbers, the same as fieldAccess.'],
  ['hyperUniqueCardinality', 'A number of distinct values.']
])

const NAME: Schema = { type: 'string', minLength: 1, description: 'Name of the output column.' }
const OPERAND_NAME: Schema = { type: 'string', description: 'Ignored: an operand gives no column.' }
const OPERANDS: Schema = { type: 'array', items: { $ref: '#/definitions/operand' }, maxItems: MAX_OPERANDS }

/** Properties but for type and name, and which of them are needed. */
interface Shape {
  readonly description: string
  readonly properties: Readonly<Record<string, Schema>>
  readonly required: readonly string[]
}

const SHAPES = new Map<string, Shape>([
  ['arithmetic', {
    description: 'Numbers combined from left to right; null where one of them is, or where the result is no finite number.',
    properties: {
      fn: { enum: FUNCTIONS, description: 'What is done. By zero "/" is 0 and "quotient" null.' },
      fields: { ...OPERANDS, minItems: 2, description: 'The operands.' },
      ordering: { enum: ['numericFirst'], description: 'Ignored: it orders numbers that are not finite, and there are none.' }
    },
    required: ['fn', 'fields']
  }],
  ...[...ACCESSES].map(([type, description]): [string, Shape] => [type, {
    description,
    properties: { fieldName: { type: 'string', description: 'Name of an aggregation or of an earlier post-aggregation.' } },
    required: ['fieldName']
  }]),
  ['constant', { description: 'A number.', properties: { value: { type: 'number', description: 'The number.' } }, required: ['value'] }],
  ...EXTREMES.map((type): [string, Shape] => [type, {
    description: `The ${isGreatest(type) ? 'largest' : 'smallest'} of several numbers${isWhole(type) ? ', as whole numbers' : ''}; null where all are.`,
    properties: { fields: { ...OPERANDS, minItems: 1, description: 'The operands.' } },
    required: ['fields']
  }])
])

/** Schemas by the name of their definition. A column must have a name, an operand may. */
export const POST_AGGREGATION_SCHEMAS: Readonly<Record<string, Schema>> = {
  postAggregation: {
    description: 'A column computed from those before it.',
    oneOf: [...SHAPES.keys()].map(type => ({ $ref: `#/definitions/${type}PostAggregation` }))
  },
  ...Object.fromEntries([...SHAPES].map(([type, shape]) => [`${type}PostAggregation`, schemaOf(type, shape, NAME, ['name'])])),
  operand: {
    description: 'What a post-aggregation computes with.',
    oneOf: [...SHAPES.keys()].map(type => ({ $ref: `#/definitions/${type}Operand` }))
  },
  ...Object.fromEntries([...SHAPES].map(([type, shape]) => [`${type}Operand`, schemaOf(type, shape, OPERAND_NAME, [])]))
}

function schemaOf(type: string, { description, properties, required }: Shape, name: Schema, more: readonly string[]): Schema {
  return {
    type: 'object', description, properties: { type: { const: type }, name, ...properties }, required: ['type', ...more, ...required], additionalProperties: false
  }
}

/** `metrics` are the columns that the aggregations give; null where faults leave them unknown. Each may use those before it. */
export function normalisePostAggregations(
  raw: readonly (RawPostAggregation | undefined)[], metrics: readonly Metric[] | null, context: Context, list = '/post_aggregations'
): PlacedPostAggregation[] {
  const known = metrics === null ? null : [...metrics]
  const placed: PlacedPostAggregation[] = []
  for (const [index, item] of raw.entries()) {
    if (item === undefined) continue
    const pointer = `${list}/${index}`
    const expression = normalise(item, known, context, pointer)
    const { name } = item
    if (name === undefined) continue
    placed.push({ postAggregation: { name, expression }, pointer: below(pointer, 'name') })
    known?.push({ name, type: 'number', isDistinct: false })
  }
  return placed
}

function normalise(raw: RawPostAggregation, metrics: readonly Metric[] | null, context: Context, pointer: string): Expression {
  const { type, fn, value, fieldName } = raw
  const operands = (): Expression[] => (raw.fields ?? []).map((field, index) =>
    field === undefined ? NOUGHT : normalise(field, metrics, context, `${pointer}/fields/${index}`))
  if (type === 'constant') return { type, value: value ?? 0 }
  if (type === 'arithmetic') return { type, fn: fn ?? '+', fields: operands() }
  if (!ACCESSES.has(type)) return { type: isGreatest(type) ? 'greatest' : 'least', whole: isWhole(type), fields: operands() }
  return fieldName === undefined || metrics === null ? NOUGHT : access(type, fieldName, metrics, context, below(pointer, 'fieldName'))
}

function access(type: string, name: string, metrics: readonly Metric[], context: Context, pointer: string): Expression {
  const index = metrics.findIndex(metric => metric.name === name)
  const metric = metrics[index]
  if (metric === undefined) {
    const names = metrics.map(known => known.name)
    const expected = names.length === 0 ? 'an aggregation to compute with' : orList(names)
    context.issues.add('invalid_value', pointer, `there is no aggregation or earlier post-aggregation ${quote(name)}, expected ${expected}`, name, names)
    return NOUGHT
  }
  if (type === 'hyperUniqueCardinality' && !metric.isDistinct) {
    context.issues.add('invalid_value', pointer, `${quote(name)} is no number of distinct values, expected a hyperUnique; fieldAccess takes any number`)
  } else if (metric.type !== 'number') {
    context.issues.add('not_numeric', pointer, `${quote(name)} is a ${metric.type === 'string' ? 'text' : 'histogram'}, ${type} expects a number`)
  }
  return { type: 'field', name, metric: index }
}

function isGreatest(type: string): boolean {
  return type.endsWith('Greatest')
}

function isWhole(type: string): boolean {
  return type.startsWith('long')
}
