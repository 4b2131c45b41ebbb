/** How long a turn is, and who needs no more of them. */
import type { Timing } from './protocol.js'

/** Milliseconds on one question; whoever has taken less has another turn. */
const PATIENCE_MS = 1000
/** Times the fastest one's least: such a figure is in no ratio, and two runs tell it well enough. */
const FAR_BEHIND = 10
const LEAST_RUNS = 2
/** Milliseconds after which one run is enough. */
const LONG_MS = 5000

/** A turn of short questions is several runs in a row: the first finds the processor's caches full of other things. */
const TURN_MS = 50
const TURN_RUNS = 5

/** Whether the turn of these runs goes on. */
export function goesOn(turn: readonly Timing[]): boolean {
  return turn.length < TURN_RUNS && turn.reduce((sum, { ms }) => sum + ms, 0) < TURN_MS
}

/** True of a contender that is so far behind the fastest one that more runs would only take time. */
export function isBeaten(own: readonly Timing[], all: readonly (readonly Timing[])[]): boolean {
  const fastest = Math.min(...all.flatMap(timings => timings.map(({ ms }) => ms)))
  const total = own.reduce((sum, { ms }) => sum + ms, 0)
  const enough = total > LONG_MS ? own.length > 0 : own.length >= LEAST_RUNS && total > PATIENCE_MS
  return enough && Math.min(...own.map(({ ms }) => ms)) > fastest * FAR_BEHIND
}
