import { describe, expect, it } from 'vitest'
import { CodeTable } from '../../../engine/column/code-table.js'


const spread = (i: number): number => i * 2_654_435_761 % 2 ** 32

/** A table of numbered texts; text i has hashes[i], and is asked for by its number. */
function tableOf(hashes: readonly number[]): { table: CodeTable, found: number, find(i: number): number } {
  let sought = 0
  const table = new CodeTable({ is: code => code === sought + 1, touch: code => code })
  const find = (i: number): number => {
    sought = i
    return table.find(hashes[i]!)
  }
  let found = 0
  hashes.forEach((hash, i) => {
    if (find(i) !== 0) found++
    table.add(hash, i + 1)
  })
  return { table, found, find }
}

describe('a table of codes', () => {
  it.each([
    ['spread hashes', spread],
    ['hashes that run over the end of their chunk', (i: number) => i % 100 === 0 ? (spread(i) | 0x7ff0) >>> 0 : spread(i)],
    ['the largest hashes, which run over the end of the table', (i: number) => i % 300 === 0 ? 0xffffffff : spread(i)]
  ])('finds every code again: %s', (_name, hashOf) => {
    const { found, find } = tableOf(Array.from({ length: 200_000 }, (_, i) => hashOf(i)))
    let wrong = found
    for (let i = 0; i < 200_000; i++) if (find(i) !== i + 1) wrong++
    expect(wrong).toBe(0)
  })

  it('takes at most 17 bytes for each of many codes', () => {
    const hashes: number[] = []
    for (const count of [200_000, 300_000, 400_000]) {
      while (hashes.length < count) hashes.push(spread(hashes.length))
      expect(tableOf(hashes).table.bytes / count).toBeLessThan(17)
    }
  })
})
