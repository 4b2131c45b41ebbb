/** A connector's own check of its configuration. */
import { readNdjson } from '../file/formats/ndjson.js'
import type { CheckResult } from '../source.js'
import { howItEnded, TapProcess } from './process.js'
import type { CheckStatus } from './protocol.js'

/** Connectors start slowly, some in a container of their own, and then ask their system. */
const CHECK_MS = 30_000

/** @param statusOf what a message says of the check; null for messages that say nothing of it */
export async function checkTap(
  tap: TapProcess, program: string, statusOf: (message: unknown) => CheckStatus | null, signal: AbortSignal | undefined
): Promise<CheckResult> {
  let status: CheckStatus | null = null
  let isLate = false
  const stop = (): void => void tap.stop()
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, CHECK_MS)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const sink = { record: (message: unknown) => void (status ??= statusOf(message)), fault: () => undefined }
    for await (const _ of readNdjson(tap.output(), sink)) signal?.throwIfAborted()
    const end = await tap.ended
    signal?.throwIfAborted()
    if (isLate) return { ok: false, message: `${program} has not ended its check within ${CHECK_MS / 1000} seconds.` }
    return verdict(status) ?? { ok: false, message: `${program} said nothing of its check: it ${howItEnded(end, tap)}` }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    await tap.stop()
  }

  function verdict(found: CheckStatus | null): CheckResult | null {
    if (found === null) return null
    if (found.ok) return { ok: true, message: `${program} says that its configuration works.` }
    return { ok: false, message: `${program} says that it fails: ${tap.mask(found.message) || 'without a reason'}; check its "config".` }
  }
}
