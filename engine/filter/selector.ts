import type { LeafFilter, LeafKind } from './leaf.js'

type Selector = Extract<LeafFilter, { type: 'selector' }>

export const selector: LeafKind<Selector> = {
  text: ({ value }) => text => text === value,
  number: ({ value }) => number => number === value,
  missing: ({ value }) => value === null,
  texts: ({ value }) => value === null ? [] : [String(value)],
  range: ({ value }) => typeof value === 'number' ? [value, value] : null
}
