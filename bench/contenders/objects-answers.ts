/** The suite's questions by hand. Rows come as the language orders them: by time, then groups ascending, null first. */
import { DateTime } from 'luxon'
import type { Rows } from './contender.js'

export interface Visit {
  readonly session_id: string
  readonly visitor_id: string
  readonly started_at: number
  readonly country: string
  readonly city: string
  readonly browser_name: string
  readonly device_type: string
  readonly os_name: string
  readonly ip_organization: string
  readonly session_duration_secs: number
  readonly distinct_visited_urls_count: number
  readonly rooms: readonly string[]
}

interface Tally {
  count: number
  sum: number
  readonly seen: Set<string>
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR_START = Date.UTC(2025, 0, 1)
const YEAR_END = Date.UTC(2026, 0, 1)

const inYear = ({ started_at: at }: Visit): boolean => at >= YEAR_START && at < YEAR_END
const month = (at: number): number => Date.UTC(2025, new Date(at).getUTCMonth())
const day = (at: number): number => at - at % DAY
const emptyTally = (): Tally => ({ count: 0, sum: 0, seen: new Set() })
const average = ({ count, sum }: Tally): number => sum / count
const byString = (a: string | null, b: string | null): number => a === b ? 0 : a === null || (b !== null && a < b) ? -1 : 1

function get<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

const add = (tally: Tally, value: number, identifier: string): void => {
  tally.count++
  tally.sum += value
  tally.seen.add(identifier)
}

const sorted = <Value>(map: Map<number, Value>): [number, Value][] => [...map].sort(([a], [b]) => a - b)
const sortedByString = <Key extends string | null, Value>(map: Map<Key, Value>): [Key, Value][] => [...map].sort(([a], [b]) => byString(a, b))

/** Sets of identifiers per month and country, with the sums of durations. */
function monthCountry(visits: readonly Visit[]): [number, string, Tally][] {
  const months = new Map<number, Map<string, Tally>>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const countries = get(months, month(visit.started_at), () => new Map<string, Tally>())
    add(get(countries, visit.country, emptyTally), visit.session_duration_secs, visit.visitor_id)
  }
  return sorted(months).flatMap(([start, countries]) =>
    sortedByString(countries).map(([country, tally]): [number, string, Tally] => [start, country, tally]))
}

function everything(visits: readonly Visit[]): Rows {
  const tally = emptyTally()
  for (const visit of visits) if (inYear(visit)) add(tally, visit.session_duration_secs, visit.visitor_id)
  return [[YEAR_START, tally.count, tally.count === 0 ? null : average(tally), tally.seen.size]]
}

function helsinkiDay(visits: readonly Visit[]): Rows {
  const start = Date.parse('2025-06-01T00:00:00.000+03:00')
  const seen = new Set<string>()
  for (const { started_at: at, country, city, visitor_id: visitor } of visits) {
    if (at >= start && at < start + DAY && country === 'country_0' && city === 'city_0') seen.add(visitor)
  }
  return [[start, seen.size]]
}

/** The zone is asked once per day of the year, not once per session. */
function helsinkiDays(visits: readonly Visit[]): Rows {
  const starts: number[] = []
  const end = Date.parse('2026-01-01T00:00:00.000+02:00')
  for (let at = DateTime.fromISO('2025-01-01', { zone: 'Europe/Helsinki' }); at.toMillis() <= end; at = at.plus({ days: 1 })) starts.push(at.toMillis())
  const days = starts.map(() => new Set<string>())
  const counts = starts.map(() => 0)
  for (const { started_at: at, visitor_id: visitor } of visits) {
    if (at < starts[0]! || at >= end) continue
    let i = Math.floor((at - starts[0]!) / DAY)
    while (at >= starts[i + 1]!) i++
    while (at < starts[i]!) i--
    counts[i]!++
    days[i]!.add(visitor)
  }
  return days.slice(0, -1).map((seen, i) => [starts[i]!, counts[i]!, seen.size])
}

function countryCity(visits: readonly Visit[]): Rows {
  const countries = new Map<string, Map<string, Tally>>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const cities = get(countries, visit.country, () => new Map<string, Tally>())
    add(get(cities, visit.city, emptyTally), visit.session_duration_secs, visit.visitor_id)
  }
  return sortedByString(countries).flatMap(([country, cities]) =>
    sortedByString(cities).map(([city, tally]) => [YEAR_START, country, city, tally.count, average(tally), tally.seen.size]))
}

