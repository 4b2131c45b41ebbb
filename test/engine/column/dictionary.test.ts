/** Texts as codes: what a dictionary takes in it gives back, in the order of UTF-8, however many there are. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { couponOfString } from '../../../engine/sketch/hash.js'
import { finish } from '../../support/steps.js'
import { Random } from '../../support/random.js'

const TEXTS = ['', ' ', '0', 'null', '__proto__', 'constructor', 'toString', 'a', 'aa', 'ab', 'a\0', '\0', 'é', 'e\u0301', 'ß', '日本', '\uffee', '\uffff', '\ue000',
  '\u{10000}', '\u{1f600}', '\u{1f600}\u{1f601}', '\u{10ffff}', '\ufffd', '\ufeff', '\ufeffa', 'a\ufeff', '\x7f', '\x80', '\u07ff', '\u0800', 'abcdef', 'abcdefg', 'abcdefh', 'abcdef\0']

function utf8Order(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function dictionaryOf(texts: readonly string[]): { dictionary: Dictionary; codes: number[] } {
  const dictionary = new Dictionary()
  return { dictionary, codes: texts.map(text => dictionary.encode(text)) }
}

describe('a dictionary', () => {
  it('numbers texts from 1 in the order of their first appearance, and keeps the numbers', () => {
    const { dictionary, codes } = dictionaryOf(TEXTS)
    expect(codes).toEqual(TEXTS.map((_, i) => i + 1))
    expect(TEXTS.map(text => dictionary.encode(text))).toEqual(codes)
    expect(TEXTS.map(text => dictionary.lookup(text))).toEqual(codes)
    expect(codes.map(code => dictionary.decode(code))).toEqual(TEXTS)
    expect(codes.map(code => dictionary.decode(code))).toEqual(TEXTS)
    expect(dictionary.size).toBe(TEXTS.length + 1)
  })

  it('says -1 of a text that it never took in', () => {
    const { dictionary } = dictionaryOf(['a', 'b'])
    for (const text of ['', 'c', 'A', 'ab', '__proto__', 'hasOwnProperty', '\u{1f600}']) expect(dictionary.lookup(text), text).toBe(-1)
    expect(new Dictionary().lookup('')).toBe(-1)
    expect(dictionary.size).toBe(3)
  })

  it('takes a lone surrogate for U+FFFD, which is what its UTF-8 is', () => {
    const { dictionary, codes } = dictionaryOf(['\ud800', '\udc00', '\ufffd', 'a\ud800b', 'a\ufffdb', '\ude00\ud83d'])
    expect(codes).toEqual([1, 1, 1, 2, 2, 3])
    expect(codes.map(code => dictionary.decode(code))).toEqual(['\ufffd', '\ufffd', '\ufffd', 'a\ufffdb', 'a\ufffdb', '\ufffd\ufffd'])
    expect(dictionary.lookup('\udfff')).toBe(1)
  })

  it('gives back texts of every length around those at which it changes its ways', () => {
    const lengths = [0, 1, 63, 64, 65, 127, 128, 129, 383, 384, 385, 1023, 1024, 1025, 5000, 100_000]
    const texts = lengths.flatMap(length => ['a', 'é', '日', '\u{1f600}'].map(unit => unit.repeat(length)))
    const { dictionary, codes } = dictionaryOf([...texts, 'after'])
    expect([...codes].map(code => dictionary.decode(code)).every((text, i) => text === [...texts, 'after'][i])).toBe(true)
    expect(texts.every((text, i) => dictionary.encode(text) === codes[i])).toBe(true)
  })

  it('orders codes as their UTF-8 bytes, the missing one first', () => {
    const { dictionary, codes } = dictionaryOf(TEXTS)
    for (const [i, a] of TEXTS.entries()) {
      for (const [j, b] of TEXTS.entries()) expect(Math.sign(dictionary.compare(codes[i]!, codes[j]!)), `${a} ${b}`).toBe(Math.sign(utf8Order(a, b)))
      expect(dictionary.compare(0, codes[i]!)).toBeLessThan(0)
      expect(dictionary.compare(codes[i]!, 0)).toBeGreaterThan(0)
    }
    expect(dictionary.compare(0, 0)).toBe(0)
  })

  it('ranks few of its codes as it ranks all', () => {
    const texts = [...TEXTS, ...Array.from({ length: 500 }, (_, i) => `t${i * 7919 % 500}`)]
    const { dictionary, codes } = dictionaryOf(texts)
    const random = new Random(3)
    for (const some of [[], [0], random.sample(codes, 5), [0, ...random.sample(codes, 20), 0], [...random.sample(codes, 300), 0], [0, ...codes]]) {
      const ranks = finish(dictionary.ranksOf(Uint32Array.from(some)))
      const byRank = [...new Set(some)].sort((a, b) => ranks[a]! - ranks[b]!)
      expect(byRank).toEqual([...new Set(some)].sort((a, b) => dictionary.compare(a, b)))
      expect(new Set(byRank.map(code => ranks[code])).size).toBe(byRank.length)
    }
  })

  it('ranks texts that come after it was asked', () => {
    const { dictionary, codes } = dictionaryOf(['b', 'd'])
    finish(dictionary.ranksOf(Uint32Array.from(codes)))
    const late = [dictionary.encode('a'), dictionary.encode('c')]
    const ranks = finish(dictionary.ranksOf(Uint32Array.from([...codes, ...late])))
    expect([...codes, ...late].sort((a, b) => ranks[a]! - ranks[b]!).map(code => dictionary.decode(code))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('has the coupon of each text, of later ones too', () => {
    const { dictionary, codes } = dictionaryOf(TEXTS)
    expect(dictionary.coupons()[0]).toBe(0)
    expect(codes.map(code => dictionary.coupons()[code])).toEqual(TEXTS.map(couponOfString))
    const late = Array.from({ length: 5000 }, (_, i) => `late ${i}`)
    const lateCodes = late.map(text => dictionary.encode(text))
    const coupons = dictionary.coupons()
    expect(lateCodes.map(code => coupons[code])).toEqual(late.map(couponOfString))
    expect(codes.map(code => coupons[code])).toEqual(TEXTS.map(couponOfString))
  })
})

describe('a dictionary of 300,000 texts', () => {
  const texts = Array.from({ length: 300_000 }, (_, i) => (i % 50 === 0 ? `visitor-é-${i}` : `v${(i * 2_654_435_761 % 2 ** 32).toString(36)}-${i}`))

  it('loses none, and finds each by its text and its code', () => {
    const dictionary = new Dictionary()
    let wrong = 0
    texts.forEach((text, i) => { if (dictionary.encode(text) !== i + 1) wrong++ })
    texts.forEach((text, i) => { if (dictionary.lookup(text) !== i + 1 || dictionary.encode(text) !== i + 1 || dictionary.decode(i + 1) !== text) wrong++ })
    expect(wrong).toBe(0)
    expect(dictionary.size).toBe(texts.length + 1)
    expect(dictionary.lookup('v-none')).toBe(-1)
    const coupons = dictionary.coupons()
    for (let i = 0; i < texts.length; i += 997) expect(coupons[i + 1]).toBe(couponOfString(texts[i]!))
    expect(dictionary.bytes).toBeGreaterThan(texts.reduce((sum, text) => sum + text.length, 0))
  })

  it('orders all of them, and a few of them', () => {
    const many = texts.slice(0, 70_000)
    const { dictionary, codes } = dictionaryOf(many)
    const few = Uint32Array.from(codes.filter(code => code % 911 === 0))
    const ranksOfFew = finish(dictionary.ranksOf(few))
    expect(Array.from(few).sort((a, b) => ranksOfFew[a]! - ranksOfFew[b]!)).toEqual(Array.from(few).sort((a, b) => utf8Order(many[a - 1]!, many[b - 1]!)))
    const ranks = finish(dictionary.ranksOf(Uint32Array.from(codes)))
    const ordered = [...many]
    codes.forEach((code, i) => { ordered[ranks[code]! - 1] = many[i]! })
    expect(ordered.every((text, i) => i === 0 || utf8Order(ordered[i - 1]!, text) < 0)).toBe(true)
  })
})

const hex = (i: number, length: number): string => (i * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, '0').repeat(length / 8)
const uuid = (i: number): string => hex(i, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** What a Map and an array would say of the same texts. */
function expectTexts(texts: readonly string[], dictionary = new Dictionary()): void {
  const codes = new Map<string, number>()
  let wrong = 0
  for (const text of texts) {
    const code = codes.get(text) ?? codes.size + 1
    codes.set(text, code)
    if (dictionary.encode(text) !== code) wrong++
  }
  expect(wrong).toBe(0)
  expect(dictionary.size).toBe(codes.size + 1)
  const known = [...codes]
  for (const [text, code] of known) if (dictionary.lookup(text) !== code || dictionary.decode(code) !== text) wrong++
  expect(wrong).toBe(0)
  const coupons = dictionary.coupons()
  for (const [text, code] of known) if (coupons[code] !== couponOfString(text)) wrong++
  expect(wrong).toBe(0)
  for (let i = 1; i < known.length; i++) {
    const [a, b] = [known[i - 1]!, known[i * 7919 % known.length]!]
    if (Math.sign(dictionary.compare(a[1], b[1])) !== Math.sign(utf8Order(a[0], b[0]))) wrong++
  }
  expect(wrong).toBe(0)
  const ranks = finish(dictionary.ranksOf(Uint32Array.from(codes.values())))
  const ordered = known.toSorted((a, b) => ranks[a[1]]! - ranks[b[1]]!)
  expect(ordered.every(([text], i) => i === 0 || utf8Order(ordered[i - 1]![0], text) < 0)).toBe(true)
  for (const text of texts.slice(0, 50)) {
    for (const other of [text.toUpperCase(), `${text}0`, text.slice(1), text.replace(/.$/, 'g')]) if (dictionary.lookup(other) !== (codes.get(other) ?? -1)) wrong++
  }
  expect(wrong).toBe(0)
}

