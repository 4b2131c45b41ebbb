/** A leaf filter as a test of one value at a time, for what is no column of a segment. */
import { LEAVES } from './filter.js'
import type { LeafFilter, LeafKind } from './leaf.js'

export function valueTest<F extends LeafFilter>(filter: F): (value: string | number | null) => boolean {
  const kind = LEAVES[filter.type] as LeafKind<F>
  const text = kind.text(filter)
  const number = kind.number(filter)
  const missing = kind.missing(filter)
  return value => value === null ? missing : typeof value === 'number' ? number(value) : text(value)
}
