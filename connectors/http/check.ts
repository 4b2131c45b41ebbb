import { SessionqlError } from '../../dsl/errors.js'
import type { CheckResult } from '../source.js'
import type { JsonRequest } from './request.js'

/** Somebody waits for a check: what has not come by then is told instead of waited for. */
const CHECK_WAIT_MS = 2_000
/** One quick repetition tells a passing fault from one that stays. Longer waits, such as those of rate limits, are not waited for. */
const CHECK_RETRY = { attempts: 2, connectAttempts: 2, lateAttempts: 1, baseMs: 100, capMs: 100, maxWaitMs: 200 }

/** Goes into the request of a check. */
export const CHECK_REQUEST = { retry: CHECK_RETRY, firstByteMs: CHECK_WAIT_MS, idleMs: CHECK_WAIT_MS } satisfies Partial<JsonRequest>

/** How much a request tries, where it does not try as usual. */
export type Patience = Pick<JsonRequest, 'retry' | 'firstByteMs' | 'idleMs'>

/** `ask` makes one request with CHECK_REQUEST and gives what works, in one sentence. */
export async function checkResult(ask: () => Promise<string>): Promise<CheckResult> {
  try {
    return { ok: true, message: await ask() }
  } catch (error) {
    if (error instanceof SessionqlError) return { ok: false, message: error.message }
    throw error
  }
}
