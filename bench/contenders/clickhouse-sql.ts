/**
 * The suite's questions in ClickHouse's SQL, written by hand, the different ways that a knowing user would try. Columns come in the order
 * of the question's: the bucket as epoch ms (where there is one), groups, aggregations. Rows are compared without their order,
 * but for the same reason as DuckDB's they are asked to be ordered.
 */

const EVERYTHING = "started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'"
/** 2025-01-01 to 2026-01-01 in Helsinki, two hours before UTC. */
const HELSINKI_YEAR = "started_at >= '2024-12-31 22:00:00' AND started_at < '2025-12-31 22:00:00'"

/**
 * quantilesExact takes the value at floor(level · n) of the ascending values, from 0; the language asks for the one at ceil(level · n) - 1, another one
 * where level · n is whole. Below the level by this much both are the same up to 10¹⁰ values of a group, and rounding is a hundredth of it.
 */
const BELOW = 1e-12
const levels = (...asked: readonly number[]): string => asked.map(level => level - BELOW).join(', ')

/** Exact, and DDSketch with the language's promise; the latter counts where its rank, level · (n - 1), finds a value within that promise. */
const quantiles = (...asked: readonly number[]): readonly string[] => [`quantilesExact(${levels(...asked)})`, `quantilesDD(0.0025, ${asked.join(', ')})`]

const MILLISECONDS = (bucket: string): string => `toInt64(toUnixTimestamp(${bucket})) * 1000`

/** @param distinct the function that counts distinct values of a column */
type Ways = (distinct: (column: string) => string) => readonly string[]

