import type { Clock } from '../source.js'

/** Longest delay that setTimeout holds; longer sleeps are slept in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= MAX_TIMER_MS) await pause(Math.min(left, MAX_TIMER_MS), signal)
    signal?.throwIfAborted()
  }
}

/** A timeout by the clock's own timers where it has some. The function given back ends it. */
export function after(clock: Clock, ms: number, fire: () => void): () => void {
  if (clock.timer) return clock.timer(ms, fire)
  const timer = setTimeout(fire, ms)
  return () => clearTimeout(timer)
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const end = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
