/**
 * Cuts text that comes in pieces into queries. Framing:
 * - a line that is JSON on its own is one query, known as soon as its line feed is read;
 * - any other line begins a value over several lines, which ends with the line that closes its last bracket;
 * - a line that is a whole query by itself (an object with `interval` or `queryType`) always begins anew: what was open before it was
 *   cut off, and is one faulty query. So a broken query never swallows those after it;
 * - a first line that ends inside a string cannot become JSON: it is faulty at once, for the program that waits for its answer.
 * Blank lines mean nothing.
 */

/** As long as the language takes; a line without end must not fill the memory. In UTF-16 units. */
export const MAX_QUERY_LENGTH = 4 * 1024 * 1024

export interface QueryText {
  /** JSON, or what was meant to be. Null where it was longer than MAX_QUERY_LENGTH and was dropped. */
  readonly text: string | null
  /** Line in the input where it begins, from 1. */
  readonly line: number
}

export async function* splitQueries(input: AsyncIterable<string>): AsyncGenerator<QueryText> {
  const splitter = new Splitter()
  for await (const line of splitLines(input)) {
    yield* splitter.push(line)
  }
  yield* splitter.end()
}

class Splitter {
  #line = 0
  #begun = 0
  #pending = ''
  #depth = 0

  /** @param line null for one that is too long */
  push(line: string | null): QueryText[] {
    this.#line++
    if (line === null || this.#pending.length + line.length > MAX_QUERY_LENGTH) return [this.#drop()]
    if (line.trim() === '') return []
    const cutOff = this.#pending !== '' && isQuery(line) ? this.end() : []
    const first = this.#pending === ''
    if (first) this.#begun = this.#line
    const { depth, open } = scan(line, this.#depth)
    this.#pending += `${line}\n`
    this.#depth = depth
    return depth <= 0 || (first && open) ? [...cutOff, ...this.end()] : cutOff
  }

  end(): QueryText[] {
    const whole = this.#pending === '' ? [] : [{ text: this.#pending, line: this.#begun }]
    this.#reset()
    return whole
  }

  #drop(): QueryText {
    const line = this.#pending === '' ? this.#line : this.#begun
    this.#reset()
    return { text: null, line }
  }

  #reset(): void {
    this.#pending = ''
    this.#depth = 0
  }
}

/** Bracket depth after the line, and whether it ends inside a string. JSON has no line feeds in strings, so each line begins outside. */
function scan(line: string, before: number): { depth: number, open: boolean } {
  let depth = before
  let open = false
  for (let i = 0; i < line.length; i++) {
    const sign = line.charCodeAt(i)
    if (open) {
      if (sign === 0x5c) i++
      else if (sign === 0x22) open = false
    } else if (sign === 0x22) open = true
    else if (sign === 0x7b || sign === 0x5b) depth++
    else if (sign === 0x7d || sign === 0x5d) depth--
  }
  return { depth, open }
}

function isQuery(line: string): boolean {
  if (!line.trimStart().startsWith('{') || !line.trimEnd().endsWith('}')) return false
  try {
    const value = JSON.parse(line) as object
    return Object.hasOwn(value, 'interval') || Object.hasOwn(value, 'queryType')
  } catch {
    return false
  }
}

/** Lines without their ends; null for one that is too long. A last line needs no line feed. */
async function* splitLines(input: AsyncIterable<string>): AsyncGenerator<string | null> {
  let rest = ''
  let tooLong = false
  let start = true
  for await (const chunk of input) {
    const text = start && chunk.startsWith('\ufeff') ? chunk.slice(1) : chunk
    start &&= chunk === ''
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      yield tooLong ? null : rest + text.slice(from, at)
      rest = ''
      tooLong = false
      from = at + 1
    }
    if (!tooLong) rest += text.slice(from)
    if (rest.length > MAX_QUERY_LENGTH) {
      tooLong = true
      rest = ''
    }
  }
  if (tooLong) yield null
  else if (rest !== '') yield rest
}
