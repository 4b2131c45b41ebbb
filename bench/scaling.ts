/** How times grow with the number of sessions. */
import { barChart, type Chart } from './chart.js'
import { count, DASH, milliseconds, table } from './markdown.js'
import { laneAt } from './report.js'
import { OURS, type BenchResult } from './result.js'
import { spread } from './stats.js'

const THREADS = 1

/** Least milliseconds of ours, with one thread; null where the question was not asked or its answer was wrong. */
function least(result: BenchResult, name: string): number | null {
  const question = result.questions.find(asked => asked.name === name)
  const lane = question === undefined ? undefined : laneAt(question, OURS, THREADS)
  return lane === undefined || lane.differences.length > 0 ? null : spread(lane.ms).min
}

/** @param results of the same questions, with ever more sessions */
export function scalingMarkdown(results: readonly BenchResult[]): string {
  const lines = (results[0]?.questions ?? []).map(({ name }) => {
    const times = results.map(result => least(result, name))
    return [name].concat(times.map(time => time === null ? DASH : milliseconds(time)), growth(results, times))
  })
  return [
    `# Growth with the sessions, ${results.map(({ rows }) => count(rows)).join(' → ')}`, '',
    'Least milliseconds of sessionql with one thread. The last column is how many times as long the last took as the first, per times the sessions:',
    '1 is linear, less is better.', '',
    ...table(['query', ...results.map(({ rows }) => count(rows)), 'growth ÷ linear'], lines), '',
    ...table(['resident when ready', ...results.map(({ rows }) => count(rows))], [['bytes/session', ...results.map(bytesPerSession)]]), ''
  ].join('\n')
}

function growth(results: readonly BenchResult[], times: readonly (number | null)[]): string {
  const [first, last] = [times[0] ?? null, times.at(-1) ?? null]
  if (first === null || last === null || results.length < 2) return DASH
  return (last / first / (results.at(-1)!.rows / results[0]!.rows)).toFixed(2)
}

function bytesPerSession({ contenders, rows }: BenchResult): string {
  const ours = contenders.find(({ key }) => key === OURS)
  return ours === undefined ? DASH : String(Math.round(ours.prepared.resident / rows))
}

/** The times of the table, one colour a size. */
export function scalingChart(results: readonly BenchResult[]): Chart {
  const title = 'sessionql, 1 thread: least time by number of sessions'
  const groups = (results[0]?.questions ?? []).map(({ name }) => ({ label: name, values: results.map(result => least(result, name)) }))
  return { name: 'chart', title, svg: barChart({ title, unit: 'ms', series: results.map(({ rows }) => count(rows)), groups }) }
}