describe('a dictionary of identifiers', () => {
  const uuids = Array.from({ length: 20_000 }, (_, i) => uuid(i))

  it('keeps them in half the bytes', () => {
    const ofUuids = dictionaryOf(uuids).dictionary
    const free = dictionaryOf(uuids.map(text => text.replace('-', '_'))).dictionary
    expect(free.bytes - ofUuids.bytes).toBeGreaterThan(20_000 * 20)
    const ofDigits = dictionaryOf(uuids.map((_, i) => hex(i, 32))).dictionary
    expect(ofDigits.bytes).toBe(ofUuids.bytes)
  })

  const strange = ['', 'free', uuid(1).toUpperCase(), uuid(2).slice(0, 35), `${uuid(3)}0`, uuid(4).replace('-', '0'), hex(5, 32), hex(6, 64), hex(6, 40), hex(7, 32).replace('0', 'O'),
    '\u{1f600}', 'é'.repeat(18), '00000000-0000-0000-0000-00000000000a', uuid(8).replace(/^./, 'g'), hex(9, 24), '0123456789abcdef']

  it.each(strange)('takes %j at any place of a page', text => {
    for (const place of [0, 1, 2, 63, 64, 4094, 4095, 4096, 4097, 8191, 8192, 8193]) {
      const dictionary = new Dictionary()
      const texts = [...uuids.slice(0, place), text, ...uuids.slice(place, place + 300)]
      expect(texts.every((one, i) => dictionary.encode(one) === i + 1)).toBe(true)
      expect(texts.every((one, i) => dictionary.decode(i + 1) === one && dictionary.lookup(one) === i + 1)).toBe(true)
    }
  })

  it('gives, compares and ranks them as a Map and the texts themselves do', () => {
    expectTexts(uuids)
    for (const length of [16, 24, 32, 64]) expectTexts(uuids.slice(0, 9000).map((_, i) => hex(i, length)))
  })

  it('does so with other texts among them, and when the form changes', () => {
    const random = new Random(11)
    expectTexts([...uuids.slice(0, 5000), ...uuids.slice(0, 5000).map((_, i) => hex(i, 32)), ...uuids.slice(5000, 10_000)])
    for (const share of [2, 50, 3000]) {
      expectTexts(Array.from({ length: 12_000 }, () => random.between(1, share) === 1 ? random.pick(strange) : uuid(random.between(0, 9000))))
    }
    expectTexts(Array.from({ length: 6000 }, (_, i) => random.pick([uuid(i), hex(i, 32), `v${i}`])))
  })

  it('does so whatever the texts are', () => {
    const text = fc.oneof(fc.uuid(), fc.constantFrom(...strange), fc.string(), fc.integer({ min: 0, max: 40 }).map(uuid))
    fc.assert(fc.property(fc.array(text, { maxLength: 80 }), texts => expectTexts(texts.map(one => Buffer.from(one).toString()))), { seed: 5, numRuns: 100 })
  })
})
