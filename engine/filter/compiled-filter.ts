import type { Filter } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'
import { filterDimensions } from './dimensions.js'
import { compileFilter, type RowTest } from './filter.js'

/** A filter made ready for the texts that there are; where rows go on coming, again when there are more. */
export class CompiledFilter {
  private readonly filter: Filter
  private readonly dictionaryOf: (name: string) => Dictionary | null
  private readonly dictionaries: readonly Dictionary[]
  private texts: number
  private compiled: RowTest | null

  constructor(filter: Filter, dictionaryOf: (name: string) => Dictionary | null, continues: boolean) {
    this.filter = filter
    this.dictionaryOf = dictionaryOf
    this.dictionaries = !continues ? [] : [...filterDimensions(filter)].map(dictionaryOf).filter(dictionary => dictionary !== null)
    this.texts = this.countTexts()
    this.compiled = compileFilter(filter, dictionaryOf)
  }

  /** null where every row passes. */
  get test(): RowTest | null {
    const texts = this.countTexts()
    if (texts !== this.texts) {
      this.texts = texts
      this.compiled = compileFilter(this.filter, this.dictionaryOf)
    }
    return this.compiled
  }

  /** Dictionaries only grow. */
  private countTexts(): number {
    return this.dictionaries.reduce((sum, { size }) => sum + size, 0)
  }
}
