/** Short runs come several in a turn; contenders that are far behind have fewer turns, and nobody else. */
import { expect, test } from 'vitest'
import { goesOn, isBeaten } from '../../bench/turns.js'

const runs = (...ms: readonly number[]) => ms.map(value => ({ ms: value, handOverMs: 0, cpuMs: value }))

test('a turn is at most five runs, and ends after fifty milliseconds', () => {
  expect([runs(1), runs(1, 1, 1, 1), runs(1, 1, 1, 1, 1), runs(49.9), runs(50), runs(20, 20), runs(25, 25)].map(goesOn)).toEqual([true, true, false, true, false, true, false])
})

test('more than ten times the fastest, over a second, after two runs', () => {
  const fast = runs(90, 110)
  expect(isBeaten(runs(950, 960), [fast, runs(950, 960)])).toBe(true)
  expect(isBeaten(runs(950), [fast, runs(950)])).toBe(false)
  expect(isBeaten(runs(890, 960), [fast, runs(890, 960)])).toBe(false)
  expect(isBeaten(runs(50, 60), [runs(1), runs(50, 60)])).toBe(false)
})

test('and after a single run of more than five seconds', () => {
  expect(isBeaten(runs(5001), [runs(90), runs(5001)])).toBe(true)
  expect(isBeaten(runs(4999), [runs(90), runs(4999)])).toBe(false)
})

test('the fastest is never beaten', () => {
  expect(isBeaten(runs(5000, 6000), [runs(5000, 6000), runs(40_000)])).toBe(false)
})
