import { aggregationSchema, checkField, fieldSchema, type AggregationKind } from './aggregation-kind.js'
import { NOTHING } from './filter-kind.js'
import { normaliseFilter } from './filters.js'
import { below } from './issues.js'

/** A bit for each in one 32-bit number. */
const MAX_FILTERS = 32

export const UNIQUE_INTERSECTION: AggregationKind = {
  schema: aggregationSchema('uniqueIntersection', 'Number of distinct values that occur under every one of several filters, exact.', {
    filters: {
      type: 'array',
      items: { $ref: '#/definitions/filter' },
      minItems: 1,
      maxItems: MAX_FILTERS,
      description: 'The filters. Different sessions may match them.'
    },
    field: fieldSchema('all'),
    name: { type: 'string', minLength: 1, description: 'Name of the output column, in place of <field>_unique_intersection.' }
  }, ['filters', 'field']),
  normalise({ filters = [], field }, name, context, pointer) {
    const checked = filters.map((filter, index) => filter === undefined ? NOTHING : normaliseFilter(filter, context, `${below(pointer, 'filters')}/${index}`))
    if (field === undefined) return []
    const fieldPointer = below(pointer, 'field')
    checkField(field, 'uniqueIntersection', 'all', context, fieldPointer)
    return [{
      aggregation: { type: 'uniqueIntersection', field, filters: checked, name: name?.text ?? `${field}_unique_intersection` },
      pointer: name?.pointer ?? fieldPointer
    }]
  }
}
