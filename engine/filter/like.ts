import type { LeafFilter, LeafKind } from './leaf.js'

type Like = Extract<LeafFilter, { type: 'like' }>

/** A piece of a pattern: literal characters, `_` (one character) or `%` (any number). */
type Token = string | typeof ANY_ONE | typeof ANY_MANY
const ANY_ONE = Symbol('_')
const ANY_MANY = Symbol('%')

export const like: LeafKind<Like> = {
  text: filter => matcher(filter),
  number: filter => {
    const matches = matcher(filter)
    return number => matches(String(number))
  },
  missing: () => false
}

/** SQL LIKE over code points. Linear in text × pattern at worst: `%` remembers only its last place. */
function matcher({ pattern, escape }: Like): (text: string) => boolean {
  const tokens = tokenise(pattern, escape)
  return text => {
    const characters = [...text]
    let at = 0
    let token = 0
    let retryToken = -1
    let retryAt = 0
    while (at < characters.length) {
      if (tokens[token] === ANY_MANY) {
        retryToken = ++token
        retryAt = at
      } else if (token < tokens.length && (tokens[token] === ANY_ONE || tokens[token] === characters[at])) {
        token++
        at++
      } else if (retryToken >= 0) {
        token = retryToken
        at = ++retryAt
      } else {
        return false
      }
    }
    while (tokens[token] === ANY_MANY) token++
    return token === tokens.length
  }
}

function tokenise(pattern: string, escape: string | null): Token[] {
  const tokens: Token[] = []
  let escaped = false
  for (const character of pattern) {
    if (escaped) {
      tokens.push(character)
      escaped = false
    } else if (character === escape) escaped = true
    else if (character === '_') tokens.push(ANY_ONE)
    else if (character === '%') tokens.push(ANY_MANY)
    else tokens.push(character)
  }
  return tokens
}
