/** Names further apart than this share of their length are not meant. */
const MAX_SHARE = 0.4

/** ` Did you mean "name"?`, or nothing where no name is near. */
export function suggestion(name: string, known: readonly string[]): string {
  let best = ''
  let least = Infinity
  for (const candidate of known) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase())
    if (apart < least && apart <= Math.max(1, Math.max(name.length, candidate.length) * MAX_SHARE)) [best, least] = [candidate, apart]
  }
  return best === '' ? '' : ` Did you mean ${JSON.stringify(best)}?`
}

/** Levenshtein: characters to put in, take out or exchange. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
