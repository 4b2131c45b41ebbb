import { describe, expect, test } from 'vitest'
import { FAULT_NAMES } from './schedule.js'
import { runSchedules, type Summary } from './run-schedules.js'
import { simulate } from './simulate.js'

const SCHEDULES = 200

describe('whatever goes wrong', () => {
  let summary: Summary

  test(`over ${SCHEDULES} random lives of the five systems the table is what the source has, or the report names what may be missing`, async () => {
    summary = await runSchedules(20_251, SCHEDULES)
    expect(summary).toMatchObject({ schedules: SCHEDULES })
  })

  test('every kind of fault had its turn, and what is missing is the exception', () => {
    expect(Object.keys(summary.faults).toSorted()).toEqual([...FAULT_NAMES].toSorted())
    expect(summary.kills).toBeGreaterThan(SCHEDULES / 4)
    // only where a system makes it impossible: cursors that nobody can read, a request that creates, a millisecond over the limit
    expect(summary.withMissing).toMatchObject({ genesys: 0, giosg: 0 })
  })

  for (const seed of [7_205_021_815, 900_002_612]) {
    test(`a cursor that comes again, also after a kill, loses nothing of the second at an edge (seed ${seed})`, async () => {
      expect(await simulate('publica-consumption', seed)).toMatchObject({ missing: 0 })
    })
  }

  test('what a cursor that nobody can read has left out lies in a gap', async () => {
    const { gaps, missing } = await simulate('publica-consumption', 900_000_596)
    expect(missing).toBeGreaterThan(0)
    expect(gaps).not.toEqual([])
  })
})
