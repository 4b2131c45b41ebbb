import stringWidth from 'string-width'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatChart } from '../../cli/chart.js'
import type { Cell } from '../../cli/result.js'

function chart(dimensions: readonly string[], metrics: readonly string[], data: readonly (readonly Cell[])[], columns = 40, color = false): string[] {
  const fields = [...dimensions.map(name => ({ name, type: 'dimension' as const })), ...metrics.map(name => ({ name, type: 'metric' as const }))]
  return [...formatChart({ fields, data }, { columns, color })].join('').split('\n').slice(0, -1)
}

const start = '2025-01-01T00:00:00.000Z'
const day = (i: number) => new Date(Date.UTC(2025, 0, 1 + i)).toISOString()

describe('chart of groups', () => {
  it('is a bar per group, as long as its value, to eighths', () => {
    expect(chart(['timestamp', 'country'], ['count'], [[start, 'Finland', 16], [start, 'Sweden', 8], [start, null, 1], [start, '', 0]], 27)).toEqual([
      'count',
      'Finland  16  ██████████████',
      'Sweden    8  ███████',
      '–         1  ▉',
      '""        0'
    ])
  })

  it('shows every value that is not zero, and a null as a dash', () => {
    expect(chart(['timestamp', 'a'], ['n'], [[start, 'x', 1e9], [start, 'y', 1], [start, 'z', null]]).slice(2)).toEqual(['y           1  ▏', 'z           –'])
  })

  it('lets negative values grow to the left of zero', () => {
    expect(chart(['timestamp', 'a'], ['n'], [[start, 'x', 5], [start, 'y', -5]], 17)).toEqual(['n', 'x   5       █████', 'y  -5  █████'])
  })

  it('joins several dimensions to one label and draws each metric by itself', () => {
    expect(chart(['timestamp', 'a', 'b'], ['n', 'm'], [[start, 'x', 'y', 1, 2]], 20)).toEqual(['n', 'x · y  1  ██████████', '', 'm', 'x · y  2  ██████████'])
  })

  it('says how many groups it leaves out', () => {
    const lines = chart(['timestamp', 'a'], ['n'], Array.from({ length: 60 }, (_, i) => [start, `g${i}`, i]))
    expect(lines).toHaveLength(52)
    expect(lines.at(-1)).toContain('10 more groups')
  })

  it('says that there is nothing to draw', () => {
    expect(chart(['timestamp'], ['count'], [])).toEqual(['(no rows)'])
    expect(chart(['timestamp'], [], [[start]])[0]).toContain('no aggregations')
  })
})

