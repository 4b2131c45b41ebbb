/** Text on a terminal: what may be shown, how wide it is, how it is cut and padded. */
import stringWidth from 'string-width'

const C0_PICTURES = 0x2400
const DELETE_PICTURE = '\u2421'
/** Control characters, and the bidirectional marks that can reorder a line: data must not drive the terminal. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
// oxlint-disable-next-line no-control-regex
const PLAIN = /^[\u0020-\u007e]*$/

const segmenter = new Intl.Segmenter()

/** The text with every control character as a visible sign, so that a value stays in its cell. */
export function displayable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNSAFE, sign => {
    const code = sign.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(C0_PICTURES + code)
    return code === 0x7f ? DELETE_PICTURE : '\ufffd'
  })
}

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
