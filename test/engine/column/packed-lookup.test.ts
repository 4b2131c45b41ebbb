/** What another thread finds of a dictionary that goes on growing: never a wrong code. */
import { describe, expect, it } from 'vitest'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { ownMemory, sharedMemory } from '../../../engine/column/memory.js'
import { PackedLookup } from '../../../engine/column/packed-lookup.js'
import { pack, UUID } from '../../../engine/column/packed-text.js'
import { hashBytes } from '../../../engine/column/text-hash.js'
import { PACKED, type TextRun } from '../../../engine/column/text-run.js'

const PAGE = 4096
const encoder = new TextEncoder()

const uuid = (i: number): string => `${(i >>> 0).toString(16).padStart(8, '0')}-1111-2222-3333-${(Math.imul(i, 2_654_435_761) >>> 0).toString(16).padStart(12, '0')}`
const digits = (i: number): string => uuid(i).replaceAll('-', '')

/** Texts as a kernel leaves them: those that can be are packed beside. */
function runOf(texts: readonly string[]): { bytes: Uint8Array, run: TextRun } {
  const bytes = encoder.encode(texts.join(''))
  const words = (size: number): Uint32Array => new Uint32Array(texts.length * size)
  const run = { codes: words(1), starts: words(1), lengths: words(1), hashes: words(1), missing: Uint32Array.from(texts.keys()), packed: words(4) }
  const packed = new Uint8Array(run.packed.buffer)
  let at = 0
  for (const [i, text] of texts.entries()) {
    run.starts[i] = at
    run.hashes[i] = hashBytes(bytes.subarray(at, at + text.length), text.length)
    run.lengths[i] = [UUID, 32].includes(text.length) && pack(text.length, bytes, at, packed, i * 16) ? text.length | PACKED : text.length
    at += text.length
  }
  return { bytes, run }
}

function encode(dictionary: Dictionary, texts: readonly string[]): void {
  const { bytes, run } = runOf(texts)
  dictionary.encodeMissing(bytes, run, texts.length)
}

function find(lookup: PackedLookup, texts: readonly string[]): (number | null)[] {
  const { run } = runOf(texts)
  const left = new Uint32Array(texts.length)
  const kept = new Set(left.subarray(0, lookup.find(run, texts.length, left)))
  return texts.map((_, i) => kept.has(i) ? null : run.codes[i]!)
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('look-ups beside the thread that writes', () => {
  it('find the texts of full pages', () => {
    const dictionary = new Dictionary(null, sharedMemory)
    const lookup = new PackedLookup()
    const texts = range(0, 3 * PAGE + 100).map(i => i < PAGE ? digits(i) : uuid(i))
    encode(dictionary, texts)
    lookup.show(dictionary.packedTexts(null, 0)!)
    expect(find(lookup, texts)).toEqual(texts.map((_, i) => i < 3 * PAGE ? i + 1 : null))
    expect(find(lookup, range(0, PAGE).map(uuid))).toEqual(range(0, PAGE).map(() => null))
    expect(find(lookup, ['', 'x', uuid(PAGE + 1).toUpperCase(), uuid(PAGE + 1)])).toEqual([null, null, null, PAGE + 2])
  })

  it('are shown what is new, and know nothing of pages that are not packed', () => {
    const dictionary = new Dictionary(null, sharedMemory)
    const lookup = new PackedLookup()
    encode(dictionary, range(0, PAGE).map(i => i === 7 ? 'free' : uuid(i)))
    const first = dictionary.packedTexts(null, 0)!
    lookup.show(first)
    expect(first.pages).toEqual([null])
    encode(dictionary, range(PAGE, 30 * PAGE).map(uuid))
    const { chunks } = first
    const second = dictionary.packedTexts(chunks, 1)!
    expect([second.chunks === null, second.pages.length]).toEqual([false, 29])
    lookup.show(second)
    expect(find(lookup, [uuid(3), 'free', uuid(PAGE), uuid(30 * PAGE - 1)])).toEqual([null, null, PAGE + 1, 30 * PAGE])
    expect(dictionary.packedTexts(second.chunks, 30)).toEqual({ chunks: null, base: 1, pages: [] })
  })

  it('find nothing wrong in a table that has grown, and was written over, since', () => {
    const dictionary = new Dictionary(null, sharedMemory)
    const lookup = new PackedLookup()
    const texts = range(0, 400_000).map(uuid)
    encode(dictionary, texts.slice(0, 20 * PAGE))
    lookup.show(dictionary.packedTexts(null, 0)!)
    for (let size = 20 * PAGE; size < texts.length; size += 30_000) {
      encode(dictionary, texts.slice(size, size + 30_000))
      for (const [i, code] of find(lookup, texts).entries()) if (code !== null) expect(code).toBe(i + 1)
    }
    expect(find(lookup, texts).filter(code => code !== null).length).toBeLessThan(20 * PAGE)
  })

  it('end in a table that has no end', () => {
    const lookup = new PackedLookup()
    lookup.show({ chunks: [new Uint32Array(1024).fill(1)], base: 1, pages: [{ form: UUID, words: new Uint32Array(4 * PAGE) }] })
    expect(find(lookup, [uuid(1)])).toEqual([null])
  })

  it('are not for dictionaries of one thread, nor before anything was shown', () => {
    expect(new Dictionary(null, ownMemory).packedTexts(null, 0)).toBeNull()
    expect(find(new PackedLookup(), [uuid(1), 'x'])).toEqual([null, null])
  })
})
