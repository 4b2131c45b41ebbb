/** The table of the questions beyond the suite. */
import type { Machine } from './machine.js'
import { count, DASH, milliseconds, table } from './markdown.js'
import { geometricMean, spread } from './stats.js'

export interface BeyondAnswer {
  readonly name: string
  /** Milliseconds of each run. */
  readonly ours: readonly number[]
  readonly ways: readonly { readonly peer: string, readonly way: string, readonly ms: readonly number[], readonly right: boolean }[]
}

export interface BeyondResult {
  readonly date: string
  readonly machine: Machine
  readonly rows: number
  readonly seed: number
  readonly runs: number
  /** With their versions, e.g. "DuckDB v1.5.5". */
  readonly peers: readonly { readonly key: string, readonly name: string }[]
  readonly answers: readonly BeyondAnswer[]
}

/** The fastest right way of any peer over ours; null where none is right. */
export function beyondRatio({ ours, ways }: BeyondAnswer): number | null {
  const right = ways.filter(way => way.right).map(({ ms }) => spread(ms).min)
  return right.length === 0 ? null : Math.min(...right) / spread(ours).min
}

export function beyondMarkdown({ rows, seed, runs, machine: { cpu, cores, node }, peers, answers }: BeyondResult): string {
  const ratios = answers.map(beyondRatio)
  const lines = answers.map(({ name, ours, ways }, i) => [
    name, figures(ours), ...peers.map(({ key }) => waysText(ways.filter(({ peer }) => peer === key))), ratios[i] === null ? DASH : `${ratios[i]!.toFixed(2)}×`
  ])
  const known = ratios.filter(ratio => ratio !== null)
  return [
    `# Beyond the suite: ${count(rows)} sessions`, '',
    `${cpu}, ${cores} cores, Node ${node}; seed ${seed}; one thread each; ${runs} runs by turns after a warm-up;`,
    'milliseconds, minimum / median, of each way of asking.', '',
    ...table(['query', 'sessionql', ...peers.map(({ name }) => name), 'best peer ÷ ours'], lines), '',
    ...(known.length === 0 ? [] : [`Geometric mean of the ratios: ${geometricMean(known).toFixed(2)}×, the least ${Math.min(...known).toFixed(2)}×.`, ''])
  ].join('\n')
}

function waysText(ways: BeyondAnswer['ways']): string {
  return ways.length === 0 ? DASH : ways.map(({ way, ms, right }) => `${way} ${right ? figures(ms) : 'other answer'}`).join('; ')
}

function figures(ms: readonly number[]): string {
  const { min, median } = spread(ms)
  return `${milliseconds(min)} / ${milliseconds(median)}`
}
