/** Bars on a logarithmic scale, as SVG. */

export interface Chart {
  /** Ends the file's name, e.g. `1-thread`. */
  readonly name: string
  readonly title: string
  readonly svg: string
}

export interface Group {
  readonly label: string
  /** One a series; null where there is none. */
  readonly values: readonly (number | null)[]
}

export interface BarChart {
  readonly title: string
  readonly unit: string
  readonly series: readonly string[]
  readonly groups: readonly Group[]
}

const WIDTH = 960
const LABEL_WIDTH = 200
/** Room for the figure at the end of the longest bar. */
const FIGURE_WIDTH = 70
const BAR_HEIGHT = 11
const GROUP_GAP = 9
const TOP = 74
const BOTTOM = 34
/** Told apart with every kind of colour vision, after Okabe and Ito. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00']
const TEXT = '#24292f'
const FAINT = '#d0d7de'

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Three digits, as few as tell the value. */
const figure = (value: number): string => value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))

/** Values must be positive; those that are not are drawn as missing. The scale goes from one power of ten to another. */
export function barChart({ title, unit, series, groups }: BarChart): string {
  const values = groups.flatMap(group => group.values).filter(isDrawn)
  const low = Math.floor(Math.log10(Math.min(...values, Infinity)))
  const [from, to] = values.length === 0 ? [0, 1] : [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))]
  const groupHeight = series.length * BAR_HEIGHT + GROUP_GAP
  const height = TOP + groups.length * groupHeight + BOTTOM
  const x = (value: number): number => LABEL_WIDTH + (Math.log10(value) - from) / (to - from) * (WIDTH - LABEL_WIDTH - FIGURE_WIDTH)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}"`
      + ' font-family="system-ui, sans-serif" font-size="12">',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    label(16, 26, title, 'font-size="16" font-weight="600"'),
    ...legend(series),
    ...axis(from, to, x, height - BOTTOM, unit),
    ...groups.flatMap((group, i) => bars(group, TOP + i * groupHeight, x, series.length)),
    '</svg>', ''
  ].join('\n')
}

const isDrawn = (value: number | null): value is number => value !== null && value > 0

function label(x: number, y: number, content: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${TEXT}"${more === '' ? '' : ` ${more}`}>${escaped(content)}</text>`
}

const colour = (i: number): string => COLOURS[i % COLOURS.length]!

function legend(series: readonly string[]): string[] {
  const step = Math.min(150, (WIDTH - 32) / Math.max(1, series.length))
  return series.flatMap((name, i) => [
    `<rect x="${(16 + i * step).toFixed(1)}" y="40" width="12" height="12" fill="${colour(i)}"/>`,
    label(32 + i * step, 50, name)
  ])
}

function axis(from: number, to: number, x: (value: number) => number, bottom: number, unit: string): string[] {
  const powers = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  return powers.flatMap(power => {
    const at = x(10 ** power)
    const tick = `${Number((10 ** power).toPrecision(1)).toLocaleString('en-US', { maximumFractionDigits: 9 })} ${unit}`
    return [
      `<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${TOP - 8}" y2="${bottom}" stroke="${FAINT}"/>`,
      label(at, bottom + 18, tick, 'text-anchor="middle"')
    ]
  })
}

function bars({ label: name, values }: Group, top: number, x: (value: number) => number, series: number): string[] {
  const middle = top + series * BAR_HEIGHT / 2 + 4
  return [
    label(LABEL_WIDTH - 10, middle, name, 'text-anchor="end"'),
    ...values.flatMap((value, i) => {
      if (!isDrawn(value)) return []
      const y = top + i * BAR_HEIGHT
      const width = Math.max(1, x(value) - LABEL_WIDTH)
      return [
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 1}" fill="${colour(i)}"/>`,
        label(LABEL_WIDTH + width + 4, y + BAR_HEIGHT - 2, figure(value), 'font-size="10"')
      ]
    })
  ]
}
