/** Figures of repeated runs. */

export interface Spread {
  readonly min: number
  readonly median: number
}

export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no runs to summarise')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { min: sorted[0]!, median }
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
