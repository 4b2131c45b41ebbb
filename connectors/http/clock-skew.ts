/** What a check tells of the clocks: a watermark made by a clock that is ahead hides sessions. */
import type { CheckResult, ReadOptions, Source } from '../source.js'
import { systemClock } from './clock.js'

/** Below this the lookback of every source makes up for it, and the Date header tells no better than to the second. */
export const MAX_SKEW_MS = 5 * 60_000

type CheckOptions = Pick<ReadOptions, 'signal' | 'clock' | 'fetch'>

/** The check of a source, which fails too where this machine and the system disagree about the time. */
export async function checkWithClock(source: Source, options: CheckOptions = {}): Promise<CheckResult> {
  const clock = options.clock ?? systemClock
  let skewMs = 0
  const watched: typeof fetch = async (...request) => {
    const response = await (options.fetch ?? fetch)(...request)
    const told = Date.parse(response.headers.get('date') ?? '')
    if (Number.isFinite(told)) skewMs = clock.now() - told
    return response
  }
  const { ok, message } = await source.check({ ...options, fetch: watched })
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { ok, message }
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  const side = skewMs > 0 ? 'ahead of' : 'behind'
  const clocks = `The clock of this machine is ${minutes.toLocaleString('en-US')} minutes ${side} the system's: set it right, or sessions will be missed.`
  return { ok: false, message: ok ? clocks : `${message} ${clocks}` }
}
