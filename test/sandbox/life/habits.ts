/** How people behave: hours and weekdays, favourites, and those who come back. */
import type { Random } from '../random.js'

export interface Rhythm {
  /** Weight of each hour of the day in Helsinki, from midnight on. */
  readonly hours: readonly number[]
  /** Weight of Saturdays, Sundays and holidays, where a working day has 1. */
  readonly weekend: number
}

export type Weighted<T> = readonly (readonly [value: T, weight: number])[]

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In winter, which is when the demo takes place. */
const HELSINKI_OFFSET = 2 * HOUR
/** 1 January 1970 was a Thursday, the fifth day of a week from Sunday. */
const EPOCH_WEEKDAY = 4
/** Finland's holidays around the turn of the year. */
const HOLIDAYS = new Set(['12-24', '12-25', '12-26', '01-01', '01-06'])

/** A web shop with a desk that answers in office hours. */
export const OFFICE: Rhythm = { hours: [1, 1, 0, 0, 0, 1, 3, 6, 11, 15, 16, 15, 14, 15, 15, 14, 11, 9, 8, 8, 7, 5, 3, 2], weekend: 0.3 }
/** Bookings, over lunch and after work. */
export const SHOPPING: Rhythm = { hours: [1, 0, 0, 0, 0, 0, 2, 4, 6, 7, 9, 13, 14, 9, 7, 7, 9, 12, 14, 15, 14, 11, 6, 3], weekend: 0.8 }
/** Video, in the evening and all weekend. */
export const EVENING: Rhythm = { hours: [5, 2, 1, 1, 0, 1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6, 8, 11, 15, 19, 22, 21, 16, 10], weekend: 1.4 }
/** Reading, on the way to work, on the way back and in bed. */
export const COMMUTE: Rhythm = { hours: [3, 1, 1, 0, 1, 3, 9, 15, 12, 5, 4, 4, 6, 5, 4, 6, 11, 12, 8, 8, 11, 15, 13, 7], weekend: 0.6 }

/** An instant in [from, to), epoch ms. */
export function startIn(random: Random, { hours, weekend }: Rhythm, from: number, to: number): number {
  const most = Math.max(...hours) * Math.max(1, weekend)
  for (;;) {
    const at = from + Math.floor(random.next() * (to - from))
    const local = at + HELSINKI_OFFSET
    const weight = (hours[Math.floor(local % DAY / HOUR)] ?? 0) * (isFree(local) ? weekend : 1)
    if (random.next() * most < weight) return at
  }
}

function isFree(local: number): boolean {
  const weekday = (Math.floor(local / DAY) + EPOCH_WEEKDAY) % 7
  return weekday === 0 || weekday === 6 || HOLIDAYS.has(new Date(local).toISOString().slice(5, 10))
}

export function weighted<T>(random: Random, values: Weighted<T>): T {
  let left = random.next() * values.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of values) {
    left -= weight
    if (left < 0) return value
  }
  throw new RangeError('nothing to pick from')
}

/** One of so many people, 0 first: few come often, most seldom. */
export function regular(random: Random, people: number): number {
  return Math.floor(people * random.next() ** 2)
}

/** Many short and few long ones around `mean`, which none passes eight times. */
export function lasting(random: Random, mean: number): number {
  return Math.min(8 * mean, -mean * Math.log(1 - random.next()))
}

/** Each value with its own probability, in their order. */
export function some<T>(random: Random, values: Weighted<T>): T[] {
  return values.flatMap(([value, probability]) => random.chance(probability) ? [value] : [])
}
