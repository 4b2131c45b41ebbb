import type { AnyQuery } from '../../dsl/query.js'
import type { Plan } from './plan.js'

/** What `explain` answers: JSON, stable enough to read and to test. */
export interface Explanation {
  readonly query: AnyQuery
  readonly segments: { readonly read: number; readonly skipped: number }
  readonly rows: number
  readonly buckets: { readonly count: number; readonly first: string | null; readonly last: string | null }
  /** `none`: sessions are listed as they are. */
  readonly grouping: { readonly kind: Plan['grouping']['kind'] | 'none'; readonly groups: number | null }
  readonly columns: readonly { readonly name: string; readonly bytes: number }[]
  readonly bytes: number
}

export function explainPlan(plan: Plan): Explanation {
  const { buckets, grouping } = plan
  return {
    query: plan.query,
    segments: { read: new Set(plan.parts.map(({ part }) => part)).size, skipped: plan.segmentsSkipped },
    rows: plan.rows,
    buckets: {
      count: buckets.length,
      first: buckets.length === 0 ? null : new Date(buckets[0]).toISOString(),
      last: buckets.length === 0 ? null : new Date(buckets[buckets.length - 1]).toISOString()
    },
    grouping: {
      kind: grouping.kind,
      groups: grouping.kind === 'hash' ? null : grouping.kind === 'buckets' ? buckets.length : grouping.sizes.reduce((all, size) => all * size, 1)
    },
    columns: plan.columns,
    bytes: plan.columns.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
