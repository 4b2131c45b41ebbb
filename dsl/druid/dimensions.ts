/** Druid's dimension specs: which column a row of the answer is grouped by, under which name, and of which type it is printed. */
import { below, quote } from '../issues.js'
import { checkPattern } from '../filters.js'
import type { ColumnType, Dimension, ElementFilter } from '../query.js'
import { columnValue } from '../values.js'
import type { Schema } from '../json-schema.js'
import type { DruidContext } from './context.js'
import { copyOf, isObject, withType } from './tidy.js'

const OUTPUT_TYPES = ['STRING', 'LONG', 'FLOAT', 'DOUBLE'] as const
type OutputType = (typeof OUTPUT_TYPES)[number]

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawDruidDimension = string | {
  readonly type: 'default' | 'listFiltered' | 'regexFiltered' | 'prefixFiltered'
  readonly dimension?: string
  readonly outputName?: string
  readonly outputType?: OutputType
  readonly delegate?: RawDruidDimension
  readonly values?: readonly (string | undefined)[]
  readonly isWhitelist?: boolean
  readonly pattern?: string
  readonly prefix?: string
}

export interface DruidDimension {
  readonly dimension: Dimension
  /** Of its values here; undefined where the columns are not known. */
  readonly type: ColumnType | undefined
  /** Numbers as texts: Druid's dimensions are texts where no other type is asked for. */
  readonly asText: boolean
}

const DIMENSION: Schema = { type: 'string', description: 'Name of a dimension.' }

const DEFAULT: Schema = {
  type: 'object',
  properties: {
    type: { const: 'default' },
    dimension: DIMENSION,
    outputName: { type: 'string', description: 'Name of the output column.' },
    outputType: { enum: OUTPUT_TYPES, description: 'Type of the values in the answer.' }
  },
  required: ['type', 'dimension'],
  additionalProperties: false
}

const DELEGATE: Schema = { $ref: '#/definitions/dimension', description: 'The dimension.' }

const FILTERED: readonly Schema[] = [
  filteredSchema('listFiltered', {
    values: { type: 'array', items: { type: 'string' }, description: 'The values.' },
    isWhitelist: { type: 'boolean', description: 'Whether the values are kept, or all others.' }
  }, ['values']),
  filteredSchema('regexFiltered', { pattern: { type: 'string', description: 'A regular expression.' } }, ['pattern']),
  filteredSchema('prefixFiltered', { prefix: { type: 'string', description: 'What values begin with.' } }, ['prefix'])
]

export const DRUID_DIMENSION_SCHEMA: Schema = { $ref: '#/definitions/dimension' }

/** Schemas by the name of their definition. */
export const DRUID_DIMENSION_SCHEMAS: Readonly<Record<string, Schema>> = {
  dimension: { description: 'A dimension.', oneOf: [DIMENSION, DEFAULT, ...FILTERED] }
}

/** The type of a spec may be left out. */
export function tidyDimension(raw: unknown): unknown {
  const typed = withType(raw, 'default')
  if (!isObject(typed)) return typed
  return copyOf(typed, (key, held) => {
    if (key === 'delegate') return tidyDimension(held)
    return key === 'outputType' && typeof held === 'string' ? held.toUpperCase() : held
  })
}

/** Null where faults leave it unknown. */
export function readDimension(raw: RawDruidDimension, context: DruidContext, pointer: string): DruidDimension | null {
  if (typeof raw === 'object' && raw.type !== 'default') return readFiltered(raw, context, pointer)
  const spec: Partial<Exclude<RawDruidDimension, string>> = typeof raw === 'string' ? { dimension: raw } : raw
  if (spec.dimension === undefined) return null
  const place = typeof raw === 'string' ? pointer : below(pointer, 'dimension')
  const name = spec.outputName ?? spec.dimension
  const { column, type } = context.column(spec.dimension)
  const outputType = spec.outputType ?? 'STRING'
  if (outputType === 'STRING') return { dimension: { dimension: column, name }, type, asText: type === 'number' }
  if (type === 'strings') {
    context.issues.add('not_numeric', place, `${quote(column)} is an array of strings, its outputType can only be STRING`)
    return null
  }
  return { dimension: { dimension: context.numbersOf(spec.dimension, outputType === 'LONG', place), name }, type: 'number', asText: false }
}

/** A dimension of which only some values and elements are kept. */
function readFiltered(raw: Exclude<RawDruidDimension, string>, context: DruidContext, pointer: string): DruidDimension | null {
  const inner = raw.delegate === undefined ? null : readDimension(raw.delegate, context, below(pointer, 'delegate'))
  const filter = inner === null ? null : elementFilter(raw, inner.type, context, pointer)
  if (inner === null || filter === null) return null
  const { transform } = inner.dimension
  const others = transform?.type === 'keep' ? transform.filters : []
  return { ...inner, dimension: { ...inner.dimension, transform: { type: 'keep', filters: [...others, filter] } } }
}

function elementFilter(
  { type, values, isWhitelist = true, pattern, prefix }: Exclude<RawDruidDimension, string>, columnType: ColumnType | undefined, context: DruidContext, pointer: string
): ElementFilter | null {
  if (type === 'listFiltered' && values !== undefined) {
    const read = values.map((value, at) => value === undefined ? null : columnValue(value, columnType, context, `${pointer}/values/${at}`))
    return { type: 'list', values: read.filter(value => value !== null), keeps: isWhitelist }
  }
  if (type === 'regexFiltered' && pattern !== undefined) {
    checkPattern(pattern, context, below(pointer, 'pattern'))
    return { type: 'regex', pattern }
  }
  return type === 'prefixFiltered' && prefix !== undefined ? { type: 'prefix', prefix } : null
}

function filteredSchema(type: string, properties: Record<string, Schema>, required: readonly string[]): Schema {
  return {
    type: 'object',
    properties: { type: { const: type }, delegate: DELEGATE, ...properties },
    required: ['type', 'delegate', ...required],
    additionalProperties: false
  }
}
