/** Post-aggregations, having, order, limits, others, totals, subtotals, lists of intervals and comparisons against DuckDB: every value exact, every row in its place. */
import type { QueryInput, QueryResult } from '../../dsl/input.js'
import type { Engine } from '../../index.js'
import { ANSWER_COLUMNS, answerSessions, randomAnswerQuery, type AnswerQuery, type Span } from '../support/answers.js'
import type { Value } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { groupingSetsSql, rowsSql, totalsSql } from './answers-sql.js'
import { engineOf, thrown, type Mismatch, type Outcome } from './check.js'
import type { Duck } from './duckdb.js'

type Rows = readonly (readonly Value[])[]

function intervalOf([start, end]: Span): { start: string, end: string } {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}

export function inputOf({ spans, compare, order_by = [], ...query }: AnswerQuery): QueryInput {
  const intervals = spans.map(intervalOf)
  return {
    interval: intervals.length === 1 ? intervals[0]! : intervals as [typeof intervals[0], ...typeof intervals],
    ...(compare !== undefined && { compare: { to: compare === 'previous_period' ? compare : intervalOf(compare) } }),
    fill: 'none',
    aggregations: [
      { type: 'count', name: 'n' }, { type: 'exactUnique', fields: ['visitor_id'], name: 'visitors' }, { type: 'sum', fields: ['own'], name: 'total' },
      { type: 'min', fields: ['own'], name: 'low' }, { type: 'max', fields: ['own'], name: 'high' },
      { type: 'quantile', fields: ['own'], quantiles: [0.5], name: 'median' }, { type: 'last', fields: ['visitor_id'], name: 'latest' }
    ],
    order_by,
    ...query
  }
}

/** Stamps as epoch ms. */
function timed(rows: Rows): Value[][] {
  return rows.map(row => (row as Value[]).with(0, Date.parse(String(row[0]))))
}

function difference(what: string, got: Rows, wanted: Rows): string[] {
  const at = Math.max(got.length, wanted.length) === 0 ? -1 : Array.from({ length: Math.max(got.length, wanted.length) }, (_, row) => row)
    .findIndex(row => JSON.stringify(got[row]) !== JSON.stringify(wanted[row]))
  return at < 0 ? [] : [`${what}: row ${at} of ${got.length} is ${JSON.stringify(got[at])} instead of ${JSON.stringify(wanted[at])}`]
}

async function differences(engine: Engine, duck: Duck, query: AnswerQuery): Promise<{ rows: number, found: string[] }> {
  const result: QueryResult = await engine.query(inputOf(query))
  const found: string[] = []
  let from = 0
  for (const [at, set] of (query.subtotals ?? [query.group_by]).entries()) {
    const rows = result.data.slice(from, from + (result.subtotals?.[at]!.rows ?? result.data.length))
    from += rows.length
    const names = query.group_by.filter(name => set.includes(name))
    const isOther = (row: readonly Value[]): boolean => set.length > 0 && row.includes('(others)')
    found.push(...difference(`rows by ${names.join()}`, timed(rows.filter(row => !isOther(row))), await duck.run(rowsSql(query, names, false))))
    const others = query.others !== undefined && set.length > 0 ? await duck.run(rowsSql(query, names, true)) : []
    found.push(...difference(`others by ${names.join()}`, timed(rows.filter(isOther)).sort((a, b) => Number(a[0]) - Number(b[0])), others))
  }
  if (from !== result.data.length) found.push(`${result.data.length} rows, subtotals say ${from}`)
  found.push(...difference('totals', result.totals === undefined ? [] : timed([result.totals]), query.totals === true ? await duck.run(totalsSql(query)) : []))
  if (query.subtotals !== undefined && query.compare === undefined && !query.group_by.includes('rooms')) {
    const { spans, granularity, group_by, post_aggregations, subtotals, having } = query
    const plain: AnswerQuery = { spans, granularity, group_by, post_aggregations, subtotals, ...(having && { having }) }
    found.push(...difference('grouping sets', timed((await engine.query(inputOf(plain))).data), await duck.run(groupingSetsSql(plain))))
  }
  return { rows: result.data.length, found }
}

export async function checkAnswers(seed: number, count: number, duck: Duck): Promise<Outcome> {
  const dataset = { sessions: answerSessions(seed, 60 + seed % 5 * 70), columns: ANSWER_COLUMNS }
  const engine = await engineOf(dataset, seed)
  await duck.load(dataset)
  const random = new Random(seed * 1000)
  const mismatches: Mismatch[] = []
  let answered = 0
  for (let index = 0; index < count; index++) {
    const query = randomAnswerQuery(random)
    const { rows, found } = await differences(engine, duck, query).catch((error: unknown) => ({ rows: 0, found: [thrown(error)] }))
    if (rows > 0) answered++
    if (found.length > 0) mismatches.push({ seed, index, query: inputOf(query), difference: found.join('; ') })
  }
  await engine.close()
  return { queries: count, inDuckDB: count, answered, mismatches }
}
