const DAY = /T00:00:00\.000Z$/
const MINUTE_MS = 60_000

/** A stretch of time (epoch ms) for a progress line, in UTC and no more exact than it needs: `2025-01-01 .. 2025-06-30`, `2025-01-01 03:00 .. 06:00`. */
export function stretchText(from: number, to: number): string {
  const [start, end] = [from, to].map(ms => new Date(ms).toISOString()) as [string, string]
  if (DAY.test(start) && DAY.test(end)) return `${start.slice(0, 10)} .. ${end.slice(0, 10)}`
  const digits = to - from < MINUTE_MS ? 23 : 16
  const isOneDay = start.slice(0, 10) === end.slice(0, 10)
  return `${start.slice(0, digits)} .. ${end.slice(isOneDay ? 11 : 0, digits)}`.replaceAll('T', ' ')
}
