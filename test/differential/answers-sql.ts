/**
 * The queries of `support/answers.ts` in SQL: windows for limits of buckets, a join with what is left for the others, a join of two intervals
 * for comparisons, GROUPING SETS for subtotals of scalars.
 */
import type { FilterInput, HavingInput, OperandInput } from '../../dsl/input.js'
import { comparedNames, NUMBERS, START, type AnswerQuery, type Span } from '../support/answers.js'
import { identifier, type Statement } from './sql.js'

const MEASURES = `count(*)::DOUBLE AS n, count(DISTINCT visitor_id)::DOUBLE AS visitors, sum(own) AS total, min(own) AS low, max(own) AS high,
  quantile_disc(own, 0.5) AS median, last(visitor_id ORDER BY started_at, session_id) FILTER (visitor_id IS NOT NULL) AS latest`
const DAY = 86_400_000
export const MEASURED = [...NUMBERS, 'latest'] as const

function text(value: unknown): string {
  return value === null ? 'NULL' : typeof value === 'number' ? `(${value})::DOUBLE` : `'${String(value)}'`
}

function expression(operand: OperandInput): string {
  switch (operand.type) {
    case 'constant': return `(${operand.value})::DOUBLE`
    case 'fieldAccess':
    case 'finalizingFieldAccess':
    case 'hyperUniqueCardinality': return identifier(operand.fieldName)
    case 'doubleGreatest': return `greatest(${operand.fields.map(expression).join(', ')})`
    case 'doubleLeast': return `least(${operand.fields.map(expression).join(', ')})`
    case 'longGreatest': return `greatest(${operand.fields.map(field => `trunc(${expression(field)})`).join(', ')})`
    case 'longLeast': return `least(${operand.fields.map(field => `trunc(${expression(field)})`).join(', ')})`
    case 'arithmetic': return operand.fields.map(expression).reduce((a, b) => {
      if (operand.fn === '/') return `(CASE WHEN ${b} = 0 THEN CASE WHEN ${a} IS NOT NULL THEN 0.0::DOUBLE END ELSE ${a} / nullif(${b}, 0) END)`
      return operand.fn === 'quotient' ? `(${a} / nullif(${b}, 0))` : `(${a} ${operand.fn} ${b})`
    })
  }
}

function isOneOf(column: string, values: readonly unknown[]): string {
  return `(${values.map(value => `${identifier(column)} IS NOT DISTINCT FROM ${text(value)}`).join(' OR ')})`
}

function filter(given: FilterInput): string {
  if (given.type === 'in') return isOneOf(given.dimension, given.values)
  if (given.type === 'bound') return `coalesce(${identifier(given.dimension)} >= ${given.lower} AND ${identifier(given.dimension)} < ${given.upper}, false)`
  throw new Error(`no filter ${given.type}`)
}

function condition(having: HavingInput | undefined): string {
  switch (having?.type) {
    case undefined:
    case 'always': return 'true'
    case 'never': return 'false'
    case 'greaterThan': return `coalesce(${identifier(having.aggregation)} > ${having.value}, false)`
    case 'lessThan': return `coalesce(${identifier(having.aggregation)} < ${having.value}, false)`
    case 'equalTo': return isOneOf(having.aggregation, [having.value === null ? null : Number(having.value)])
    case 'dimSelector': return isOneOf(having.dimension, [having.value])
    case 'not': return `NOT (${condition(having.havingSpec)})`
    case 'and':
    case 'or': return `(${having.havingSpecs.map(condition).join(` ${having.type} `)})`
    case 'filter': return filter(having.filter)
  }
}

function dayOf(instant: number): number {
  return START + Math.floor((instant - START) / DAY) * DAY
}

/** The stamp of `all`. */
function startOf({ spans }: AnswerQuery): number {
  return Math.min(...spans.map(([start]) => start))
}

