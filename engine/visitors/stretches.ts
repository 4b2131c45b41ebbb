import type { PlannedPart } from '../plan/plan.js'
import { lowerBound } from '../table/segment.js'

/** Fewer rows at once are not worth the setting up. */
const MIN_ROWS = 65_536

/**
 * Rows in stretches of time: all sessions of one stretch start before all of the next, and each stretch is about a segment long.
 * So the latest sessions, which lie beside all others until they are merged with them, do not make one stretch of everything.
 */
export function stretchesOf(parts: readonly PlannedPart[]): PlannedPart[][] {
  const cuts = parts.map(({ part, from }) => part.segment.starts[from]).sort((a, b) => a - b)
  const stretches: PlannedPart[][] = []
  let rest = [...parts]
  for (const cut of [...cuts.slice(1), Infinity]) {
    const before = rest.map(planned => rowsBefore(planned, cut))
    const rows = before.reduce((sum, { from, to }) => sum + to - from, 0)
    if (rows < MIN_ROWS && cut !== Infinity) continue
    stretches.push(before.filter(({ from, to }) => to > from))
    rest = rest.flatMap(({ part, to }, i) => before[i].to < to ? [{ part, from: before[i].to, to }] : [])
  }
  return stretches.filter(stretch => stretch.length > 0)
}

/** The rows of a part that start before `cut`. */
function rowsBefore({ part, from, to }: PlannedPart, cut: number): PlannedPart {
  return { part, from, to: lowerBound(part.segment.starts, cut, from, to) }
}
