import { randomIntegers } from '../sketch/random.js'

/** Mostly small; now and then of several records, so that kills meet half-written batches. */
export function sizeOfBatch(batch: number): number {
  const next = randomIntegers(batch + 1)
  return next() % 4 === 0 ? 1000 + next() % 4000 : next() % 20
}
