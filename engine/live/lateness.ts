/** When buckets of a standing query are final: a source is taken to be complete up to its newest session less an allowed lateness. */
import { bucketer } from '../../dsl/buckets.js'
import type { QueryResult } from '../../dsl/input.js'
import type { AnyQuery, Query } from '../../dsl/query.js'
import { hasBit } from '../column/bitset.js'
import type { StringColumn } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import type { Running } from '../running.js'
import type { Changes } from '../table/journal.js'
import type { Segment } from '../table/segment.js'
import type { Progress } from './frame.js'

export class Lateness {
  private readonly allowed: number
  private sources: Dictionary | null = null
  /** Newest start of each source, by its code. */
  private readonly newest = new Map<number, number>()
  /** Buckets that begin before this instant were said to be final. */
  private finalUntil = -Infinity
  private late = 0

  /** @param allowed milliseconds by which sessions of a source may come after later ones */
  constructor(allowed: number) {
    this.allowed = allowed
  }

  begin({ snapshot, columns }: Running): void {
    this.sources = columns.get('source')!.dictionary
    for (const { segment, first, deleted } of snapshot.parts) this.see(segment, first, deleted)
  }

  take({ added }: Changes): void {
    if (added === null) return
    const { finalUntil } = this
    for (let row = 0; row < added.rows && added.starts[row] < finalUntil; row++) this.late++
    this.see(added, 0, null)
  }

  /** The answer with the rows of final buckets as they were, and how far it has come. */
  settle(query: AnyQuery, before: QueryResult | null, answer: QueryResult): { result: QueryResult, progress: Progress } {
    const result = before === null ? answer : { ...answer, data: [...before.data.filter(row => this.isFinal(row)), ...answer.data.filter(row => !this.isFinal(row))] }
    const watermarks = [...this.newest].map(([source, start]): [string, number] => [this.sources!.decode(source), start - this.allowed])
    if (isBucketed(query) && watermarks.length > 0) {
      const least = watermarks.reduce((earliest, [, watermark]) => Math.min(earliest, watermark), Infinity)
      this.finalUntil = Math.max(this.finalUntil, bucketer(query.granularity, query.interval).floor(least))
    }
    return {
      result,
      progress: {
        watermarks: Object.fromEntries(watermarks.sort(([a], [b]) => a < b ? -1 : 1).map(([source, watermark]) => [source, iso(watermark)])),
        final_until: this.finalUntil === -Infinity ? null : iso(this.finalUntil),
        late: this.late
      }
    }
  }

  private isFinal(row: QueryResult['data'][number]): boolean {
    return Date.parse(String(row[0])) < this.finalUntil
  }

  private see(segment: Segment, first: number, deleted: Uint32Array | null): void {
    const { codes } = segment.columns.get('source') as StringColumn
    const { starts } = segment
    for (let row = first; row < segment.rows; row++) {
      if (deleted !== null && hasBit(deleted, row)) continue
      // Rows come by start: the last one of a source is its newest.
      this.newest.set(codes[row], Math.max(starts[row], this.newest.get(codes[row]) ?? -Infinity))
    }
  }
}

/** Rows come bucket by bucket, each with all of its groups. */
function isBucketed(query: AnyQuery): query is Query {
  return query.kind === 'aggregate' && (query.granularity.type === 'period' || query.granularity.type === 'duration')
    && query.orderBy.length === 0 && query.limit === null && query.offset === 0 && query.subtotals === null && query.compare === undefined
}

function iso(instant: number): string {
  return new Date(instant).toISOString()
}
