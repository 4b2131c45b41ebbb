/** What an answer rests on: sources, their range, gaps and freshness, and the errors of approximate columns. */
import { bucketer, bucketStarts } from '../dsl/buckets.js'
import type { ResultMeta, ResultValue, SourceMeta } from '../dsl/input.js'
import { ALL_ROWS } from '../dsl/output.js'
import { DAY, HOUR } from '../dsl/period.js'
import type { Aggregation, AnyQuery, Granularity, Interval, PlainAggregation, Query, Span } from '../dsl/query.js'
import { stampFormatter } from '../dsl/stamp.js'
import { explain, run } from './run.js'
import type { Running } from './running.js'
import { WIDEST_ERROR } from './sketch/histogram.js'

/** Gaps are looked for hour by hour up to here, day by day above. */
const HOURLY_UP_TO = 3 * DAY
/** Days of 270 years; of more gaps are not looked for. */
const MOST_BUCKETS = 100_000
/** Before and after every start that a session can have. */
const EVER: Interval = { start: -8.64e15, end: 8.64e15, timeZone: 'UTC' }

/** `lastRead` gives when a source was last read, epoch ms; null where that is not known. */
export async function metaOf(query: AnyQuery, running: Running, lastRead: (source: string) => number | null, since: number): Promise<ResultMeta> {
  const ranges = await sourceRanges(running)
  const counts = await sessionsOf(query, running)
  const gaps = await gapsOf(query.interval, ranges, running)
  const stamp = stampFormatter(query.interval.timeZone)
  const text = ({ start, end }: Span): { start: string, end: string } => ({ start: stamp(start), end: stamp(end) })
  const sources = [...ranges].map(([source, range]): SourceMeta => {
    const read = lastRead(source)
    return {
      source, sessions: counts.get(source) ?? 0, range: text(range),
      gaps: gaps === null ? null : gaps.get(source)!.map(text),
      last_read: read === null ? null : new Date(read).toISOString()
    }
  })
  return {
    query_id: query.context?.queryId ?? null,
    rows_scanned: explain(query, running).rows,
    elapsed_ms: Math.round(performance.now() - since),
    sources,
    approximate: query.kind === 'aggregate' ? await errorsOf(query, running) : []
  }
}

/** Starts of the first and the last session of each source, by its name. */
async function sourceRanges(running: Running): Promise<Map<string, Span>> {
  const rows = await ask(running, EVER, { type: 'all' }, [
    { type: 'min', field: 'started_at', name: 'first' }, { type: 'max', field: 'started_at', name: 'last' }
  ])
  return new Map(rows.map(([, source, start, end]) => [source as string, { start: start as number, end: end as number }]))
}

/** Sessions of each source that are in the interval and match the filters. */
async function sessionsOf(query: AnyQuery, running: Running): Promise<Map<string, number>> {
  const derived = query.kind === 'aggregate' ? query.derived : undefined
  const rows = await ask(running, query.interval, { type: 'all' }, [{ type: 'count', name: 'count' }], { filter: query.filter, ...derived && { derived } })
  return new Map(rows.map(([, source, count]) => [source as string, count as number]))
}

/** Whole hours or days without a session of a source, in the interval and between its first and its last session; null where there are too many to look. */
async function gapsOf(interval: Interval, ranges: ReadonlyMap<string, Span>, running: Running): Promise<Map<string, Span[]> | null> {
  const { timeZone } = interval
  const granularity: Granularity = { type: 'period', period: interval.end - interval.start <= HOURLY_UP_TO ? 'PT1H' : 'P1D', timeZone, origin: null }
  const clipped = clip(interval, ranges)
  if ((clipped.end - clipped.start) / (granularity.period === 'P1D' ? DAY : HOUR) > MOST_BUCKETS) return null
  const starts = bucketStarts(granularity, clipped, 2 * MOST_BUCKETS)
  const rows = await ask({ ...running, maxBuckets: Infinity }, clipped, granularity, [{ type: 'count', name: 'count' }])
  const stamp = stampFormatter(timeZone)
  const places = new Map(Array.from(starts, (start, place) => [stamp(start), place]))
  const { next } = bucketer(granularity, clipped)
  const spans = interval.spans ?? [interval]
  return new Map([...ranges].map(([source, range]) => {
    const seen = new Uint8Array(starts.length)
    for (const row of rows) if (row[1] === source) seen[places.get(row[0] as string)!] = 1
    return [source, emptyRuns(starts, seen, next, spans, range)]
  }))
}

