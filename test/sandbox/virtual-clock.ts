import type { Clock } from '../../connectors/source.js'

export interface VirtualClock extends Clock {
  /** Every sleep asked for so far, in milliseconds. */
  readonly sleeps: number[]
}

/** Time that passes only by sleeping, and then at once. */
export function virtualClock(start = Date.UTC(2025, 0, 15, 12)): VirtualClock {
  let now = start
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => now,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      sleeps.push(ms)
      now += ms
      return Promise.resolve()
    }
  }
}
