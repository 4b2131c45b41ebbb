/** Numbers that the local clock and calendar show: the hour of the day, the day of the week and so on. */
import { DAY, HOUR, MINUTE } from './period.js'
import type { TimeUnit } from './query.js'
import { zoneOf } from './zone.js'

/** A stretch of time, [from, until) in epoch ms, in which the clock shows one number. */
export interface Stretch {
  readonly from: number
  readonly until: number
  readonly value: number
}

interface Unit {
  /** The number at a local time (ms, as if UTC). */
  readonly value: (local: number) => number
  /** For this much local time, counted from a whole multiple of it, the number stays the same. */
  readonly step: number
  readonly most: number
}

/** 1970-01-01 was a Thursday. */
const THURSDAY = 3

const UNITS: { readonly [Name in TimeUnit]: Unit } = {
  minute_of_hour: { step: MINUTE, most: 59, value: local => modulo(Math.floor(local / MINUTE), 60) },
  hour_of_day: { step: HOUR, most: 23, value: local => modulo(Math.floor(local / HOUR), 24) },
  day_of_week: { step: DAY, most: 7, value: local => modulo(Math.floor(local / DAY) + THURSDAY, 7) + 1 },
  day_of_month: { step: DAY, most: 31, value: local => new Date(local).getUTCDate() },
  month_of_year: { step: DAY, most: 12, value: local => new Date(local).getUTCMonth() + 1 },
  quarter_of_year: { step: DAY, most: 4, value: local => Math.floor(new Date(local).getUTCMonth() / 3) + 1 }
}

export const TIME_UNITS = Object.keys(UNITS) as TimeUnit[]

/** `at` gives the stretch around an instant: it ends where the number may change, or the clocks do. `most` is the largest number. */
export function timeUnit(unit: TimeUnit, timeZone: string): { readonly most: number, at(instant: number): Stretch } {
  const zone = zoneOf(timeZone)!
  const { value, step, most } = UNITS[unit]
  return {
    most,
    at(instant) {
      const { start, end, offset } = zone.spanAt(instant)
      const local = instant + offset
      const from = Math.floor(local / step) * step - offset
      return { from: Math.max(start, from), until: Math.min(end, from + step), value: value(local) }
    }
  }
}

function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by
}
