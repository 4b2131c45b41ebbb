/** What a query asks of dictionaries while rows are read, so that other threads can be given it. */
import type { Aggregation, Filter, Query } from '../../dsl/query.js'
import type { ColumnInfo } from '../column/derived.js'
import { LEAVES } from '../filter/filter.js'
import type { LeafKind } from '../filter/leaf.js'
import { listed } from '../group/keys/registry.js'

export class Needs {
  /** Texts that are looked up, by column. */
  readonly lookups = new Map<string, Set<string>>()
  /** Columns whose texts are read, whichever rows have. */
  readonly texts = new Set<string>()
  /** Columns whose texts are compared where sessions of a group start in the same millisecond. */
  readonly ties = new Set<string>()
  /** Columns whose coupons are looked up by code. */
  readonly coupons = new Set<string>()
  private readonly columns: ReadonlyMap<string, ColumnInfo>

  constructor(query: Query, columns: ReadonlyMap<string, ColumnInfo>) {
    this.columns = columns
    this.addFilter(query.filter)
    for (const { dimension, transform } of query.groupBy) {
      if (transform?.type !== 'keep') continue
      const texts = listed(transform.filters)
      if (texts === null) this.addTexts(dimension)
      else this.addLookups(dimension, texts)
    }
    for (const aggregation of query.aggregations) this.addAggregation(aggregation)
    for (const derived of query.derived ?? []) if (derived.type === 'number') this.addTexts(derived.column)
  }

  private addAggregation(aggregation: Aggregation): void {
    switch (aggregation.type) {
      case 'filtered':
        this.addFilter(aggregation.filter)
        this.addAggregation(aggregation.aggregator)
        break
      case 'first':
      case 'last':
        if (this.hasTexts(aggregation.field)) this.ties.add(aggregation.field)
        this.ties.add('session_id')
        break
      case 'any': this.addTexts(aggregation.field); break
      case 'hyperUnique':
      case 'hyperUniqueError':
      case 'hyperUniqueSketch': if (this.hasTexts(aggregation.field)) this.coupons.add(aggregation.field); break
      case 'uniqueIntersection': aggregation.filters.forEach(filter => this.addFilter(filter))
    }
  }

  private addFilter(filter: Filter): void {
    switch (filter.type) {
      case 'true':
      case 'false': break
      case 'and':
      case 'or': filter.fields.forEach(field => this.addFilter(field)); break
      case 'not': this.addFilter(filter.field); break
      case 'columnComparison': filter.dimensions.forEach(dimension => this.addTexts(dimension)); break
      default: {
        const texts = (LEAVES[filter.type] as LeafKind).texts?.(filter)
        if (texts === undefined) this.addTexts(filter.dimension)
        else this.addLookups(filter.dimension, texts)
      }
    }
  }

  private addLookups(column: string, texts: readonly string[]): void {
    if (!this.hasTexts(column)) return
    const known = this.lookups.get(column) ?? new Set()
    this.lookups.set(column, known)
    for (const text of texts) known.add(text)
  }

  private addTexts(column: string): void {
    if (this.hasTexts(column)) this.texts.add(column)
  }

  private hasTexts(column: string): boolean {
    return this.columns.get(column)!.dictionary !== null
  }
}