describe('chart over time', () => {
  it('is columns for one series, with round numbers on its axis', () => {
    expect(chart(['timestamp'], ['count'], [40, 20, 11, 0].map((value, i) => [day(i), value]), 32)).toEqual([
      'count',
      '40 ┤██████',
      '   │██████',
      '   │██████',
      '30 ┤██████',
      '   │██████',
      '   │██████',
      '20 ┤██████ ██████',
      '   │██████ ██████',
      '   │██████ ██████ ▂▂▂▂▂▂',
      '10 ┤██████ ██████ ██████',
      '   │██████ ██████ ██████',
      '   │██████ ██████ ██████',
      ' 0 ┼────────────────────────────',
      '    2025-01-01        2025-01-04'
    ])
  })

  it('draws all columns of one width', () => {
    for (const columns of [60, 80, 97, 120]) {
      const bottom = chart(['timestamp'], ['count'], Array.from({ length: 29 }, (_, i) => [day(i), 10]), columns).at(-3)!
      const widths = new Set(bottom.slice(bottom.indexOf('│') + 1).trimEnd().split(' ').map(column => column.length))
      expect(widths.size).toBe(1)
    }
  })

  it('has an axis where all is zero', () => {
    const lines = chart(['timestamp'], ['count'], [[day(0), 0], [day(1), 0]])
    expect(lines[1]).toBe('1 ┤')
    expect(lines.at(-2)).toMatch(/^0 ┼─+$/)
  })

  it('takes the highest of several buckets where there is no room, and says so', () => {
    const lines = chart(['timestamp'], ['count'], Array.from({ length: 100 }, (_, i) => [day(i), i === 50 ? 100 : 1]), 40)
    expect(lines[1]).toContain('█')
    expect(lines.at(-1)).toContain('the highest of 3 buckets')
  })

  it('is lines for several series, each with a marker of its own in the legend', () => {
    const lines = chart(
      ['timestamp', 'device'], ['count'], Array.from({ length: 10 }, (_, i) => [[day(i), 'desktop', 10 + i], [day(i), 'mobile', 20 - i]]).flat(), 60
    )
    expect(lines.at(-1)).toBe('● desktop   ▲ mobile')
    expect(lines.join('').match(/●/g)!.length).toBeGreaterThan(3)
    expect(lines.join('').match(/▲/g)!.length).toBeGreaterThan(3)
  })

  it('draws lines where buckets are missing or values negative', () => {
    expect(chart(['timestamp'], ['n'], [[day(0), 1], [day(1), 2], [day(9), 3]]).at(-1)).toBe('● all')
    expect(chart(['timestamp'], ['n'], [[day(0), 1], [day(1), -2]]).some(line => line.startsWith('-2 ┼'))).toBe(true)
  })

  it('does not join what lies on both sides of buckets that are left out', () => {
    const months = ['2025-01-01T00:00:00.000Z', '2025-02-01T00:00:00.000Z', '2025-05-01T00:00:00.000Z']
    const lines = chart(['timestamp', 'a'], ['n'], months.flatMap(month => [[month, 'x', 5], [month, 'y', 5]]), 64)
    expect(lines.find(line => line.includes('●'))).toMatch(/│\S{10,} {20,}\S$/)
  })

  it('sorts buckets by time whatever the order of rows', () => {
    const rows: Cell[][] = [4, 1, 3, 2].map((value, i) => [day(i), value])
    expect(chart(['timestamp'], ['n'], [...rows].reverse())).toEqual(chart(['timestamp'], ['n'], rows))
  })

  it('keeps the groups with the highest peaks, and says how many there are', () => {
    const rows = Array.from({ length: 12 }, (_, group) => [[day(0), `g${group}`, group], [day(1), `g${group}`, 12 - group]]).flat()
    const lines = chart(['timestamp', 'g'], ['n'], rows, 60)
    expect(lines.at(-1)).toBe('8 of 12 groups, those with the highest peaks')
    const legend = lines.slice(-3, -1).join(' ')
    for (const group of ['g0', 'g1', 'g2', 'g3', 'g9', 'g10', 'g11']) expect(legend).toMatch(new RegExp(`${group}( |$)`))
    for (const group of ['g5', 'g6', 'g7']) expect(legend).not.toMatch(new RegExp(`${group}( |$)`))
  })

  it('uses colour only where it is allowed', () => {
    const rows = [[day(0), 1], [day(1), 2]]
    expect(chart(['timestamp'], ['n'], rows, 40, false).join('')).not.toContain('\u001b')
    expect(chart(['timestamp'], ['n'], rows, 40, true).join('')).toContain('\u001b[36m')
  })

  it('fits the terminal, whatever the values', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), fc.constant(null))
    const rows = fc.array(
      fc.tuple(fc.nat(40).map(day), fc.string({ unit: fc.constantFrom('a', 'Ä', '日', '👩‍👧', '\u0007', ' ') }), value), { minLength: 1, maxLength: 60 }
    )
    fc.assert(fc.property(rows, fc.integer({ min: 40, max: 200 }), (data, columns) => {
      for (const line of chart(['timestamp', 'g'], ['n'], data, columns).filter(text => !text.includes('more groups') && !text.includes('highest'))) {
        expect(stringWidth(line)).toBeLessThanOrEqual(columns)
      }
    }), { seed: 20250604, numRuns: 300 })
  })
})
