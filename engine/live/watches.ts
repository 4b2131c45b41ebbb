/** All standing queries of an engine: what happens is read off the table once for all of them. */
import type { AnyQuery } from '../../dsl/query.js'
import type { Running } from '../running.js'
import type { Table } from '../table/table.js'
import type { Lateness } from './lateness.js'
import { newsOf, type News } from './news.js'
import { Watch, type WatchHost } from './watch.js'

/** Changes are told at most so often: what is done for each of them is then done for many sessions at once. Half of what a frame may be late by. */
const GATHER_MS = 25
/** Changes that are kept for a watch that is busy: some seconds of them. */
const MAX_KEPT = 256
/** They tell which session came in the place of which, and what of each source is late. */
const KEY_COLUMNS = ['source', 'session_id']

export class Watches {
  private readonly table: Table
  private readonly running: (signal: AbortSignal) => Running
  private readonly watches = new Set<Watch>()
  /** Columns that standing queries read; of no more is told what happened. */
  private readonly columns = new Set<string>(KEY_COLUMNS)
  private kept: News[] = []
  private first = 0
  private timer: ReturnType<typeof setTimeout> | null = null
  /** When changes were last told, by the clock of `performance`. */
  private told = -Infinity

  constructor(table: Table, running: (signal: AbortSignal) => Running) {
    this.table = table
    this.running = running
  }

  get size(): number {
    return this.watches.size
  }

  /** @param query the query as of now */
  add(query: () => AnyQuery, lateness: Lateness | null, signal: AbortSignal | undefined): Watch {
    const host: WatchHost = {
      query,
      running: this.running,
      pull: () => this.pull(),
      reads: names => { for (const name of names) this.columns.add(name) },
      news: number => this.kept[number - this.first],
      ended: watch => { this.remove(watch) }
    }
    const watch = new Watch(host, lateness, signal)
    if (this.watches.size === 0) this.table.watched(this.columns)
    this.watches.add(watch)
    return watch
  }

  /** Sessions came or went. */
  notify(): void {
    if (this.watches.size === 0) return
    this.timer ??= setTimeout(() => { this.tick() }, Math.max(0, this.told + GATHER_MS - performance.now()))
  }

  closeAll(): void {
    for (const watch of this.watches) watch.close()
  }

  private tick(): void {
    this.timer = null
    this.told = performance.now()
    this.pull()
    for (const watch of this.watches) watch.changed()
    this.trim()
  }

  private pull(): number {
    const news = newsOf(this.table)
    if (news !== null) this.kept.push(news)
    return this.first + this.kept.length
  }

  /** Lets go of what every watch has taken in, and of what is too much. */
  private trim(): void {
    const end = this.first + this.kept.length
    for (const watch of this.watches) if (end - watch.needs > MAX_KEPT) watch.fallBehind()
    let needed = end
    for (const watch of this.watches) needed = Math.min(needed, watch.needs)
    this.kept.splice(0, needed - this.first)
    this.first = needed
  }

  private remove(watch: Watch): void {
    this.watches.delete(watch)
    if (this.watches.size > 0) return
    this.table.watched(null)
    this.columns.clear()
    for (const name of KEY_COLUMNS) this.columns.add(name)
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    this.first += this.kept.length
    this.kept = []
  }
}
