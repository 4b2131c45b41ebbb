/** The columns of a Druid answer: where each is in a row of the engine's, and how its values are printed. */
import { below, orList, quote } from '../issues.js'
import type { Context } from '../context.js'
import type { QueryResult, ResultValue } from '../input.js'
import type { DruidAggregator } from './aggregators.js'
import type { DruidDimension } from './dimensions.js'
import type { DruidRow } from './result.js'

export interface OutputColumn {
  readonly name: string
  /** Position in a row of the engine's: 0 is the timestamp. */
  readonly index: number
  readonly print: (value: ResultValue) => ResultValue
}

/** In the order of the engine's rows. Of two of one name the later is what Druid answers with. */
export class OutputColumns {
  readonly #columns: readonly OutputColumn[]

  constructor(dimensions: readonly DruidDimension[], aggregators: readonly DruidAggregator[]) {
    this.#columns = [
      ...dimensions.map(({ dimension: { name }, asText }, at) => ({ name, index: 1 + at, print: asText ? printText : printAsIs })),
      ...aggregators.map(({ name, isRounded }, at) => ({ name, index: 1 + dimensions.length + at, print: isRounded ? printRounded : printAsIs }))
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

  rowOf(row: QueryResult['data'][number]): DruidRow {
    return Object.fromEntries(this.#columns.map(({ name, index, print }) => [name, print(row[index]!)]))
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
