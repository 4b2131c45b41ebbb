/** From the columns that a query asks for to what gathers them. What several columns can be read off is gathered once. */
import type { Aggregation, FilteredAggregation, PlainAggregation } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'
import type { Memory } from '../column/memory.js'
import { CompiledFilter } from '../filter/compiled-filter.js'
import type { Aggregator, GroupCounts, MetricValue } from './aggregator.js'
import { Count } from './count.js'
import { Distinct } from './distinct.js'
import { Distribution } from './distribution.js'
import { EdgeCounts } from './edge-counts.js'
import { Extreme } from './extreme.js'
import { AnyValue, FirstLast } from './first-last.js'
import { LiveDistinct } from './live-distinct.js'
import type { PairRoom } from './pair-runs.js'
import { Selection } from './selection.js'
import { SharedColumn } from './shared-column.js'
import { Sum } from './sum.js'
import { UniqueIntersection } from './unique-intersection.js'

export interface Aggregating {
  readonly counts: GroupCounts
  /** How many (group, item) pairs an aggregation may gather before it folds them. */
  readonly maxPairs: number
  /** Rows that are planned to be read. */
  readonly rows: number
  readonly dictionaryOf: (name: string) => Dictionary | null
  /** Where pairs are gathered: other threads may help to count them. */
  readonly memory: Memory
  /** Rows come after `finish` too, and are taken back: told of groups that must be gathered anew. Absent where all rows come once. */
  readonly spoil?: (group: number) => void
}

/** Of rows that come once none is taken back. */
const NEVER = (): void => undefined

/** One for each aggregation, in their order. */
export function createAggregators(aggregations: readonly Aggregation[], aggregating: Aggregating): Aggregator[] {
  const shared = new SharedColumns(aggregations, aggregating)
  const selected = selections(aggregations.filter(aggregation => aggregation.type === 'filtered'), aggregating)
  return aggregations.map(aggregation =>
    aggregation.type === 'filtered' ? selected.get(aggregation)! : createAggregator(aggregation, shared, aggregating))
}

/** Filters that are written alike select once. */
function selections(aggregations: readonly FilteredAggregation[], aggregating: Aggregating): Map<FilteredAggregation, Aggregator> {
  const alike = new Map<string, FilteredAggregation[]>()
  for (const aggregation of aggregations) {
    const filter = JSON.stringify(aggregation.filter)
    const known = alike.get(filter)
    if (known === undefined) alike.set(filter, [aggregation])
    else known.push(aggregation)
  }
  const columns = new Map<FilteredAggregation, Aggregator>()
  for (const same of alike.values()) {
    const selection = new Selection(new CompiledFilter(same[0].filter, aggregating.dictionaryOf, aggregating.spoil !== undefined))
    selection.columns = createAggregators(same.map(({ aggregator }) => aggregator), { ...aggregating, counts: selection.counts })
    same.forEach((aggregation, i) => {
      columns.set(aggregation, new SharedColumn(i === 0 ? selection : null, group => selection.columns[i].value(group)))
    })
  }
  return columns
}

function createAggregator(aggregation: PlainAggregation, shared: SharedColumns, { counts, maxPairs, rows, memory, dictionaryOf, spoil }: Aggregating): Aggregator {
  switch (aggregation.type) {
    case 'count': return new Count(counts)
    case 'sum': return new Sum(aggregation.field, false, counts)
    case 'avg': return new Sum(aggregation.field, true, counts)
    case 'min':
    case 'max': return new Extreme(aggregation.field, aggregation.type, spoil ?? NEVER)
    case 'first':
    case 'last': return new FirstLast(aggregation.field, aggregation.type, dictionaryOf, spoil ?? NEVER)
    case 'any': return new AnyValue(aggregation.field, dictionaryOf(aggregation.field), spoil ?? NEVER)
    case 'exactUnique': return spoil === undefined ? new Distinct(aggregation.field, 'exact', maxPairs, rows, memory) : new LiveDistinct(aggregation.field, true, spoil)
    case 'hyperUnique': return shared.count(aggregation.field)
    case 'hyperUniqueError': return shared.distinct(aggregation.field, (distinct, group) => distinct.error(group))
    case 'hyperUniqueSketch': return shared.distinct(aggregation.field, (distinct, group) => distinct.sketch(group))
    case 'quantile': return shared.distribution(aggregation.field, (values, group) => values.quantile(group, aggregation.quantile))
    case 'quantileError': return shared.distribution(aggregation.field, (values, group) => values.quantileError(group, aggregation.quantile))
    case 'histogram': {
      const { field, edges, bins } = aggregation
      if (edges !== null) return new EdgeCounts(field, edges, { maxPairs, rows, memory }, spoil ?? NEVER)
      return shared.distribution(field, (values, group) => bins === null ? values.histogram(group) : values.equalBins(group, bins))
    }
    case 'uniqueIntersection': {
      const { field, filters } = aggregation
      const continues = spoil !== undefined
      const size = continues ? null : dictionaryOf(field)?.size ?? null
      return new UniqueIntersection(field, filters.map(filter => new CompiledFilter(filter, dictionaryOf, continues)), size, maxPairs, spoil ?? NEVER)
    }
  }
}

/** Columns that are read off the same; the first one feeds it. */
class SharedColumns implements PairRoom {
  readonly maxPairs: number
  readonly rows: number
  readonly memory: Memory
  private readonly spoil: Aggregating['spoil']
  private readonly distincts = new Map<string, Distinct | LiveDistinct>()
  private readonly distributions = new Map<string, Distribution>()
  /** Fields whose sketches are asked for. */
  private readonly sketched: ReadonlySet<string>

  constructor(aggregations: readonly Aggregation[], { maxPairs, rows, memory, spoil }: Aggregating) {
    this.maxPairs = maxPairs
    this.rows = rows
    this.memory = memory
    this.spoil = spoil
    this.sketched = new Set(aggregations.flatMap(aggregation => aggregation.type === 'hyperUniqueSketch' ? [aggregation.field] : []))
  }

  distinct(field: string, read: (distinct: Distinct | LiveDistinct, group: number) => MetricValue): Aggregator {
    const { distinct, isNew } = this.distinctOf(field)
    return new SharedColumn(isNew ? distinct : null, group => read(distinct, group))
  }

  /** How many distinct values there are, which can be read of all groups at once. */
  count(field: string): Aggregator {
    const { distinct, isNew } = this.distinctOf(field)
    const readAll = distinct instanceof Distinct ? (groups: Int32Array, into: Float64Array): void => { distinct.readAll(groups, into) } : undefined
    return new SharedColumn(isNew ? distinct : null, group => distinct.value(group), readAll)
  }

  private distinctOf(field: string): { readonly distinct: Distinct | LiveDistinct, readonly isNew: boolean } {
    const known = this.distincts.get(field)
    const distinct = known ?? this.newDistinct(field)
    this.distincts.set(field, distinct)
    return { distinct, isNew: known === undefined }
  }

  distribution(field: string, read: (values: Distribution, group: number) => MetricValue): Aggregator {
    const known = this.distributions.get(field)
    const values = known ?? new Distribution(field, this, this.spoil ?? NEVER)
    this.distributions.set(field, values)
    return new SharedColumn(known === undefined ? values : null, group => read(values, group))
  }

  private newDistinct(field: string): Distinct | LiveDistinct {
    if (this.spoil !== undefined) return new LiveDistinct(field, false, this.spoil)
    return new Distinct(field, this.sketched.has(field) ? 'sketches' : 'estimates', this.maxPairs, this.rows, this.memory)
  }
}
