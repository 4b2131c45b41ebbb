import { describe, expect, test } from 'vitest'
import { createSource } from '../../connectors/registry.js'
import { startConviva } from '../sandbox/conviva.js'
import { gather, table } from '../sandbox/gather.js'
import { startGenesys } from '../sandbox/genesys.js'
import { startGiosg } from '../sandbox/giosg.js'
import { startPublica } from '../sandbox/publica.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const SESSIONS = 1_500
const DAY = 86_400_000
const SYSTEMS = { conviva: startConviva, genesys: startGenesys, giosg: startGiosg, 'publica-consumption': startPublica } as const

async function read(type: keyof typeof SYSTEMS) {
  const clock = virtualClock()
  const server = await SYSTEMS[type]({ life: true, sessions: SESSIONS, days: 30, end: clock.now(), now: clock.now })
  try {
    return { ...await gather(createSource('one', server.config), { clock }), truth: server.truth('one'), now: clock.now() }
  } finally {
    await server.close()
  }
}

describe.each(Object.keys(SYSTEMS) as (keyof typeof SYSTEMS)[])('sessions of %s as the demo shows them', type => {
  test('are all read, over thirty days, and come from people who return', async () => {
    const { sessions, truth, now } = await read(type)
    expect(sessions.size).toBe(SESSIONS)
    const starts = [...sessions.values()].map(session => Number(session.started_at))
    expect(Math.min(...starts)).toBeGreaterThan(now - 31 * DAY)
    expect(Math.min(...starts)).toBeLessThan(now - 25 * DAY)
    expect(new Set([...sessions.values()].map(session => session['visitor_id'])).size).toBeLessThan(SESSIONS)
    if (type === 'conviva' || type === 'giosg') expect(sessions).toEqual(table(truth))
    else expect([...sessions.keys()].sort()).toEqual(truth.map(session => session.session_id).sort())
  })
})
