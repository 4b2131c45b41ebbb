/** Plain data as indented text that a person reads: `key: value`, a level of indentation for what is nested. */
import { displayable } from './displayable.js'

/** A list of plain values up to this length stays on its line. */
const MAX_INLINE = 100
const INDENT = '  '

/** Lines, each ending with a line feed. */
export function* outline(value: unknown, depth = 0): Generator<string> {
  const indent = INDENT.repeat(depth)
  if (!isNested(value)) {
    yield `${indent}${plain(value)}\n`
    return
  }
  for (const [key, item] of Array.isArray(value) ? value.map(one => ['-', one] as const) : Object.entries(value)) {
    const name = key === '-' ? '-' : `${displayable(key)}:`
    const inline = inlineText(item)
    if (inline !== null) yield `${indent}${name} ${inline}\n`
    else {
      yield `${indent}${name}\n`
      yield* outline(item, depth + 1)
    }
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Null where the value takes lines of its own. */
function inlineText(value: unknown): string | null {
  if (!isNested(value)) return plain(value)
  const entries = Object.entries(value)
  if (entries.some(([, item]) => isNested(item))) return null
  const text = Array.isArray(value) ? value.map(plain).join(', ') : entries.map(([key, item]) => `${displayable(key)}=${plain(item)}`).join(' ')
  return text.length <= MAX_INLINE ? text || '(none)' : null
}

function plain(value: unknown): string {
  return typeof value === 'string' && /^[^\s,="\p{C}]+$/u.test(value) ? displayable(value) : displayable(JSON.stringify(value) ?? String(value))
}
