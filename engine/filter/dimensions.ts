import type { Filter } from '../../dsl/query.js'

/** Names of all dimensions that a filter looks at. */
export function filterDimensions(filter: Filter): string[] {
  switch (filter.type) {
    case 'true':
    case 'false': return []
    case 'and':
    case 'or': return filter.fields.flatMap(filterDimensions)
    case 'not': return filterDimensions(filter.field)
    case 'columnComparison': return [...filter.dimensions]
    default: return [filter.dimension]
  }
}
