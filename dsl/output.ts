/** What the rows of an answer are: the names of their columns, and their order. */
import type { PlacedAggregation } from './aggregations.js'
import { COMPARISON } from './bound-filters.js'
import type { Context } from './context.js'
import { TIMESTAMP } from './dimensions.js'
import { below, orList, quote } from './issues.js'
import type { Comparison, Dimension, OrderBy } from './query.js'
import type { Schema } from './shape.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawOrderBy = string | { readonly column?: string, readonly direction?: string, readonly ordering?: 'natural' | Comparison }

export const ORDER_BY_SCHEMA: Schema = {
  oneOf: [
    { type: 'string', description: 'Name of an output column, ascending.' },
    {
      type: 'object',
      description: 'An output column and its direction.',
      properties: {
        column: { type: 'string', description: 'Name of an output column.' },
        direction: { enum: ['ascending', 'descending', 'asc', 'desc'], default: 'ascending', description: 'Null is lowest.' },
        ordering: {
          ...COMPARISON,
          enum: ['natural', ...COMPARISON.enum!],
          default: 'natural',
          description: 'How values compare: numbers as numbers and strings by code point (natural), or as in a bound filter.'
        }
      },
      required: ['column'],
      additionalProperties: false
    }
  ]
}

/** Two columns of one name cannot be told apart, but that the same dimension may be grouped by twice. */
export function checkNames(groupBy: readonly Dimension[], aggregations: readonly PlacedAggregation[], context: Context): void {
  const taken = new Set([TIMESTAMP, ...groupBy.map(({ name }) => name)])
  for (const { aggregation: { name }, pointer } of aggregations) {
    if (taken.has(name)) {
      context.issues.add('duplicate_name', pointer, `there is another output column ${quote(name)}, expected a "name" of its own`)
    }
    taken.add(name)
  }
}

/** `columns` are the names of the answer's columns in their order; null where faults leave them unknown. */
export function normaliseOrderBy(raw: RawOrderBy, columns: readonly string[] | null, context: Context, pointer: string): OrderBy | null {
  const { column, direction, ordering }: Exclude<RawOrderBy, string> = typeof raw === 'string' ? { column: raw } : raw
  if (column === undefined || columns === null) return null
  const index = columns.indexOf(column)
  if (index < 0) {
    const message = `the answer has no column ${quote(column)}, expected ${orList(columns)}`
    context.issues.add('invalid_value', typeof raw === 'string' ? pointer : below(pointer, 'column'), message, column, columns)
  }
  return { column, index, descending: direction === 'descending' || direction === 'desc', ordering: ordering ?? 'natural' }
}
