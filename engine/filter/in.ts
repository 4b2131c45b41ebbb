import type { LeafFilter, LeafKind } from './leaf.js'

type In = Extract<LeafFilter, { type: 'in' }>

export const inList: LeafKind<In> = {
  text: ({ values }) => {
    const set = new Set(values)
    return text => set.has(text)
  },
  number: ({ values }) => {
    const set = new Set(values)
    return number => set.has(number)
  },
  missing: ({ values }) => values.includes(null),
  texts: ({ values }) => values.filter(value => value !== null).map(String)
}
