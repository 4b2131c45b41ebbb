/** Dictionaries of so many identifiers that these get a memory of their own, against a Map. */
import { afterEach, describe, expect, it } from 'vitest'
import { Dictionary, PACKED, type TextRun } from '../../../engine/column/dictionary.js'
import { Identifiers } from '../../../engine/column/identifiers.js'
import { pack } from '../../../engine/column/packed-text.js'
import { hashBytes } from '../../../engine/column/text-hash.js'
import { useKernels } from '../../../engine/kernels/kernels.js'
import { couponOfString } from '../../../index.js'
import { Random } from '../../support/random.js'

afterEach(() => useKernels('wasm'))

const ROOM = 1000
const encoder = new TextEncoder()
const digits = (i: number): string => (BigInt(i) * 0x9e3779b97f4a7c15f39cc0605cedc835n % (1n << 128n)).toString(16).padStart(32, '0')
const uuid = (i: number): string => digits(i).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** Texts as the kernel of lines hands them over: of every other run all places are missing. */
function encodeInRuns(dictionary: Dictionary, texts: readonly string[]): number[] {
  const codes: number[] = []
  for (let at = 0; at < texts.length; at += ROOM) {
    const run = texts.slice(at, at + ROOM)
    const gap = at / ROOM % 2
    const array = (): Uint32Array => new Uint32Array(ROOM * (1 + gap))
    const arrays: TextRun = { codes: array(), starts: array(), lengths: array(), hashes: array(), missing: array(), packed: new Uint32Array(4 * ROOM * (1 + gap)) }
    const bytes = encoder.encode(run.join(''))
    const words = new Uint8Array(arrays.packed.buffer)
    let start = 0
    for (const [i, text] of run.entries()) {
      const place = i * (1 + gap)
      const length = encoder.encode(text).length
      const isPacked = (length === 32 || length === 36) && pack(length, bytes, start, words, place * 16)
      arrays.missing[i] = place
      arrays.starts[place] = start
      arrays.lengths[place] = isPacked ? length | PACKED : length
      arrays.hashes[place] = hashBytes(bytes.subarray(start), length)
      start += length
    }
    dictionary.encodeMissing(bytes, arrays, run.length)
    for (let i = 0; i < run.length; i++) codes.push(arrays.codes[i * (1 + gap)]!)
  }
  return codes
}

function codesOf(texts: readonly string[], known = new Map<string, number>()): number[] {
  return texts.map(text => {
    if (!known.has(text)) known.set(text, known.size + 1)
    return known.get(text)!
  })
}

/** Numbers of texts: most are new, some come again. */
function numbers(count: number, seed: number): number[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, i) => random.chance(0.2) ? random.between(0, i) : i)
}

const KINDS: readonly (readonly [string, (i: number) => string])[] = [
  ['UUIDs', uuid],
  ['digits', digits],
  ['UUIDs, and then others too', i => i < 90_000 || i % 3 > 0 ? uuid(i) : `other ${i}`],
  ['digits, and then a UUID', i => i === 80_500 ? uuid(i) : digits(i)],
  ['UUIDs that are none at last', i => i > 100_000 ? uuid(i).toUpperCase() : uuid(i)],
  ['digits and others from the beginning', i => i % 1000 === 7 ? `other ${i}` : digits(i)]
]

describe.each(KINDS)('a dictionary of many %s', (_, text) => {
  it.each(['wasm', 'plain'] as const)('gives codes in the order of coming, and texts, order and coupons of codes, with %s kernels', kernels => {
    useKernels(kernels)
    const texts = numbers(150_000, 3).map(text)
    const wanted = codesOf(texts)
    const inRuns = new Dictionary()
    expect(encodeInRuns(inRuns, texts)).toEqual(wanted)
    const oneByOne = new Dictionary()
    expect(texts.map(one => oneByOne.encode(one))).toEqual(wanted)
    const random = new Random(5)
    const unique = [...new Set(texts)]
    const coupons = inRuns.coupons()
    for (const dictionary of [inRuns, oneByOne]) {
      expect(dictionary.size).toBe(unique.length + 1)
      expect([dictionary.lookup('nobody'), dictionary.lookup(uuid(1e9)), dictionary.lookup(digits(1e9))]).toEqual([-1, -1, -1])
    }
    for (let i = 0; i < 4000; i++) {
      const [a, b] = [random.between(1, unique.length), random.between(1, unique.length)]
      const [x, y] = [unique[a - 1]!, unique[b - 1]!]
      for (const dictionary of [inRuns, oneByOne]) {
        expect([dictionary.decode(a), dictionary.lookup(x), Math.sign(dictionary.compare(a, b))]).toEqual([x, a, x < y ? -1 : x > y ? 1 : 0])
      }
      expect(coupons[a]).toBe(couponOfString(x))
    }
  })
})

