/** Readers of publica.la's shop: why they may read says much about how long they do. */
import type { Random } from '../random.js'
import { COMMUTE, lasting, regular, startIn, weighted } from './habits.js'

export interface LivelyReading {
  readonly user: number
  readonly issue: number
  readonly reason: string
  readonly seconds: number
  readonly pages: number
}

const READERS = 2_800
const ISSUES = 400
/** How many sessions have the reason, and the minutes that one lasts on average. */
const REASONS: readonly (readonly [reason: string, share: number, minutes: number])[] = [
  ['subscription', 30, 24], ['library_loan', 17, 41], ['purchase', 13, 35], ['preview', 12, 3], ['free', 9, 8], ['plan', 7, 19],
  ['membership', 4, 22], ['gift', 2, 31], ['coupon', 2, 14], ['bundle', 1.5, 17], ['license', 1.5, 12], ['retail', 0.7, 27], ['admin', 0.3, 1.5]
]
const SECONDS_A_PAGE = 48

export function livelyReading(random: Random): LivelyReading {
  const [reason, minutes] = weighted(random, REASONS.map(([name, share, mean]) => [[name, mean] as const, share] as const))
  const seconds = Math.floor(lasting(random, minutes * 60))
  return { user: 1 + regular(random, READERS), issue: 2 ** 31 + 1 + regular(random, ISSUES), reason, seconds, pages: Math.floor(seconds / SECONDS_A_PAGE) }
}

/** Starts in epoch seconds, newest first. */
export function readingStarts(random: Random, count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, () => Math.floor(startIn(random, COMMUTE, from, to) / 1000)).sort((a, b) => b - a)
}
