/** Druid's aggregators as ours: one entry each. What is a "long" is cut off towards zero, value by value, before it is summed [druid]. */
import { below, quote } from '../issues.js'
import type { Aggregation } from '../query.js'
import type { Schema } from '../shape.js'
import type { DruidContext } from './context.js'
import { readDimension, tidyDimension, DRUID_DIMENSION_SCHEMA, type RawDruidDimension } from './dimensions.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawAggregator {
  readonly type: string
  readonly name?: string
  readonly fieldName?: string
  readonly fields?: readonly (RawDruidDimension | undefined)[]
  readonly round?: boolean
}

export interface DruidAggregator {
  /** Under a name of its own. */
  readonly aggregation: Aggregation
  readonly name: string
  /** An estimate that is printed as a whole number. */
  readonly isRounded: boolean
}

type Numbers = 'whole' | 'numbers' | 'values'

interface Kind {
  readonly type: Exclude<Aggregation['type'], 'count' | 'quantile'>
  readonly of: Numbers
}

const KINDS = new Map<string, Kind>([
  ...numberKinds('Sum', 'sum'),
  ...numberKinds('Min', 'min'),
  ...numberKinds('Max', 'max'),
  ...numberKinds('First', 'first'),
  ...numberKinds('Last', 'last'),
  ...numberKinds('Any', 'any'),
  ['doubleMean', { type: 'avg', of: 'numbers' }],
  ['stringFirst', { type: 'first', of: 'values' }],
  ['stringLast', { type: 'last', of: 'values' }],
  ['stringAny', { type: 'any', of: 'values' }],
  ['hyperUnique', { type: 'hyperUnique', of: 'values' }],
  ['thetaSketch', { type: 'hyperUnique', of: 'values' }],
  ['HLLSketchBuild', { type: 'hyperUnique', of: 'values' }],
  ['HLLSketchMerge', { type: 'hyperUnique', of: 'values' }]
])

/** Settings of Druid's sketches, which change how close an estimate is: ours has one precision. */
const SKETCH_SETTINGS: Readonly<Record<string, Schema>> = {
  round: { type: 'boolean', description: 'Whether the estimate is a whole number.' },
  shouldFinalize: { type: 'boolean' },
  isInputHyperUnique: { type: 'boolean' },
  isInputThetaSketch: { type: 'boolean' },
  size: { type: 'number' },
  lgK: { type: 'number' },
  tgtHllType: { type: 'string' },
  stringEncoding: { type: 'string' },
  maxStringBytes: { type: 'number' },
  timeColumn: { type: 'string' },
  aggregateMultipleValues: { type: 'boolean' }
}

const NAME: Schema = { type: 'string', description: 'Name of the output column.' }
const FIELD_NAME: Schema = { type: 'string', description: 'Name of a dimension.' }

const COUNT: Schema = {
  type: 'object',
  properties: { type: { const: 'count' }, name: NAME },
  required: ['type', 'name'],
  additionalProperties: false
}

const CARDINALITY: Schema = {
  type: 'object',
  properties: {
    type: { const: 'cardinality' },
    name: NAME,
    fields: { type: 'array', items: DRUID_DIMENSION_SCHEMA, minItems: 1, description: 'One dimension.' },
    byRow: { type: 'boolean' },
    round: SKETCH_SETTINGS.round!
  },
  required: ['type', 'name', 'fields'],
  additionalProperties: false
}

export const AGGREGATOR_SCHEMA: Schema = {
  description: 'A column to compute.',
  oneOf: [COUNT, CARDINALITY, ...[...KINDS.keys()].map(fieldSchema)]
}

export function tidyAggregator(raw: Record<string, unknown>): void {
  if (Array.isArray(raw.fieldNames) && raw.fields === undefined) {
    raw.fields = raw.fieldNames
    delete raw.fieldNames
  }
  if (Array.isArray(raw.fields)) raw.fields = raw.fields.map(tidyDimension)
}

/** `name` is that of the engine's column. Null where faults leave it unknown. */
export function readAggregator(raw: RawAggregator, own: string, context: DruidContext, pointer: string): DruidAggregator | null {
  const { type } = raw
  const name = raw.name ?? ''
  if (type === 'count') return { aggregation: { type, name: own }, name, isRounded: false }
  const isRounded = raw.round === true
  if (type === 'cardinality') {
    const field = cardinalityField(raw, context, below(pointer, 'fields'))
    return field === null ? null : { aggregation: { type: 'hyperUnique', field, name: own }, name, isRounded }
  }
  if (raw.fieldName === undefined) return null
  const kind = KINDS.get(type)!
  const place = below(pointer, 'fieldName')
  const field = kind.of === 'values' ? valuesOf(raw.fieldName, kind, context, place) : context.numbersOf(raw.fieldName, kind.of === 'whole', place)
  return { aggregation: { type: kind.type, field, name: own } as Aggregation, name, isRounded }
}

function valuesOf(fieldName: string, { type }: Kind, context: DruidContext, pointer: string): string {
  const { column, type: columnType } = context.column(fieldName)
  if (type !== 'hyperUnique' && columnType === 'strings') {
    context.issues.add('invalid_value', pointer, `${quote(column)} is an array of strings, expected a string`)
  }
  return column
}

function cardinalityField({ fields = [] }: RawAggregator, context: DruidContext, pointer: string): string | null {
  if (fields.length > 1) {
    context.issues.add('invalid_value', pointer, `got ${fields.length} dimensions, expected one: values of several are not counted together`)
  }
  const [field] = fields
  return field === undefined ? null : readDimension(field, context, below(pointer, 0))?.dimension.dimension ?? null
}

function numberKinds(suffix: string, type: Kind['type']): [string, Kind][] {
  return [[`long${suffix}`, { type, of: 'whole' }], [`double${suffix}`, { type, of: 'numbers' }], [`float${suffix}`, { type, of: 'numbers' }]]
}

function fieldSchema(type: string): Schema {
  return {
    type: 'object',
    properties: { type: { const: type }, name: NAME, fieldName: FIELD_NAME, ...SKETCH_SETTINGS },
    required: ['type', 'name', 'fieldName'],
    additionalProperties: false
  }
}