function roomsPerDay(visits: readonly Visit[]): Rows {
  const days = new Map<number, Map<string | null, number>>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const rooms = get(days, day(visit.started_at), () => new Map<string | null, number>())
    if (visit.rooms.length === 0) rooms.set(null, (rooms.get(null) ?? 0) + 1)
    for (const room of visit.rooms) rooms.set(room, (rooms.get(room) ?? 0) + 1)
  }
  return sorted(days).flatMap(([start, rooms]) => sortedByString(rooms).map(([room, count]) => [start, room, count]))
}

function roomHours(visits: readonly Visit[]): Rows {
  const start = Date.UTC(2025, 4, 1)
  const end = Date.UTC(2025, 5, 1)
  const hours = Array.from({ length: (end - start) / HOUR }, () => ({ count: 0, sum: 0 }))
  for (const { started_at: at, rooms, browser_name: browser, distinct_visited_urls_count: urls } of visits) {
    if (at < start || at >= end || browser === 'Chrome' || !rooms.includes('room_3')) continue
    const hour = hours[Math.floor((at - start) / HOUR)]!
    hour.count++
    hour.sum += urls
  }
  return hours.map(({ count, sum }, i) => [start + i * HOUR, count, count === 0 ? null : sum / count])
}

function organizations(visits: readonly Visit[]): Rows {
  const tallies = new Map<string, Tally>()
  for (const visit of visits) if (inYear(visit)) add(get(tallies, visit.ip_organization, emptyTally), 0, visit.visitor_id)
  return sortedByString(tallies).map(([organization, { count, seen }]) => [YEAR_START, organization, count, seen.size])
}

function topVisitors(visits: readonly Visit[]): Rows {
  const counts = new Map<string, number>()
  for (const visit of visits) if (inYear(visit)) counts.set(visit.visitor_id, (counts.get(visit.visitor_id) ?? 0) + 1)
  const top = [...counts].sort(([a, m], [b, n]) => n - m || byString(a, b)).slice(0, 100)
  return top.map(([visitor, count]) => [YEAR_START, visitor, count])
}

function mixedFilters(visits: readonly Visit[]): Rows {
  const tallies = new Map<string, { count: number, sum: number }>()
  for (const visit of visits) {
    const { browser_name: browser, session_duration_secs: secs } = visit
    if (!inYear(visit) || !(browser === 'Chrome' || browser === 'Safari' || visit.os_name === 'Linux')) continue
    // In a LIKE pattern "_" is any one character.
    if (secs < 10 || secs > 500 || !/^city.1/su.test(visit.city)) continue
    const tally = get(tallies, visit.country, () => ({ count: 0, sum: 0 }))
    tally.count++
    tally.sum += secs
  }
  return sortedByString(tallies).map(([country, { count, sum }]) => [YEAR_START, country, count, sum / count])
}

function quantiles(visits: readonly Visit[]): Rows {
  const months = new Map<number, Map<string, number[]>>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const devices = get(months, month(visit.started_at), () => new Map<string, number[]>())
    get(devices, visit.device_type, () => []).push(visit.session_duration_secs)
  }
  return sorted(months).flatMap(([start, devices]) => sortedByString(devices).map(([device, values]): Rows[number] => {
    const ascending = Float64Array.from(values).sort()
    const at = (percent: number): number => ascending[Math.ceil(percent * values.length / 100) - 1]!
    return [start, device, at(50), at(95), at(99)]
  }))
}

function sessionsPerDay(visits: readonly Visit[]): Rows {
  const days = Array.from({ length: (YEAR_END - YEAR_START) / DAY }, () => new Set<string>())
  for (const visit of visits) if (inYear(visit)) days[Math.floor((visit.started_at - YEAR_START) / DAY)]!.add(visit.session_id)
  return days.map((seen, i) => [YEAR_START + i * DAY, seen.size])
}

function minutes(visits: readonly Visit[]): Rows {
  const start = Date.UTC(2025, 2, 1)
  const tallies = Array.from({ length: DAY / MINUTE }, emptyTally)
  for (const { started_at: at, visitor_id: visitor } of visits) {
    if (at >= start && at < start + DAY) add(tallies[Math.floor((at - start) / MINUTE)]!, 0, visitor)
  }
  return tallies.map(({ count, seen }, i) => [start + i * MINUTE, count, seen.size])
}

