import { unknownState } from '../errors.js'
import { isRecord } from '../record/fields.js'
import type { Mark } from './walk.js'

export interface PublicaConsumptionState {
  readonly version: 1
  /** Epoch ms: everything that started before is read, but for what changes later. Null before the first walk has ended. */
  readonly watermark: number | null
  /** A walk that has not ended: its newest start (epoch ms) and where it goes on. */
  readonly walk: (Mark & { readonly top: number }) | null
}

/** A part of the walk: from a mark, or the newest session, down to a floor (Unix seconds). */
export interface Leg {
  readonly from: Mark | null
  readonly floor: number
}

/** Checks a stored state. Throws SourceError invalid_config. */
export function readConsumptionState(source: string, state: unknown): PublicaConsumptionState {
  if (state === undefined || state === null) return { version: 1, watermark: null, walk: null }
  if (isRecord(state) && state['version'] === 1) {
    const { watermark, walk } = state
    if ((watermark === null || Number.isFinite(watermark)) && (walk === null || isWalk(walk))) return state as unknown as PublicaConsumptionState
  }
  throw unknownState(source)
}

function isWalk(walk: unknown): boolean {
  return isRecord(walk) && typeof walk['cursor'] === 'string' && Number.isFinite(walk['reached']) && Number.isFinite(walk['top'])
}

/**
 * What is to be walked: down to the watermark less `lookback`, since rows change for a while.
 * After an unfinished walk first what is newer than its begin, then its rest.
 */
export function legsOf(state: PublicaConsumptionState, lookbackMs: number): readonly Leg[] {
  const floorBelow = (ms: number | null) => ms === null ? -Infinity : Math.floor((ms - lookbackMs) / 1000)
  const floor = floorBelow(state.watermark)
  const { walk } = state
  if (!walk) return [{ from: null, floor }]
  return [{ from: null, floor: Math.max(floor, floorBelow(walk.top)) }, { from: { cursor: walk.cursor, reached: walk.reached }, floor }]
}

/** The state after a step. `next` is null at the end of a leg; `rest` is the leg after it. */
export function stateAfter(before: PublicaConsumptionState, top: number | null, next: Mark | null, rest: Leg | undefined): PublicaConsumptionState {
  if (rest) {
    // what is newer counts as read only once it is read as a whole
    return next || !rest.from || top === null ? before : { ...before, walk: { ...rest.from, top } }
  }
  if (next) return { ...before, walk: top === null ? before.walk : { ...next, top } }
  return { version: 1, watermark: top ?? before.watermark, walk: null }
}
