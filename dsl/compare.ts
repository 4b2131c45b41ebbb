/** The comparison of an answer with that of another interval: its JSON Schema, and how it becomes a checked one. */
import { addMonths } from './civil.js'
import type { Context } from './context.js'
import { normaliseInterval, shift, SPAN_SCHEMA, type RawSpan } from './intervals.js'
import { quote } from './issues.js'
import { DAY } from './period.js'
import type { Comparisons, Interval, Span } from './query.js'
import type { Schema } from './json-schema.js'
import { zoneOf, type Zone } from './zone.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawCompare {
  readonly to?: string | RawSpan
}

const PREVIOUS_PERIOD = 'previous_period'
const PREVIOUS_YEAR = 'previous_year'

export const COMPARE_SCHEMA: Schema = {
  type: 'object',
  description: 'Adds to every column the value of another interval and the change since then.',
  properties: {
    to: {
      description: 'With what: the period just before, the same period a year before, or an interval of your own.',
      oneOf: [
        { type: 'string', description: '"previous_period", "previous_year" or "start/end".', examples: [PREVIOUS_PERIOD, PREVIOUS_YEAR, '2018-12-01/2019-01-01'] },
        SPAN_SCHEMA
      ]
    }
  },
  required: ['to'],
  additionalProperties: false
}

/** The other interval, or null where a fault was reported. */
export function normaliseCompare({ to }: RawCompare, interval: Interval, context: Context): Interval | null {
  if (to === undefined) return null
  const { timeZone } = interval
  if (to === PREVIOUS_PERIOD || to === PREVIOUS_YEAR) {
    if (interval.spans !== undefined) {
      context.issues.add('invalid_value', '/compare/to', `a list of intervals has no ${to}, expected one interval, or another to compare with`)
    }
    return { ...to === PREVIOUS_YEAR ? yearBefore(interval) : periodBefore(interval), timeZone }
  }
  if (typeof to === 'string' && !to.includes('/')) {
    context.issues.add('invalid_value', '/compare/to', `got ${quote(to)}, expected ${PREVIOUS_PERIOD}, ${PREVIOUS_YEAR} or an interval`, to, [PREVIOUS_PERIOD, PREVIOUS_YEAR])
    return null
  }
  const queryZone = context.timeZone
  const other = normaliseInterval(to, context, '/compare/to')
  context.timeZone = queryZone
  return { ...other, timeZone }
}

/** Columns that compare the named ones, two for each; `metrics` are the columns that are no dimensions, in their order. */
export function comparisonsOf(metrics: readonly string[]): Comparisons['columns'] {
  return metrics.map((name, metric) => ({ metric, previous: `${name}_previous`, change: `${name}_change` }))
}

function yearBefore({ start, end, timeZone }: Interval): Span {
  return { start: shift(start, 'P1Y', -1, timeZone), end: shift(end, 'P1Y', -1, timeZone) }
}

/** As many months or days where the interval is whole ones of its zone, else the same time. It ends where the interval starts. */
function periodBefore({ start, end, timeZone }: Interval): Span {
  const zone = zoneOf(timeZone)!
  const from = localDay(start, zone)
  const to = localDay(end, zone)
  if (from === null || to === null || end === start) return { start: start - (end - start), end: start }
  const [first, last] = [new Date(from), new Date(to)]
  const isMonths = first.getUTCDate() === 1 && last.getUTCDate() === 1
  const months = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth()
  return { start: zone.firstInstant(isMonths ? addMonths(from, -months) : from - (to - from)), end: start }
}

/** The local midnight with which an instant begins a day; null where it is inside one. */
function localDay(instant: number, zone: Zone): number | null {
  if (!Number.isFinite(instant)) return null
  const day = Math.floor((instant + zone.spanAt(instant).offset) / DAY) * DAY
  return zone.firstInstant(day) === instant ? day : null
}
