/** What is written into a file of blocks is read again to the last bit, and what was changed is refused. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_VALUES, pack, unpack } from '../../../engine/store/bit-packing.js'
import { BlockFile, BlockFileWriter } from '../../../engine/store/block-file.js'
import { readAscending, readColumn, writeAscending, writeColumn, type StoredColumn, type StoredNumbers } from '../../../engine/store/column-codec.js'
import { nodeFileSystem } from '../../../engine/store/file-system.js'
import { exponentsOf, type NumberColumn } from '../../../engine/column/column.js'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { StoredDictionary, writeDictionary, type DictionaryFooter } from '../../../engine/store/stored-dictionary.js'
import { temporaryFolder } from './folder.js'

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => n + 0), fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -1e6, max: 1e6 }).map(n => n / 1000),
  fc.constantFrom(0, 0.1, 1 / 3, 5e-324, 1e300, -1e300, 2 ** 53, -(2 ** 53), 2 ** 32, 0.07)
)

async function throughFile<T, R>(write: (writer: BlockFileWriter) => T, read: (file: BlockFile<T>, footer: T) => R): Promise<R> {
  const path = join(await temporaryFolder(), 'segment-1')
  const writer = await BlockFileWriter.create(nodeFileSystem, path, 'segment')
  const { bytes, check } = await writer.finish(write(writer) as object)
  const readable = nodeFileSystem.openReadable(path)
  const file = new BlockFile<T>(readable, path, 'segment', bytes, check)
  const result = read(file, file.footer)
  readable.close()
  return result
}

describe('packed numbers', () => {
  it('of every width come back, in blocks that are full and that are not', () => {
    for (let width = 0; width <= 32; width++) {
      for (const length of [0, 1, 7, BLOCK_VALUES, BLOCK_VALUES + 1, 2 * BLOCK_VALUES + 77]) {
        const values = Uint32Array.from({ length }, (_, i) => width === 0 ? 0 : Math.imul(i + 1, 0x9e3779b1) >>> (32 - width))
        const into = new Uint32Array(length).fill(1)
        unpack(pack(values), into)
        expect(into).toEqual(values)
      }
    }
  })

  it('take the bits of the largest of their block', () => {
    const values = new Uint32Array(3 * BLOCK_VALUES).fill(5)
    values[BLOCK_VALUES] = 2 ** 31
    expect([...pack(values).widths]).toEqual([3, 32, 3])
    expect(pack(values).bytes.length).toBe(BLOCK_VALUES / 8 * 38)
  })
})

describe('a number column', () => {
  it('comes back to the last bit', async () => {
    await fc.assert(fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 60 }), async list => {
      const values = Float64Array.from(list)
      const column: NumberColumn = { type: 'number', values, valid: null, exponents: exponentsOf(values, values.length) }
      const back = await throughFile<StoredColumn, NumberColumn>(writer => writeColumn(writer, 'n', column, 0), (file, stored) => readColumn(file, stored, values.length, null) as NumberColumn)
      expect(back).toEqual(column)
    }), { seed: 8, numRuns: 150 })
  })

  it('of starts comes back, however far apart they are', async () => {
    for (const list of [[5], [-8.64e15, 8.64e15], [0, 0, 1, 2 ** 40, 2 ** 40 + 1], [-8.64e15, 0, 1000], [8.64e15 - 1, 8.64e15]]) {
      const values = Float64Array.from(list)
      expect(await throughFile<StoredNumbers, Float64Array>(writer => writeAscending(writer, values), (file, stored) => readAscending(file, stored, values.length))).toEqual(values)
    }
  })
})

/** A dictionary of the texts, written in chunks that end at the given codes. */
async function storedTexts(texts: readonly string[], ends: readonly number[]): Promise<{ stored: StoredDictionary, bytes: number, footers: DictionaryFooter[] }> {
  const dictionary = new Dictionary()
  for (const text of texts) dictionary.encode(text)
  const folder = await temporaryFolder()
  const chunks = []
  let bytes = 0
  for (let i = 0, from = 1; i < ends.length; from = ends[i++]) {
    const path = join(folder, `dictionary-${i}`)
    const writer = await BlockFileWriter.create(nodeFileSystem, path, 'dictionary')
    const written = await writer.finish(await writeDictionary(writer, dictionary, from, ends[i], () => Promise.resolve()))
    const file = new BlockFile<DictionaryFooter>(nodeFileSystem.openReadable(path), path, 'dictionary', written.bytes, written.check)
    chunks.push({ from, to: ends[i], file })
    bytes += written.bytes
  }
  return { stored: new StoredDictionary(chunks), bytes, footers: chunks.map(({ file }) => file.footer) }
}

