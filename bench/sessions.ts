/**
 * The seeded dataset of the benchmark: giosg-shaped sessions over 2025, in no order.
 * A value with exponent e is number floor(cardinality * u^e) of its column, u uniform: the larger e, the more skewed.
 */
import type { Session } from '../engine/session.js'
import { mix32, mulberry32 } from './random.js'

/** Part of every file name: raise it when the same seed would give other sessions. */
export const GENERATOR_VERSION = 1

export const DAY_MS = 86_400_000
export const YEAR_START = Date.UTC(2025, 0, 1)
export const YEAR_DAYS = 365
export const VISITORS_PER_SESSION = 0.3
export const ROOMS = 40
export const URLS = 20_000
const MAX_ROOMS = 2
const MAX_URLS = 5
const DURATION_MU = 3
const DURATION_SIGMA = 2
const URL_COUNT_MEAN = 4
/** Keeps the URL stream apart from the main one, so that sessions are otherwise the same with and without URLs. */
const URL_STREAM = 0x9e3779b9

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => prefix + i)

export const COUNTRIES = numbered('country_', 60)
export const CITIES = numbered('city_', 2000)
export const BROWSERS = ['Chrome', 'Safari', 'Firefox', 'Edge', 'Opera', 'Samsung Internet', 'Brave', 'Vivaldi']
export const VERSIONS = Array.from({ length: 80 }, (_, i) => `${139 - i}.0`)
export const DEVICES = ['desktop', 'mobile', 'tablet']
export const SYSTEMS = ['Windows', 'Android', 'iOS', 'macOS', 'Linux', 'ChromeOS']
export const ORGANIZATIONS = numbered('org_', 50_000)

export interface DatasetOptions {
  readonly rows: number
  readonly seed: number
  /** With `distinct_visited_urls`: in the load and one-shot benches, not in the query bench. */
  readonly urls?: boolean
}

/** One session as numbers: positions in the value lists above. The generator reuses one object for all rows. */
export interface Draw {
  row: number
  /** Random bits of the session id; `row` makes it unique. */
  id1: number
  id2: number
  id3: number
  visitor: number
  /** Milliseconds since the start of the year. */
  offset: number
  country: number
  city: number
  browser: number
  version: number
  device: number
  system: number
  organization: number
  /** Milliseconds, whole. */
  duration: number
  urlCount: number
  rooms: number[]
  urls: number[] | null
}

/** Gives the draws of a dataset one after the other, always in the same order. */
export function drawer({ rows, seed, urls = false }: DatasetOptions): () => Draw {
  const uniform = mulberry32(seed)
  const uniformUrl = mulberry32(seed ^ URL_STREAM)
  const visitors = Math.max(1, Math.round(rows * VISITORS_PER_SESSION))
  const power = (count: number, exponent: number): number => Math.floor(count * uniform() ** exponent)
  const draw: Draw = {
    row: -1, id1: 0, id2: 0, id3: 0, visitor: 0, offset: 0, country: 0, city: 0, browser: 0, version: 0, device: 0,
    system: 0, organization: 0, duration: 0, urlCount: 0, rooms: [], urls: null
  }
  return () => {
    draw.row++
    draw.id1 = (uniform() * 4294967296) >>> 0
    draw.id2 = (uniform() * 4294967296) >>> 0
    draw.id3 = (uniform() * 4294967296) >>> 0
    draw.visitor = power(visitors, 1.7)
    draw.offset = Math.floor(uniform() * YEAR_DAYS * DAY_MS)
    draw.country = power(COUNTRIES.length, 3)
    draw.city = power(CITIES.length, 2.5)
    draw.browser = power(BROWSERS.length, 2)
    draw.version = power(VERSIONS.length, 2)
    draw.device = power(DEVICES.length, 1.5)
    draw.system = power(SYSTEMS.length, 1.5)
    draw.organization = power(ORGANIZATIONS.length, 3)
    draw.duration = Math.round(logNormal(uniform(), uniform()) * 1000)
    draw.urlCount = 1 + Math.floor(-URL_COUNT_MEAN * Math.log(1 - uniform()))
    draw.rooms = distinct(Math.floor(uniform() * (MAX_ROOMS + 1)), ROOMS, uniform)
    draw.urls = urls ? distinct(1 + Math.floor(uniformUrl() * MAX_URLS), URLS, uniformUrl) : null
    return draw
  }
}

/** Box and Muller's transform of two uniform numbers. */
function logNormal(u1: number, u2: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - u1)) * Math.cos(2 * Math.PI * u2)
  return Math.exp(DURATION_MU + DURATION_SIGMA * normal)
}

function distinct(count: number, values: number, uniform: () => number): number[] {
  const chosen: number[] = []
  while (chosen.length < count) {
    const value = Math.floor(uniform() * values)
    if (!chosen.includes(value)) chosen.push(value)
  }
  return chosen
}

const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')

/** A version 4 UUID as four words; the first is a bijection of the row number: unique whatever the other bits are. */
export function sessionWords(draw: Draw): [number, number, number, number] {
  return [mix32(draw.row + 1), (draw.id1 & 0xffff0fff) | 0x4000, (draw.id2 & 0x3fffffff) | 0x80000000, draw.id3]
}

/** 128 bits as four words; the first is a bijection of the visitor's number. */
export function visitorWords(visitor: number): [number, number, number, number] {
  const first = mix32(visitor + 1)
  const second = mix32(first ^ 0x5bd1e995)
  const third = mix32(second ^ 0x27d4eb2f)
  return [first, second, third, mix32(third ^ 0x165667b1)]
}

export function sessionId(draw: Draw): string {
  const digits = sessionWords(draw).map(hex8).join('')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}

export const visitorId = (visitor: number): string => visitorWords(visitor).map(hex8).join('')

export const roomName = (room: number): string => `room_${room}`
export const urlName = (url: number): string => `https://www.example.com/pages/${url}`

/** The sessions as plain objects. */
export function* sessions(options: DatasetOptions): Generator<Session> {
  const next = drawer(options)
  for (let row = 0; row < options.rows; row++) {
    const draw = next()
    yield {
      session_id: sessionId(draw),
      visitor_id: visitorId(draw.visitor),
      started_at: new Date(YEAR_START + draw.offset).toISOString(),
      country: COUNTRIES[draw.country]!,
      city: CITIES[draw.city]!,
      browser_name: BROWSERS[draw.browser]!,
      browser_version: VERSIONS[draw.version]!,
      device_type: DEVICES[draw.device]!,
      os_name: SYSTEMS[draw.system]!,
      ip_organization: ORGANIZATIONS[draw.organization]!,
      session_duration_secs: draw.duration / 1000,
      distinct_visited_urls_count: draw.urlCount,
      rooms: draw.rooms.map(roomName),
      ...(draw.urls === null ? {} : { distinct_visited_urls: draw.urls.map(urlName) })
    }
  }
}
