/**
 * What the threads of a query tell each other of the one group that all of them gather: registers of sketches, one sketch for each
 * aggregation. Coupons that no register is below are passed over fast, whoever filled it; alone each thread would fill all of them itself.
 * What two write at once may be lost here, which only costs time: each thread hands all of its own over in the end.
 */
import type { Plan } from '../plan/plan.js'
import { REGISTERS } from '../sketch/hyperloglog.js'

/** Meeting takes some 15 µs, a tenth of a piece. */
const MEET_EVERY = 4

/** null where there are more groups, which lie in the rows of one thread or are counted when all are known, or nothing is estimated. */
export function boardOf({ query, grouping, buckets }: Plan): Uint8Array | null {
  if (grouping.kind !== 'buckets' || buckets.length > 1 || !query.aggregations.some(({ type }) => type.startsWith('hyperUnique'))) return null
  return new Uint8Array(new SharedArrayBuffer(query.aggregations.length * REGISTERS))
}

/** After how many of its pieces a thread meets the others: often at first, while registers fill. */
export function meetsAfter(pieces: number): boolean {
  return pieces % MEET_EVERY === 0 || (pieces & pieces - 1) === 0
}
