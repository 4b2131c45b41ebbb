/** Random funnels and retentions over a random dataset, and the same evaluated in the most literal way. */
import type { Columns } from '../../dsl/query.js'
import type { Session } from '../../engine/session.js'
import { bucketOf, combinations, firstOf, latest, rowOf, type Row } from './brute-force.js'
import { matches } from './brute-filter.js'
import { randomFilter } from './filters.js'
import { instantOfText, nominalLength, ruleOf } from './granularity.js'
import { byCodePoint, natural } from './orderings.js'
import type { FilterJson, GranularityJson, QueryJson, Value } from './query-json.js'
import type { Random } from './random.js'
import type { Dataset } from './sessions.js'
import { bucketStarts, stamp } from './wall-clock.js'

type Common = Pick<QueryJson, 'interval' | 'filters'>

export interface FunnelJson extends Common {
  granularity?: GranularityJson
  group_by?: string[]
  funnel: { by: string, within?: string, steps: FilterJson[] }
}

export interface RetentionJson extends Common {
  retention: { by: string, granularity: GranularityJson, first?: FilterJson, returning?: FilterJson, periods?: number }
}

const MOST_BUCKETS = 400
const GRANULARITIES: readonly GranularityJson[] = [
  'day', 'day', 'week', 'month', 'year', 'hour', 'six_hour', { type: 'period', period: 'P2D' }, { type: 'duration', duration: 90_000_000 }
]
const BYS = ['visitor_id', 'visitor_id', 'visitor_id', 'country', 'session_duration_secs']

export function spanOf({ interval }: Common): { start: number, end: number, zone: string } {
  const zone = interval.time_zone ?? 'UTC'
  return { start: instantOfText(interval.start, zone), end: instantOfText(interval.end, zone), zone }
}

/** Starts of all buckets of the interval. */
export function bucketsFor({ interval }: Common, length: GranularityJson): number[] {
  const { start, end } = spanOf({ interval })
  return length === 'all' ? [start] : bucketStarts(start, end, ruleOf({ interval, granularity: length, group_by: [], aggregations: [] }))
}

function common(random: Random, dataset: Dataset): Common {
  const { range, edges, zones } = dataset
  const one = (): number => (edges.length > 0 && random.chance(0.5) ? random.pick(edges) : random.between(range.start, range.end))
  const [a, b] = random.chance(0.7) ? [range.start, range.end] : [one(), one()]
  const query: Common = {
    interval: { start: new Date(Math.min(a, b)).toISOString(), end: new Date(Math.max(a, b)).toISOString(), time_zone: random.pick(zones) }
  }
  if (random.chance(0.3)) query.filters = randomFilter(random, dataset, 1)
  return query
}

/** Filters of which many match. */
function stepFilter(random: Random, dataset: Dataset): FilterJson {
  const kind = random.fraction()
  if (kind < 0.3) return { type: 'true' }
  if (kind < 0.6) return { type: 'not', field: randomFilter(random, dataset, 0) }
  return randomFilter(random, dataset, random.pick([0, 1]))
}

function granularity(random: Random, query: Common): GranularityJson {
  const { start, end } = spanOf(query)
  const fitting = GRANULARITIES.filter(one => (end - start) / nominalLength(one) <= MOST_BUCKETS)
  return random.pick(fitting)
}

/** Often the exact time between two sessions, or one millisecond less. */
function within(random: Random, { sessions, columns }: Dataset): string {
  const instants = sessions.map(session => rowOf(session, columns).instant)
  const exact = instants.length === 0 ? 1 : Math.abs(random.pick(instants) - random.pick(instants)) - random.pick([0, 0, 1])
  const ms = Math.max(1, random.chance(0.6) ? exact : random.pick([1, 1000, 3_600_000, 86_400_000]))
  return `PT${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}S`
}

export function randomFunnel(random: Random, dataset: Dataset): FunnelJson {
  const base = common(random, dataset)
  const steps = Array.from({ length: random.between(1, 4) }, () => stepFilter(random, dataset))
  const query: FunnelJson = { ...base, funnel: { by: random.pick(BYS), steps } }
  if (random.chance(0.7)) query.funnel.within = within(random, dataset)
  if (random.chance(0.5)) query.granularity = random.chance(0.2) ? 'all' : granularity(random, base)
  if (random.chance(0.4)) query.group_by = random.sample(['country', 'rooms', 'city', 'session_duration_secs', 'source'], random.between(1, 2))
  return query
}

export function randomRetention(random: Random, dataset: Dataset): RetentionJson {
  const base = common(random, dataset)
  const query: RetentionJson = { ...base, retention: { by: random.pick(BYS), granularity: granularity(random, base) } }
  if (random.chance(0.6)) query.retention.first = stepFilter(random, dataset)
  if (random.chance(0.6)) query.retention.returning = stepFilter(random, dataset)
  if (random.chance(0.8)) query.retention.periods = random.pick([0, 1, 5, 31, 32, 40])
  return query
}

