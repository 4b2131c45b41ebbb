/** The suite's questions in Arquero's verbs, as a user would write them. Expressions are texts: d is a row, op its functions, $ the parameters. */
import { DateTime } from 'luxon'
import type { Arquero, ArqueroTable, Expressions } from './arquero-types.js'
import type { Rows } from './contender.js'

type Answer = (sessions: ArqueroTable, library: Arquero) => Rows
type Value = Rows[number][number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR_START = Date.UTC(2025, 0, 1)
const YEAR_END = Date.UTC(2026, 0, 1)

const MONTH: Expressions = { month: 'd => op.utcmonth(d.started_at)' }
const COUNT = 'd => op.count()'
const MEAN = 'd => op.mean(d.session_duration_secs)'
const VISITORS = 'd => op.distinct(d.visitor_id)'

const between = (sessions: ArqueroTable, start: number, end: number): ArqueroTable =>
  sessions.params({ start, end }).filter('(d, $) => d.started_at >= $.start && d.started_at < $.end')

const inYear = (sessions: ArqueroTable): ArqueroTable => between(sessions, YEAR_START, YEAR_END)

const monthStart = (month: unknown): number => Date.UTC(2025, Number(month))

/** Values of these columns, with a stamp in front. */
function rows(table: ArqueroTable, columns: readonly string[], stamp: (row: Record<string, unknown>) => number = () => YEAR_START): Rows {
  return table.objects().map(row => [stamp(row) as Value].concat(columns.map(column => row[column] as Value)))
}

const byMonth = (row: Record<string, unknown>): number => monthStart(row['month'])

/** Buckets of a fixed length from `start` on: their number in the column `bucket`. */
const buckets = (ms: number): Expressions => ({ bucket: `(d, $) => op.floor((d.started_at - $.start) / ${ms})` })

const stampOf = (start: number, ms: number) => (row: Record<string, unknown>): number => start + Number(row['bucket']) * ms

/** A row with the values that the language means: that at ceil(q · n) of the ascending values, from 1. Arquero's own quantile interpolates. */
function quantiles(row: Record<string, unknown>, stamp: number, group: string, percents: readonly number[]): Rows[number] {
  const ascending = Float64Array.from(row['values'] as number[]).sort()
  return [stamp, row[group] as string, ...percents.map(percent => ascending[Math.ceil(percent * ascending.length / 100) - 1]!)]
}

/** Arquero knows no zones: the changes of Helsinki's offset are asked for once, and a day is counted in local time. */
function helsinkiDays(sessions: ArqueroTable): Rows {
  const first = DateTime.fromISO('2025-01-01', { zone: 'Europe/Helsinki' })
  const local = (day: number): number => first.plus({ days: day }).toMillis()
  const start = local(0)
  const summer = DateTime.fromISO('2025-03-30T01:00:00Z').toMillis()
  const winter = DateTime.fromISO('2025-10-26T01:00:00Z').toMillis()
  const table = sessions.params({ start, end: local(365), summer, winter }).filter('(d, $) => d.started_at >= $.start && d.started_at < $.end')
    .groupby({ bucket: `(d, $) => op.floor((d.started_at - $.start + (d.started_at >= $.summer && d.started_at < $.winter ? ${HOUR} : 0)) / ${DAY})` })
    .rollup({ count: COUNT, visitors: VISITORS }).orderby('bucket')
  return rows(table, ['count', 'visitors'], row => local(Number(row['bucket'])))
}

function helsinkiDay(sessions: ArqueroTable): Rows {
  const start = Date.parse('2025-06-01T00:00:00.000+03:00')
  const table = sessions.params({ start, end: start + DAY })
    .filter("(d, $) => d.started_at >= $.start && d.started_at < $.end && d.country === 'country_0' && d.city === 'city_0'")
  return rows(table.rollup({ visitors: VISITORS }), ['visitors'], () => start)
}

function roomHours(sessions: ArqueroTable): Rows {
  const start = Date.UTC(2025, 4, 1)
  const table = sessions.params({ start, end: Date.UTC(2025, 5, 1) })
    .filter("(d, $) => d.started_at >= $.start && d.started_at < $.end && d.browser_name !== 'Chrome' && op.includes(d.rooms, 'room_3')")
    .groupby(buckets(HOUR)).rollup({ count: COUNT, urls: 'd => op.mean(d.distinct_visited_urls_count)' }).orderby('bucket')
  return rows(table, ['count', 'urls'], stampOf(start, HOUR))
}

function minutes(sessions: ArqueroTable): Rows {
  const start = Date.UTC(2025, 2, 1)
  const table = between(sessions, start, start + DAY).groupby(buckets(MINUTE)).rollup({ count: COUNT, visitors: VISITORS }).orderby('bucket')
  return rows(table, ['count', 'visitors'], stampOf(start, MINUTE))
}

function filtered(sessions: ArqueroTable): Rows {
  const table = inYear(sessions).groupby(MONTH, 'device_type').rollup({
    count: COUNT,
    home: "d => op.sum(d.country === 'country_0' ? 1 : 0)",
    chrome: "d => op.sum(d.browser_name === 'Chrome' ? 1 : 0)",
    secs: "d => op.sum(d.browser_name === 'Chrome' ? d.session_duration_secs : 0)",
    // A null counts as a value of its own.
    visitors: 'd => op.distinct(d.session_duration_secs >= 60 ? d.visitor_id : null) - op.max(d.session_duration_secs >= 60 ? 0 : 1)'
  }).orderby('month', 'device_type')
  return table.objects().map((row): Rows[number] => [
    byMonth(row), row['device_type'] as string, row['count'] as number, row['home'] as number,
    row['chrome'] === 0 ? null : Number(row['secs']) / Number(row['chrome']), row['visitors'] as number
  ])
}

function firstAndLast(sessions: ArqueroTable): Rows {
  const table = inYear(sessions).orderby('started_at', 'session_id').groupby('country').rollup({
    secs: 'd => op.array_agg(d.session_duration_secs)', cities: 'd => op.array_agg(d.city)'
  }).orderby('country')
  return table.objects().map((row): Rows[number] => {
    const cities = row['cities'] as string[]
    return [YEAR_START, row['country'] as string, (row['secs'] as number[])[0]!, cities.at(-1)!, cities.reduce((least, city) => city < least ? city : least)]
  })
}

const ANSWERED: readonly (readonly [string, Answer])[] = [
  ['q01-everything', sessions => rows(inYear(sessions).rollup({ count: COUNT, secs: MEAN, visitors: VISITORS }), ['count', 'secs', 'visitors'])],
  ['q02-helsinki-day', helsinkiDay],
  ['q03-helsinki-days', helsinkiDays],
  ['q04-month-country', sessions => rows(
    inYear(sessions).groupby(MONTH, 'country').rollup({ secs: MEAN, visitors: VISITORS }).orderby('month', 'country'), ['country', 'secs', 'visitors'], byMonth
  )],
  ['q05-country-city', sessions => rows(
    inYear(sessions).groupby('country', 'city').rollup({ count: COUNT, secs: MEAN, visitors: VISITORS }).orderby('country', 'city'),
    ['country', 'city', 'count', 'secs', 'visitors']
  )],
  ['q06-rooms-day', sessions => rows(
    inYear(sessions).select('started_at', 'rooms').derive({ room: 'd => op.length(d.rooms) === 0 ? [null] : d.rooms' }).unroll('room')
      .groupby(buckets(DAY), 'room').count().orderby('bucket', 'room'), ['room', 'count'], stampOf(YEAR_START, DAY)
  )],
  ['q07-room-hours', roomHours],
  ['q08-organizations', sessions => rows(
    inYear(sessions).groupby('ip_organization').rollup({ count: COUNT, visitors: VISITORS }).orderby('ip_organization'), ['ip_organization', 'count', 'visitors']
  )],
  ['q09-top-visitors', (sessions, { desc }) => rows(
    inYear(sessions).groupby('visitor_id').count().orderby(desc('count'), 'visitor_id').slice(0, 100), ['visitor_id', 'count']
  )],
  // In a LIKE pattern "_" is any one character.
  ['q10-mixed-filters', sessions => rows(
    inYear(sessions).filter("d => (d.browser_name === 'Chrome' || d.browser_name === 'Safari' || d.os_name === 'Linux')"
      + " && op.match(d.city, /^city.1/su) !== null && d.session_duration_secs >= 10 && d.session_duration_secs <= 500")
      .groupby('country').rollup({ count: COUNT, secs: MEAN }).orderby('country'), ['country', 'count', 'secs']
  )],
  ['q11-sessions-day', sessions => rows(
    inYear(sessions).groupby(buckets(DAY)).rollup({ sessions: 'd => op.distinct(d.session_id)' }).orderby('bucket'), ['sessions'], stampOf(YEAR_START, DAY)
  )],
  ['q12-minutes', minutes],
  ['q13-quantiles', sessions => inYear(sessions).groupby(MONTH, 'device_type')
    .rollup({ values: 'd => op.array_agg(d.session_duration_secs)' }).orderby('month', 'device_type')
    .objects().map(row => quantiles(row, byMonth(row), 'device_type', [50, 95, 99]))],
  ['q14-exact-unique', sessions => rows(
    inYear(sessions).groupby(MONTH, 'country').rollup({ visitors: VISITORS }).orderby('month', 'country'), ['country', 'visitors'], byMonth
  )],
  ['x01-filtered', filtered],
  ['x02-first-last', firstAndLast],
  ['x03-organization-quantiles', sessions => inYear(sessions).groupby('ip_organization').rollup({ values: 'd => op.array_agg(d.session_duration_secs)' })
    .orderby('ip_organization').objects().map(row => quantiles(row, YEAR_START, 'ip_organization', [50, 95]))],
  ['x04-both-devices', sessions => rows(
    inYear(sessions).groupby(MONTH, 'visitor_id').rollup({
      mobile: "d => op.sum(d.device_type === 'mobile' ? 1 : 0)", desktop: "d => op.sum(d.device_type === 'desktop' ? 1 : 0)"
    }).filter('d => d.mobile > 0 && d.desktop > 0').groupby('month').count().orderby('month'), ['count'], byMonth
  )]
]

export const ARQUERO_ANSWERS: ReadonlyMap<string, Answer> = new Map(ANSWERED)
