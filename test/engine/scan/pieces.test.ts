import { expect, it } from 'vitest'
import { endsOf, firstOf, Pieces } from '../../../engine/scan/pieces.js'

const encoder = new TextEncoder()

it('of lines end before a line feed each, and have all lines', () => {
  for (const text of ['', 'a', 'a\nb', 'a\nbb\nccc\ndddd\neeeee', 'a long line\nb', '\n\n\n', 'é\né\né']) {
    const bytes = encoder.encode(text)
    for (const size of [1, 2, 3, 5, 100]) {
      const ends = endsOf(bytes, size, 100)
      expect(Array.from(ends, (end, i) => text === '' ? '' : new TextDecoder().decode(bytes.subarray(firstOf(ends, i), end))).join('\n')).toBe(text.replace(/\n$/u, ends.length === 0 || ends.at(-1) === bytes.length ? '\n' : ''))
      for (const end of ends) expect(end === bytes.length || bytes[end] === 10).toBe(true)
    }
  }
  expect(endsOf(encoder.encode('a\nb\nc\nd'), 1, 2)).toEqual(Uint32Array.of(1, 3))
})

it('have one thread each', () => {
  const mine = new Pieces(Pieces.room(4), 0)
  const theirs = new Pieces(mine.buffer, mine.begin(4))
  expect([theirs.take(0), mine.keep(0), mine.take(0), mine.isHeld(0), mine.isMade(0, 1)]).toEqual([true, false, false, true, false])
  theirs.made(0)
  expect([mine.isHeld(0), mine.isMade(0, 0), mine.keep(0)]).toEqual([false, true, false])
  expect([mine.keep(1), theirs.take(1), mine.isHeld(1), mine.isMade(1, 0)]).toEqual([true, false, false, false])
})

it('are not had any more by who comes when the next block has begun', () => {
  const mine = new Pieces(Pieces.room(2), 0)
  const late = new Pieces(mine.buffer, mine.begin(2))
  mine.begin(2)
  expect([late.take(0), mine.isHeld(0), mine.keep(0)]).toEqual([false, false, true])
  const again = new Pieces(Pieces.room(1), 2 ** 28 - 1)
  expect([again.begin(1), again.take(0), again.isHeld(0)]).toEqual([0, true, true])
})
