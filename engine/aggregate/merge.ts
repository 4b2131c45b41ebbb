/** Adds what another thread counted. */
import { stretches } from '../steps.js'

/** into[groupOf[g]] += from[g]; null where groups agree. In steps. */
export function* addCounts(into: Uint32Array, from: Uint32Array, groupOf: Uint32Array | null): Generator<void, void, void> {
  for (const [first, end] of stretches(groupOf?.length ?? from.length)) {
    if (groupOf === null) addAll(into, from, first, end)
    else for (let group = first; group < end; group++) into[groupOf[group]] += from[group]
    yield
  }
}

/** A loop that stands alone is compiled whole. */
function addAll(into: Uint32Array, from: Uint32Array, first: number, end: number): void {
  for (let i = first; i < end; i++) into[i] += from[i]
}
