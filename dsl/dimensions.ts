/** The dimensions of `group_by`: their JSON Schema, and how they become checked ones. */
import type { Context } from './context.js'
import { below } from './issues.js'
import type { Dimension } from './query.js'
import type { Schema } from './shape.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawDimension = string | { readonly dimension?: string, readonly name?: string }

/** Name of the first column of every answer. */
export const TIMESTAMP = 'timestamp'

export const DIMENSION_SCHEMA: Schema = {
  oneOf: [
    { type: 'string', description: 'Name of a dimension.' },
    {
      type: 'object',
      description: 'A dimension under another name.',
      properties: {
        dimension: { type: 'string', description: 'Name of a dimension.' },
        name: { type: 'string', minLength: 1, description: 'Name of the output column.' }
      },
      required: ['dimension', 'name'],
      additionalProperties: false
    }
  ]
}

export function normaliseDimension(raw: RawDimension, context: Context, pointer: string): Dimension | null {
  const isName = typeof raw === 'string'
  const dimension = isName ? raw : raw.dimension
  if (dimension === undefined) return null
  context.typeOf(dimension, isName ? pointer : below(pointer, 'dimension'))
  const name = isName ? dimension : raw.name
  if (name === TIMESTAMP) {
    const message = 'the name "timestamp" is that of the first column, expected another, as in {"dimension": "timestamp", "name": "time"}'
    context.issues.add('duplicate_name', isName ? pointer : below(pointer, 'name'), message)
  }
  return name === undefined ? null : { dimension, name }
}
