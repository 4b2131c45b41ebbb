/** What is acknowledged survives; longer with `npx tsx test/crash/campaign.ts`. */
import { describe, expect, inject, it } from 'vitest'
import { damageMany } from './damage.js'
import { changesOf, failOnce, fillUp } from './faults.js'
import { killMany } from './kills.js'

const BATCHES = 7
/** Thirty processes start one after another, two at a time, on a machine that may be busy. */
const TIMEOUT_MS = 300_000

describe('what was acknowledged', () => {
  it('is there, and nothing twice, when the process is killed at any moment', async () => {
    const ingester = inject('ingester')
    const runs = await Promise.all([killMany(ingester, 1, 15), killMany(ingester, 2, 15)])
    expect(runs.flatMap(({ faults }) => faults)).toEqual([])
    expect(runs.reduce((sum, { batches }) => sum + batches, 0)).toBeGreaterThan(100)
  }, TIMEOUT_MS)

  it('is there, or refused by file and offset, when a file was cut or changed anywhere', async () => {
    const { faults, refused, whole, shorter } = await damageMany(3, 60)
    expect(faults).toEqual([])
    expect(refused).toBeGreaterThan(30)
    expect(whole + shorter).toBeGreaterThan(0)
  }, TIMEOUT_MS)

  it('is there when any one change of the disk fails, and work goes on after it', async () => {
    const changes = await changesOf(5, BATCHES)
    expect(changes).toBeGreaterThan(60)
    const faults: (string | null)[] = []
    for (let at = 1; at <= changes; at += 13) faults.push((await failOnce(5, BATCHES, at)).fault)
    expect(faults.filter(fault => fault !== null)).toEqual([])
  }, TIMEOUT_MS)

  it('is there when the disk is full, and sessions are taken again when there is room', async () => {
    const changes = await changesOf(6, BATCHES)
    for (let at = 2; at <= changes; at += Math.ceil(changes / 6)) expect(await fillUp(6, BATCHES, at)).toBeNull()
  }, TIMEOUT_MS)
})
