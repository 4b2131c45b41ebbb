/**
 * Groups as rows to be ordered: their bucket, their codes, and where their aggregations are. Columns, not objects,
 * because there may be millions of which a limit keeps a hundred.
 */
import { LimitError } from '../../dsl/errors.js'
import type { Query } from '../../dsl/query.js'
import type { Grouped } from '../execute.js'
import { PairTable } from '../group/pair-table.js'
import { STEP } from '../steps.js'

/** No session is in this row: a bucket filled in. */
export const NO_GROUP = -1

/** Of so many all are noted, and they are gone over once. */
const FEW_GROUPS = 65_536

export interface Candidates {
  readonly count: number
  readonly buckets: Uint32Array
  /** One array per dimension of group_by. */
  readonly codes: readonly Uint32Array[]
  readonly groups: Int32Array
}

/** `query` is grouped by what the groups are of. In steps. @throws LimitError */
export function* candidatesOf(query: Query, grouped: Grouped, buckets: number, maxGroups: number): Generator<void, Candidates, void> {
  if (grouped.grouper === null) return bucketRows(query, grouped, buckets)
  const present = yield* groupRows(grouped, query.groupBy.length)
  return query.fill === 'none' ? present : yield* filled(present, buckets, maxGroups)
}

/** The rows of some groups, whether they have sessions or not. In steps. */
export function* candidatesOfGroups(groups: Uint32Array, { grouper }: Grouped, dimensions: number): Generator<void, Candidates, void> {
  const rows = empty(groups.length, dimensions)
  rows.groups.set(groups)
  if (grouper === null) rows.buckets.set(groups)
  else yield* grouper.readKeys(rows.groups, rows.buckets, rows.codes)
  return rows
}

/** Some of the rows, in the order of their numbers. In steps. */
export function* pickCandidates(all: Candidates, rows: Uint32Array): Generator<void, Candidates, void> {
  const picked = empty(rows.length, all.codes.length)
  for (let i = 0; i < rows.length; i++) {
    picked.buckets[i] = all.buckets[rows[i]]
    picked.groups[i] = all.groups[rows[i]]
  }
  for (const [d, codes] of all.codes.entries()) {
    yield
    for (let i = 0; i < rows.length; i++) picked.codes[d][i] = codes[rows[i]]
  }
  return picked
}

function bucketRows(query: Query, { counts }: Grouped, buckets: number): Candidates {
  const kept: number[] = []
  for (let bucket = 0; bucket < buckets; bucket++) if (query.fill === 'zero' || counts.rows[bucket] > 0) kept.push(bucket)
  return { count: kept.length, buckets: Uint32Array.from(kept), codes: [], groups: Int32Array.from(kept) }
}

function* groupRows(grouped: Grouped, dimensions: number): Generator<void, Candidates, void> {
  const present = yield* presentGroups(grouped)
  const rows = { ...empty(present.length, dimensions), groups: present }
  yield* grouped.grouper!.readKeys(rows.groups, rows.buckets, rows.codes)
  return rows
}

/** Groups that have rows. */
function* presentGroups({ counts: { rows }, groups }: Grouped): Generator<void, Int32Array, void> {
  if (groups <= FEW_GROUPS) {
    const present = new Int32Array(groups)
    let at = 0
    for (let group = 0; group < groups; group++) if (rows[group] > 0) present[at++] = group
    return present.subarray(0, at)
  }
  let count = 0
  for (let group = 0; group < groups; group++) if (rows[group] > 0) count++
  yield
  const present = new Int32Array(count)
  for (let group = 0, at = 0; at < count; group++) if (rows[group] > 0) present[at++] = group
  return present
}

/** Every group of the answer in every bucket. */
export function* filled(present: Candidates, buckets: number, maxGroups: number): Generator<void, Candidates, void> {
  const combinations = yield* numberCombinations(present)
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
      if (at % STEP === 0) yield
      rows.buckets[at] = bucket
      for (let d = 0; d < present.codes.length; d++) rows.codes[d][at] = present.codes[d][sample]
    }
  }
  for (let i = 0; i < present.count; i++) rows.groups[combinations.of[i] * buckets + present.buckets[i]] = present.groups[i]
  return rows
}

/** Distinct tuples of codes: their number, the one of each row, and a row that has it. */
function* numberCombinations({ count, codes }: Candidates): Generator<void, { count: number; of: Uint32Array; sample: number[] }, void> {
  const of = new Uint32Array(count)
  for (const column of codes) {
    const table = new PairTable()
    for (let i = 0; i < count; i++) {
      if (i % STEP === 0) yield
      of[i] = table.id(of[i], column[i])
    }
  }
  const sample: number[] = []
  for (let i = 0; i < count; i++) if (of[i] === sample.length) sample.push(i)
  return { count: sample.length, of, sample }
}

export function empty(count: number, dimensions: number): Candidates {
  return {
    count, buckets: new Uint32Array(count),
    codes: Array.from({ length: dimensions }, () => new Uint32Array(count)),
    groups: new Int32Array(count)
  }
}
