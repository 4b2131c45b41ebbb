/** What of a text may be shown on a terminal. Apart from `text.ts`, which takes a while to load. */
const C0_PICTURES = 0x2400
const DELETE_PICTURE = '\u2421'
/** Control characters, and the bidirectional marks that can reorder a line: data must not drive the terminal. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** Letters, digits and signs of ASCII alone. */
// oxlint-disable-next-line no-control-regex
export const PLAIN = /^[\u0020-\u007e]*$/

/** The text with every control character as a visible sign, so that a value stays in its cell. */
export function displayable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNSAFE, sign => {
    const code = sign.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(C0_PICTURES + code)
    return code === 0x7f ? DELETE_PICTURE : '\ufffd'
  })
}
