/** Druid's dimension specs: which column a row of the answer is grouped by, under which name, and of which type it is printed. */
import { below, quote } from '../issues.js'
import type { Dimension } from '../query.js'
import type { Schema } from '../shape.js'
import type { DruidContext } from './context.js'
import { isObject, withType } from './tidy.js'

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

export const DRUID_DIMENSION_SCHEMA: Schema = { description: 'A dimension.', oneOf: [DIMENSION, DEFAULT] }

/** The type of a spec may be left out. */
export function tidyDimension(raw: unknown): unknown {
  const typed = withType(raw, 'default')
  if (!isObject(typed)) return typed
  const { outputType } = typed
  return typeof outputType === 'string' ? Object.assign(typed, { outputType: outputType.toUpperCase() }) : typed
}

/** Null where faults leave it unknown. */
export function readDimension(raw: RawDruidDimension, context: DruidContext, pointer: string): DruidDimension | null {
  const spec: Partial<Exclude<RawDruidDimension, string>> = typeof raw === 'string' ? { dimension: raw } : raw
  if (spec.dimension === undefined) return null
  const place = typeof raw === 'string' ? pointer : below(pointer, 'dimension')
  const name = spec.outputName ?? spec.dimension
  const { column, type } = context.column(spec.dimension)
  const outputType = spec.outputType ?? 'STRING'
  if (outputType === 'STRING') return { dimension: { dimension: column, name }, asText: type === 'number' }
  if (type === 'strings') {
    context.issues.add('not_numeric', place, `${quote(column)} is an array of strings, its outputType can only be STRING`)
    return null
  }
  return { dimension: { dimension: context.numbersOf(spec.dimension, outputType === 'LONG', place), name }, asText: false }
}
