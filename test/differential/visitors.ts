/** Funnels and retentions as SQL for DuckDB, over the table that `duckdb.ts` loads. Their rows are keys and counts, in no order. */
import type { Columns } from '../../dsl/query.js'
import { bucketsFor, spanOf, type FunnelJson, type RetentionJson } from '../support/visitor-queries.js'
import { identifier, where, type Statement } from './sql.js'

function statement(sql: string): Statement {
  return { sql, timeZone: 'UTC', isOrdered: false }
}

/** Sessions of the interval with their visitor as "#v". Null where a filter cannot be said in SQL. */
function kept(query: FunnelJson | RetentionJson, by: string, columns: Columns): string | null {
  const { start, end } = spanOf(query)
  const condition = where(query.filters, columns)
  return condition && `SELECT *, ${identifier(by)} AS "#v" FROM latest WHERE started_at >= ${start} AND started_at < ${end} AND ${condition} AND ${identifier(by)} IS NOT NULL`
}

function bucketList(starts: readonly number[]): string {
  return `starts AS (SELECT start, row_number() OVER (ORDER BY start) - 1 AS i FROM (SELECT unnest([${starts.join(', ')}]::BIGINT[]) AS start))`
}

/** Each step is done by the first session after the one before that does it; rows: bucket, groups, step, visitors. */
export function funnelSql(query: FunnelJson, columns: Columns): Statement | null {
  const { by, steps, within } = query.funnel
  const rows = kept(query, by, columns)
  const conditions = steps.map(step => where(step, columns))
  if (rows === null || conditions.includes(null)) return null
  const window = within === undefined ? '\'Infinity\'::DOUBLE' : String(Math.round(Number(within.slice(2, -1)) * 1000))
  const dimensions = query.group_by ?? []
  const numbered = `SELECT *, row_number() OVER (PARTITION BY "#v" ORDER BY started_at, source, session_id) AS "#n" FROM kept`
  const nexts = conditions.map((condition, step) =>
    `min(CASE WHEN ${condition} THEN "#n" END) OVER (PARTITION BY "#v" ORDER BY "#n" ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS "#next${step}"`)
  const joins = steps.slice(1).map((_, at) => `LEFT JOIN linked l${at + 1} ON l${at + 1}."#v" = l0."#v" AND l${at + 1}."#n" = l${at}."#next${at + 1}" AND l${at + 1}.started_at <= l0.started_at + ${window}`)
  const done = steps.map((_, at) => (at === 0 ? '1' : `(CASE WHEN ${steps.slice(1, at + 1).map((__, k) => `l${k + 1}."#n" IS NOT NULL`).join(' AND ')} THEN 1 ELSE 0 END)`))
  const groups = dimensions.map((dimension, at) => {
    const column = `l0.${identifier(dimension)}`
    return `${columns.get(dimension) === 'strings' ? `unnest(CASE WHEN len(${column}) > 0 THEN ${column} ELSE [NULL] END)` : column} AS "#g${at}"`
  })
  const keys = ['"#bucket"', ...dimensions.map((_, at) => `"#g${at}"`)]
  return statement(`WITH ${bucketList(bucketsFor(query, query.granularity ?? 'all'))},
    kept AS (${rows}), numbered AS (${numbered}),
    linked AS (SELECT *, ${nexts.join(', ')}, ${conditions[0]} AS "#begins" FROM numbered),
    chains AS (SELECT l0."#v", l0.started_at, ${[...groups, ''].join(', ')} ${done.join(' + ')} AS "#done" FROM linked l0 ${joins.join(' ')} WHERE l0."#begins"),
    timed AS (SELECT chains.*, starts.start AS "#bucket" FROM chains ASOF JOIN starts ON chains.started_at >= starts.start),
    best AS (SELECT ${keys.join(', ')}, "#v", max("#done") AS "#done" FROM timed GROUP BY ALL)
    SELECT CAST("#bucket" AS DOUBLE), ${[...keys.slice(1), ''].join(', ')} CAST(step AS DOUBLE), CAST(count(*) FILTER ("#done" >= step) AS DOUBLE)
    FROM best CROSS JOIN (SELECT unnest([${steps.map((_, at) => at + 1).join(', ')}]) AS step) GROUP BY ${keys.join(', ')}, step`)
}

/** Rows: bucket, period, cohort, visitors; only where somebody came back. */
export function retentionSql(query: RetentionJson, columns: Columns): Statement | null {
  const { by, granularity, first, returning, periods = 12 } = query.retention
  const rows = kept(query, by, columns)
  const begins = where(first, columns)
  const returns = where(returning, columns)
  if (rows === null || begins === null || returns === null) return null
  return statement(`WITH ${bucketList(bucketsFor(query, granularity))},
    kept AS (${rows}),
    timed AS (SELECT kept.*, starts.i AS "#bucket" FROM kept ASOF JOIN starts ON kept.started_at >= starts.start),
    cohorts AS (SELECT "#v", min(started_at) AS first, min("#bucket") AS cohort FROM timed WHERE ${begins} GROUP BY "#v"),
    sizes AS (SELECT cohort, count(*) AS size FROM cohorts GROUP BY cohort),
    back AS (SELECT cohort, "#bucket" - cohort AS period, count(DISTINCT "#v") AS visitors FROM timed JOIN cohorts USING ("#v")
      WHERE started_at >= first AND ${returns} GROUP BY ALL)
    SELECT CAST(starts.start AS DOUBLE), CAST(period AS DOUBLE), CAST(size AS DOUBLE), CAST(visitors AS DOUBLE)
    FROM back JOIN sizes USING (cohort) JOIN starts ON starts.i = cohort WHERE period <= ${periods}`)
}
