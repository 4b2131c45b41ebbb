/** Random sessions with everything in them that has ever confused an engine. */
import type { ColumnType, Columns } from '../../dsl/query.js'
import type { Session, SessionValue } from '../../engine/session.js'
import { instantOf } from './wall-clock.js'
import { Random } from './random.js'

export interface Dataset {
  readonly seed: number
  /** In order of arrival; some replace an earlier one. Every session names its source. */
  readonly sessions: readonly Session[]
  /** Columns with at least one value, and the known ones. */
  readonly columns: Columns
  readonly zones: readonly string[]
  /** A range with all sessions, in epoch ms. */
  readonly range: { readonly start: number; readonly end: number }
  /** Instants worth cutting at: changes of the clock, starts of sessions. */
  readonly edges: readonly number[]
}

interface Era {
  readonly start: string
  readonly days: number
  readonly zone: string
  /** Wall time of a change of the clock inside. */
  readonly change: string
}

const ERAS: readonly Era[] = [
  { start: '2025-03-28', days: 5, zone: 'Europe/Helsinki', change: '2025-03-30T04:00' },
  { start: '2019-10-25', days: 4, zone: 'Europe/Helsinki', change: '2019-10-27T03:00' },
  { start: '2025-10-31', days: 4, zone: 'America/New_York', change: '2025-11-02T01:00' },
  { start: '2017-10-13', days: 4, zone: 'America/Sao_Paulo', change: '2017-10-15T01:00' },
  { start: '2019-04-05', days: 3, zone: 'Australia/Lord_Howe', change: '2019-04-07T01:30' },
  { start: '2011-12-27', days: 7, zone: 'Pacific/Apia', change: '2011-12-31T00:00' },
  { start: '2023-11-03', days: 4, zone: 'America/Havana', change: '2023-11-05T00:00' },
  { start: '2024-01-01', days: 366, zone: 'Asia/Kathmandu', change: '2024-02-29T00:00' },
  { start: '2021-06-01', days: 900, zone: 'Europe/London', change: '2022-03-27T02:00' },
  { start: '1969-12-29', days: 6, zone: 'America/New_York', change: '1970-01-01T00:00' },
  { start: '2024-05-05', days: 1, zone: 'Asia/Kathmandu', change: '2024-05-05T12:00' }
]

