import type { AnyQuery } from '../../dsl/query.js'
import type { Plan, Scan } from './plan.js'

/** What `explain` answers: JSON, stable enough to read and to test. */
export interface Explanation {
  readonly query: AnyQuery
  readonly segments: { readonly read: number; readonly skipped: number }
  readonly rows: number
  readonly buckets: { readonly count: number; readonly first: string | null; readonly last: string | null }
  readonly grouping: {
    /** `none`: sessions are listed as they are; `visitors`: each visitor is followed over their sessions. */
    readonly kind: Plan['grouping']['kind'] | 'none' | 'visitors'
    readonly groups: number | null
  }
  readonly columns: readonly { readonly name: string; readonly bytes: number }[]
  readonly bytes: number
  /** Where the sessions are read more than once: for which rows, and what these are grouped by. */
  readonly passes?: readonly { readonly rows: 'groups' | 'others' | 'totals'; readonly group_by: readonly string[] }[]
}

export function explainPlan(plan: Plan): Explanation {
  const { buckets, grouping } = plan
  return explainScan(plan.query, plan, buckets, {
    kind: grouping.kind,
    groups: grouping.kind === 'hash' ? null : grouping.kind === 'buckets' ? buckets.length : grouping.sizes.reduce((all, size) => all * size, 1)
  })
}

/** `buckets` are their starts. */
export function explainScan(query: AnyQuery, scan: Scan, buckets: Float64Array, grouping: Explanation['grouping']): Explanation {
  const stamp = (index: number): string | null => buckets.length === 0 ? null : new Date(buckets[index]).toISOString()
  return {
    query,
    segments: { read: new Set(scan.parts.map(({ part }) => part)).size, skipped: scan.segmentsSkipped },
    rows: scan.rows,
    buckets: { count: buckets.length, first: stamp(0), last: stamp(buckets.length - 1) },
    grouping,
    columns: scan.columns,
    bytes: scan.columns.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
