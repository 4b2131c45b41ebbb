import type { Clock } from '../../connectors/source.js'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

export interface EventClock extends Clock {
  timer(ms: number, fire: () => void): () => void
  /** Lets time pass at once. */
  pass(ms: number): void
}

/**
 * Time that passes only when nothing else can happen: once all that runs waits, the earliest timer fires.
 * For a world without real I/O, where everything but a timer goes on in microtasks; there a timeout of a minute costs no time.
 */
export function eventClock(start: number): EventClock {
  let now = start
  let scheduled = false
  const timers = new Set<Timer>()

  function tick(): void {
    scheduled = false
    let next: Timer | null = null
    for (const each of timers) if (next === null || each.at < next.at) next = each
    if (next === null) return
    timers.delete(next)
    now = Math.max(now, next.at)
    next.fire()
    schedule()
  }

  function schedule(): void {
    if (scheduled || timers.size === 0) return
    scheduled = true
    setImmediate(tick)
  }

  function timer(ms: number, fire: () => void): () => void {
    const added = { at: now + ms, fire }
    timers.add(added)
    schedule()
    return () => { timers.delete(added) }
  }

  return {
    now: () => Math.floor(now),
    timer,
    pass(ms) {
      now += ms
    },
    sleep: (ms, signal) => new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        stop()
        reject(signal?.reason)
      }
      const stop = timer(ms, () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      })
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
