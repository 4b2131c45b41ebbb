/** Charts: bars as long as the logarithms of their values. */
import { describe, expect, test } from 'vitest'
import { barChart } from '../../bench/chart.js'

const chart = (values: readonly (number | null)[]): string =>
  barChart({ title: 'a < b & "c"', unit: 'ms', series: values.map((_, i) => `s${i}`), groups: [{ label: 'q01', values }] })

/** Widths of the bars, in the order of their values. */
function widths(svg: string): number[] {
  return [...svg.matchAll(/<rect x="200" y="\d+" width="([\d.]+)"/gu)].map(match => Number(match[1]))
}

describe('bar charts', () => {
  test('are as long as the logarithm says', () => {
    const [one, ten, hundred] = widths(chart([1, 10, 100]))
    expect(one).toBe(1)
    expect(hundred! / ten!).toBeCloseTo(2, 5)
  })

  test('go from one power of ten to another', () => {
    const svg = chart([0.02, 3])
    for (const label of ['0.01 ms', '0.1 ms', '1 ms', '10 ms']) expect(svg).toContain(`>${label}<`)
    expect(svg).not.toContain('>100 ms<')
  })

  test('leave out what is missing and what has no logarithm', () => {
    expect(widths(chart([null, 5, 0]))).toHaveLength(1)
    expect(widths(chart([null]))).toEqual([])
  })

  test('of one value have a scale, and figures of three digits', () => {
    expect(widths(chart([10]))[0]).toBe(1)
    expect(chart([1234.5])).toContain('>1235<')
    expect(chart([0.012345])).toContain('>0.0123<')
  })

  test('write texts as XML', () => {
    expect(chart([1])).toContain('>a &lt; b &amp; &quot;c&quot;<')
  })
})
