/** Bounds on a query, checked before anything walks it recursively. */
import { isDeeperThan } from './json.js'
import type { Issues } from './issues.js'

/** No query that a person or a program means is nested deeper; recursion stays far from the end of the stack. */
const MAX_DEPTH = 100
const TOO_DEEP = `the query is nested deeper than ${MAX_DEPTH} levels, expected fewer`

/** Enough for an `in` of 100,000 identifiers; the whole check stays under 100 ms. */
const MAX_VALUES = 200_000

/** Characters of a query's text: 100,000 UUIDs fit, and JSON.parse reads it in some 20 ms. */
const MAX_TEXT = 4 * 1024 * 1024

/** Whether a text may be parsed; a fault is reported. */
export function checkText(text: string, issues: Issues): boolean {
  if (text.length > MAX_TEXT) {
    const limit = MAX_TEXT.toLocaleString('en-US')
    issues.add('too_large', '', `the query has ${text.length.toLocaleString('en-US')} characters, expected at most ${limit}`)
    return false
  }
  if (isDeeperThan(MAX_DEPTH, text)) {
    issues.add('too_deep', '', TOO_DEEP)
    return false
  }
  return true
}

/** Whether the value is within the bounds; a fault is reported. A value that holds itself is too deep. */
export function checkSize(input: unknown, issues: Issues): boolean {
  let level: unknown[] = [input]
  let count = 1
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) {
      issues.add('too_deep', '', TOO_DEEP)
      return false
    }
    const children: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      const held: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
      count += held.length
      if (count > MAX_VALUES) {
        issues.add('too_large', '', `the query has more than ${MAX_VALUES.toLocaleString('en-US')} values, expected fewer`)
        return false
      }
      for (const child of held) if (typeof child === 'object' && child !== null) children.push(child)
    }
    level = children
  }
  return true
}
