/** How long sessions are kept. */
import { SessionqlError } from '../dsl/errors.js'
import { parsePeriod, type Period } from '../dsl/period.js'

/** @throws SessionqlError `invalid_config` where `text` is no ISO-8601 period */
export function parseRetention(text: string): Period {
  const period = parsePeriod(text)
  if (period !== null) return period
  throw new SessionqlError('invalid_config', `retention is ${JSON.stringify(text)}; it must be an ISO-8601 period such as "P90D" or "P2Y"`)
}

/** The start of the oldest session that is kept at `now`, epoch ms; months go back in the calendar of UTC. */
export function oldestKept({ months, ms }: Period, now: number): number {
  const date = new Date(now)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() - months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return date.getTime() - ms
}
