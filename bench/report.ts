/** A bench result as Markdown. */
import { barChart, type Chart } from './chart.js'
import { PROMISED_ERROR, type DistinctError } from './compare.js'
import { count, DASH, gigabytes, megabytes, milliseconds, percent, table } from './markdown.js'
import { OURS, type BenchResult, type LaneResult, type QuestionResult } from './result.js'
import { geometricMean, spread } from './stats.js'

export function markdown(result: BenchResult): string {
  const threads = threadCounts(result)
  return [
    `# ${count(result.rows)} sessions, ${result.date.slice(0, 10)}`,
    '',
    `${result.machine.cpu}, ${result.machine.cores} cores, ${gigabytes(result.machine.memoryBytes)}, ${result.machine.platform}, Node ${result.machine.node}; `
      + `seed ${result.seed}; at least ${result.runs} alternating turns after a warm-up; milliseconds, minimum / median.`,
    '',
    ...threads.flatMap(number => [queryTable(result, number, true), queryTable(result, number, false), applicationTable(result, number)]).flat(),
    ...distinctTable(result),
    ...loadTable(result),
    ...sharedLoadTables(result),
    '',
    ...notes(result),
    ''
  ].join('\n')
}

/** Each number of threads that a table is made for, ascending. */
export function threadCounts(result: BenchResult): number[] {
  return [...new Set(result.questions.flatMap(question => question.lanes.map(lane => lane.threads)))].sort((a, b) => a - b)
}

/** A chart per table of times. */
export function charts(result: BenchResult): Chart[] {
  return threadCounts(result).flatMap(threads => [true, false].flatMap(suite => chartOf(result, threads, suite)))
}

function chartOf(result: BenchResult, threads: number, suite: boolean): Chart[] {
  const questions = result.questions.filter(({ name }) => isOfSuite(name) === suite)
  const keys = columns(result, threads)
  if (questions.length === 0) return []
  const title = `${count(result.rows)} sessions, ${threadsText(threads)}${suite ? '' : ', beyond the suite'}: least time`
  const groups = questions.map(question => ({
    label: question.name,
    values: keys.map(key => {
      const lane = laneAt(question, key, threads)
      return lane === undefined || lane.differences.length > 0 ? null : spread(lane.ms).min
    })
  }))
  const name = `${threads}-threads${suite ? '' : '-beyond'}`
  return [{ name, title, svg: barChart({ title, unit: 'ms', series: keys.map(key => nameOf(result, key)), groups }) }]
}

/** Who is compared at a number of threads: all that ran with as many, and those that cannot use more. */
function columns(result: BenchResult, threads: number): string[] {
  return result.contenders.filter(contender => result.questions.some(question => laneAt(question, contender.key, threads) !== undefined)).map(({ key }) => key)
}

/** The lane with the most threads that are not more than these. */
export function laneAt(question: QuestionResult, key: string, threads: number): LaneResult | undefined {
  const lanes = question.lanes.filter(lane => lane.key === key && lane.threads <= threads)
  return lanes.sort((a, b) => b.threads - a.threads)[0]
}

/** The fourteen that peers of every kind are measured by; what else is asked has a table of its own. */
export function isOfSuite(name: string): boolean {
  return name.startsWith('q')
}

/** Of the questions of the suite, or of the others; nothing where there are none. */
function queryTable(result: BenchResult, threads: number, suite: boolean): string[] {
  const questions = result.questions.filter(({ name }) => isOfSuite(name) === suite)
  if (questions.length === 0) return []
  const keys = columns(result, threads)
  const titles = keys.map(key => {
    const used = Math.max(...questions.flatMap(question => laneAt(question, key, threads)?.threads ?? 1))
    return nameOf(result, key) + (used === threads ? '' : ` (${threadsText(used)})`)
  })
  const head = ['query', ...titles, 'best peer ÷ ours', 'plan reads', 'roof', 'time ÷ roof', 'distinct counts']
  const ratios = questions.map(question => ratioOf(question, keys, threads)).filter(ratio => ratio !== null)
  const lines = questions.map(question => lineOf(result, question, keys, threads))
  return [`## ${threadsText(threads)}${suite ? '' : ', beyond the suite'}`, '', ...table(head, lines), ...meanOf(ratios), '']
}

