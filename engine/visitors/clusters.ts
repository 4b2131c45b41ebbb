import type { PlannedPart } from '../plan/plan.js'

/** Start of the first row. */
function firstOf({ part, from }: PlannedPart): number {
  return part.segment.starts[from]
}

/** Parts in the order of time. Those whose times meet are together; all sessions of one cluster start before all of the next. */
export function clustersOf(parts: readonly PlannedPart[]): PlannedPart[][] {
  const clusters: PlannedPart[][] = []
  let last = -Infinity
  for (const part of [...parts].sort((a, b) => firstOf(a) - firstOf(b))) {
    if (clusters.length > 0 && firstOf(part) <= last) clusters[clusters.length - 1].push(part)
    else clusters.push([part])
    last = Math.max(last, part.part.segment.starts[part.to - 1])
  }
  return clusters
}
