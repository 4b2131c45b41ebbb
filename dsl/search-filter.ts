/** The filter of texts that contain others (Druid's search filter). */
import { DIMENSION, filterSchema, NOTHING, type FilterKind } from './filter-kind.js'
import { below } from './issues.js'
import type { Schema } from './json-schema.js'

/** Each is looked for in every text. */
const MAX_FRAGMENTS = 100

const VALUE: Schema = { type: 'string', description: 'The text to look for.' }
const CASE_SENSITIVE: Schema = { type: 'boolean', default: false, description: 'Whether upper and lower case are different.' }

export const SEARCH: FilterKind = {
  schema: filterSchema('search', 'Matches texts that contain others, wherever.', {
    dimension: DIMENSION,
    query: {
      description: 'What to look for.',
      oneOf: [
        {
          type: 'object',
          description: 'A text.',
          properties: { type: { const: 'contains' }, value: VALUE, caseSensitive: CASE_SENSITIVE },
          required: ['type', 'value'],
          additionalProperties: false
        },
        {
          type: 'object',
          description: 'A text in upper or lower case.',
          properties: { type: { const: 'insensitive_contains' }, value: VALUE },
          required: ['type', 'value'],
          additionalProperties: false
        },
        {
          type: 'object',
          description: 'Several texts, all of which are contained.',
          properties: {
            type: { const: 'fragment' },
            values: { type: 'array', items: VALUE, minItems: 1, maxItems: MAX_FRAGMENTS, description: 'The texts to look for.' },
            caseSensitive: CASE_SENSITIVE
          },
          required: ['type', 'values'],
          additionalProperties: false
        }
      ]
    }
  }, ['dimension', 'query']),
  normalise({ dimension, query }, context, pointer) {
    if (dimension === undefined) return NOTHING
    context.typeOf(dimension, below(pointer, 'dimension'))
    if (query === undefined) return NOTHING
    const values = (query.values ?? [query.value]).filter(value => value !== undefined)
    return { type: 'search', dimension, values, caseSensitive: query.caseSensitive ?? false }
  }
}
