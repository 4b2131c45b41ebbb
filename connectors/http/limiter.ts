import type { Clock } from '../source.js'

/** At most `requests` within any `perMs` milliseconds. */
export interface Rate {
  readonly requests: number
  readonly perMs: number
}

export interface Limiter {
  /** Waits for a turn; the function given back ends it and may be called once or more. Rejects with the signal's reason. */
  acquire(clock: Clock, signal?: AbortSignal): Promise<() => void>
  /** Nobody gets a turn before this instant (epoch ms). */
  pauseUntil(instant: number): void
  /** Never more from now on than this allows too. */
  tighten(limits: { readonly concurrency: number; readonly rates: readonly Rate[] }): void
}

function longestOf(rates: readonly Rate[]): number {
  return Math.max(0, ...rates.map(rate => rate.perMs))
}

/** One budget for everything that reads one account. */
export function createLimiter(options: { readonly concurrency?: number; readonly rates?: readonly Rate[] } = {}): Limiter {
  let concurrency = options.concurrency ?? 1
  let rates = options.rates ?? []
  let longest = longestOf(rates)
  const waiting: (() => void)[] = []
  let starts: number[] = []
  let running = 0
  let pausedUntil = 0

  function release(): void {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  function slot(signal: AbortSignal | undefined): Promise<void> {
    if (running < concurrency) {
      running++
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal?.reason)
      }
      waiting.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  function waitMs(now: number): number {
    // a clock that went back says nothing about starts that it has not seen
    starts = starts.filter(start => start <= now && start > now - longest)
    let wait = pausedUntil - now
    for (const { requests, perMs } of rates) {
      const oldest = starts.at(-requests)
      if (oldest !== undefined) wait = Math.max(wait, oldest + perMs - now)
    }
    return wait
  }

  return {
    async acquire(clock, signal) {
      signal?.throwIfAborted()
      await slot(signal)
      try {
        for (let wait = waitMs(clock.now()); wait > 0; wait = waitMs(clock.now())) await clock.sleep(wait, signal)
        if (longest > 0) starts.push(clock.now())
      } catch (error) {
        release()
        throw error
      }
      let held = true
      return () => {
        if (held) release()
        held = false
      }
    },
    pauseUntil(instant) {
      pausedUntil = Math.max(pausedUntil, instant)
    },
    tighten(limits) {
      concurrency = Math.min(concurrency, limits.concurrency)
      rates = [...rates, ...limits.rates]
      longest = longestOf(rates)
    }
  }
}