describe('a dictionary of identifiers', () => {
  it('takes both ways by turns', () => {
    const dictionary = new Dictionary()
    const known = new Map<string, number>()
    const texts = numbers(120_000, 9).map(uuid)
    for (let at = 0; at < texts.length; at += 20_000) {
      const part = texts.slice(at, at + 20_000)
      const wanted = codesOf(part, known)
      expect(at % 40_000 === 0 ? encodeInRuns(dictionary, part) : part.map(text => dictionary.encode(text))).toEqual(wanted)
    }
  })

  it('gives coupons that go on where they ended', () => {
    const dictionary = new Dictionary()
    const texts = Array.from({ length: 110_000 }, (_, i) => i < 100_000 ? digits(i) : `other ${i}`)
    for (const end of [10, 66_000, 66_001, 99_999, 105_000, 110_000]) {
      encodeInRuns(dictionary, texts.slice(dictionary.size - 1, end))
      const coupons = dictionary.coupons()
      for (const code of [1, 5, 10, 65_999, 66_000, 66_001, 99_999, 100_001, end].filter(one => one <= end)) expect(coupons[code]).toBe(couponOfString(texts[code - 1]!))
    }
  })

  it('goes on in pages where there is no more memory', () => {
    const texts = numbers(400_000, 11).map(uuid)
    const wanted = codesOf(texts)
    for (const bytes of [4e6, 6e6, 7.5e6, 9e6]) {
      const inRuns = new Dictionary(null, bytes)
      expect(encodeInRuns(inRuns, texts)).toEqual(wanted)
      const oneByOne = new Dictionary(null, bytes)
      expect(texts.map(one => oneByOne.encode(one))).toEqual(wanted)
      for (const at of [5, 70_000, 199_999, 399_999]) expect([inRuns.decode(wanted[at]!), oneByOne.decode(wanted[at]!)]).toEqual([texts[at], texts[at]])
    }
  }, 20_000)

  it('takes about as many bytes as pages would', () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => uuid(i))
    const packed = new Dictionary()
    encodeInRuns(packed, texts)
    useKernels('plain')
    const paged = new Dictionary()
    encodeInRuns(paged, texts)
    expect(packed.bytes).toBeLessThan(paged.bytes * 1.2)
  })
})

describe('identifiers', () => {
  it('are found where the end of the table comes before theirs', () => {
    const size = 40_000
    const texts = Uint32Array.from({ length: size * 4 }, (_, i) => i)
    // All belong into the last chunk, and from some place on behind its end.
    const pairs = Uint32Array.from({ length: size * 2 }, (_, i) => i % 2 === 0 ? 0xffffffff : (i + 1) / 2)
    const ids = Identifiers.of(36, size, [new Uint8Array(texts.buffer)], [pairs])!
    const words = (code: number): Uint32Array => texts.subarray(code * 4 - 4, code * 4)
    for (const code of [1, 2, 16_384, 16_385, size]) expect(ids.codeOf(0xffffffff, words(code), false)).toBe(code)
    expect([ids.codeOf(0xffffffff, Uint32Array.of(1, 2, 3, 4), false), ids.codeOf(0, words(1), false)]).toEqual([0, 0])
    expect(ids.codeOf(0xffffffff, Uint32Array.of(1, 2, 3, 4), true)).toBe(size + 1)
  })

  it('are none without kernels', () => {
    useKernels('plain')
    expect(Identifiers.of(36, 0, [], [])).toBeNull()
  })
})