/** Sessions, once for each room where rooms are grouped by; stamped `shift` later than they are. */
function entries(query: AnswerQuery, set: readonly string[], spans = query.spans, shift = 0): string {
  const { granularity, group_by } = query
  const bucket = granularity === 'all' ? String(startOf(query)) : `${START + shift} + floor((started_at - ${START}) / ${DAY}) * ${DAY}`
  const within = spans.map(([start, end]) => `(started_at >= ${start} AND started_at < ${end})`).join(' OR ')
  const rooms = set.includes('rooms') ? ['unnest(CASE WHEN len(rooms) > 0 THEN rooms ELSE [NULL] END) AS rooms'] : []
  const columns = ['city', 'device', 'score', ...rooms].map(column => rooms.includes(column) || set.includes(column) || !group_by.includes(column) ? column : `NULL AS ${column}`)
  return `SELECT (${bucket})::DOUBLE AS timestamp, ${columns.join(', ')}${rooms.length > 0 ? '' : ', NULL::VARCHAR AS rooms'}, own, visitor_id, session_id, started_at FROM latest WHERE ${within}`
}

/** Each post-aggregation in a step of its own, since it may use those before it. */
function computed(steps: string[], from: string, query: AnswerQuery): string {
  return query.post_aggregations.reduce((last, post, at) => {
    const name = `${from}_${at}`
    // adding a positive zero makes one zero of the two
    steps.push(`${name} AS (SELECT *, CAST(${expression(post)} AS DOUBLE) + 0.0 AS ${identifier(post.name)} FROM ${last})`)
    return name
  }, from)
}

function order(query: AnswerQuery, set: readonly string[]): string {
  const asked = (query.order_by ?? []).map(({ column, direction }) => `${identifier(column)} ${direction === 'descending' ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`)
  return [...asked, 'timestamp', ...set.map(name => `${identifier(name)} NULLS FIRST`)].join(', ')
}

export function columnsOf(query: AnswerQuery): string[] {
  const metrics = [...MEASURED, ...query.post_aggregations.map(({ name }) => name)]
  return ['timestamp', ...query.group_by, ...metrics, ...(query.compare === undefined ? [] : comparedNames(metrics))]
}

function list(query: AnswerQuery): string {
  return columnsOf(query).map(identifier).join(', ')
}

function same(keys: readonly string[], a: string, b: string): string {
  return keys.map(key => `${a}.${key} IS NOT DISTINCT FROM ${b}.${key}`).join(' AND ')
}

/** Adds the steps that measure the groups of a set, or `isTotal` everything, be it nothing; gives the name of the last. */
function measured(steps: string[], query: AnswerQuery, set: readonly string[], isTotal = false): string {
  const keys = ['timestamp', ...query.group_by]
  const measure = (name: string, from: string): string => isTotal
    ? `${name} AS (SELECT ${startOf(query)}::DOUBLE AS timestamp, ${MEASURES} FROM ${from})`
    : `${name} AS (SELECT ${keys.join(', ')}, ${MEASURES} FROM ${from} GROUP BY ${keys.join(', ')})`
  steps.push(`entries AS (${entries(query, set)})`, measure('grouped', 'entries'))
  if (query.compare === undefined) return computed(steps, 'grouped', query)
  const [start, end] = query.spans[0] as Span
  const before: Span = query.compare === 'previous_period' ? [2 * start - end, start] : query.compare
  const isWhole = query.granularity === 'all'
  const last = isWhole ? start : dayOf(end - 1)
  const lastBefore = isWhole ? start : dayOf(start) + dayOf(before[1] - 1) - dayOf(before[0])
  steps.push(
    `earlier AS (SELECT * FROM (${entries(query, set, [before], dayOf(start) - dayOf(before[0]))}) WHERE timestamp <= ${last})`, measure('grouped_earlier', 'earlier'),
    `present AS (SELECT ${keys.join(', ')} FROM grouped UNION SELECT ${keys.join(', ')} FROM grouped_earlier)`
  )
  const [now, then] = [['now', 'grouped'], ['before', 'grouped_earlier']].map(([name, from]) => {
    steps.push(`${name} AS (SELECT present.*, coalesce(n, 0) AS n, coalesce(visitors, 0) AS visitors, ${MEASURED.slice(2).join(', ')}
      FROM present LEFT JOIN ${from} ON ${same(keys, 'present', from!)})`)
    return computed(steps, name!, query)
  })
  const added = [...MEASURED, ...query.post_aggregations.map(({ name }) => name)].map(name => {
    const [x, y] = [`${then}.${identifier(name)}`, `${now}.${identifier(name)}`]
    const change = name === 'latest' ? 'NULL::DOUBLE' : `(${y} - ${x}) / nullif(abs(${x}), 0)`
    const known = (value: string): string => `CASE WHEN ${now}.timestamp <= ${lastBefore} THEN ${value} END`
    return `${known(x)} AS ${identifier(`${name}_previous`)}, ${known(change)} AS ${identifier(`${name}_change`)}`
  })
  steps.push(`compared AS (SELECT ${now}.*, ${added.join(', ')} FROM ${now} JOIN ${then} ON ${same(keys, now!, then!)})`)
  return 'compared'
}

