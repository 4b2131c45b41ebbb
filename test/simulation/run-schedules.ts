import { simulate } from './simulate.js'
import { SYSTEMS, type System } from './systems.js'

export interface Summary {
  readonly schedules: number
  readonly syncs: number
  readonly kills: number
  readonly requests: number
  /** Lives at whose end sessions were missing, all of them in reported gaps. */
  readonly withMissing: Readonly<Record<System, number>>
  readonly missing: number
  readonly failures: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly virtualDays: number
}

/** Schedules of the five systems in turn, each with a seed of its own. Throws at the first broken promise. */
export async function runSchedules(seed: number, schedules: number): Promise<Summary> {
  const withMissing: Record<System, number> = { 'publica-consumption': 0, 'publica-reader': 0, genesys: 0, conviva: 0, giosg: 0 }
  const failures: Record<string, number> = {}
  const faults: Record<string, number> = {}
  const sums = { syncs: 0, kills: 0, requests: 0, missing: 0, virtualMs: 0 }
  for (let i = 0; i < schedules; i++) {
    const system = SYSTEMS[i % SYSTEMS.length]!
    const life = await simulate(system, seed * 1_000_003 + i)
    for (const name of ['syncs', 'kills', 'requests', 'missing', 'virtualMs'] as const) sums[name] += life[name]
    if (life.missing > 0) withMissing[system]++
    for (const [code, times] of Object.entries(life.failures)) failures[code] = (failures[code] ?? 0) + times
    for (const name of life.faults) faults[name] = (faults[name] ?? 0) + 1
  }
  const { virtualMs, ...counts } = sums
  return { schedules, ...counts, withMissing, failures, faults, virtualDays: Math.round(virtualMs / 86_400_000) }
}
