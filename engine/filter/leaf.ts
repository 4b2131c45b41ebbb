/** What a leaf filter says about one value; one file per kind provides it. */
import type { Filter } from '../../dsl/query.js'

export type LeafFilter = Extract<Filter, { dimension: string }>

export interface LeafKind<F extends LeafFilter = LeafFilter> {
  /** Does a text (or an element of an array) match? Asked once per distinct text. */
  text(filter: F): (text: string) => boolean
  /** Does a number match? */
  number(filter: F): (value: number) => boolean
  /** Does a missing value match? */
  missing(filter: F): boolean
  /** The only texts that can match, where they are known: they are looked up instead of trying every text. */
  texts?(filter: F): readonly string[]
  /** The closed range of numbers that match, where that says it all. */
  range?(filter: F): readonly [low: number, high: number] | null
}
