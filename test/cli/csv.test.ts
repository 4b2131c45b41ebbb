import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatResult } from '../../cli/format.js'
import type { Cell } from '../../cli/result.js'

const canvas = { columns: 80, color: false }

function csv(names: readonly string[], data: readonly (readonly Cell[])[]): string {
  return [...formatResult({ fields: names.map(name => ({ name, type: 'dimension' as const })), data }, 'csv', canvas)].join('')
}

describe('csv', () => {
  it('quotes what needs it, and keeps null and the empty string apart', () => {
    expect(csv(['timestamp', 'a,b'], [['2025-01-01T00:00:00.000Z', 'say "hi"'], [null, ''], [1.5, 'two\nlines'], [-0.25, 'null'], ['a\rb', 'c,d']])).toBe(
      'timestamp,"a,b"\n2025-01-01T00:00:00.000Z,"say ""hi"""\n,""\n1.5,"two\nlines"\n-0.25,null\n"a\rb","c,d"\n'
    )
  })

  it('prints an array as JSON', () => {
    expect(csv(['rooms'], [[['a', '"']], [null], [['one']]])).toBe('rooms\n"[""a"",""\\""""]"\n\n"[""one""]"\n')
  })

  it('prints the header over no rows', () => {
    expect(csv(['count'], [])).toBe('count\n')
  })

  it('is read back by another CSV parser', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a') })), { minLength: 1 }), rows => {
      const read = parse(csv(['x', 'y'], rows), { record_delimiter: '\n' }) as string[][]
      expect(read).toEqual([['x', 'y'], ...rows])
    }), { seed: 20250602 })
  })
})

describe('json and ndjson', () => {
  const result = { fields: [{ name: 'timestamp', type: 'dimension' as const }, { name: '__proto__', type: 'metric' as const }], data: [['a', 1], ['"', null]] }

  it('prints json in giosg\'s response form on one line', () => {
    expect([...formatResult(result, 'json', canvas)].join('')).toBe(
      '{"fields":[{"name":"timestamp","type":"dimension"},{"name":"__proto__","type":"metric"}],"data":[["a",1],["\\"",null]]}\n'
    )
  })

  it('prints one object per row, with any column name', () => {
    expect([...formatResult(result, 'ndjson', canvas)].join('')).toBe('{"timestamp":"a","__proto__":1}\n{"timestamp":"\\"","__proto__":null}\n')
  })
})
