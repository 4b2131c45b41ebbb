/**
 * Groups as rows to be ordered: their bucket, their codes, and where their aggregations are. Columns, not objects,
 * because there may be millions of which a limit keeps a hundred.
 */
import { LimitError } from '../../dsl/errors.js'
import type { Query } from '../../dsl/query.js'
import type { Grouped } from '../execute.js'
import { PairTable } from '../group/pair-table.js'

/** No session is in this row: a bucket filled in. */
export const NO_GROUP = -1

export interface Candidates {
  readonly count: number
  readonly buckets: Uint32Array
  /** One array per dimension of group_by. */
  readonly codes: readonly Uint32Array[]
  readonly groups: Int32Array
}

export function candidatesOf(query: Query, grouped: Grouped, buckets: number, maxGroups: number): Candidates {
  const present = grouped.grouper === null ? bucketRows(query, grouped, buckets) : groupRows(grouped, query.groupBy.length)
  if (query.fill === 'none' || grouped.grouper === null) return present
  return filled(present, buckets, maxGroups)
}

function bucketRows(query: Query, { counts }: Grouped, buckets: number): Candidates {
  const kept: number[] = []
  for (let bucket = 0; bucket < buckets; bucket++) if (query.fill === 'zero' || counts.rows[bucket] > 0) kept.push(bucket)
  return { count: kept.length, buckets: Uint32Array.from(kept), codes: [], groups: Int32Array.from(kept) }
}

function groupRows({ counts, grouper, groups }: Grouped, dimensions: number): Candidates {
  let count = 0
  for (let group = 0; group < groups; group++) if (counts.rows[group] > 0) count++
  const rows = empty(count, dimensions)
  const key = new Uint32Array(dimensions + 1)
  let at = 0
  for (let group = 0; group < groups; group++) {
    if (counts.rows[group] === 0) continue
    grouper!.key(group, key)
    rows.buckets[at] = key[0]
    for (let d = 0; d < dimensions; d++) rows.codes[d][at] = key[d + 1]
    rows.groups[at++] = group
  }
  return rows
}

/** Every group of the answer in every bucket. */
function filled(present: Candidates, buckets: number, maxGroups: number): Candidates {
  const combinations = numberCombinations(present)
  const needed = combinations.count * buckets
  if (needed > maxGroups) {
    throw new LimitError('max_groups', maxGroups, needed, 'Use "fill": "none", a coarser granularity or fewer groups.')
  }
  const rows = empty(needed, present.codes.length)
  rows.groups.fill(NO_GROUP)
  for (let combination = 0; combination < combinations.count; combination++) {
    const sample = combinations.sample[combination]
    for (let bucket = 0; bucket < buckets; bucket++) {
      const at = combination * buckets + bucket
      rows.buckets[at] = bucket
      for (let d = 0; d < present.codes.length; d++) rows.codes[d][at] = present.codes[d][sample]
    }
  }
  for (let i = 0; i < present.count; i++) rows.groups[combinations.of[i] * buckets + present.buckets[i]] = present.groups[i]
  return rows
}

/** Distinct tuples of codes: their number, the one of each row, and a row that has it. */
function numberCombinations({ count, codes }: Candidates): { count: number; of: Uint32Array; sample: number[] } {
  const of = new Uint32Array(count)
  for (const column of codes) {
    const table = new PairTable()
    for (let i = 0; i < count; i++) of[i] = table.id(of[i], column[i])
  }
  const sample: number[] = []
  for (let i = 0; i < count; i++) if (of[i] === sample.length) sample.push(i)
  return { count: sample.length, of, sample }
}

function empty(count: number, dimensions: number): Candidates {
  return {
    count, buckets: new Uint32Array(count),
    codes: Array.from({ length: dimensions }, () => new Uint32Array(count)),
    groups: new Int32Array(count)
  }
}
