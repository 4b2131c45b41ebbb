/** Values that say of which type they are (Druid's matchValueType). */
import type { Context } from './context.js'
import { describe } from './issues.js'
import type { Schema } from './json-schema.js'
import { numberOf, type Literal } from './values.js'

const MATCH_VALUE_TYPES = ['STRING', 'LONG', 'DOUBLE', 'FLOAT'] as const

export type MatchValueType = (typeof MATCH_VALUE_TYPES)[number]

export const MATCH_VALUE_TYPE: Schema = {
  enum: MATCH_VALUE_TYPES,
  description: 'The type of the value, by default the dimension\'s. There is no type of arrays: they are compared by their elements.'
}

/** The value as its stated type has it; a fault is reported and gives undefined. */
export function typedValue(value: Literal, type: MatchValueType | undefined, context: Context, pointer: string): Literal | undefined {
  if (type === undefined || type === 'STRING' || value === null) return value
  const number = typeof value === 'string' ? numberOf(value) : typeof value === 'number' ? value : null
  const isWhole = type === 'LONG'
  if (number === null || (isWhole && !Number.isInteger(number))) {
    context.issues.add('invalid_value', pointer, `got ${describe(value)}, expected a ${isWhole ? 'whole ' : ''}number, since its type is ${type}`)
    return undefined
  }
  // digits that a double cannot hold are an identifier: they stay as they are written
  return isWhole && typeof value === 'string' && !Number.isSafeInteger(number) ? value.trim() : number
}
