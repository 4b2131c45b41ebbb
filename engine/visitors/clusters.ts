import type { PlannedPart } from '../plan/plan.js'

/** Parts in the order of time. Those whose times meet are together; all sessions of one cluster start before all of the next. */
export function clustersOf(parts: readonly PlannedPart[]): PlannedPart[][] {
  const first = ({ part, from }: PlannedPart): number => part.segment.starts[from]
  const clusters: PlannedPart[][] = []
  let last = -Infinity
  for (const part of [...parts].sort((a, b) => first(a) - first(b))) {
    if (clusters.length > 0 && first(part) <= last) clusters[clusters.length - 1].push(part)
    else clusters.push([part])
    last = Math.max(last, part.part.segment.starts[part.to - 1])
  }
  return clusters
}