export const CLICKHOUSE_QUESTIONS: ReadonlyMap<string, Ways> = new Map<string, Ways>([
  ['q01-everything', distinct => [
    `SELECT count(), avg(session_duration_secs), ${distinct('visitor_id')} FROM sessions WHERE ${EVERYTHING}`
  ]],
  ['q02-helsinki-day', distinct => [
    `SELECT ${distinct('visitor_id')} FROM sessions
     WHERE started_at >= '2025-05-31 21:00:00' AND started_at < '2025-06-01 21:00:00' AND country = 'country_0' AND city = 'city_0'`
  ]],
  ['q03-helsinki-days', distinct => [
    `SELECT ${MILLISECONDS("toStartOfDay(started_at, 'Europe/Helsinki')")} AS day, count(), ${distinct('visitor_id')}
     FROM sessions WHERE ${HELSINKI_YEAR} GROUP BY day ORDER BY day`,
    `SELECT ${MILLISECONDS("toDateTime(date, 'Europe/Helsinki')")}, count(), ${distinct('visitor_id')}
     FROM sessions WHERE ${HELSINKI_YEAR} GROUP BY toDate(started_at, 'Europe/Helsinki') AS date ORDER BY date`
  ]],
  ['q04-month-country', distinct => [
    `SELECT ${MILLISECONDS("toDateTime(toStartOfMonth(started_at), 'UTC')")} AS month, country, avg(session_duration_secs), ${distinct('visitor_id')}
     FROM sessions WHERE ${EVERYTHING} GROUP BY month, country ORDER BY month, country`,
    `SELECT ${MILLISECONDS("toDateTime(makeDate(2025, month, 1), 'UTC')")}, country, avg(session_duration_secs), ${distinct('visitor_id')}
     FROM sessions WHERE ${EVERYTHING} GROUP BY toMonth(started_at) AS month, country ORDER BY month, country`
  ]],
  ['q05-country-city', distinct => [
    `SELECT country, city, count(), avg(session_duration_secs), ${distinct('visitor_id')}
     FROM sessions WHERE ${EVERYTHING} GROUP BY country, city ORDER BY country, city`
  ]],
  ['q06-rooms-day', () => [
    `SELECT ${MILLISECONDS("toDateTime(day, 'UTC')")}, nullIf(toString(room), ''), count()
     FROM sessions ARRAY JOIN emptyArrayToSingle(rooms) AS room WHERE ${EVERYTHING} GROUP BY toDate(started_at) AS day, room ORDER BY day, room`,
    `SELECT ${MILLISECONDS("toDateTime(day, 'UTC')")}, nullIf(toString(room), ''), count() FROM (
       SELECT toDate(started_at) AS day, arrayJoin(rooms) AS room FROM sessions WHERE ${EVERYTHING}
       UNION ALL SELECT toDate(started_at), '' FROM sessions WHERE ${EVERYTHING} AND empty(rooms)
     ) GROUP BY day, room ORDER BY day, room`
  ]],
  ['q07-room-hours', () => [
    `SELECT ${MILLISECONDS('toStartOfHour(started_at)')} AS hour, count(), avg(distinct_visited_urls_count)
     FROM sessions WHERE started_at >= '2025-05-01 00:00:00' AND started_at < '2025-06-01 00:00:00'
       AND has(rooms, 'room_3') AND browser_name != 'Chrome' GROUP BY hour ORDER BY hour`
  ]],
  ['q08-organizations', distinct => [
    `SELECT ip_organization, count(), ${distinct('visitor_id')} FROM sessions WHERE ${EVERYTHING} GROUP BY ip_organization ORDER BY ip_organization`
  ]],
  ['q09-top-visitors', () => [
    `SELECT visitor_id, count() AS sessions FROM sessions WHERE ${EVERYTHING} GROUP BY visitor_id ORDER BY sessions DESC, visitor_id LIMIT 100`
  ]],
  ['q10-mixed-filters', () => [
    `SELECT country, count(), avg(session_duration_secs) FROM sessions
     WHERE ${EVERYTHING} AND (browser_name IN ('Chrome', 'Safari') OR os_name = 'Linux') AND city LIKE 'city_1%'
       AND session_duration_secs >= 10 AND session_duration_secs <= 500 GROUP BY country ORDER BY country`
  ]],
  ['q11-sessions-day', distinct => [
    `SELECT ${MILLISECONDS("toDateTime(day, 'UTC')")}, ${distinct('session_id')}
     FROM sessions WHERE ${EVERYTHING} GROUP BY toDate(started_at) AS day ORDER BY day`
  ]],
  ['q12-minutes', distinct => [
    `SELECT ${MILLISECONDS('toStartOfMinute(started_at)')} AS minute, count(), ${distinct('visitor_id')}
     FROM sessions WHERE started_at >= '2025-03-01 00:00:00' AND started_at < '2025-03-02 00:00:00' GROUP BY minute ORDER BY minute`
  ]],
  ['q13-quantiles', () => quantiles(0.5, 0.95, 0.99).map(list =>
    `SELECT ${MILLISECONDS("toDateTime(toStartOfMonth(started_at), 'UTC')")} AS month, device_type,
       ${list}(session_duration_secs) AS list, list[1], list[2], list[3]
     FROM sessions WHERE ${EVERYTHING} GROUP BY month, device_type ORDER BY month, device_type`)],
  ['q14-exact-unique', () => [
    `SELECT ${MILLISECONDS("toDateTime(toStartOfMonth(started_at), 'UTC')")} AS month, country, uniqExact(visitor_id)
     FROM sessions WHERE ${EVERYTHING} GROUP BY month, country ORDER BY month, country`
  ]],
  ['x01-filtered', distinct => [
    `SELECT ${MILLISECONDS("toDateTime(toStartOfMonth(started_at), 'UTC')")} AS month, device_type, count(), countIf(country = 'country_0'),
       avgIf(session_duration_secs, browser_name = 'Chrome'), ${distinct('if(session_duration_secs >= 60, visitor_id, NULL)')}
     FROM sessions WHERE ${EVERYTHING} GROUP BY month, device_type ORDER BY month, device_type`
  ]],
  ['x02-first-last', () => [
    `SELECT country, argMin(session_duration_secs, (started_at, session_id)), argMax(city, (started_at, session_id)), min(city)
     FROM sessions WHERE ${EVERYTHING} GROUP BY country ORDER BY country`
  ]],
  ['x03-organization-quantiles', () => quantiles(0.5, 0.95).map(list =>
    `SELECT ip_organization, ${list}(session_duration_secs) AS list, list[1], list[2]
     FROM sessions WHERE ${EVERYTHING} GROUP BY ip_organization ORDER BY ip_organization`)],
  ['x04-both-devices', () => [
    `SELECT month, count() FROM (
       SELECT ${MILLISECONDS("toDateTime(toStartOfMonth(started_at), 'UTC')")} AS month, visitor_id FROM sessions WHERE ${EVERYTHING}
       GROUP BY month, visitor_id HAVING countIf(device_type = 'mobile') > 0 AND countIf(device_type = 'desktop') > 0
     ) GROUP BY month ORDER BY month`
  ]]
])