const ZONES = ['UTC', 'Europe/Helsinki', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/London', 'America/Sao_Paulo']
export const TEXTS = ['', ' ', 'null', '__proto__', 'constructor', 'toString', 'a', 'A', 'ab', 'aB', 'a%b', 'a_b', 'é', 'e\u0301', 'ß', 'Ω', '日本', '10', '9', '010', '1e3',
  '-3.5', 'file2', 'file12', 'file012', '0x10', 'Infinity', ' 12 ', '10.0', '\uffee', '\u{1f600}', '\u{1f600}\u{1f601}', '\u{10ffff}', "o'brien", '"quoted"', 'back\\slash', 'line\nbreak', 'true', 'false', '0']
const COUNTRIES = ['Finland', 'Sweden', 'Norway', 'Åland', 'Côte d’Ivoire', '', 'null', '中国']
const INTEGERS = [0, 1, 2, 3, 10, 60, 3600, -1, -5, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1]
export const NUMBERS = [...INTEGERS, -0, 0.1, 0.2, 0.3, -2.5, 1 / 3, 1e15, 123456.789, 1e21, -1e21, 1e-7, 5e-324, 2.2250738585072014e-308, 1e300, -1e300, 1e-300]

const KNOWN: readonly (readonly [string, ColumnType])[] = [
  ['source', 'string'], ['session_id', 'string'], ['started_at', 'number'], ['visitor_id', 'string'], ['browser_name', 'string'], ['browser_version', 'string'],
  ['city', 'string'], ['country', 'string'], ['device_type', 'string'], ['ip_organization', 'string'], ['os_name', 'string'], ['session_duration_secs', 'number'],
  ['distinct_visited_urls_count', 'number'], ['distinct_visited_urls', 'strings'], ['distinct_landing_urls', 'strings'], ['distinct_referrer_urls', 'strings'],
  ['distinct_search_terms', 'strings'], ['rooms', 'strings']
]
const OWN: readonly (readonly [string, ColumnType])[] = [
  ['__proto__', 'string'], ['constructor', 'number'], ['null', 'strings'], ['é 💡', 'string'], ['toString', 'number'], ['dim "x"', 'string']
]
const KEYS = new Set(['source', 'session_id', 'started_at'])

/** How one column of one dataset is filled: a small or a large domain, and how often it is missing. */
interface Filling {
  readonly missing: number
  readonly value: () => SessionValue
}

function filling(random: Random, name: string, type: ColumnType): Filling {
  const missing = random.pick([0, 0.1, 0.5, 0.95])
  if (name === 'visitor_id') {
    const visitors = random.pick([3, 50, 100_000])
    return { missing, value: () => `v${random.between(1, visitors)}` }
  }
  if (type === 'number') {
    const domain = random.pick([INTEGERS, NUMBERS, random.sample(NUMBERS, 4)])
    const dense = random.chance(0.3)
    return { missing, value: () => (dense ? random.between(-1000, 1000) / 8 : random.pick(domain)) }
  }
  const domain = name === 'country' ? COUNTRIES : random.sample(TEXTS, random.pick([1, 4, 12, TEXTS.length]))
  const many = random.chance(0.15)
  const text = (): string => (many ? `${random.pick(domain)}#${random.between(0, 400)}` : random.pick(domain))
  if (type === 'string') {
    const booleans = random.chance(0.1)
    return { missing, value: () => (booleans ? random.chance(0.5) : text()) }
  }
  return { missing, value: () => random.picks([text(), text(), text()], random.pick([0, 1, 1, 2, 3, 5])) }
}

function startedAt(random: Random, instant: number): Session['started_at'] {
  const iso = new Date(instant).toISOString()
  return random.pick([instant, instant, iso, iso.replace('Z', ''), new Date(instant), new Date(instant + 7_200_000).toISOString().replace('Z', '+02:00')])
}

function times(random: Random, era: Era, count: number): number[] {
  const start = Date.parse(`${era.start}T00:00:00Z`)
  const change = instantOf(Date.parse(`${era.change}:00Z`), era.zone)
  const crowd = start + random.between(0, era.days * 86_400_000 - 1)
  return Array.from({ length: count }, () => {
    const kind = random.fraction()
    if (kind < 0.25) return change + random.between(-7_200_000, 7_200_000)
    if (kind < 0.35) return change + random.pick([-3_600_000, -1_800_000, -1, 0, 1, 1_800_000, 3_600_000])
    if (kind < 0.5) return crowd + random.between(0, 3)
    return start + random.between(0, era.days * 86_400_000 - 1)
  })
}

/** Sessions with null prototypes, because `__proto__` is a column like any other. */
export function randomDataset(seed: number, count?: number): Dataset {
  const random = new Random(seed)
  const era = random.pick(ERAS)
  const own = random.sample(OWN, random.between(1, 4))
  const used = [...KNOWN, ...own].filter(([name]) => !KEYS.has(name))
  const fillings = used.map(([name, type]) => [name, filling(random, name, type)] as const)
  const size = count ?? random.pick([0, 1, 3, 40, 150, 300, 300, 400, 500, 500])
  const ids = Math.max(1, Math.ceil(size * random.pick([0.5, 0.9, 3])))
  const sources = random.sample(['default', 'conviva', '', 'null', '__proto__', 'ä'], random.between(1, 3))
  const instants = times(random, era, size)
  const sessions = instants.map(instant => {
    const session: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    session['session_id'] = random.chance(0.02) ? random.pick(TEXTS) : `s${random.between(1, ids)}`
    session['source'] = random.pick(sources)
    session['started_at'] = startedAt(random, instant)
    for (const [name, { missing, value }] of fillings) {
      if (!random.chance(missing)) session[name] = value()
      else if (random.chance(0.3)) session[name] = null
    }
    return session as Session
  })
  const present = own.filter(([name]) => sessions.some(session => isValue(session[name])))
  const start = Date.parse(`${era.start}T00:00:00Z`) - 7_200_000
  return {
    seed,
    sessions,
    columns: new Map([...KNOWN, ...present]),
    zones: [...new Set([era.zone, 'UTC', random.pick(ZONES)])],
    range: { start, end: start + era.days * 86_400_000 + 14_400_000 },
    edges: [instantOf(Date.parse(`${era.change}:00Z`), era.zone), ...random.sample(instants, 5)]
  }
}

function isValue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined
}
