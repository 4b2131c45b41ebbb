/** What goes wrong when: a random plan of every fault that the sandbox can make. */
import { EDITS, loop } from '../sandbox/edits.js'
import type { Fault } from '../sandbox/faults.js'
import type { Random } from '../sandbox/random.js'
import type { System } from './systems.js'

const MAX_FAULTS = 14
/** Enough of them would fail a source by right. */
const MAX_POISONED = 2

const RETRY_HINTS: readonly Fault['headers'][] = [
  {}, { 'retry-after': '7' }, now => ({ 'retry-after': new Date(now + 20_000).toUTCString() }),
  now => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${Math.ceil(now / 1000) + 30}` })
]

type Make = (random: Random, live: () => void) => Omit<Fault, 'at'>

const MAKERS: Readonly<Record<string, Make>> = {
  'timed out': () => ({ kind: 'status', status: 408 }),
  'rate limit': random => ({ kind: 'status', status: 429, times: random.int(1, 3), headers: random.pick(RETRY_HINTS)! }),
  'failing': random => ({ kind: 'status', status: random.pick([500, 501, 502, 503, 504]), processed: random.chance(0.5), times: random.int(1, 7) }),
  'reset': random => ({ kind: 'reset', processed: random.chance(0.5), times: random.int(1, 4) }),
  'cut': () => ({ kind: 'cut' }),
  'garbage': () => ({ kind: 'garbage' }),
  'sign-in page': () => ({ kind: 'html' }),
  'stall': random => ({ kind: 'stall', processed: random.chance(0.5) }),
  'hanging body': () => ({ kind: 'stall_body' }),
  'dripping body': random => ({ kind: 'drip', pauseMs: random.pick([1_000, 20_000, 45_000, 300_000]) }),
  'expired token': random => ({ kind: 'status', status: 401, times: random.int(1, 4), json: { message: 'Token expired' } }),
  'duplicated rows': () => ({ kind: 'edit', edit: EDITS['duplicated']! }),
  'unknown fields': () => ({ kind: 'edit', edit: EDITS['unknown']! }),
  'poison rows': () => ({ kind: 'edit', edit: EDITS['poisoned']! }),
  'rows that change': (_, live) => ({ kind: 'act', act: live }),
  'looping cursor': random => ({ kind: 'edit', edit: loop(), times: random.int(1, 3) })
}

/** Every name that a plan can hold. */
export const FAULT_NAMES: readonly string[] = Object.keys(MAKERS)

export interface Planned {
  readonly name: string
  readonly fault: Fault
}

/** Faults at random requests among the first `span`; several may befall one, the first one does. */
export function randomPlan(system: System, random: Random, span: number, live: () => void): Planned[] {
  let poisoned = 0
  return Array.from({ length: random.int(1, MAX_FAULTS) }, () => {
    let name = random.pick(FAULT_NAMES)
    if (name === 'looping cursor' && system !== 'publica-consumption') name = 'cut'
    if (name === 'poison rows' && ++poisoned > MAX_POISONED) name = 'garbage'
    return { name, fault: { at: random.int(1, span), ...MAKERS[name]!(random, live) } }
  })
}