function textOf(stored: StoredDictionary, code: number): string {
  const [bytes, start, end] = stored.locate(code)
  return Buffer.from(bytes.subarray(start, end)).toString()
}

const uuidOf = (i: number): string => `${i.toString(16).padStart(8, '0')}-0b4d-4227-be91-${(i * 7919).toString(16).padStart(12, '0')}`

describe('a stored dictionary', () => {
  it('gives the texts of every form back, and finds them', async () => {
    const text = fc.oneof(
      fc.uuid(), fc.uuid().map(id => id.toUpperCase()), fc.uuid().map(id => id.replaceAll('-', '')), fc.uuid().map(id => id.replace('-', '_')),
      fc.string(), fc.string({ unit: 'binary' }).map(s => Buffer.from(s).toString()), fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 14, maxLength: 70 })
    )
    const same = fc.oneof(fc.constant(text), fc.constant(fc.uuid()), fc.constant(fc.uuid().map(id => id.replaceAll('-', ''))))
    await fc.assert(fc.asyncProperty(same.chain(kind => fc.uniqueArray(kind, { minLength: 1, maxLength: 60 })), fc.nat(), async (texts, cut) => {
      const ends = [...new Set([1 + cut % texts.length, texts.length + 1])].filter(end => end > 1)
      const { stored } = await storedTexts(texts, ends)
      texts.forEach((one, i) => {
        const bytes = Buffer.from(one)
        expect(textOf(stored, i + 1)).toBe(one)
        expect(stored.find(bytes, 0, bytes.length)).toBe(i + 1)
      })
      const other = Buffer.from('not there')
      expect(stored.find(other, 0, other.length)).toBe(0)
    }), { seed: 12, numRuns: 60 })
  })

  it('packs pages of identifiers, and only those', async () => {
    const uuids = Array.from({ length: 9000 }, (_, i) => uuidOf(i))
    const { stored, bytes, footers } = await storedTexts(uuids, [9001])
    expect(footers[0].pages.map(({ form }) => form)).toEqual([36, 36, 36])
    // 16 bytes of the UUID, four of the coupon, one of the tag.
    expect(bytes / 9000).toBeLessThan(21.2)
    expect(textOf(stored, 9000)).toBe(uuids[8999])
    const mixed = await storedTexts([...uuids.slice(0, 5000), 'no identifier'], [5002])
    expect(mixed.footers[0].pages.map(({ form }) => form)).toEqual([36, undefined])
    expect(textOf(mixed.stored, 5001)).toBe('no identifier')
  })
})

describe('a file of blocks', () => {
  it('is read in every version up to ours, and refused in a later one', async () => {
    for (const [version, fault] of [['1', null], ['2', null], ['3', 'has format version 3, this version of sessionql reads up to 2'], ['x', 'is damaged at byte 0']] as const) {
      const path = join(await temporaryFolder(), 'dictionary-7')
      const writer = await BlockFileWriter.create(nodeFileSystem, path, 'dictionary')
      const { bytes, check } = await writer.finish({ plain: writer.add(Buffer.from('text')) })
      const whole = await readFile(path, 'latin1')
      await writeFile(path, whole.replace('sessionql-dictionary 2', `sessionql-dictionary ${version}`), 'latin1')
      const readable = nodeFileSystem.openReadable(path)
      const file = new BlockFile<{ plain: never }>(readable, path, 'dictionary', bytes, check)
      if (fault === null) expect(Buffer.from(file.read(file.footer.plain)).toString()).toBe('text')
      else expect(() => file.footer).toThrow(fault)
      readable.close()
    }
  })

  it('with any one byte changed is refused with its place, or gives the same', async () => {
    const path = join(await temporaryFolder(), 'segment-7')
    const writer = await BlockFileWriter.create(nodeFileSystem, path, 'segment')
    const text = Buffer.from('the same and the same and the same and the same again')
    const { bytes, check } = await writer.finish({ plain: writer.add(text), deflated: writer.addDeflated(text, true) })
    const whole = await readFile(path)
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at] ^= 0x10
      await writeFile(path, changed)
      const readable = nodeFileSystem.openReadable(path)
      const file = new BlockFile<{ plain: never, deflated: never }>(readable, path, 'segment', bytes, check)
      expect(() => [file.read(file.footer.plain), file.read(file.footer.deflated)], `byte ${at}`).toThrow(`${path} is damaged at byte `)
      readable.close()
    }
  })
})
