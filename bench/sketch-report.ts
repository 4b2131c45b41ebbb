/** The table of the sketch bench. */
import type { Machine } from './machine.js'
import { count, DASH, percent, table } from './markdown.js'
import { spread } from './stats.js'

export interface SketchFigures {
  readonly name: string
  /** Distinct texts. */
  readonly n: number
  /** Texts, with those that come again. */
  readonly adds: number
  /** Milliseconds of each run. */
  readonly ms: readonly number[]
  /** Of the estimate, relative. */
  readonly error: number
  /** Of the state; null where it cannot be told. */
  readonly bytes: number | null
}

export interface SketchResult {
  readonly date: string
  readonly machine: Machine
  readonly runs: number
  readonly counters: readonly string[]
  readonly figures: readonly SketchFigures[]
  readonly notes: readonly string[]
}

export function sketchMarkdown({ date, machine: { cpu, cores, node }, runs, counters, figures, notes }: SketchResult): string {
  const sizes = [...new Set(figures.map(({ n }) => n))]
  const cells = (n: number, text: (figure: SketchFigures) => string): string[] =>
    counters.map(name => figures.find(figure => figure.name === name && figure.n === n)).map(figure => figure === undefined ? DASH : text(figure))
  const of = (title: string, text: (figure: SketchFigures) => string): string[] =>
    [`## ${title}`, '', ...table(['distinct texts', ...counters], sizes.map(n => [count(n)].concat(cells(n, text)))), '']
  return [
    `# Distinct counting alone, ${date.slice(0, 10)}`, '',
    `${cpu}, ${cores} cores, Node ${node}; texts of 32 hex digits, each twice in random order; the best of ${runs} runs by turns after a warm-up;`,
    'from text to estimate.', '',
    ...of('Million texts a second', ({ adds, ms }) => (adds / spread(ms).min / 1000).toFixed(2)),
    ...of('Error of the estimate', ({ error }) => percent(error)),
    ...of('Bytes of the state', ({ bytes }) => bytes === null ? DASH : count(bytes)),
    'A Set is exact; its bytes are those of its texts and 16 to 40 more for each.', '',
    ...notes.map(note => `- ${note}`), ...(notes.length === 0 ? [] : [''])
  ].join('\n')
}
