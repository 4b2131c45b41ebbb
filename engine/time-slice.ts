/** Gives the event loop its turn inside long work, and ends that work when it is aborted. */

/** Well under the 50 ms within which everything must be abortable. */
const SLICE_MS = 12

/** Node's; browsers have none. */
const immediate: ((done: () => void) => unknown) | undefined = globalThis.setImmediate

export class TimeSlice {
  private readonly signal: AbortSignal | undefined
  private since = performance.now()

  constructor(signal?: AbortSignal) {
    this.signal = signal
    signal?.throwIfAborted()
  }

  /** True when it is time for `yield`. */
  get over(): boolean {
    return performance.now() - this.since > SLICE_MS
  }

  /** Takes all steps, letting other work run between them. @throws the signal's reason */
  async run<Result>(steps: Generator<void, Result, void>): Promise<Result> {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      if (this.over) await this.yield()
    }
  }

  /** Lets other work run. @throws the signal's reason */
  async yield(): Promise<void> {
    await macrotask()
    this.signal?.throwIfAborted()
    this.since = performance.now()
  }
}

/** A turn of the event loop. Where there is no setImmediate, as in browsers, there is a MessageChannel, which is not slowed down like timers. */
function macrotask(): Promise<void> {
  return new Promise(resolve => {
    if (immediate !== undefined) {
      immediate(resolve)
      return
    }
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    }, { once: true })
    port1.start()
    port2.postMessage(null)
  })
}
