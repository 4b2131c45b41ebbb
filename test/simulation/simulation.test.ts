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

  test('a walk that is killed while a cursor comes again finds the second at its edge again', async () => {
    expect(await simulate('publica-consumption', 7_205_021_815)).toMatchObject({ gaps: [], missing: 0 })
  })
})