/** The rows of one set of dimensions: the chosen ones in their order, or, with `isOthers`, those of what is left. */
export function rowsSql(query: AnswerQuery, set: readonly string[], isOthers: boolean): Statement {
  const keys = ['timestamp', ...query.group_by]
  const steps: string[] = []
  steps.push(`passed AS (SELECT * FROM ${measured(steps, query, set)} WHERE ${condition(query.having)})`)
  const perBucket = query.limit_per_bucket === undefined ? '' : `QUALIFY row_number() OVER (PARTITION BY timestamp ORDER BY ${order(query, set)}) <= ${query.limit_per_bucket}`
  const limit = query.limit === undefined ? '' : `LIMIT ${query.limit}`
  steps.push(`first_ones AS (SELECT * FROM passed ${perBucket})`, `chosen AS (SELECT * FROM first_ones ORDER BY ${order(query, set)} ${limit} OFFSET ${query.offset ?? 0})`)
  if (!isOthers) return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM chosen ORDER BY ${order(query, set)}`, timeZone: 'UTC', isOrdered: true }
  const names = query.group_by.map(name => `${set.includes(name) ? `'${query.others}'` : 'NULL'} AS ${name}`).join(', ')
  steps.push(
    `cut AS (SELECT * FROM passed ANTI JOIN chosen ON ${same(keys, 'passed', 'chosen')})`,
    `others AS (SELECT entries.timestamp AS timestamp, ${names}, ${MEASURES} FROM entries JOIN cut ON ${same(keys, 'entries', 'cut')} GROUP BY entries.timestamp)`
  )
  const last = computed(steps, 'others', query)
  return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM ${last} ORDER BY timestamp`, timeZone: 'UTC', isOrdered: true }
}

/** The row over everything: also where there is no session. */
export function totalsSql(query: AnswerQuery): Statement {
  const whole: AnswerQuery = { ...query, granularity: 'all', group_by: [] }
  const steps: string[] = []
  const from = measured(steps, whole, [], true)
  const nulls = query.group_by.map(name => `NULL AS ${name}`).join(', ')
  const columns = columnsOf(query).filter(name => !query.group_by.includes(name)).slice(1).map(identifier).join(', ')
  return { sql: `WITH ${steps.join(',\n')}\nSELECT timestamp, ${nulls}${nulls === '' ? '' : ', '}${columns} FROM ${from}`, timeZone: 'UTC', isOrdered: true }
}

/** All sets in one statement, where none has an array: rows in the order of the sets. */
export function groupingSetsSql(query: AnswerQuery): Statement {
  // grouping() takes only what some set has
  const sets = [...query.subtotals!, query.group_by].map(set => `(${['timestamp', ...set].join(', ')})`)
  const masks = query.subtotals!.map(set => query.group_by.reduce((mask, name) => mask * 2 + (set.includes(name) ? 0 : 1), 0))
  const steps = [
    `entries AS (${entries(query, query.group_by)})`,
    `grouped AS (SELECT timestamp, ${query.group_by.join(', ')}, ${MEASURES}, grouping(${query.group_by.join(', ')}) AS mask FROM entries
      GROUP BY GROUPING SETS (${[...new Set(sets)].join(', ')}))`
  ]
  const last = computed(steps, 'grouped', query)
  const ordered = `ORDER BY list_position([${masks.join(', ')}], mask), ${order({ ...query, order_by: [] }, query.group_by)}`
  return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM ${last} WHERE mask IN (${masks.join(', ')}) AND ${condition(query.having)} ${ordered}`, timeZone: 'UTC', isOrdered: true }
}