function meanOf(ratios: readonly number[]): string[] {
  return ratios.length === 0 ? [] : ['', `Geometric mean of the ratios: ${geometricMean(ratios).toFixed(2)}×, the least ${Math.min(...ratios).toFixed(2)}×.`]
}

function lineOf(result: BenchResult, question: QuestionResult, keys: readonly string[], threads: number): string[] {
  const ratio = ratioOf(question, keys, threads)
  const lanes = keys.map(key => laneAt(question, key, threads))
  return [
    question.name, ...lanes.map(times), ratio === null ? DASH : `${ratio.toFixed(2)}×`,
    question.planBytes === null ? DASH : megabytes(question.planBytes), question.roofMs === null ? DASH : milliseconds(question.roofMs),
    roofRatio(question, threads), guesses(result, lanes.filter(lane => lane !== undefined))
  ]
}

/** What an application waits that asks now and then: once, with the caches full of other things, until the rows are in JavaScript. */
function applicationTable(result: BenchResult, threads: number): string[] {
  const questions = result.questions.filter(({ name }) => isOfSuite(name))
  if (questions.length === 0) return []
  const keys = columns(result, threads)
  const ratios: number[] = []
  const lines = questions.map(question => {
    const lanes = keys.map(key => laneAt(question, key, threads))
    const ratio = bestPeerOver(lanes, lane => spread(lane.firstMs).median, lane => spread(lane.firstMs).median)
    if (ratio !== null) ratios.push(ratio)
    const waits = lanes.map(lane => lane === undefined || lane.differences.length > 0 ? DASH : milliseconds(spread(lane.firstMs).median))
    return [question.name].concat(waits, ratio === null ? DASH : `${ratio.toFixed(2)}×`)
  })
  return [
    `### ${threadsText(threads)}, asked once in a while`, '',
    'Median of the first run of each turn, after the others had theirs, until the rows are in JavaScript.', '',
    ...table(['query', ...keys.map(key => nameOf(result, key)), 'best peer ÷ ours'], lines), ...meanOf(ratios), ''
  ]
}

/** How often our time holds that of a plain sum over the bytes that the plan reads. */
function roofRatio(question: QuestionResult, threads: number): string {
  const { roofMs } = question
  const ours = laneAt(question, OURS, threads)
  return ours === undefined || roofMs === null || roofMs === 0 ? DASH : factor(spread(ours.ms).min / roofMs)
}

const factor = (value: number): string => `${value < 100 ? value.toFixed(1) : count(Math.round(value))}×`

/** Who only guesses: those whose largest error is above what we promise, beside ours. */
function guesses(result: BenchResult, lanes: readonly LaneResult[]): string {
  const ours = lanes.find(lane => lane.key === OURS)?.distinct ?? null
  if (ours === null) return DASH
  const guessing = lanes.filter(({ key, distinct }) => key !== OURS && distinct !== null && distinct.max > PROMISED_ERROR)
  const told = guessing.map(({ key, distinct }) => `${nameOf(result, key)} guesses, up to ${percent(distinct!.max)} off`)
  return [`ours within ${percent(ours.max)}`, ...told].join('; ')
}

/** Of each contender, over the questions that count distinct values. */
function distinctTable(result: BenchResult): string[] {
  const keys = result.contenders.map(({ key }) => key)
  const counted = result.questions.filter(({ lanes }) => lanes.some(({ distinct }) => distinct !== null))
  if (counted.length === 0) return []
  const lines = counted.map(question => [question.name].concat(keys.map(key => errorText(laneAt(question, key, 1)?.distinct ?? null))))
  return [
    '## Errors of distinct counts', '',
    'Root mean square (largest) of the relative error over the rows, against exact counts.', '',
    ...table(['query', ...keys.map(key => nameOf(result, key))], lines), ''
  ]
}

/** The best other contender's minimum over ours; above 1 we are faster. Null unless every answer that counts was right. */
export function ratioOf(question: QuestionResult, keys: readonly string[], threads: number): number | null {
  const lanes = keys.map(key => laneAt(question, key, threads))
  return bestPeerOver(lanes, ({ ms }) => spread(ms).min, ({ ms, handOverMs }) => spread(ms).min + spread(handOverMs).min)
}

