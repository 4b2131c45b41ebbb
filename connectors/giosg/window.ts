/** Windows of whole minutes, because giosg tells starts to the minute. */
export const MINUTE_MS = 60_000
/** Longest interval of one query. */
export const LONGEST_WINDOW_MS = 180 * 86_400_000

/** From, to without the end. Epoch ms, whole minutes. */
export interface Window {
  readonly from: number
  readonly to: number
}

export function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS
}

export function ceilMinute(ms: number): number {
  return Math.ceil(ms / MINUTE_MS) * MINUTE_MS
}

/** Half as wide, a minute at least. */
export function narrower({ from, to }: Window): number {
  return Math.max(MINUTE_MS, floorMinute((to - from) / 2))
}

/** Twice as wide where that will do no harm. */
export function wider(width: number, sessions: number, target: number): number {
  return sessions * 3 < target ? Math.min(width * 2, LONGEST_WINDOW_MS) : width
}
