/**
 * The dimensions of `group_by`: their JSON Schema, and how they become checked ones.
 * A new kind of dimension is one more entry here and one more member of `Transform`.
 */
import type { Context } from './context.js'
import { checkPattern } from './filters.js'
import { below, quote } from './issues.js'
import type { Dimension, ElementFilter, TimeUnit, Transform } from './query.js'
import type { Schema } from './json-schema.js'
import { checkZone } from './time.js'
import { TIME_UNITS } from './time-units.js'
import { columnValue, type Literal } from './values.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawDimension = string | RawDimensionObject

interface RawDimensionObject {
  readonly type?: string
  readonly dimension?: string
  readonly name?: string
  readonly delegate?: RawDimension
  readonly values?: readonly (Literal | undefined)[]
  readonly is_whitelist?: boolean
  readonly pattern?: string
  readonly prefix?: string
  readonly width?: number
  readonly offset?: number
  readonly edges?: readonly (number | undefined)[]
  readonly unit?: TimeUnit
  readonly time_zone?: string
}

/** Name of the first column of every answer. */
export const TIMESTAMP = 'timestamp'

/** Far more than anybody reads; each row is looked up among them in a few steps. */
const MAX_EDGES = 10_000

const DIMENSION: Schema = { type: 'string', description: 'Name of a dimension.' }
const NAME: Schema = { type: 'string', minLength: 1, description: 'Name of the output column.' }
const NUMBER_DIMENSION: Schema = { type: 'string', description: 'Name of a number dimension.' }

interface DimensionKind {
  readonly schema: Schema
  /** null where a fault was reported. */
  normalise(raw: RawDimensionObject, context: Context, pointer: string): Dimension | null
}

const KINDS = new Map<string, DimensionKind>([
  ['listFiltered', filtered('listFiltered', 'The values of a list, or all others.', {
    values: { type: 'array', items: { type: ['string', 'number', 'boolean'], description: 'A value.' }, description: 'The values to keep, or to leave out.' },
    is_whitelist: { type: 'boolean', default: true, description: 'Whether the listed values are kept (true) or left out (false).' }
  }, ['values'], listFilter)],
  ['regexFiltered', filtered('regexFiltered', 'The values that an expression matches as a whole.', {
    pattern: { type: 'string', description: 'A regular expression in RE2 syntax, e.g. "Hel.*".' }
  }, ['pattern'], regexFilter)],
  ['prefixFiltered', filtered('prefixFiltered', 'The values that begin with a text.', {
    prefix: { type: 'string', description: 'The text, e.g. "https://".' }
  }, ['prefix'], ({ prefix }) => prefix === undefined ? null : { type: 'prefix', prefix })],
  ['bucket', {
    schema: dimensionSchema('bucket', 'Numbers as the lower edge of the bucket that they are in: buckets of one width, or between given edges.', {
      dimension: NUMBER_DIMENSION,
      width: { type: 'number', exclusiveMinimum: 0, description: 'How wide a bucket is.', examples: [10, 0.5] },
      offset: { type: 'number', default: 0, description: 'Where a bucket begins. Only with width.' },
      edges: {
        type: 'array',
        items: { type: 'number', description: 'The lower edge of a bucket.' },
        minItems: 1,
        maxItems: MAX_EDGES,
        description: 'Where buckets begin, ascending. The last has no upper end; numbers below the first are null.',
        examples: [[0, 10, 60, 600]]
      }
    }, ['dimension']),
    normalise: bucket
  }],
  ['time', {
    schema: dimensionSchema('time', 'What the local clock or calendar shows when a session starts.', {
      unit: { enum: TIME_UNITS, description: 'Which number. Days of the week count from Monday, 1, to Sunday, 7.' },
      time_zone: { type: 'string', description: 'A name of the tz database; the interval\'s where absent.' }
    }, ['unit']),
    normalise: time
  }],
  ['whole', {
    schema: dimensionSchema('whole', 'An array as one value, in place of a row for each element.', {
      dimension: { type: 'string', description: 'Name of an array dimension.' }
    }, ['dimension']),
    normalise: whole
  }]
])

const FILTERED = ['listFiltered', 'regexFiltered', 'prefixFiltered']

const NAMED: Schema = {
  type: 'object',
  description: 'A dimension under another name.',
  properties: { dimension: DIMENSION, name: NAME },
  required: ['dimension', 'name'],
  additionalProperties: false
}

/** A dimension whose values are taken as they are. */
export const PLAIN_DIMENSION_SCHEMA: Schema = { oneOf: [DIMENSION, NAMED] }

/** Schemas by the name of their definition. */
export const DIMENSION_SCHEMAS: Readonly<Record<string, Schema>> = {
  delegateDimension: {
    description: 'A dimension whose values are filtered.',
    oneOf: [DIMENSION, NAMED, ...FILTERED.map(definition)]
  },
  ...Object.fromEntries([...KINDS].map(([type, { schema }]) => [`${type}Dimension`, schema]))
}

export const DIMENSION_SCHEMA: Schema = { oneOf: [DIMENSION, NAMED, ...[...KINDS.keys()].map(definition)] }

export function normaliseDimension(raw: RawDimension, context: Context, pointer: string): Dimension | null {
  const dimension = readDimension(raw, context, pointer)
  if (dimension?.name === TIMESTAMP) {
    const message = 'the name "timestamp" is that of the first column, expected another, as in {"dimension": "timestamp", "name": "time"}'
    const isNamed = typeof raw === 'object' && raw.name !== undefined
    context.issues.add('duplicate_name', isNamed ? below(pointer, 'name') : pointer, message)
  }
  return dimension
}

