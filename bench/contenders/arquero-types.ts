/** The part of Arquero that is used; it is installed with bench/package.json. Expressions are texts that it compiles. */

export type Expressions = Readonly<Record<string, string>>

export interface ArqueroTable {
  numRows(): number
  params(values: Readonly<Record<string, unknown>>): ArqueroTable
  filter(expression: string): ArqueroTable
  derive(columns: Expressions): ArqueroTable
  unroll(column: string): ArqueroTable
  select(...columns: readonly string[]): ArqueroTable
  groupby(...groups: readonly (string | Expressions)[]): ArqueroTable
  rollup(columns: Expressions): ArqueroTable
  /** Rows a group, in the column `count`. */
  count(): ArqueroTable
  orderby(...columns: readonly unknown[]): ArqueroTable
  slice(from: number, to: number): ArqueroTable
  objects(): Record<string, unknown>[]
}

export interface Arquero {
  table(columns: Readonly<Record<string, readonly unknown[]>>): ArqueroTable
  desc(column: string): unknown
}
