/** Adds what another thread counted. */
import { stretches } from '../steps.js'

/** into[groupOf[g]] += from[g]; null where groups agree. In steps. */
export function* addCounts(into: Uint32Array, from: Uint32Array, groupOf: Uint32Array | null): Generator<void, void, void> {
  for (const [first, end] of stretches(groupOf?.length ?? from.length)) {
    if (groupOf === null) for (let group = first; group < end; group++) into[group] += from[group]
    else for (let group = first; group < end; group++) into[groupOf[group]] += from[group]
    yield
  }
}
