/** Texts like those of visitor_id. */
import { mulberry32 } from './random.js'
import { visitorId } from './sessions.js'

const SEED = 1

/** n distinct texts of 32 hex digits, each twice, in random order; the same for the same n, as new strings. */
export function visitorIds(n: number): string[] {
  const order = Uint32Array.from({ length: 2 * n }, (_, i) => i % n)
  const random = mulberry32(SEED)
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const value = order[i]!
    order[i] = order[other]!
    order[other] = value
  }
  return Array.from(order, visitorId)
}
