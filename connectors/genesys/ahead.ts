/**
 * Runs `task` over the items with up to `width` at once, and gives the results in the order of the items.
 * Nothing is started ahead of what the consumer may still take. A task that fails ends it when its turn comes.
 */
export async function* ahead<T, R>(items: AsyncIterable<T> | Iterable<T>, width: number, task: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  for await (const item of items) {
    const result = task(item)
    // awaited in its turn; until then a failure is not unhandled
    result.catch(() => undefined)
    running.push(result)
    if (running.length >= width) yield await (running.shift() as Promise<R>)
  }
  for (const result of running) yield await result
}
