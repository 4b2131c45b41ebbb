/** The queries of `support/answers.ts` in SQL: windows for limits of buckets, a join with what is left for the others, GROUPING SETS for subtotals of scalars. */
import type { FilterInput, HavingInput, OperandInput } from '../../dsl/input.js'
import { NUMBERS, START, type AnswerQuery } from '../support/answers.js'
import { identifier, type Statement } from './sql.js'

const MEASURES = `count(*)::DOUBLE AS n, count(DISTINCT visitor_id)::DOUBLE AS visitors, sum(own) AS total, min(own) AS low, max(own) AS high,
  quantile_disc(own, 0.5) AS median, last(visitor_id ORDER BY started_at, session_id) FILTER (visitor_id IS NOT NULL) AS latest`
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

/** Sessions, once for each room where rooms are grouped by. */
function entries({ granularity, group_by }: AnswerQuery, set: readonly string[]): string {
  const bucket = granularity === 'all' ? String(START) : `${START} + floor((started_at - ${START}) / 86400000) * 86400000`
  const rooms = set.includes('rooms') ? ['unnest(CASE WHEN len(rooms) > 0 THEN rooms ELSE [NULL] END) AS rooms'] : []
  const columns = ['city', 'device', 'score', ...rooms].map(column => rooms.includes(column) || set.includes(column) || !group_by.includes(column) ? column : `NULL AS ${column}`)
  return `SELECT (${bucket})::DOUBLE AS timestamp, ${columns.join(', ')}${rooms.length > 0 ? '' : ', NULL::VARCHAR AS rooms'}, own, visitor_id, session_id, started_at FROM latest`
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
  return ['timestamp', ...query.group_by, ...MEASURED, ...query.post_aggregations.map(({ name }) => name)]
}

function list(query: AnswerQuery): string {
  return columnsOf(query).map(identifier).join(', ')
}

/** The rows of one set of dimensions: the chosen ones in their order, or, with `isOthers`, those of what is left. */
export function rowsSql(query: AnswerQuery, set: readonly string[], isOthers: boolean): Statement {
  const keys = ['timestamp', ...query.group_by]
  const steps = [`entries AS (${entries(query, set)})`, `grouped AS (SELECT ${keys.join(', ')}, ${MEASURES} FROM entries GROUP BY ${keys.join(', ')})`]
  steps.push(`passed AS (SELECT * FROM ${computed(steps, 'grouped', query)} WHERE ${condition(query.having)})`)
  const perBucket = query.limit_per_bucket === undefined ? '' : `QUALIFY row_number() OVER (PARTITION BY timestamp ORDER BY ${order(query, set)}) <= ${query.limit_per_bucket}`
  const limit = query.limit === undefined ? '' : `LIMIT ${query.limit}`
  steps.push(`first_ones AS (SELECT * FROM passed ${perBucket})`, `chosen AS (SELECT * FROM first_ones ORDER BY ${order(query, set)} ${limit} OFFSET ${query.offset ?? 0})`)
  if (!isOthers) return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM chosen ORDER BY ${order(query, set)}`, timeZone: 'UTC', isOrdered: true }
  const same = keys.map(key => `entries.${key} IS NOT DISTINCT FROM cut.${key}`).join(' AND ')
  const names = query.group_by.map(name => `${set.includes(name) ? `'${query.others}'` : 'NULL'} AS ${name}`).join(', ')
  steps.push(
    `cut AS (SELECT * FROM passed ANTI JOIN chosen ON ${keys.map(key => `passed.${key} IS NOT DISTINCT FROM chosen.${key}`).join(' AND ')})`,
    `others AS (SELECT entries.timestamp AS timestamp, ${names}, ${MEASURES} FROM entries JOIN cut ON ${same} GROUP BY entries.timestamp)`
  )
  const last = computed(steps, 'others', query)
  return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM ${last} ORDER BY timestamp`, timeZone: 'UTC', isOrdered: true }
}

export function totalsSql(query: AnswerQuery): Statement {
  const steps = [`entries AS (${entries({ ...query, granularity: 'all' }, [])})`]
  steps.push(`whole AS (SELECT ${START}::DOUBLE AS timestamp${query.group_by.map(name => `, NULL AS ${name}`).join('')}, ${MEASURES} FROM entries)`)
  const last = computed(steps, 'whole', query)
  return { sql: `WITH ${steps.join(',\n')}\nSELECT ${list(query)} FROM ${last}`, timeZone: 'UTC', isOrdered: true }
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
