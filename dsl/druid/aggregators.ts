/** Druid's aggregators as ours: one entry each. What is a "long" is cut off towards zero, value by value, before it is summed [druid]. */
import { below, quote } from '../issues.js'
import type { Aggregation, PlainAggregation } from '../query.js'
import type { Schema } from '../json-schema.js'
import type { DruidContext } from './context.js'
import { normaliseFilter, type RawFilter } from '../filters.js'
import { readDimension, tidyDimension, DRUID_DIMENSION_SCHEMA, type RawDruidDimension } from './dimensions.js'
import { copyOf, isObject, tidyFilter } from './tidy.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawAggregator {
  readonly type: string
  readonly name?: string
  readonly fieldName?: string
  readonly fields?: readonly (RawDruidDimension | undefined)[]
  readonly round?: boolean
  readonly filter?: RawFilter
  readonly aggregator?: RawAggregator
}

export interface DruidAggregator {
  /** Under a name of its own. */
  readonly aggregation: Aggregation
  readonly name: string
  /** An estimate that is printed as a whole number. */
  readonly isRounded: boolean
  readonly valueType: 'string' | 'number'
  /** Whether it is a number of distinct values. */
  readonly isDistinct: boolean
}

type Numbers = 'whole' | 'numbers' | 'values'

interface Kind {
  readonly type: 'sum' | 'min' | 'max' | 'avg' | 'first' | 'last' | 'any' | 'hyperUnique'
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

const FILTERED: Schema = {
  type: 'object',
  properties: {
    type: { const: 'filtered' },
    name: NAME,
    filter: { $ref: '#/definitions/filter' },
    aggregator: { $ref: '#/definitions/aggregator', description: 'What is computed of the sessions that pass.' }
  },
  required: ['type', 'filter', 'aggregator'],
  additionalProperties: false
}

export const AGGREGATOR_SCHEMA: Schema = { $ref: '#/definitions/aggregator' }

/** Schemas by the name of their definition. */
export const AGGREGATOR_SCHEMAS: Readonly<Record<string, Schema>> = {
  aggregator: { description: 'A column to compute.', oneOf: [COUNT, CARDINALITY, FILTERED, ...[...KINDS.keys()].map(fieldSchema)] }
}

export function tidyAggregator(raw: unknown): unknown {
  if (!isObject(raw)) return raw
  const copy = copyOf(raw, (key, held) => {
    if (key === 'filter') return tidyFilter(held)
    if (key === 'aggregator') return tidyAggregator(held)
    return (key === 'fields' || key === 'fieldNames') && Array.isArray(held) ? held.map(tidyDimension) : held
  })
  if (copy.fields === undefined && copy.fieldNames !== undefined) {
    copy.fields = copy.fieldNames
    delete copy.fieldNames
  }
  return copy
}

/** `own` is the name of the engine's column. Null where faults leave it unknown. */
export function readAggregator(raw: RawAggregator, own: string, context: DruidContext, pointer: string): DruidAggregator | null {
  const { type } = raw
  const name = raw.name ?? ''
  if (type === 'filtered') return readFiltered(raw, own, context, pointer)
  if (type === 'count') return { aggregation: { type, name: own }, name, isRounded: false, valueType: 'number', isDistinct: false }
  const isRounded = raw.round === true
  if (type === 'cardinality') {
    const field = cardinalityField(raw, context, below(pointer, 'fields'))
    return field === null ? null : { aggregation: { type: 'hyperUnique', field, name: own }, name, isRounded, valueType: 'number', isDistinct: true }
  }
  if (raw.fieldName === undefined) return null
  const kind = KINDS.get(type)!
  const place = below(pointer, 'fieldName')
  const field = kind.of === 'values' ? valuesOf(raw.fieldName, kind, context, place) : context.numbersOf(raw.fieldName, kind.of === 'whole', place)
  return {
    aggregation: { type: kind.type, field, name: own } as PlainAggregation,
    name,
    isRounded,
    valueType: type.startsWith('string') ? 'string' : 'number',
    isDistinct: kind.type === 'hyperUnique'
  }
}

/** A filter within another's aggregator is one more that must match. */
function readFiltered({ name, filter: raw, aggregator }: RawAggregator, own: string, context: DruidContext, pointer: string): DruidAggregator | null {
  const filter = raw === undefined ? null : normaliseFilter(raw, context, below(pointer, 'filter'))
  const inner = aggregator === undefined ? null : readAggregator(aggregator, own, context, below(pointer, 'aggregator'))
  if (filter === null || inner === null) return null
  const { aggregation } = inner
  const filtered: Aggregation = aggregation.type === 'filtered' ? { ...aggregation, filter: { type: 'and', fields: [filter, aggregation.filter] } }
    : { type: 'filtered', filter, aggregator: aggregation, name: own }
  return { ...inner, aggregation: filtered, name: name ?? inner.name }
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
