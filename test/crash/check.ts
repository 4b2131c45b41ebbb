/** Compares what an engine holds with what was acknowledged. */
import type { Engine } from '../../index.js'
import { batchOf, expectedOf, sourceOf, WRITERS } from './ledger.js'

interface Found {
  readonly session_id: string
  readonly source: string
  readonly started_at: string
  readonly batch: number
  readonly city: string
  readonly visitor_id: string
  readonly rooms?: readonly string[]
}

/**
 * Every source has all batches up to its state, which is at least what was acknowledged; behind it at most sessions of the one
 * batch that was on its way. `acknowledged`: the last batch of each source, -1 for none. Returns what is wrong, null where nothing is.
 */
export async function faultOf(engine: Engine, seed: number, acknowledged: readonly number[]): Promise<string | null> {
  const found = new Map<string, Map<string, Found>>()
  for await (const sessions of engine.sessions()) {
    for (const session of sessions as unknown as Found[]) {
      const ofSource = found.get(session.source) ?? new Map<string, Found>()
      found.set(session.source, ofSource)
      if (ofSource.has(session.session_id)) return `${session.source} ${session.session_id} is there twice`
      ofSource.set(session.session_id, session)
    }
  }
  for (let writer = 0; writer < WRITERS; writer++) {
    const source = sourceOf(writer)
    const state = Number(engine.states.get(source) ?? writer - WRITERS)
    if (state < acknowledged[writer]) return `${source} has the state ${state}, acknowledged was ${acknowledged[writer]}`
    const fault = faultOfSource(seed, source, state, found.get(source) ?? new Map<string, Found>())
    if (fault !== null) return fault
  }
  const total = [...found.values()].reduce((sum, { size }) => sum + size, 0)
  const counted = await engine.query({ interval: { start: '2025-01-01', end: '2026-01-01' }, granularity: 'all', group_by: ['city'], aggregations: [{ type: 'count' }] })
  const sum = counted.data.reduce((all, row) => all + Number(row[2]), 0)
  return sum === total && engine.status().sessions === total ? null : `${total} sessions are listed, ${sum} counted, ${engine.status().sessions} known`
}

function faultOfSource(seed: number, source: string, state: number, found: ReadonlyMap<string, Found>): string | null {
  const onTheWay = new Map(batchOf(seed, state + WRITERS).map(session => [session.session_id, session]))
  const expected = expectedOf(seed, source, state)
  for (const [id, session] of expected) {
    const one = found.get(id)
    if (one === undefined) return `${source} ${id} of batch ${session.batch} is lost`
    const wanted = one.batch === session.batch ? session : onTheWay.get(id)
    if (wanted === undefined || !isSame(one, wanted)) return `${source} ${id} is ${JSON.stringify(one)}, expected ${JSON.stringify(session)}`
  }
  for (const [id, one] of found) if (!expected.has(id) && !onTheWay.has(id)) return `${source} ${id} of batch ${one.batch} was never sent`
  return null
}

function isSame(found: Found, { batch, city, visitor_id, rooms, started_at }: ReturnType<typeof batchOf>[number]): boolean {
  return found.batch === batch && found.city === city && found.visitor_id === visitor_id && Date.parse(found.started_at) === started_at
    && JSON.stringify(found.rooms ?? []) === JSON.stringify([...new Set(rooms)])
}
