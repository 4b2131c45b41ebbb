import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

let isFast = false

/** Finds large values equal soon, for which `toEqual` takes seconds; what differs is left to it, which says where. Once for all files of a process. */
export function compareFast(): void {
  if (isFast) return
  isFast = true
  expect.addEqualityTesters([(got: unknown, wanted: unknown) => isDeepStrictEqual(got, wanted) ? true : undefined])
}