function readDimension(raw: RawDimension, context: Context, pointer: string): Dimension | null {
  if (typeof raw === 'string') {
    context.typeOf(raw, pointer)
    return { dimension: raw, name: raw }
  }
  if (raw.type !== undefined) return KINDS.get(raw.type)!.normalise(raw, context, pointer)
  const { dimension, name } = raw
  if (dimension !== undefined) context.typeOf(dimension, below(pointer, 'dimension'))
  return dimension === undefined || name === undefined ? null : { dimension, name }
}

function filtered(
  type: string, description: string, properties: Record<string, Schema>, required: readonly string[],
  read: (raw: RawDimensionObject, dimension: string, context: Context, pointer: string) => ElementFilter | null
): DimensionKind {
  return {
    schema: dimensionSchema(type, `${description} Elements of an array that are not kept are dropped; where none is left the group is null.`, {
      dimension: DIMENSION,
      delegate: { $ref: '#/definitions/delegateDimension' },
      ...properties
    }, required),
    normalise(raw, context, pointer) {
      const inner = innerDimension(raw, context, pointer)
      const filter = inner && read(raw, inner.dimension, context, pointer)
      if (inner === null || filter === null) return null
      const others = inner.transform?.type === 'keep' ? inner.transform.filters : []
      return { dimension: inner.dimension, name: raw.name ?? inner.name, transform: { type: 'keep', filters: [...others, filter] } }
    }
  }
}

/** What is filtered: `dimension`, or `delegate`. */
function innerDimension({ dimension, delegate }: RawDimensionObject, context: Context, pointer: string): Dimension | null {
  if (delegate !== undefined && dimension === undefined) return readDimension(delegate, context, below(pointer, 'delegate'))
  if (delegate === undefined && dimension !== undefined) {
    context.typeOf(dimension, below(pointer, 'dimension'))
    return { dimension, name: dimension }
  }
  if (!context.issues.has(pointer)) {
    const got = dimension === undefined ? 'neither "dimension" nor "delegate"' : 'both "dimension" and "delegate"'
    context.issues.add('invalid_value', pointer, `got ${got}, expected one of them`)
  }
  return null
}

function listFilter({ values, is_whitelist: keeps = true }: RawDimensionObject, dimension: string, context: Context, pointer: string): ElementFilter | null {
  if (values === undefined) return null
  const type = context.columns?.get(dimension)
  const read = values.map((value, index) => value === undefined ? null : columnValue(value, type, context, `${pointer}/values/${index}`))
  return { type: 'list', values: read.filter(value => value !== null), keeps }
}

function regexFilter({ pattern }: RawDimensionObject, _dimension: string, context: Context, pointer: string): ElementFilter | null {
  if (pattern === undefined) return null
  checkPattern(pattern, context, below(pointer, 'pattern'))
  return { type: 'regex', pattern }
}

function bucket(raw: RawDimensionObject, context: Context, pointer: string): Dimension | null {
  const { dimension, width, offset, edges } = raw
  if (dimension !== undefined) requireType(dimension, 'number', 'bucket', context, below(pointer, 'dimension'))
  const isRead = !context.issues.has(pointer)
  if (isRead && (width === undefined) === (edges === undefined)) {
    const got = width === undefined ? 'neither "width" nor "edges"' : 'both "width" and "edges"'
    context.issues.add('invalid_value', pointer, `got ${got}, expected one of them`)
  } else if (isRead && edges !== undefined && offset !== undefined) {
    context.issues.add('invalid_value', below(pointer, 'offset'), 'got an offset for edges, expected it only with "width"')
  }
  edges?.forEach((edge, index) => {
    const before = edges[index - 1]
    if (edge === undefined || before === undefined || edge > before) return
    context.issues.add('invalid_value', `${pointer}/edges/${index}`, `got ${edge} after ${before}, expected edges in ascending order`)
  })
  if (dimension === undefined) return null
  const transform: Transform = edges === undefined ? { type: 'bucket', width: width ?? 1, offset: offset ?? 0 }
    // Adding 0 turns -0 into 0.
    : { type: 'edges', edges: edges.map(edge => (edge ?? 0) + 0) }
  return { dimension, name: raw.name ?? dimension, transform }
}

function time({ unit, name, time_zone: zone }: RawDimensionObject, context: Context, pointer: string): Dimension | null {
  const timeZone = zone === undefined ? context.timeZone : checkZone(zone, context, below(pointer, 'time_zone'))
  return unit === undefined ? null : { dimension: 'started_at', name: name ?? unit, transform: { type: 'time', unit, timeZone } }
}

function whole({ dimension, name }: RawDimensionObject, context: Context, pointer: string): Dimension | null {
  if (dimension === undefined) return null
  requireType(dimension, 'strings', 'whole', context, below(pointer, 'dimension'))
  return { dimension, name: name ?? dimension, transform: { type: 'whole' } }
}

function requireType(dimension: string, wanted: 'number' | 'strings', kind: string, context: Context, pointer: string): void {
  const type = context.typeOf(dimension, pointer)
  if (type === undefined || type === wanted) return
  const what = { string: 'a string', number: 'a number', strings: 'an array of strings' }
  context.issues.add(wanted === 'number' ? 'not_numeric' : 'invalid_value', pointer, `${quote(dimension)} is ${what[type]}, ${kind} expects ${what[wanted]}`)
}

function definition(type: string): Schema {
  return { $ref: `#/definitions/${type}Dimension` }
}

function dimensionSchema(type: string, description: string, properties: Record<string, Schema>, required: readonly string[]): Schema {
  return {
    type: 'object', description, properties: { type: { const: type }, ...properties, name: NAME }, required: ['type', ...required], additionalProperties: false
  }
}
