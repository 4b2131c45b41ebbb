/** Counts in sentences. */

/** `1 session`, `2,000 sessions`. */
export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}
