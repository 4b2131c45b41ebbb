/** Shortest literal that can be beyond 2^53: 9007199254740993 has 16 digits. */
const MAYBE_UNSAFE = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/
const STRING_OR_UNSAFE = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * JSON.parse that keeps integers beyond 2^53 as strings: they are identifiers, and a rounded identifier is another one.
 * Throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): unknown {
  return JSON.parse(MAYBE_UNSAFE.test(text) ? text.replace(STRING_OR_UNSAFE, quoteUnsafe) : text)
}

function quoteUnsafe(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`
}

/** The parser's own words, without the quoted text around the fault. */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `not JSON: ${message.replace(/, (\.\.\.)?".*$/s, '')}`
}