/** The part of the interval in which there are sessions at all. */
function clip(interval: Interval, ranges: ReadonlyMap<string, Span>): Interval {
  const all = [...ranges.values()]
  const first = all.reduce((least, { start }) => Math.min(least, start), Infinity)
  const last = all.reduce((most, { end }) => Math.max(most, end), -Infinity) + 1
  const part = ({ start, end }: Span): Span => ({ start: Math.max(start, first), end: Math.min(end, last) })
  const spans = interval.spans?.map(part).filter(({ start, end }) => end > start)
  const whole = part(interval)
  if (whole.end <= whole.start || spans?.length === 0) return { start: interval.start, end: interval.start, timeZone: interval.timeZone }
  return { ...whole, timeZone: interval.timeZone, ...spans && { spans } }
}

/** Unseen buckets that lie wholly within a span and within the range, those that follow each other as one. */
function emptyRuns(starts: Float64Array, seen: Uint8Array, next: (start: number) => number, spans: readonly Span[], range: Span): Span[] {
  const runs: { start: number, end: number }[] = []
  let at = 0
  for (let place = 0; place < starts.length; place++) {
    if (seen[place] === 1 || starts[place] <= range.start) continue
    const start = starts[place]
    const end = next(start)
    while (at < spans.length - 1 && spans[at].end <= start) at++
    if (end > range.end || start < spans[at].start || end > spans[at].end) continue
    const before = runs.at(-1)
    if (before !== undefined && before.end === start) before.end = end
    else runs.push({ start, end })
  }
  return runs
}

/** A bound of the relative standard error of each column that is not exact: no row's is larger. */
async function errorsOf(query: Query, running: Running): Promise<ResultMeta['approximate']> {
  const distinct = query.aggregations.flatMap(aggregation => errorAggregation(aggregation) ?? [])
  // Groups are parts of the whole, and an estimate of fewer values is no worse.
  const [row] = distinct.length === 0 ? [[]] : await ask(running, query.interval, { type: 'all' }, distinct, { ...query, groupBy: [], fill: 'zero' })
  const errors = new Map(distinct.map(({ name }, index) => [name, row[index + 1] as number]))
  return query.aggregations.flatMap(({ name, ...aggregation }) => {
    const { type } = aggregation.type === 'filtered' ? aggregation.aggregator : aggregation
    if (type === 'quantile') return [{ column: name, relative_standard_error: WIDEST_ERROR }]
    return type === 'hyperUnique' ? [{ column: name, relative_standard_error: errors.get(name)! }] : []
  })
}

function errorAggregation(aggregation: Aggregation): Aggregation | null {
  const inner = aggregation.type === 'filtered' ? aggregation.aggregator : aggregation
  if (inner.type !== 'hyperUnique') return null
  const error: PlainAggregation = { type: 'hyperUniqueError', field: inner.field, name: aggregation.name }
  return aggregation.type === 'filtered' ? { ...aggregation, aggregator: error } : error
}

/** Rows of an answer by source. */
async function ask(
  running: Running, interval: Interval, granularity: Granularity, aggregations: readonly Aggregation[], more: Partial<Query> = {}
): Promise<ResultValue[][]> {
  const { derived, filter = { type: 'true' }, groupBy = [{ dimension: 'source', name: 'source' }], fill = 'none' } = more
  const query: Query = { ...ALL_ROWS, kind: 'aggregate', interval, granularity, groupBy, aggregations, filter, fill, ...derived && { derived } }
  return (await run(query, { ...running, maxGroups: Infinity })).data
}
