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