function filtered(visits: readonly Visit[]): Rows {
  const months = new Map<number, Map<string, { home: number, readonly all: Tally, readonly chrome: Tally, readonly long: Set<string> }>>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const devices = get(months, month(visit.started_at), () => new Map())
    const device = get(devices, visit.device_type, () => ({ home: 0, all: emptyTally(), chrome: emptyTally(), long: new Set<string>() }))
    device.all.count++
    if (visit.country === 'country_0') device.home++
    if (visit.browser_name === 'Chrome') {
      device.chrome.count++
      device.chrome.sum += visit.session_duration_secs
    }
    if (visit.session_duration_secs >= 60) device.long.add(visit.visitor_id)
  }
  return sorted(months).flatMap(([start, devices]) => sortedByString(devices).map(([device, { home, all, chrome, long }]): Rows[number] =>
    [start, device, all.count, home, chrome.count === 0 ? null : average(chrome), long.size]))
}

/** The later by start, then by session_id. */
const isLater = (a: Visit, b: Visit): boolean => a.started_at > b.started_at || (a.started_at === b.started_at && a.session_id > b.session_id)

function firstAndLast(visits: readonly Visit[]): Rows {
  const countries = new Map<string, { first: Visit, last: Visit, city: string }>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const country = get(countries, visit.country, () => ({ first: visit, last: visit, city: visit.city }))
    if (isLater(country.first, visit)) country.first = visit
    if (isLater(visit, country.last)) country.last = visit
    if (visit.city < country.city) country.city = visit.city
  }
  return sortedByString(countries).map(([country, { first, last, city }]) => [YEAR_START, country, first.session_duration_secs, last.city, city])
}

function organizationQuantiles(visits: readonly Visit[]): Rows {
  const durations = new Map<string, number[]>()
  for (const visit of visits) if (inYear(visit)) get(durations, visit.ip_organization, () => []).push(visit.session_duration_secs)
  return sortedByString(durations).map(([organization, values]): Rows[number] => {
    const ascending = Float64Array.from(values).sort()
    const at = (percent: number): number => ascending[Math.ceil(percent * values.length / 100) - 1]!
    return [YEAR_START, organization, at(50), at(95)]
  })
}

function bothDevices(visits: readonly Visit[]): Rows {
  const months = new Map<number, { readonly mobile: Set<string>, readonly desktop: Set<string> }>()
  for (const visit of visits) {
    if (!inYear(visit)) continue
    const devices = get(months, month(visit.started_at), () => ({ mobile: new Set<string>(), desktop: new Set<string>() }))
    if (visit.device_type === 'mobile') devices.mobile.add(visit.visitor_id)
    else if (visit.device_type === 'desktop') devices.desktop.add(visit.visitor_id)
  }
  return sorted(months).map(([start, { mobile, desktop }]) => {
    let both = 0
    for (const visitor of mobile) if (desktop.has(visitor)) both++
    return [start, both]
  })
}

export const ANSWERS: ReadonlyMap<string, (visits: readonly Visit[]) => Rows> = new Map<string, (visits: readonly Visit[]) => Rows>([
  ['q01-everything', everything],
  ['q02-helsinki-day', helsinkiDay],
  ['q03-helsinki-days', helsinkiDays],
  ['q04-month-country', visits => monthCountry(visits).map(([start, country, tally]) => [start, country, average(tally), tally.seen.size])],
  ['q05-country-city', countryCity],
  ['q06-rooms-day', roomsPerDay],
  ['q07-room-hours', roomHours],
  ['q08-organizations', organizations],
  ['q09-top-visitors', topVisitors],
  ['q10-mixed-filters', mixedFilters],
  ['q11-sessions-day', sessionsPerDay],
  ['q12-minutes', minutes],
  ['q13-quantiles', quantiles],
  ['q14-exact-unique', visits => monthCountry(visits).map(([start, country, { seen }]) => [start, country, seen.size])],
  ['x01-filtered', filtered],
  ['x02-first-last', firstAndLast],
  ['x03-organization-quantiles', organizationQuantiles],
  ['x04-both-devices', bothDevices]
])
