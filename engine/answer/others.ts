/** The groups that a limit cuts off, as one row of each bucket: its aggregations are those of its sessions, taken together in another pass. */
import { QueryError } from '../../dsl/errors.js'
import type { QueryResult } from '../../dsl/input.js'
import type { ColumnInfo } from '../column/derived.js'
import type { Grouped } from '../execute.js'
import { execute, type Bounds } from '../parallel/execute.js'
import type { Plan } from '../plan/plan.js'
import { STEP } from '../steps.js'
import { NO_GROUP } from './candidates.js'
import type { Layout } from './layout.js'
import { AnswerRows } from './rows.js'

type Row = QueryResult['data'][number]

/** What is left of the rows when those of the answer are taken away. */
export interface Cut {
  /** Buckets that have such rows, ascending. */
  readonly buckets: Uint32Array
  /** Of each group the place of its bucket among `buckets`, or -1 where it was not cut off. */
  readonly groupOf: Int32Array
}

/** `order`: the rows of the answer. In steps. */
export function* cutOff({ candidates }: AnswerRows, order: Uint32Array, bucketCount: number, groups: number): Generator<void, Cut, void> {
  const isKept = new Uint8Array(candidates.count)
  for (let i = 0; i < order.length; i++) isKept[order[i]] = 1
  const places = new Int32Array(bucketCount).fill(-1)
  for (let i = 0; i < candidates.count; i++) if (isKept[i] === 0) places[candidates.buckets[i]] = 0
  yield
  const buckets: number[] = []
  for (let bucket = 0; bucket < bucketCount; bucket++) if (places[bucket] === 0) places[bucket] = buckets.push(bucket) - 1
  yield
  const groupOf = new Int32Array(groups).fill(-1)
  for (let i = 0; i < candidates.count; i++) {
    const group = candidates.groups[i]
    if (isKept[i] === 0 && group !== NO_GROUP) groupOf[group] = places[candidates.buckets[i]]
    if (i % STEP === 0) yield
  }
  return { buckets: Uint32Array.from(buckets), groupOf }
}

/** One row for each bucket of the cut. @throws LimitError, the signal's reason */
export async function otherRows(
  { buckets, groupOf }: Cut, layout: Layout, plan: Plan, grouped: Grouped, columns: ReadonlyMap<string, ColumnInfo>, running: Bounds
): Promise<AnswerRows> {
  const merged = await execute(plan, columns, { ...running, memory: running.memory - grouped.bytes }, { merging: { grouper: grouped.grouper!, groupOf, groups: buckets.length } })
  const groups = Int32Array.from(buckets, (_, place) => merged.counts.rows[place] === 0 ? NO_GROUP : place)
  return new AnswerRows(layout.query, merged, { count: buckets.length, buckets, codes: [], groups })
}

/** Rows come by time: each row of others after the others of its bucket. Else they come last. */
export function placeOthers(layout: Layout, rows: readonly Row[], buckets: Uint32Array, others: readonly Row[], otherBuckets: Uint32Array): Row[] {
  const [first] = layout.query.orderBy
  if (first !== undefined && first.index > 0) return [...rows, ...others]
  const sign = first?.descending === true ? -1 : 1
  const placed: Row[] = []
  const places = [...otherBuckets.keys()]
  if (sign < 0) places.reverse()
  let at = 0
  for (const place of places) {
    while (at < rows.length && (buckets[at] - otherBuckets[place]) * sign <= 0) placed.push(rows[at++])
    placed.push(others[place])
  }
  while (at < rows.length) placed.push(rows[at++])
  return placed
}

/** @throws QueryError where a group of the answer has the name of the others in every dimension: nobody could tell them apart */
export function checkName(text: string, { present }: Layout, rows: readonly Row[]): void {
  if (!rows.some(row => present.every(position => String(row[1 + position]) === text))) return
  const message = `there is a group ${JSON.stringify(text)} among the sessions, expected a name that no group has, such as ${JSON.stringify(`(${text})`)}.`
  throw new QueryError([{ code: 'invalid_value', pointer: '/others', message }])
}
