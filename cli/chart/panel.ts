/** What one chart shows: the values of one metric, per group and bucket. */
export interface Panel {
  readonly title: string
  /** Starts of the buckets in epoch ms, ascending; empty where the result has no timestamps. */
  readonly times: readonly number[]
  /** The same starts as a person reads them. */
  readonly labels: readonly string[]
  readonly series: readonly Series[]
}

export interface Series {
  readonly label: string
  /** One value per bucket, at least one; null where the group has none. */
  readonly values: readonly (number | null)[]
}

/** Buckets of one calendar unit differ by less: 23 to 25 hours, 28 to 31 days. */
const REGULAR_RATIO = 1.2

/** Of each bucket whether the next one follows it without a hole, as far as the buckets that there are tell. */
export function followed(times: readonly number[]): boolean[] {
  const steps = times.slice(1).map((time, i) => time - times[i]!)
  const least = steps.reduce((shortest, step) => Math.min(shortest, step), Infinity)
  return steps.map(step => step <= least * REGULAR_RATIO)
}
