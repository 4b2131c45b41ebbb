/** Rows of two intervals as one list: matched by the place of their bucket and by their group values. */
import type { Query } from '../../dsl/query.js'
import type { Grouped } from '../execute.js'
import { PairTable } from '../group/pair-table.js'
import type { Plan } from '../plan/plan.js'
import { STEP } from '../steps.js'
import { candidatesOf, empty, filled, NO_GROUP, type Candidates } from './candidates.js'
import { NO_BUCKET } from './comparison.js'
import { AnswerRows } from './rows.js'

/** The groups of one interval. */
export interface Period {
  readonly plan: Plan
  readonly grouped: Grouped
}

/** The rows of either interval; those of the previous one that lie beyond the buckets of the current are left out. In steps. @throws LimitError */
export function* comparedRows(query: Query, current: Period, previous: Period, maxGroups: number): Generator<void, AnswerRows, void> {
  const buckets = current.plan.buckets.length
  const beforeBuckets = previous.plan.buckets.length
  const isGrouped = current.grouped.grouper !== null
  const now = yield* candidatesOf(isGrouped ? { ...current.plan.query, fill: 'none' } : current.plan.query, current.grouped, buckets, maxGroups)
  const before = yield* candidatesOf({ ...previous.plan.query, fill: 'none' }, previous.grouped, beforeBuckets, maxGroups)
  const numbers = new RowNumbers(now.codes.length)
  for (let row = 0; row < now.count; row++) {
    if (row % STEP === 0) yield
    numbers.add(now, row)
  }
  const groups: number[] = []
  const added: number[] = []
  for (let row = 0; row < before.count; row++) {
    if (row % STEP === 0) yield
    if (before.buckets[row] >= buckets) continue
    const number = numbers.add(before, row)
    if (number === now.count + added.length) added.push(row)
    groups[number] = before.groups[row]
  }
  const joined = added.length === 0 ? now : yield* union(now, before, added)
  const rows = isGrouped && current.plan.query.fill === 'zero' ? yield* filled(joined, buckets, maxGroups) : joined
  const previousGroups = new Int32Array(rows.count)
  for (let row = 0; row < rows.count; row++) {
    if (row % STEP === 0) yield
    const number = numbers.find(rows, row)
    previousGroups[row] = rows.buckets[row] >= beforeBuckets ? NO_BUCKET : number < 0 ? NO_GROUP : groups[number] ?? NO_GROUP
  }
  return new AnswerRows(query, current.grouped, rows, [], new AnswerRows(query, previous.grouped, { ...rows, groups: previousGroups }))
}

/** Rows of `now`, and those of `before` that it does not have: they have no group now. */
function* union(now: Candidates, before: Candidates, added: readonly number[]): Generator<void, Candidates, void> {
  const rows = empty(now.count + added.length, now.codes.length)
  rows.buckets.set(now.buckets)
  rows.groups.set(now.groups)
  rows.groups.fill(NO_GROUP, now.count)
  for (const [d, codes] of rows.codes.entries()) {
    yield
    codes.set(now.codes[d])
    added.forEach((row, i) => { codes[now.count + i] = before.codes[d][row] })
  }
  added.forEach((row, i) => { rows.buckets[now.count + i] = before.buckets[row] })
  return rows
}

/** Dense numbers for rows with the same bucket and keys. */
class RowNumbers {
  private readonly tables: readonly PairTable[]

  constructor(dimensions: number) {
    this.tables = Array.from({ length: dimensions + 1 }, () => new PairTable())
  }

  add({ buckets, codes }: Candidates, row: number): number {
    let number = this.tables[0].id(0, buckets[row])
    for (let d = 0; d < codes.length; d++) number = this.tables[d + 1].id(number, codes[d][row])
    return number
  }

  /** -1 where no such row was added. */
  find({ buckets, codes }: Candidates, row: number): number {
    let number = this.tables[0].find(0, buckets[row])
    for (let d = 0; d < codes.length && number >= 0; d++) number = this.tables[d + 1].find(number, codes[d][row])
    return number
  }
}
