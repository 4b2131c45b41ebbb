/** What is wrong with a text that should be JSON. Engines word it differently, and some give no position. */
import type { QueryIssue } from './errors.js'
import { cut, quote } from './issues.js'

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or }' | 'comma or ]' | 'end'

const WORDS: Record<Expected, string> = {
  'value': 'a value',
  'value or ]': 'a value or ]',
  'key': 'a key in double quotes',
  'key or }': 'a key in double quotes or }',
  'colon': ': after the key',
  'comma or }': ', or }',
  'comma or ]': ', or ]',
  'end': 'nothing more'
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const SPACE = /[ \t\n\r]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
const WORD = /[\w.+-]+|./suy

/** The fault of a text that JSON.parse refuses: line and column (from 1), what was got and what is expected. */
export function jsonFault(text: string): QueryIssue {
  if (text.trim() === '') return { code: 'invalid_json', pointer: '', message: 'The query is empty, expected one JSON object.' }
  const { offset, expected } = findFault(text)
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/)
  const place = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
  const what = offset >= text.length ? `it ends at ${place}` : `got ${got(text, offset)} at ${place}`
  return { code: 'invalid_json', pointer: '', message: `The text is not JSON: ${what}, expected ${WORDS[expected]}${habit(text, offset)}.` }
}

/** Whether brackets are nested deeper than `limit`, found without parsing: JSON.parse spends 100 ns a bracket. */
export function isDeeperThan(limit: number, text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) inString = !inString
    else if (inString) i += char === BACKSLASH ? 1 : 0
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > limit) return true
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--
  }
  return false
}

/** What other notations allow and JSON does not, where that is the fault. */
function habit(text: string, offset: number): string {
  const rest = text.slice(offset, offset + 'Infinity'.length + 1)
  if (/^[\]}]/.test(rest) && /,\s*$/.test(text.slice(0, offset))) return '; JSON has no comma after the last item'
  if (rest.startsWith("'")) return '; keys and texts stand in double quotes'
  if (/^(?:\/[/*]|#|--)/.test(rest)) return '; JSON has no comments'
  if (/^[+-]?(?:NaN|Infinity)\b/.test(rest)) return '; numbers are finite'
  if (/^(?:True|False|None)\b/.test(rest)) return '; the words are true, false and null'
  return /^\s*(?:select|with)\b/i.test(text) ? '; a query is a JSON object and not SQL' : ''
}

function findFault(text: string): { offset: number, expected: Expected } {
  const open: string[] = []
  let expected: Expected = 'value'
  let offset = 0
  for (;;) {
    offset = skip(SPACE, text, offset)
    const after = step(text, offset, expected, open)
    if (after === null) return { offset, expected }
    offset = after.offset
    expected = after.expected
  }
}

/** The offset and the expectation after the next token, or null where it is not what is expected. `open` holds unclosed brackets. */
function step(text: string, offset: number, expected: Expected, open: string[]): { offset: number, expected: Expected } | null {
  const char = text.charAt(offset)
  const closes = (expected.endsWith('}') && char === '}') || (expected.endsWith(']') && char === ']')
  if (closes) {
    open.pop()
    return { offset: offset + 1, expected: afterValue(open) }
  }
  if (expected === 'colon') return char === ':' ? { offset: offset + 1, expected: 'value' } : null
  if (expected.startsWith('comma')) return char === ',' ? { offset: offset + 1, expected: open.at(-1) === '{' ? 'key' : 'value' } : null
  if (expected === 'end') return null
  const isKey = expected.startsWith('key')
  if (!isKey && (char === '{' || char === '[')) {
    open.push(char)
    return { offset: offset + 1, expected: char === '{' ? 'key or }' : 'value or ]' }
  }
  const end = char === '"' ? stringEnd(text, offset) : isKey ? offset : skip(SCALAR, text, offset)
  return end === offset ? null : { offset: end, expected: isKey ? 'colon' : afterValue(open) }
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'end' : open.at(-1) === '{' ? 'comma or }' : 'comma or ]'
}

/** The offset after the string that begins at `offset`; `offset` itself where it does not end or holds what it must not. */
function stringEnd(text: string, offset: number): number {
  let at = offset + 1
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return at + 1
    const after = char === '\\' ? skip(ESCAPE, text, at) : char < ' ' ? at : at + 1
    if (after === at) break
    at = after
  }
  return offset
}

function got(text: string, offset: number): string {
  if (text.charAt(offset) === '"') {
    const end = stringEnd(text, offset)
    if (end === offset) return 'a string that has no end or a character that must be escaped'
    return cut(text.slice(offset, end))
  }
  return quote(text.slice(offset, skip(WORD, text, offset)))
}

/** The offset after what `pattern` (sticky) matches at `offset`; `offset` itself where it does not. */
function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex : offset
}
