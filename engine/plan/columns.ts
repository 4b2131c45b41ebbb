/** Which columns queries read. */
import type { Aggregation, AnyQuery, Query } from '../../dsl/query.js'
import { filterDimensions } from '../filter/dimensions.js'

/** Names of all columns that a query reads of the sessions. */
export function columnsOf(query: AnyQuery): Set<string> {
  switch (query.kind) {
    case 'aggregate': return columnsOfAggregate(query)
    case 'select': return new Set([...filterDimensions(query.filter), ...query.dimensions.map(({ dimension }) => dimension), 'source', 'session_id'])
    case 'funnel': {
      const { filter, steps, by, groupBy } = query
      return new Set([...filterDimensions(filter), ...steps.flatMap(step => filterDimensions(step.filter)), by, ...groupBy.map(({ dimension }) => dimension)])
    }
    case 'retention': return new Set([query.filter, query.first, query.returning].flatMap(filterDimensions)).add(query.by)
  }
}

function columnsOfAggregate({ filter, groupBy, aggregations, derived = [] }: Query): Set<string> {
  const names = new Set<string>(filterDimensions(filter))
  for (const { dimension } of groupBy) names.add(dimension)
  for (const aggregation of aggregations) {
    for (const name of columnsIn(aggregation)) names.add(name)
  }
  for (const column of derived) if (names.delete(column.name) && column.type === 'number') names.add(column.column)
  return names
}

export function columnsIn(aggregation: Aggregation): readonly string[] {
  switch (aggregation.type) {
    case 'count': return []
    case 'first':
    case 'last': return [aggregation.field, 'started_at', 'session_id']
    case 'filtered': return [...filterDimensions(aggregation.filter), ...columnsIn(aggregation.aggregator)]
    case 'uniqueIntersection': return [aggregation.field, ...aggregation.filters.flatMap(filterDimensions)]
    default: return [aggregation.field]
  }
}
