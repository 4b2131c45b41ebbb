import stringWidth from 'string-width'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cell } from '../../cli/result.js'
import { formatTable } from '../../cli/table.js'

function table(dimensions: readonly string[], metrics: readonly string[], data: readonly (readonly Cell[])[], columns = 80, color = false): string[] {
  const fields = [...dimensions.map(name => ({ name, type: 'dimension' as const })), ...metrics.map(name => ({ name, type: 'metric' as const }))]
  return [...formatTable({ fields, data }, { columns, color })].join('').split('\n').slice(0, -1)
}

describe('table', () => {
  it('aligns text left and numbers right, with null as a dash', () => {
    expect(table(['country'], ['count', 'avg'], [['Finland', 12345, 1.5], [null, 7, null], ['', 3, 1], ['日本', 0, 12.25]])).toEqual([
      'country  count    avg',
      '───────  ─────  ─────',
      'Finland  12345   1.50',
      '–            7      –',
      '""           3   1.00',
      '日本         0  12.25'
    ])
  })

  it('shows an array as a list', () => {
    expect(table(['rooms', 'n'], [], [[['a', ''], 1], [null, 22]])).toEqual(['rooms   n', '─────  ──', 'a, ""   1', '–      22'])
  })

  it('shows at most three decimals, six for columns of small values, and no more than are needed', () => {
    expect(table([], ['a', 'b', 'c'], [[212.05452, 0.012345678, 1.5], [3, 0, 2]]).slice(2)).toEqual(['212.055  0.012346  1.5', '  3.000  0.000000  2.0'])
    expect(table([], ['a'], [[1e21], [4e-9], [0.5]]).slice(2)).toEqual(['1e+21', ' 4e-9', '0.500'])
  })

  it('leaves out of times what they have in common', () => {
    const days = ['2025-03-30T00:00:00.000+02:00', '2025-03-31T00:00:00.000+03:00']
    expect(table(['timestamp'], [], days.map(day => [day])).slice(2)).toEqual(['2025-03-30', '2025-03-31'])
    const hours = ['2025-10-26T03:00:00.000+03:00', '2025-10-26T03:00:00.000+02:00']
    expect(table(['timestamp'], [], hours.map(hour => [hour])).slice(2)).toEqual(['2025-10-26 03:00+03:00', '2025-10-26 03:00+02:00'])
    expect(
      table(['timestamp'], [], [['2025-01-01T00:00:30.000Z'], ['2025-01-01T00:00:31.000Z']]).slice(2)
    ).toEqual(['2025-01-01 00:00:30Z', '2025-01-01 00:00:31Z'])
    expect(table(['timestamp'], [], [['2025-01-01T00:00:00.001Z']]).slice(2)).toEqual(['2025-01-01 00:00:00.001Z'])
  })

  it('reads the ranges of a histogram out as text', () => {
    expect(table(['country'], ['secs'], [['Finland', [[null, 10, 0], [10, 30.123456, 5], [30.123456, null, 2]]], ['Norway', [[7, 7, 1]]], ['Sweden', []]])).toEqual([
      'country  secs',
      '───────  ────────────────────────────────',
      'Finland  …10: 0, 10…30.123: 5, 30.123…: 2',
      'Norway   7: 1',
      'Sweden'
    ])
  })

  it('says that there are no rows', () => {
    expect(table(['a'], ['count'], [])).toEqual(['a  count', '─  ─────', '(no rows)'])
  })

  it('wraps long headers, then shortens text, and never cuts a number or a time', () => {
    const rows = [['2019-01-01T12:30:00.000Z', 'a very long organization name', 1234567.5]]
    expect(table(['timestamp', 'ip_organization'], ['visitor_id_hyper_unique'], rows, 52)).toEqual([
      '                                         visitor_id_',
      'timestamp          ip_organization      hyper_unique',
      '─────────────────  ───────────────────  ────────────',
      '2019-01-01 12:30Z  a very long organi…     1234567.5'
    ])
  })

  it('prints blocks where a row does not fit', () => {
    expect(table(['timestamp', 'city'], ['session_duration_secs_avg'], [['2019-01-01T12:30:00.000Z', 'Helsinki', 12.5]], 30)).toEqual([
      '─'.repeat(30),
      'timestamp        2019-01-01 12:30Z',
      'city             Helsinki',
      'session_durati…  12.5'
    ])
  })

  it('shows control characters instead of sending them to the terminal', () => {
    expect(table(['a\u001b[2J'], [], [['x\ny\u001b[31m\u0007'], ['\u202eabc\u009b']]).slice(0, 1)).toEqual(['a␛[2J'])
    expect(table(['a'], [], [['x\ny\u001b[31m\u0007'], ['\u202eabc\u009b']]).slice(2)).toEqual(['x␊y␛[31m␇', '\ufffdabc\ufffd'])
  })

  it('is bold in the header only where colour is allowed', () => {
    expect(table(['a'], [], [['x']], 80, true)[0]).toBe('\u001b[1ma\u001b[22m')
    expect(table(['a'], [], [['x']], 80, true)[2]).toBe('x')
  })

  it('keeps every line of a grid within the terminal, whatever the values', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null))
    fc.assert(fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), fc.integer({ min: 20, max: 200 }), (rows, columns) => {
      const lines = table(['ab', 'b_long_name', 'c'], [], rows, columns)
      const rule = lines.find(line => /^[─ ]+$/.test(line))!
      if (rule.includes(' ')) for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
    }), { seed: 20250603 })
  })
})