/** The sessions of each visitor in the order of sessions. */
function visitorsOf(sessions: readonly Session[], columns: Columns, query: Common, by: string): Row[][] {
  const { start, end } = spanOf(query)
  const rows = latest(sessions).map(session => rowOf(session, columns))
    .filter(row => row.instant >= start && row.instant < end && matches(query.filters, row, columns))
  rows.sort((a, b) => a.instant - b.instant || firstOf(['source', 'session_id'].map(column => () => byCodePoint(text(a, column), text(b, column)))))
  const visitors = new Map<string | number, Row[]>()
  for (const row of rows) for (const visitor of row.values(by)) visitors.set(visitor, [...visitors.get(visitor) ?? [], row])
  return [...visitors.values()]
}

const text = (row: Row, column: string): string => String(row.values(column)[0])

/** How many steps are done by the session at `from` and those after it: each step by the first session that does it. */
function stepsFrom(rows: readonly Row[], from: number, steps: readonly FilterJson[], columns: Columns, longest: number): number {
  let at = from
  for (let step = 1; step < steps.length; step++) {
    at = rows.findIndex((row, index) => index > at && matches(steps[step], row, columns))
    if (at < 0 || (rows[at] as Row).instant > (rows[from] as Row).instant + longest) return step
  }
  return steps.length
}

export function bruteFunnel(sessions: readonly Session[], columns: Columns, query: FunnelJson): Value[][] {
  const { zone } = spanOf(query)
  const { by, steps, within: window } = query.funnel
  const longest = window === undefined ? Infinity : Math.round(Number(window.slice(2, -1)) * 1000)
  const buckets = bucketsFor(query, query.granularity ?? 'all')
  const groups = new Map<string, { bucket: number, keys: Value[], counts: number[] }>()
  const groupAt = (bucket: number, keys: Value[]) => {
    const id = JSON.stringify([bucket, ...keys])
    const group = groups.get(id) ?? { bucket, keys, counts: steps.map(() => 0) }
    groups.set(id, group)
    return group
  }
  if (query.group_by === undefined) for (const bucket of buckets) groupAt(bucket, [])
  for (const rows of visitorsOf(sessions, columns, query, by)) {
    const best = new Map<{ counts: number[] }, number>()
    for (const [index, row] of rows.entries()) {
      if (!matches(steps[0], row, columns)) continue
      const done = stepsFrom(rows, index, steps, columns, longest)
      for (const keys of combinations(row, query.group_by ?? [], zone)) {
        const group = groupAt(bucketOf(row.instant, buckets), keys)
        best.set(group, Math.max(best.get(group) ?? 0, done))
      }
    }
    for (const [{ counts }, done] of best) for (let step = 0; step < done; step++) counts[step] = (counts[step] as number) + 1
  }
  const ordered = [...groups.values()].sort((a, b) => a.bucket - b.bucket || firstOf(a.keys.map((key, at) => () => natural(key, b.keys[at] as Value))))
  return ordered.flatMap(({ bucket, keys, counts }) => counts.map((visitors, step) => [
    stamp(bucket, zone), ...keys, step + 1, `step ${step + 1}`, visitors, shareOf(visitors, counts[0]), shareOf(visitors, counts[Math.max(0, step - 1)])
  ]))
}

export function bruteRetention(sessions: readonly Session[], columns: Columns, query: RetentionJson): Value[][] {
  const { zone } = spanOf(query)
  const { by, granularity: length, first, returning, periods = 12 } = query.retention
  const buckets = bucketsFor(query, length)
  const indexOf = (row: Row): number => buckets.indexOf(bucketOf(row.instant, buckets))
  const cohorts = buckets.map(() => [] as Set<number>[])
  for (const rows of visitorsOf(sessions, columns, query, by)) {
    const begin = rows.find(row => matches(first, row, columns))
    if (!begin) continue
    const back = rows.filter(row => row.instant >= begin.instant && matches(returning, row, columns))
    cohorts[indexOf(begin)]?.push(new Set(back.map(row => indexOf(row) - indexOf(begin))))
  }
  return cohorts.flatMap((visitors, cohort) => Array.from({ length: Math.min(periods + 1, buckets.length - cohort) }, (_, period) => {
    const back = visitors.filter(seen => seen.has(period)).length
    return [stamp(buckets[cohort] as number, zone), period, visitors.length, back, shareOf(back, visitors.length)]
  }))
}

function shareOf(part: number, whole: number | undefined): number | null {
  return whole ? part / whole : null
}
