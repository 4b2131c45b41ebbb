/** Arrays of finished queries are there again for the next ones. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const LENGTH = 2 ** 17

let takeArray: typeof import('../../../engine/aggregate/spare-arrays.js').takeArray
let giveBack: typeof import('../../../engine/aggregate/spare-arrays.js').giveBack
let sharedMemory: typeof import('../../../engine/column/memory.js').sharedMemory

beforeEach(async () => {
  // Without what other tests gave back.
  vi.resetModules()
  const spares = await import('../../../engine/aggregate/spare-arrays.js')
  takeArray = spares.takeArray
  giveBack = spares.giveBack
  sharedMemory = (await import('../../../engine/column/memory.js')).sharedMemory
  vi.useFakeTimers()
})
afterEach(() => {
  vi.advanceTimersByTime(60_000)
  vi.useRealTimers()
})

/** How many of as many arrays as there were before are in the same memory as one of them. */
function takenAgain(before: readonly Uint32Array[]): number {
  const buffers = new Set(before.map(({ buffer }) => buffer))
  return before.map(({ length }) => takeArray(length)).filter(({ buffer }) => buffers.has(buffer)).length
}

it('all rest for some seconds after the last query, and a few of moderate size are kept', () => {
  const arrays = Array.from({ length: 7 }, (_, i) => takeArray(LENGTH * (i + 1)))
  for (const array of arrays) giveBack(array)
  vi.advanceTimersByTime(9000)
  expect(takenAgain(arrays)).toBe(7)
  for (const array of arrays) giveBack(array)
  vi.advanceTimersByTime(9000)
  giveBack(takeArray(LENGTH))
  vi.advanceTimersByTime(9000)
  expect(takenAgain(arrays)).toBe(7)
  for (const array of arrays) giveBack(array)
  vi.advanceTimersByTime(11_000)
  expect(takenAgain(arrays)).toBe(3)
})

it('the smallest that is large enough is taken, of its own kind of memory', () => {
  const [small, large] = [takeArray(LENGTH), takeArray(LENGTH * 3)]
  for (const array of [large, small]) giveBack(array)
  expect(takeArray(LENGTH, sharedMemory).buffer).toBeInstanceOf(SharedArrayBuffer)
  const again = takeArray(LENGTH - 5)
  expect(again.buffer).toBe(small.buffer)
  expect(again.length).toBe(LENGTH - 5)
  expect(takeArray(LENGTH).buffer).toBe(large.buffer)
})

it('what is made anew lets as much go of what rests', () => {
  const arrays = Array.from({ length: 5 }, (_, i) => takeArray(LENGTH + i))
  for (const array of arrays) giveBack(array)
  takeArray(LENGTH * 3)
  // Two rest still, and three are kept.
  expect(takenAgain(arrays)).toBe(5)
  for (const array of arrays) giveBack(array)
  takeArray(LENGTH * 9)
  expect(takenAgain(arrays)).toBe(3)
})

it('small ones are made anew', () => {
  const array = takeArray(100)
  giveBack(array)
  expect(takeArray(100).buffer).not.toBe(array.buffer)
})
