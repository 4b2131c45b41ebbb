/** Passes items on. An abort ends that at once, even while the input is being waited for: a plain iterator cannot be told. */
export async function* untilAborted<T>(items: AsyncGenerator<T, void, void>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  let waiting = false
  try {
    for (;;) {
      signal.throwIfAborted()
      waiting = true
      const { done, value } = await nextOrAbort(items, signal)
      waiting = false
      if (done === true) return
      yield value
    }
  } finally {
    const closed = items.return()
    // What waits for ever closes never.
    if (waiting) closed.catch(() => { /* nobody is left to be told */ })
    else await closed
  }
}

function nextOrAbort<T>(items: AsyncGenerator<T, void, void>, signal: AbortSignal): Promise<IteratorResult<T, void>> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    items.next().then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
