/** A bench result as Markdown. */
import type { DistinctError } from './compare.js'
import { OURS, type BenchResult, type LaneResult, type QuestionResult } from './result.js'
import { geometricMean, spread } from './stats.js'

const DASH = '–'

export function markdown(result: BenchResult): string {
  const threads = [...new Set(result.questions.flatMap(question => question.lanes.map(lane => lane.threads)))].sort((a, b) => a - b)
  return [
    `# ${count(result.rows)} sessions, ${result.date.slice(0, 10)}`,
    '',
    `${result.machine.cpu}, ${result.machine.cores} cores, ${gigabytes(result.machine.memoryBytes)}, ${result.machine.platform}, Node ${result.machine.node}; `
      + `seed ${result.seed}; at least ${result.runs} alternating runs after a warm-up; milliseconds, minimum / median.`,
    '',
    ...threads.map(number => [queryTable(result, number), '']).flat(2),
    ...loadTable(result),
    '',
    ...notes(result),
    ''
  ].join('\n')
}

/** Who is compared at a number of threads: all that ran with as many, and those that cannot use more. */
function columns(result: BenchResult, threads: number): string[] {
  return result.contenders.filter(contender => result.questions.some(question => laneAt(question, contender.key, threads) !== undefined)).map(({ key }) => key)
}

function laneAt(question: QuestionResult, key: string, threads: number): LaneResult | undefined {
  const lanes = question.lanes.filter(lane => lane.key === key && lane.threads <= threads)
  return lanes.sort((a, b) => b.threads - a.threads)[0]
}

function queryTable(result: BenchResult, threads: number): string[] {
  const keys = columns(result, threads)
  const titles = keys.map(key => {
    const used = Math.max(...result.questions.flatMap(question => laneAt(question, key, threads)?.threads ?? 1))
    return nameOf(result, key) + (used === threads ? '' : ` (${used} thread)`)
  })
  const head = ['query', ...titles, 'best peer ÷ ours', 'plan reads', 'roof', ...keys.map(key => `distinct error, ${nameOf(result, key)}`)]
  const ratios: number[] = []
  const lines = result.questions.map(question => {
    const ratio = ratioOf(question, keys, threads)
    if (ratio !== null) ratios.push(ratio)
    const lanes = keys.map(key => laneAt(question, key, threads))
    return [
      question.name, ...lanes.map(times), ratio === null ? DASH : `${ratio.toFixed(2)}×`,
      question.planBytes === null ? DASH : megabytes(question.planBytes), question.roofMs === null ? DASH : milliseconds(question.roofMs),
      ...lanes.map(lane => errorText(lane?.distinct ?? null))
    ]
  })
  const mean = ratios.length === 0 ? [] : ['', `Geometric mean of the ratios: ${geometricMean(ratios).toFixed(2)}×, the least ${Math.min(...ratios).toFixed(2)}×.`]
  return [`## ${threads} ${threads === 1 ? 'thread' : 'threads'}`, '', ...table(head, lines), ...mean]
}

/** The best other contender's minimum over ours; above 1 we are faster. Null unless every answer that counts was right. */
function ratioOf(question: QuestionResult, keys: readonly string[], threads: number): number | null {
  const valid = keys.map(key => laneAt(question, key, threads)).filter(lane => lane !== undefined).filter(lane => lane.differences.length === 0)
  const ours = valid.find(lane => lane.key === OURS)
  const peers = valid.filter(lane => lane.key !== OURS)
  if (ours === undefined || peers.length === 0) return null
  return Math.min(...peers.map(lane => spread(lane.ms).min)) / (spread(ours.ms).min + spread(ours.handOverMs).min)
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

function notes(result: BenchResult): string[] {
  const ways = result.questions.flatMap(({ name, lanes }) =>
    lanes.filter(lane => lane.way !== '').map(lane => `${name} ${nameOf(result, lane.key)} with ${lane.threads}: ${lane.way}`))
  const wrong = result.questions.flatMap(({ name, lanes }) =>
    lanes.filter(lane => lane.differences.length > 0).map(lane => `- ${name}, ${nameOf(result, lane.key)}: ${lane.differences.join('; ')}`))
  const failed = result.questions.flatMap(({ name, failures }) => failures.map(failure => `- ${name}, ${failure.key} failed: ${failure.message.split('\n')[0]}`))
  const skipped = result.skipped.map(({ name, reason }) => `- ${name} was not asked: ${reason.replaceAll('\n', ' ')}`)
  return [
    '## Notes', '',
    '- A time in parentheses is the handing over of the rows to JavaScript, in addition. The ratio counts it for ours and not for the others.',
    '- Distinct error: root mean square (largest) of the relative error over the rows, against exact counts.',
    '- Resident memory is that of the whole process, with the runtime (about 0.1 GB).',
    ...(ways.length > 0 ? [`- The ways that were the fastest of several tried: ${ways.join('; ')}.`] : []),
    ...result.notes.map(note => `- ${note}`), ...wrong, ...failed, ...skipped
  ]
}

const nameOf = (result: BenchResult, key: string): string => result.contenders.find(contender => contender.key === key)?.name ?? key

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function table(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map((_, i) => i === 0 ? '---' : '--:')), ...lines.map(row)]
}

const errorText = (error: DistinctError | null): string => error === null ? DASH : `${percent(error.rms)} (${percent(error.max)})`
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`
const milliseconds = (ms: number): string => ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0)
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
const count = (value: number): string => value.toLocaleString('en-US')
