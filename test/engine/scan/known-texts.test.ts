import { beforeEach, describe, expect, it } from 'vitest'
import { KNOWN_BYTES, KnownRoom, KnownTexts } from '../../../engine/scan/known-texts.js'

const FIELD = 64
const ROOM = 128
const encoder = new TextEncoder()
const decoder = new TextDecoder()

let room: KnownRoom
beforeEach(() => { room = new KnownRoom(new ArrayBuffer(ROOM + KNOWN_BYTES + 16), ROOM) })

/** What the kernel finds in the table that the field's record tells of, or that stands at `table`. */
function find(known: KnownTexts, hash: number, text: string): number {
  const { words, bytes } = room
  const group = (known.address >>> 2) + (hash & known.mask) * 4
  for (let at = group; at < group + 16 && words[at + 2] !== 0; at += 4) {
    const [entryHash, length, code, from] = words.subarray(at, at + 4)
    if (entryHash === hash && decoder.decode(bytes.subarray(from, from! + length!)) === text) return code!
  }
  return 0
}

function add(known: KnownTexts, hash: number, text: string, code: number): void {
  const bytes = encoder.encode(`"${text}"`)
  known.add(hash, bytes, 1, bytes.length - 2, code)
}

const hashOf = (i: number): number => Math.imul(i, 0x9e3779b1) >>> 0

describe('known texts', () => {
  it('are found again by hash and text, and none that was not put in', () => {
    const known = new KnownTexts(room, FIELD)
    for (let i = 1; i < 50_000; i++) add(known, hashOf(i), `text ${i}`, i)
    let found = 0
    for (let i = 1; i < 50_000; i++) {
      const code = find(known, hashOf(i), `text ${i}`)
      expect(code === i || code === 0).toBe(true)
      if (code === i) found++
    }
    expect(found).toBeGreaterThan(48_500)
    expect([find(known, hashOf(5), 'text 6'), find(known, hashOf(50_001), 'text 50001')]).toEqual([0, 0])
    expect([known.mask, known.isFull]).toEqual([131_068, false])
    for (let i = 50_000; !known.isFull; i++) add(known, hashOf(i), `text ${i}`, i)
  })

  it('are told to the kernel where the table is small, and looked for later where it is large', () => {
    const known = new KnownTexts(room, FIELD)
    const record = (): number[] => [...room.words.subarray(FIELD / 4 + 5, FIELD / 4 + 7)]
    add(known, 77, 'a', 1)
    expect([known.isLate, record()]).toEqual([false, [known.address, 2044]])
    for (let i = 1; i < 10_000; i++) add(known, hashOf(i), `${i}`, i)
    expect([known.isLate, record()[0]]).toEqual([true, 0])
    expect(find(known, 77, 'a')).toBe(1)
    known.giveUp()
    expect(record()[0]).toBe(0)
  })

  it('of one hash take the place of each other, and the table does not grow for them', () => {
    const known = new KnownTexts(room, FIELD)
    for (let code = 1; code <= 100; code++) add(known, 4, `same hash ${code}`, code)
    const found = Array.from({ length: 100 }, (_, i) => find(known, 4, `same hash ${i + 1}`)).filter(code => code !== 0)
    expect(found).toHaveLength(4)
    expect(found).toContain(100)
    expect(known.mask).toBe(2044)
  })

  it('that are put in again stand there once', () => {
    const known = new KnownTexts(room, FIELD)
    const free = room.take(64)
    for (let i = 0; i < 3; i++) add(known, 9, 'again', 7)
    expect(room.take(64) - free).toBe(64 + 4096)
    expect(find(known, 9, 'again')).toBe(7)
  })

  it('are no more than there is room for, and none of enormous length', () => {
    const known = new KnownTexts(room, FIELD)
    add(known, 5, 'x'.repeat(1025), 1)
    expect(find(known, 5, 'x'.repeat(1025))).toBe(0)
    for (let i = 2; i < 60_000; i++) add(known, hashOf(i), `${i}`.padStart(1000, '.'), i)
    expect(room.take(4096)).toBe(0)
    expect(find(known, hashOf(59_999), '59999'.padStart(1000, '.'))).toBe(0)
    expect(find(known, hashOf(2), '2'.padStart(1000, '.'))).toBe(2)
    expect([...room.bytes.subarray(ROOM + KNOWN_BYTES)].every(byte => byte === 0)).toBe(true)
  })
})
