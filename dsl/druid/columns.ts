/** The columns of a Druid answer: where each is in a row of the engine's, and how its values are printed. */
import { below, orList, quote } from '../issues.js'
import type { Context } from '../context.js'
import { normaliseHaving, OutputContext, type RawHaving } from '../having.js'
import type { QueryResult, ResultValue } from '../input.js'
import type { ColumnType, Filter } from '../query.js'
import type { DruidAggregator } from './aggregators.js'
import type { DruidDimension } from './dimensions.js'
import type { DruidPostAggregator } from './post-aggregators.js'
import type { DruidRow } from './result.js'

export interface OutputColumn {
  readonly name: string
  /** Name of the engine's column. */
  readonly own: string
  readonly type: ColumnType | undefined
  /** Position in a row of the engine's: 0 is the timestamp. */
  readonly index: number
  readonly print: (value: ResultValue) => ResultValue
}

/** In the order of the engine's rows. Of two of one name the later is what Druid answers with. */
export class OutputColumns {
  readonly #columns: readonly OutputColumn[]
  readonly #dimensions: readonly string[]

  constructor(dimensions: readonly DruidDimension[], aggregators: readonly DruidAggregator[], postAggregators: readonly DruidPostAggregator[]) {
    const metrics = 1 + dimensions.length
    const computed = metrics + aggregators.length
    this.#dimensions = dimensions.map(({ dimension: { name } }) => name)
    this.#columns = [
      ...dimensions.map(({ dimension: { name }, type, asText }, at): OutputColumn =>
        ({ name, own: ownName(at), type, index: 1 + at, print: asText ? printText : printAsIs })),
      ...aggregators.map(({ aggregation, name, isRounded, valueType }, at): OutputColumn =>
        ({ name, own: aggregation.name, type: valueType, index: metrics + at, print: isRounded ? printRounded : printAsIs })),
      ...postAggregators.map(({ postAggregation, name }, at): OutputColumn =>
        ({ name, own: postAggregation.name, type: 'number', index: computed + at, print: printAsIs }))
    ]
  }

  get names(): readonly string[] {
    return this.#columns.map(({ name }) => name)
  }

  /** Position of a column in a row of the engine's; an unknown one is reported. */
  indexOf(name: string, context: Context, pointer: string): number {
    const column = this.#columns.findLast(one => one.name === name)
    if (column !== undefined) return column.index
    context.issues.add('invalid_value', pointer, `the answer has no column ${quote(name)}, expected ${orList(this.names)}`, name, this.names)
    return 0
  }

  /** A having as a filter over the engine's columns. */
  havingOf(raw: RawHaving | undefined, context: Context): Filter {
    const hasAll = !['/aggregations', '/postAggregations', '/dimensions'].some(pointer => context.issues.has(pointer))
    const types = hasAll ? new Map(this.#columns.map(({ name, type }) => [name, type])) : null
    const having = normaliseHaving(raw, new OutputContext(types, this.#dimensions, context))
    return hasAll ? renamed(having, name => this.#columns.findLast(one => one.name === name)?.own ?? name) : having
  }

  rowOf(row: QueryResult['data'][number]): DruidRow {
    return Object.fromEntries(this.#columns.map(({ name, index, print }) => [name, print(row[index]!)]))
  }
}

/** Name of the engine's column of a dimension. */
export function ownName(dimension: number): string {
  return `dimension ${dimension}`
}

function renamed(filter: Filter, ownOf: (name: string) => string): Filter {
  switch (filter.type) {
    case 'true':
    case 'false': return filter
    case 'and':
    case 'or': return { ...filter, fields: filter.fields.map(field => renamed(field, ownOf)) }
    case 'not': return { ...filter, field: renamed(filter.field, ownOf) }
    case 'columnComparison': return { ...filter, dimensions: filter.dimensions.map(ownOf) }
    default: return { ...filter, dimension: ownOf(filter.dimension) }
  }
}

function printAsIs(value: ResultValue): ResultValue {
  return value
}

function printText(value: ResultValue): ResultValue {
  return value === null ? null : String(value)
}

function printRounded(value: ResultValue): ResultValue {
  return typeof value === 'number' ? Math.round(value) : value
}

/** Reports aggregators of one name. */
export function checkOutputNames(columns: readonly { readonly name: string, readonly pointer: string }[], context: Context): void {
  const taken = new Set<string>()
  for (const { name, pointer } of columns) {
    if (taken.has(name)) context.issues.add('duplicate_name', below(pointer, 'name'), `there is another output column ${quote(name)}, expected another name`)
    taken.add(name)
  }
}
