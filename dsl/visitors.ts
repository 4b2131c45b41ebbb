/** Whose sessions belong together, in queries that follow visitors over sessions. */
import type { Context } from './context.js'
import { quote } from './issues.js'
import type { Schema } from './json-schema.js'

export const BY_SCHEMA: Schema = {
  type: 'string',
  description: 'The dimension that tells whose session it is, a string or a number. Sessions without a value are left out.',
  examples: ['visitor_id']
}

/** A column with one value for each session. */
export function readScalar(dimension: string, context: Context, pointer: string): string {
  if (context.typeOf(dimension, pointer) === 'strings') {
    context.issues.add('invalid_value', pointer, `the dimension ${quote(dimension)} has arrays of values, expected one that has a single value`)
  }
  return dimension
}
