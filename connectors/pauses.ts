/**
 * The turns of an iterator, and `false` whenever it has been silent for `ms`: what is held back for company goes on then.
 * One turn is asked for at a time; leaving early closes the iterator.
 */
export async function* withPauses(turns: AsyncGenerator<void>, ms: number): AsyncGenerator<boolean> {
  let pending: Promise<IteratorResult<void>> | null = null
  let isDone = false
  try {
    for (;;) {
      pending ??= turns.next()
      const next: IteratorResult<void> | null = await silentFor(pending, ms)
      if (next === null) {
        yield false
        continue
      }
      pending = null
      if (next.done) {
        isDone = true
        return
      }
      yield true
    }
  } finally {
    // a turn that nobody waits for any more must not end the process
    pending?.catch(() => undefined)
    if (!isDone) void turns.return(undefined).catch(() => undefined)
  }
}

/** Null where the promise has not been settled after `ms`. */
async function silentFor<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const pause = new Promise<null>(resolve => { timer = setTimeout(resolve, ms, null) })
  try {
    return await Promise.race([promise, pause])
  } finally {
    clearTimeout(timer)
  }
}
