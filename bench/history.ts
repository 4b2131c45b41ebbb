/** The index of past runs: one line a run, in the order of their dates. */
import { beyondRatio, type BeyondResult } from './beyond-report.js'
import { count, DASH, table } from './markdown.js'
import { isOfSuite, ratioOf, threadCounts, threadsText } from './report.js'
import { OURS, type BenchResult } from './result.js'
import { geometricMean } from './stats.js'

/** What the index says of a run. */
export interface Past {
  /** Of its JSON. */
  readonly file: string
  readonly date: string
  readonly kind: string
  readonly rows: number | null
  readonly node: string
  /** E.g. "1 thread 5.10×". */
  readonly means: string
}

/** By a key that only they have. */
const KINDS = [['questions', 'queries'], ['answers', 'beyond the suite'], ['answered', 'whole processes'], ['scaled', 'growth']] as const

/** @param result the JSON of any bench; what it is shows in its keys */
export function historyOf(file: string, result: unknown): Past {
  const known = result as Partial<BenchResult & BeyondResult> & { readonly date: string }
  const kind = KINDS.find(([key]) => key in known)?.[1] ?? 'sketch'
  return {
    file, kind, date: known.date, rows: known.rows ?? null, node: known.machine?.node ?? DASH,
    means: kind === 'queries' ? queryMeans(known as BenchResult) : kind === 'beyond the suite' ? beyondMean(known as BeyondResult) : DASH
  }
}

export function historyMarkdown(past: readonly Past[]): string {
  const lines = [...past].sort((a, b) => a.date < b.date ? -1 : 1).map(({ file, date, kind, rows, node, means }) => {
    const base = file.slice(0, -'.json'.length)
    return [`[${date.slice(0, 16).replace('T', ' ')}](${base}.md)`, kind, rows === null ? DASH : count(rows), means, node]
  })
  return [
    '# Past runs', '',
    'How much slower the best peer is, as the geometric mean over the questions of the suite whose answers were right. Each line leads to its tables.', '',
    'From 2026-11-22 20:00 on, contenders are compiled, warmed up for half a second instead of ten runs, and short questions are asked several times a turn: means before and after are not to be compared. What is asked once in a while has a table of its own since.', '',
    ...table(['run (UTC)', 'bench', 'sessions', 'best peer ÷ ours', 'Node'], lines), ''
  ].join('\n')
}

function queryMeans(result: BenchResult): string {
  const keys = result.contenders.map(({ key }) => key)
  if (!keys.includes(OURS)) return DASH
  const questions = result.questions.filter(({ name }) => isOfSuite(name))
  const means = threadCounts(result).map(threads => meanText(threadsText(threads), questions.map(question => ratioOf(question, keys, threads))))
  return means.join(', ')
}

const beyondMean = ({ answers }: BeyondResult): string => meanText('1 thread', answers.map(beyondRatio))

function meanText(what: string, ratios: readonly (number | null)[]): string {
  const known = ratios.filter(ratio => ratio !== null)
  return known.length === 0 ? DASH : `${what}: ${geometricMean(known).toFixed(2)}× of ${known.length}`
}
