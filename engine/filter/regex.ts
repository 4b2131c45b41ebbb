import { RE2JS } from 're2js'
import type { LeafFilter, LeafKind } from './leaf.js'

type Regex = Extract<LeafFilter, { type: 'regex' }>

/** RE2: linear time whatever the pattern. As in Druid, a match anywhere in the text counts. */
export const regex: LeafKind<Regex> = {
  text: ({ pattern }) => {
    const compiled = RE2JS.compile(pattern)
    return text => compiled.matcher(text).find()
  },
  number: filter => {
    const matches = regex.text(filter)
    return number => matches(String(number))
  },
  missing: () => false
}
