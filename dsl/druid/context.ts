/** The columns of a Druid query. A column that no session has is null in every row [druid], where our own language reports it. */
import { Context } from '../context.js'
import { quote } from '../issues.js'
import type { ColumnType, DerivedColumn } from '../query.js'
import { TIME, TIME_COLUMN } from './tidy.js'

export class DruidContext extends Context {
  readonly #derived = new Map<string, DerivedColumn>()

  get derived(): readonly DerivedColumn[] {
    return [...this.#derived.values()]
  }

  override typeOf(name: string): ColumnType | undefined {
    const type = this.columns?.get(name)
    if (type !== undefined || this.columns === undefined) return type
    return this.#derive({ type: 'missing', name, of: 'string' }).of
  }

  /** The column behind a name of Druid's. */
  column(name: string): { readonly column: string, readonly type: ColumnType | undefined } {
    const column = name === TIME ? TIME_COLUMN : name
    return { column, type: this.typeOf(column) }
  }

  /** The column that holds the numbers of another, cut off towards zero where `whole`. An array is reported. */
  numbersOf(name: string, whole: boolean, pointer: string): string {
    const { columns } = this
    const column = name === TIME ? TIME_COLUMN : name
    const type = columns?.get(column)
    if (columns === undefined || (type === 'number' && !whole)) return column
    if (type === undefined) return this.#derive({ type: 'missing', name: this.#fresh(`numbers of ${column}`), of: 'number' }).name
    if (type === 'strings') this.issues.add('not_numeric', pointer, `${quote(column)} is an array of strings, expected numbers`)
    return this.#derive({ type: 'number', name: this.#fresh(`${whole ? 'whole ' : ''}numbers of ${column}`), column, whole }).name
  }

  #derive<Derived extends DerivedColumn>(derived: Derived): Derived {
    this.#derived.set(derived.name, derived)
    return derived
  }

  #fresh(name: string): string {
    return this.columns!.has(name) ? this.#fresh(`${name}'`) : name
  }
}
