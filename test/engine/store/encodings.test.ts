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

describe('a file of blocks', () => {
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
