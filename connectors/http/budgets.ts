/** Budgets of accounts: everything that reads one account shares one, however many sources that is. */
import type { Settings } from '../settings.js'
import { createLimiter, type Limiter, type Rate } from './limiter.js'

const MINUTE_MS = 60_000
/** More sockets than this to one host is an attack. */
const MAX_CONCURRENCY = 64
const MAX_PER_MINUTE = 100_000

export interface Budget {
  readonly concurrency: number
  readonly rates: readonly Rate[]
}

/** The keys `concurrency` and `requests_per_minute`, which stand in for a system's own limits. Throws SourceError invalid_config. */
export function readBudget(settings: Settings, { concurrency, rates = [] }: { readonly concurrency: number; readonly rates?: readonly Rate[] }): Budget {
  const usual = rates.find(rate => rate.perMs === MINUTE_MS)
  // 0 is none; a system that has limits of its own is not asked without one
  const perMinute = settings.integer('requests_per_minute', usual?.requests ?? 0, usual ? 1 : 0, MAX_PER_MINUTE)
  return {
    concurrency: settings.integer('concurrency', concurrency, 1, MAX_CONCURRENCY),
    rates: [...rates.filter(rate => rate !== usual), ...perMinute > 0 ? [{ requests: perMinute, perMs: MINUTE_MS }] : []]
  }
}

/** One per process that reads sources: given to all of them. */
export class Budgets {
  readonly #limiters = new Map<string, Limiter>()

  /** The limiter of an account; where its sources ask for different budgets the tightest holds. */
  of(type: string, account: string, budget: Budget): Limiter {
    const key = `${type} ${account}`
    const known = this.#limiters.get(key)
    if (known) known.tighten(budget)
    const limiter = known ?? createLimiter(budget)
    this.#limiters.set(key, limiter)
    return limiter
  }
}
