/** The bounds that a query sets itself by its context. */
import { LimitError, SessionqlError } from '../dsl/errors.js'
import type { QueryContext } from '../dsl/query.js'
import type { Running } from './running.js'

/** Runs what answers a query within its bounds. @throws LimitError that names `timeout_ms`, `max_groups` or `max_bytes` */
export async function withinBounds<Answer>(running: Running, context: QueryContext | undefined, answer: (running: Running) => Promise<Answer>): Promise<Answer> {
  if (context === undefined) return await answer(running)
  const { timeoutMs, maxGroups, maxBytes } = context
  const deadline = new Deadline(running.signal, timeoutMs)
  try {
    return await answer({
      ...running, signal: deadline.signal, maxGroups: Math.min(running.maxGroups, maxGroups), memory: Math.min(running.memory, maxBytes)
    })
  } catch (error) {
    const isBytes = maxBytes < running.memory && error instanceof LimitError && error.limitName === 'memory_budget'
    // A later pass has less left than the whole: what it lacks is what the query lacks.
    throw isBytes ? new LimitError('max_bytes', maxBytes, maxBytes + error.needed - error.limit, 'Group by fewer values, filter more, or raise max_bytes in the context.') : error
  } finally {
    deadline.clear()
  }
}

/** Gives errors of this project the name of their query. */
export async function named<Answer>(queryId: string | null, answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (queryId !== null && error instanceof SessionqlError) error.queryId = queryId
    throw error
  }
}

/** A signal that aborts with another, or when the time is over. */
class Deadline {
  readonly signal: AbortSignal
  private readonly outer: AbortSignal | undefined
  private readonly controller = new AbortController()
  private readonly timer: ReturnType<typeof setTimeout> | null
  private readonly pass = (): void => this.controller.abort(this.outer?.reason)

  constructor(outer: AbortSignal | undefined, timeoutMs: number | null) {
    this.outer = outer
    this.signal = this.controller.signal
    if (outer?.aborted) this.pass()
    outer?.addEventListener('abort', this.pass)
    this.timer = timeoutMs === null ? null : this.start(timeoutMs)
  }

  clear(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.pass)
  }

  private start(timeoutMs: number): ReturnType<typeof setTimeout> {
    const since = performance.now()
    return setTimeout(() => {
      const passed = Math.max(timeoutMs + 1, Math.ceil(performance.now() - since))
      this.controller.abort(new LimitError('timeout_ms', timeoutMs, passed, 'Milliseconds, and it was not done: ask for a shorter interval or fewer groups, or allow more time.'))
    }, timeoutMs)
  }
}
