/** Random queries about the rows of an answer: what is computed from them, which stay, in what order. Every value is exact. */
import type { Columns, ColumnType } from '../../dsl/query.js'
import type { HavingInput, OperandInput, OrderByInput, PostAggregationInput } from '../../dsl/input.js'
import type { Session } from '../../engine/session.js'
import { Random } from './random.js'

const DAY = 86_400_000
export const START = Date.UTC(2025, 0, 1)
export const DAYS = 6

export const ANSWER_COLUMNS: Columns = new Map<string, ColumnType>([
  ['source', 'string'], ['session_id', 'string'], ['started_at', 'number'], ['visitor_id', 'string'],
  ['city', 'string'], ['device', 'string'], ['score', 'number'], ['own', 'number'], ['rooms', 'strings']
])

export const GROUPS = ['city', 'device', 'score', 'rooms'] as const
/** Names of the aggregations that are numbers. */
export const NUMBERS = ['n', 'visitors', 'total', 'low', 'high', 'median'] as const

/** From the first instant to before the second, epoch ms. */
export type Span = readonly [start: number, end: number]

export interface AnswerQuery {
  /** Where there is a comparison only one. */
  spans: readonly Span[]
  compare?: 'previous_period' | Span
  granularity: 'all' | 'day'
  group_by: string[]
  post_aggregations: PostAggregationInput[]
  having?: HavingInput
  order_by?: Exclude<OrderByInput, string>[]
  limit?: number
  offset?: number
  limit_per_bucket?: number
  others?: string
  totals?: boolean
  subtotals?: string[][]
}

export function answerSessions(seed: number, count: number): Session[] {
  const random = new Random(seed)
  const orNull = <T>(share: number, value: T): T | null => (random.chance(share) ? null : value)
  return Array.from({ length: count }, (_, at): Session => ({
    source: 'web',
    session_id: `s${at}`,
    started_at: START + random.between(0, DAYS * DAY - 1),
    visitor_id: orNull(0.1, `v${random.between(0, 40)}`),
    city: orNull(0.1, random.pick(['a', 'b', 'B', '', 'Other', 'null', '\u{1f600}', '\uffee'])),
    device: orNull(0.2, random.pick(['mobile', 'desktop'])),
    score: orNull(0.2, random.between(-1, 3)),
    own: orNull(0.3, random.between(-5, 20)),
    rooms: random.sample(['x', 'y', 'z', 'w'], random.between(0, 3))
  }))
}

/** Of these columns, and those before it. */
function operand(random: Random, names: readonly string[], depth: number): OperandInput {
  const kind = depth === 0 ? random.fraction() / 2 : random.fraction()
  if (kind < 0.35) return { type: random.pick(['fieldAccess', 'finalizingFieldAccess']), fieldName: random.pick(names) }
  if (kind < 0.4) return { type: 'hyperUniqueCardinality', fieldName: 'visitors' }
  if (kind < 0.5) return { type: 'constant', value: random.pick([0, 1, 2, -1.5, 10]) }
  const next = (): OperandInput => operand(random, names, depth - 1)
  if (kind < 0.7) return { type: random.pick(['doubleGreatest', 'doubleLeast', 'longGreatest', 'longLeast']), fields: [next(), next()] }
  const fn = random.pick(['+', '-', '*', '/', 'quotient'] as const)
  return { type: 'arithmetic', fn, fields: random.chance(0.3) ? [next(), next(), next()] : [next(), next()] }
}

function having(random: Random, names: readonly string[], groups: readonly string[], depth: number): HavingInput {
  const kind = depth === 0 ? random.fraction() * 0.7 : random.fraction()
  const value = random.pick([0, 1, 2, 3, 5, 0.5, -2])
  if (kind < 0.4) return { type: random.pick(['greaterThan', 'lessThan']), aggregation: random.pick(names), value }
  if (kind < 0.5) return { type: 'equalTo', aggregation: random.pick(names), value: random.pick([value, String(value), null]) }
  if (kind < 0.6) return { type: 'filter', filter: { type: 'bound', dimension: random.pick(names), lower: -1, upper: random.between(0, 10), upperStrict: true } }
  if (kind < 0.7) {
    if (groups.length === 0) return { type: random.pick(['always', 'never', 'always']) }
    const dimension = random.pick(groups)
    const wanted = dimension === 'score' ? random.between(-1, 3) : random.pick(['a', 'Other', 'mobile', 'x'])
    return random.chance(0.5) ? { type: 'dimSelector', dimension, value: random.pick([wanted, null]) } : { type: 'filter', filter: { type: 'in', dimension, values: [wanted, null] } }
  }
  const next = (): HavingInput => having(random, names, groups, depth - 1)
  return kind < 0.8 ? { type: 'not', havingSpec: next() } : { type: random.pick(['and', 'or']), havingSpecs: [next(), next()] }
}

/** The columns that a comparison adds to these. */
export function comparedNames(names: readonly string[]): string[] {
  return names.flatMap(name => [`${name}_previous`, `${name}_change`])
}

/** Often of whole days. */
function span(random: Random): Span {
  const unit = random.chance(0.6) ? DAY : 3_600_000
  const start = START + random.between(0, DAYS * DAY / unit - 1) * unit
  return [start, start + random.between(1, 3 * DAY / unit) * unit]
}

export function randomAnswerQuery(random: Random): AnswerQuery {
  const group_by = random.sample(GROUPS, random.pick([0, 1, 1, 2, 2, 3]))
  const query: AnswerQuery = { spans: [[START, START + DAYS * DAY]], granularity: random.pick(['all', 'day']), group_by, post_aggregations: [] }
  if (random.chance(0.4)) query.spans = Array.from({ length: random.between(1, 4) }, () => span(random))
  const names: string[] = [...NUMBERS]
  for (let at = random.pick([0, 1, 2]); at > 0; at--) {
    const name = `p${at}`
    query.post_aggregations.push({ ...operand(random, names, 2), name })
    names.push(name)
  }
  if (query.spans.length === 1 && random.chance(0.5)) {
    query.compare = random.chance(0.5) ? 'previous_period' : span(random)
    names.push(...comparedNames([...names]))
  }
  if (random.chance(0.5)) query.having = having(random, names, group_by, 2)
  if (random.chance(0.6)) {
    query.order_by = random.sample(['timestamp', ...group_by, ...names, 'latest'], random.between(1, 2))
      .map(column => ({ column, direction: random.pick(['ascending', 'descending'] as const) }))
  }
  if (random.chance(0.25)) {
    query.subtotals = [...new Set(Array.from({ length: 3 }, () => group_by.filter(() => random.chance(0.5)).join()))]
      .map(set => set.split(',').filter(name => name !== ''))
    if (group_by.length === 0 || random.chance(0.3)) delete query.subtotals
  }
  if (random.chance(0.4)) query.limit = random.pick([1, 3, 10, 50])
  if (random.chance(0.3)) query.limit_per_bucket = random.pick([1, 2, 5])
  if (random.chance(0.3)) query.offset = random.pick([0, 1, 5])
  const isLimited = query.limit !== undefined || query.limit_per_bucket !== undefined
  if (isLimited && query.compare === undefined && group_by.length > 0 && random.chance(0.5)) {
    query.others = '(others)'
    delete query.offset
  }
  if (random.chance(0.3)) query.totals = true
  return query
}