function bestPeerOver(lanes: readonly (LaneResult | undefined)[], timeOf: (peer: LaneResult) => number, ownTimeOf: (ours: LaneResult) => number): number | null {
  const valid = lanes.filter(lane => lane !== undefined).filter(lane => lane.differences.length === 0)
  const ours = valid.find(lane => lane.key === OURS)
  const peers = valid.filter(lane => lane.key !== OURS)
  return ours === undefined || peers.length === 0 ? null : Math.min(...peers.map(timeOf)) / ownTimeOf(ours)
}

function times(lane: LaneResult | undefined): string {
  if (lane === undefined) return DASH
  if (lane.differences.length > 0) return 'other answer'
  const { min, median } = spread(lane.ms)
  const handOver = spread(lane.handOverMs).min
  const rows = handOver >= min * 0.05 && handOver >= 0.05 ? ` (+${milliseconds(handOver)})` : ''
  return `${milliseconds(min)} / ${milliseconds(median)}${rows}`
}

function loadTable({ contenders, rows }: BenchResult): string[] {
  const lines = contenders.map(({ name, version, loadSeconds, prepareSeconds, loaded, prepared }) => [
    `${name} ${version}`, loadSeconds.toFixed(1), count(Math.round(rows / loadSeconds)), prepareSeconds.toFixed(1),
    gigabytes(loaded.peak), gigabytes(prepared.resident), `${Math.round(prepared.resident / rows)}`
  ])
  const head = ['load of the NDJSON file, 1 thread', 'seconds', 'sessions/s', 'preparing, seconds', 'peak memory of the load', 'resident when ready', 'bytes/session']
  return ['## Load', '', ...table(head, lines)]
}

/** A table for each number of threads. */
function sharedLoadTables(result: BenchResult): string[] {
  const lines: string[] = []
  for (const number of new Set(result.loads.map(({ threads }) => threads))) lines.push('', ...sharedLoadTable(result, number))
  return lines
}

function sharedLoadTable(result: BenchResult, number: number): string[] {
  const head = [`load of the NDJSON file, ${threadsText(number)}`, 'seconds', 'sessions/s', 'peak memory of the load']
  return table(head, result.loads.filter(({ threads }) => threads === number).map(({ key, seconds, loaded }) => [
    nameOf(result, key), seconds.toFixed(1), count(Math.round(result.rows / seconds)), gigabytes(loaded.peak)
  ]))
}

function notes(result: BenchResult): string[] {
  const wrong = result.questions.flatMap(({ name, lanes }) =>
    lanes.filter(lane => lane.differences.length > 0).map(lane => `- ${name}, ${nameOf(result, lane.key)}: ${lane.differences.join('; ')}`))
  const failed = result.questions.flatMap(({ name, failures }) => failures.map(failure => `- ${name}, ${failure.key} failed: ${failure.message.split('\n')[0]}`))
  const skipped = result.skipped.map(({ name, reason }) => `- ${name} was not asked: ${reason.replaceAll('\n', ' ')}`)
  return [
    '## Notes', '',
    '- A time in parentheses is the handing over of the rows to JavaScript, in addition. The ratio counts it for ours and not for the others.',
    `- Distinct counts: a contender that is more than ${percent(PROMISED_ERROR)} off in some row guesses; ours may not.`,
    '- Resident memory is that of the whole process, with the runtime (about 0.1 GB).',
    ...ways(result),
    ...result.notes.map(note => `- ${note}`), ...wrong, ...failed, ...skipped
  ]
}

/** How each contender asked, where it had a choice. */
function ways(result: BenchResult): string[] {
  const chosen = new Map<string, string[]>()
  for (const { name, lanes } of result.questions) {
    for (const { key, threads, way } of lanes) {
      if (way === '') continue
      const who = `${nameOf(result, key)}, ${threadsText(threads)}`
      chosen.set(who, [...chosen.get(who) ?? [], `${name} ${way}`])
    }
  }
  return [...chosen].map(([who, asked]) => `- ${who}: the fastest of several ways of asking were ${asked.join('; ')}.`)
}

const nameOf = (result: BenchResult, key: string): string => result.contenders.find(contender => contender.key === key)?.name ?? key

export const threadsText = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`
const errorText = (error: DistinctError | null): string => error === null ? DASH : `${percent(error.rms)} (${percent(error.max)})`
