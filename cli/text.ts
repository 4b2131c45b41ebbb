/** Text on a terminal: how wide it is, how it is cut and padded. */
import stringWidth from 'string-width'
import { PLAIN } from './displayable.js'

const segmenter = new Intl.Segmenter()

/** Columns that the text takes on a terminal; escape sequences take none. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/** At most `columns` wide, with an ellipsis where something was cut off; never half a character. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = width(segment)
    if (used + next > columns - 1) break
    kept += segment
    used += next
  }
  return `${kept}…`
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text
}

/** Where a name may be broken, and where a sentence. */
export const NAME_BREAKS = /(?<=[_\s./:-])/
export const WORD_BREAKS = /(?<=\s)/

/** Lines of at most `columns`, broken at `breaks` where possible. */
export function wrap(text: string, columns: number, breaks: RegExp): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.split(breaks).flatMap(part => width(part) > columns ? slices(part, columns) : part)) {
    if (line !== '' && width(line + piece.trimEnd()) > columns) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += piece
  }
  return [...lines, line.trimEnd()]
}

function slices(text: string, columns: number): string[] {
  const parts: string[] = []
  for (const { segment } of segmenter.segment(text)) {
    const last = parts.length - 1
    if (last >= 0 && width(parts[last]! + segment) <= columns) parts[last] += segment
    else parts.push(segment)
  }
  return parts
}
