/** Answers giosg's queries by looking at every session: no shortcuts, and nothing of the engine. UTC only. */
import type { Visit } from './giosg.js'

export interface GiosgQuery {
  readonly interval: { readonly start: string; readonly end: string; readonly time_zone?: string }
  readonly granularity: string
  readonly group_by: readonly string[]
  readonly aggregations: readonly { readonly type: string; readonly fields?: readonly string[] }[]
  readonly filters?: GiosgFilter | null
}

type GiosgFilter =
  | { readonly type: 'and'; readonly fields: readonly GiosgFilter[] }
  | { readonly type: 'or'; readonly fields: readonly GiosgFilter[] }
  | { readonly type: 'not'; readonly field: GiosgFilter }
  | { readonly type: 'selector'; readonly dimension: string; readonly value: string | number | null }

type Cell = string | number | null

const STEPS: Readonly<Record<string, number>> = { minute: 60_000, fifteen_minute: 900_000, thirty_minute: 1_800_000, hour: 3_600_000, day: 86_400_000 }
const DIMENSIONS = new Set([
  'browser_name', 'browser_version', 'city', 'country', 'device_type', 'ip_organization', 'os_name', 'session_id', 'visitor_id', 'session_duration_secs',
  'distinct_visited_urls_count', 'distinct_visited_urls', 'distinct_landing_urls', 'distinct_referrer_urls', 'distinct_search_terms', 'rooms'
])
const SUFFIXES: Readonly<Record<string, string>> = { avg: '_avg', hyperUnique: '_hyper_unique' }

/** The answer, or in one sentence what is wrong with the query. `visits` are those of the interval, which begins at `start`. */
export function answerGiosg(query: GiosgQuery, visits: readonly Visit[], start: number) {
  const step = STEPS[query.granularity]
  if (step === undefined && query.granularity !== 'all') return `Unknown granularity "${query.granularity}".`
  if ((query.interval.time_zone ?? 'UTC') !== 'UTC') return 'This sandbox knows UTC only.'
  const names = [...query.group_by, ...query.aggregations.flatMap(aggregation => aggregation.type === 'count' ? [] : aggregation.fields ?? [])]
  const unknown = names.find(name => !DIMENSIONS.has(name))
  if (unknown !== undefined) return `Unknown dimension "${unknown}".`
  const groups = new Map<string, { readonly cells: readonly Cell[]; readonly visits: Visit[] }>()
  if (step === undefined && query.group_by.length === 0) groups.set(JSON.stringify([start]), { cells: [start], visits: [] })
  for (const visit of visits) {
    if (query.filters && !matches(visit, query.filters)) continue
    for (const cells of combinations(visit, query.group_by, step === undefined ? start : visit.start - visit.start % step)) {
      const key = JSON.stringify(cells)
      const group = groups.get(key) ?? { cells, visits: [] }
      groups.set(key, group)
      group.visits.push(visit)
    }
  }
  return {
    fields: [
      { name: 'timestamp', type: 'dimension' }, ...query.group_by.map(name => ({ name, type: 'dimension' })),
      ...query.aggregations.flatMap(columnsOf).map(name => ({ name, type: 'metric' }))
    ],
    data: [...groups.values()].map(group => {
      const cells: Cell[] = [new Date(Number(group.cells[0])).toISOString().replace('Z', '+00:00')]
      return cells.concat(group.cells.slice(1), query.aggregations.flatMap(aggregation => aggregate(aggregation, group.visits)))
    })
  }
}

/** The cross product of the values of all dimensions; an array without elements counts as null. */
function combinations(visit: Visit, dimensions: readonly string[], stamp: number): Cell[][] {
  let rows: Cell[][] = [[stamp]]
  for (const name of dimensions) {
    const values = valuesOf(visit, name)
    rows = rows.flatMap(row => (values.length === 0 ? [null] : values).map(value => row.concat(value)))
  }
  return rows
}

function valuesOf(visit: Visit, name: string): readonly Cell[] {
  const value = visit[name as keyof Visit] as Cell | readonly string[]
  return Array.isArray(value) ? [...new Set(value as readonly string[])] : [value as Cell]
}

function matches(visit: Visit, filter: GiosgFilter): boolean {
  if (filter.type === 'not') return !matches(visit, filter.field)
  if (filter.type === 'and') return filter.fields.every(field => matches(visit, field))
  if (filter.type === 'or') return filter.fields.some(field => matches(visit, field))
  const values = valuesOf(visit, filter.dimension)
  return filter.value === null ? values.length === 0 || values.includes(null) : values.some(value => value !== null && String(value) === String(filter.value))
}

function columnsOf({ type, fields = [] }: GiosgQuery['aggregations'][number]): string[] {
  return type === 'count' ? ['count'] : fields.map(field => field + (SUFFIXES[type] ?? `_${type}`))
}

function aggregate({ type, fields = [] }: GiosgQuery['aggregations'][number], visits: readonly Visit[]): Cell[] {
  if (type === 'count') return [visits.length]
  return fields.map(field => {
    const values = visits.flatMap(visit => valuesOf(visit, field)).filter(value => value !== null)
    if (type === 'hyperUnique') return new Set(values).size
    return values.length === 0 ? null : values.reduce((sum: number, value) => sum + Number(value), 0) / values.length
  })
}
