import type { LeafFilter, LeafKind } from './leaf.js'

type Search = Extract<LeafFilter, { type: 'search' }>

export const search: LeafKind<Search> = {
  text: ({ values, caseSensitive }) => {
    if (caseSensitive) return text => values.every(value => text.includes(value))
    const wanted = values.map(foldCase)
    return text => {
      const folded = foldCase(text)
      return wanted.every(value => folded.includes(value))
    }
  },
  number: filter => {
    const matches = search.text(filter)
    return number => matches(String(number))
  },
  missing: () => false
}

const ASCII = /^[\0-\x7f]*$/

/**
 * Upper and lower case made one, character by character: unlike `toLowerCase` of the whole text, a letter folds the same
 * wherever it stands (a Greek sigma at the end of a word), and the number of characters stays.
 */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  let folded = ''
  for (const character of text) {
    const upper = single(character, character.toUpperCase())
    folded += single(upper, upper.toLowerCase())
  }
  return folded
}

/** The changed character where it is one, else the unchanged. */
function single(character: string, changed: string): string {
  const [first] = changed
  return first?.length === changed.length ? changed : character
}
