/**
 * From the newest session down to a floor, page by page. publica.la pages on a start that is not unique: following its cursors
 * loses the rows that share their second with the last row of a page. So every page is asked for with a cursor one second less far back,
 * which brings the whole second of the edge again; what was seen of it is dropped. Cursors that hold more than the start, and
 * cursors that cannot be read, are followed as they are. A cursor that can be read and does not fit the rows of its page is not
 * believed at once, and what it leaves out is reported.
 */
import { SourceError } from '../errors.js'
import type { Gap, SourceReport } from '../source.js'
import { cursorKind, cursorSecond, cursorToBegin } from './cursor.js'
import { Narrowings } from './narrow.js'
import { secondOf, spanOf, uuidOf, type AskPage, type Page, type Span } from './page.js'

/** A filter with few matches may leave pages empty; a server that sends nothing for so long is not getting anywhere. */
const MAX_EMPTY_PAGES = 1_000
/** Followed pages that begin after the end of the one before: now and then a clock, always a circle. */
const MAX_JUMPS_BACK = 3
/** Full seconds looked into more closely: each costs a few dozen requests. */
const MAX_FULL_SECONDS = 100

/** Where a walk goes on: the cursor to ask for, and the oldest second (Unix) read so far. */
export interface Mark {
  readonly cursor: string
  readonly reached: number
}

export interface Step {
  readonly rows: readonly unknown[]
  /** Null at the end. */
  readonly next: Mark | null
}

export interface WalkOptions {
  readonly source: string
  readonly from: Mark | null
  /** Unix second; what is older need not be read. */
  readonly floor: number
  readonly report: SourceReport
}

/** The oldest second so far and its rows by uuid, to know them when they come again. */
interface Edge {
  readonly second: number
  readonly rows: Map<string, unknown>
}

export async function* walk(ask: AskPage, options: WalkOptions): AsyncGenerator<Step> {
  const state = new Walk(ask, options)
  for (;;) {
    const page = await ask(state.cursor)
    if (state.refusesMadeCursors(page)) continue
    const rows = await state.take(page)
    const next = state.advance(page)
    yield { rows, next }
    if (!next) return
  }
}

class Walk {
  cursor: string | null
  readonly #ask: AskPage
  readonly #options: WalkOptions
  readonly #narrowings = new Narrowings()
  readonly #followed = new Set<string>()
  #edge: Edge | null
  /** No page was read since a stored mark was taken up. */
  #resumed: boolean
  /** The server's own cursor while `cursor` is one made here. */
  #own: string | null = null
  /** The last cursor made here, also when an empty page has led on from it. */
  #made: string | null
  /** The last one that was asked for a second time, since what it gave could not be believed. */
  #askedAgain: string | null = null
  #makes = true
  #ordered = true
  /** A second that filled a whole page; `cursor` leads to its begin, `goesOn` once the server's own cursor led further into it. */
  #full: { readonly second: number; readonly cursor: string; goesOn: boolean } | null = null
  /** From the first to the last edge that was followed blindly, as it stands in the report. */
  #blind: Gap | null = null
  /** Such an edge was seen to be kept whole. */
  #keepsEdges = false
  #emptyPages = 0
  #jumpsBack = 0
  #fullSeconds = 0

  constructor(ask: AskPage, options: WalkOptions) {
    this.#ask = ask
    this.#options = options
    this.cursor = options.from?.cursor ?? null
    this.#made = this.cursor
    this.#resumed = options.from !== null
    this.#edge = options.from ? { second: options.from.reached, rows: new Map() } : null
  }

  /** A server that does not know a cursor gives page one again: then its own are followed, or a resumed walk begins anew. */
  refusesMadeCursors(page: Page): boolean {
    const resumed = this.#resumed
    this.#resumed = false
    if (!this.#edge || spanOf(page.rows).newest <= this.#edge.second + 1) return false
    if (resumed) {
      this.#edge = null
      return false
    }
    if (this.#own === null) return false
    this.#makes = false
    this.#widenBlind()
    this.#noteLeap(cursorSecond(this.#own) ?? Infinity, this.#edge.second)
    this.#follow(this.#own)
    return true
  }

  /** The rows of a page that were not seen before, and those that only a closer look at a full second brings. */
  async take(page: Page): Promise<unknown[]> {
    const span = spanOf(page.rows)
    this.#checkOrder(span)
    this.#narrowings.note(page.rows)
    const edge = this.#edge
    const rows = page.rows.filter(row => !this.#isKnown(row))
    if (edge && span.newest < edge.second && span.newest > -Infinity) this.#noteBreak(span.newest, edge)
    const keepsEdgeWhole = edge !== null && rows.some(row => secondOf(row) === edge.second)
    // after a resumption nothing of the edge is known, so its rows prove nothing
    if (this.#own === null && edge !== null && edge.rows.size > 0 && keepsEdgeWhole) this.#trustEdges()
    if (this.#full && keepsEdgeWhole) this.#full.goesOn = true
    if (this.#full && (span.oldest < this.#full.second || page.next === null)) rows.push(...await this.#closeFullSecond(this.#full))
    this.#moveEdge(page.rows, span.oldest)
    return rows
  }

  /** Chooses the cursor of the next page; null at the end of the walk. */
  advance(page: Page): Mark | null {
    const { next } = page
    const { floor, source } = this.#options
    if (next === null || this.#ordered && page.rows.length > 0 && spanOf(page.rows).oldest < floor) {
      return null
    }
    this.#emptyPages = page.rows.length === 0 ? this.#emptyPages + 1 : 0
    if (this.#emptyPages > MAX_EMPTY_PAGES) {
      const problem = `${MAX_EMPTY_PAGES} empty pages in a row, each with a cursor to a next one; narrow "filters", or ask publica.la.`
      throw new SourceError('source_protocol', source, problem)
    }
    const made = this.#madeCursor(page, next)
    if (made === null) this.#follow(next)
    else {
      this.cursor = made
      this.#made = made
      this.#own = next
    }
    // who goes on from inside of a full second must find it again, since only leaving it tells what is missing
    return { cursor: this.#full?.cursor ?? this.cursor ?? next, reached: this.#edge?.second ?? 0 }
  }

  /** A cursor to the begin of the edge's second, where that can be made and leads on. */
  #madeCursor(page: Page, next: string): string | null {
    const kind = cursorKind(next)
    if (kind === 'opaque' || !this.#makes) this.#widenBlind()
    const second = cursorSecond(next)
    const edge = this.#edge
    if (second === null || edge === null || !this.#ordered) return null
    const isEmpty = page.rows.length === 0
    if (kind !== 'time' || !this.#makes) {
      if (!isEmpty) this.#noteLeap(second, edge.second)
      return null
    }
    const made = cursorToBegin(edge.second, next)
    if (isEmpty) {
      // nothing of the edge came, so what still leads to its begin, or to newer rows, may be followed
      if (second > edge.second || this.#full !== null) return null
    } else if (this.#full === null && made !== this.#made) return made
    const fits = second === edge.second && !isEmpty
    if (!fits && this.#askedAgain !== made) {
      this.#askedAgain = made
      return made
    }
    if (second > edge.second) throw this.#circle()
    this.#noteLeap(second, edge.second)
    // said twice: it is believed
    if (this.#full === null && second < edge.second) return cursorToBegin(second, next)
    // the same again: the page did not get out of its second
    this.#full ??= { second: edge.second, cursor: made, goesOn: false }
    return null
  }

  /** A page begins after the edge: right behind a cursor that keeps edges whole; one to the begin of the edge has left something out. */
  #noteBreak(newest: number, edge: Edge): void {
    const cursor = this.cursor ?? ''
    const kind = cursorKind(cursor)
    const resumesByTime = edge.rows.size === 0 && kind === 'time'
    if (kind === 'opaque') this.#widenBlind(newest)
    else if (resumesByTime && cursorSecond(cursor) === edge.second) this.#widenBlind()
    else if (this.#own !== null || resumesByTime) this.#noteLeap(newest, edge.second)
  }

  /** Cursors are written for the last row of their page; one that leads further back leaves out what is in between. */
  #noteLeap(second: number, edge: number): void {
    if (second >= edge) return
    const reason = 'a cursor led further back than the rows of its page, so sessions in between may have been left out'
    this.#options.report.suspectedGaps.push({ from: second * 1000, to: (edge + 1) * 1000, reason })
  }

  #follow(cursor: string): void {
    if (this.#followed.has(cursor)) throw this.#circle()
    this.#followed.add(cursor)
    this.cursor = cursor
    this.#own = null
  }

  #checkOrder({ newest, descending }: Span): void {
    if (!descending && this.#ordered) {
      this.#ordered = false
      this.#options.report.warnings.push('The rows do not come newest first, so all of them are read, and those at the edges of pages may be missing.')
    }
    if (!this.#ordered || !this.#edge || newest <= this.#edge.second + 1) return
    if (++this.#jumpsBack > MAX_JUMPS_BACK) throw this.#circle()
  }

  #isKnown(row: unknown): boolean {
    const uuid = uuidOf(row)
    const before = uuid === null ? undefined : this.#edge?.rows.get(uuid)
    if (before === undefined) return false
    this.#options.report.duplicates++
    // a session that goes on reading meanwhile comes with new numbers
    return JSON.stringify(before) === JSON.stringify(row)
  }

  #moveEdge(rows: readonly unknown[], oldest: number): void {
    if (oldest === Infinity) return
    const edge = this.#edge && this.#edge.second <= oldest ? this.#edge : { second: oldest, rows: new Map<string, unknown>() }
    for (const row of rows) {
      const uuid = uuidOf(row)
      if (uuid !== null && secondOf(row) === edge.second) edge.rows.set(uuid, row)
    }
    this.#edge = edge
  }

  async #closeFullSecond({ second, cursor, goesOn }: { second: number; cursor: string; goesOn: boolean }): Promise<unknown[]> {
    this.#full = null
    if (goesOn) return []
    const from = second * 1000
    const reason = 'a whole page of sessions started in this second, and no cursor leads to further ones'
    this.#options.report.suspectedGaps.push({ from, to: from + 1000, reason })
    if (++this.#fullSeconds > MAX_FULL_SECONDS || this.#edge?.second !== second) return []
    return this.#narrowings.search(this.#ask, cursor, second, this.#edge.rows)
  }

  /** The report holds the gap from the first such edge on, since a walk may be stopped at any time. */
  #widenBlind(since = this.#edge?.second): void {
    if (!this.#edge || since === undefined || this.#keepsEdges) return
    const gaps = this.#options.report.suspectedGaps
    const from = since * 1000
    const reason = 'the cursors cannot be made here, so sessions that share the second at the edge of a page may have been left out'
    const gap = { from, to: this.#blind?.to ?? (this.#edge.second + 1) * 1000, reason }
    gaps.splice(this.#blind ? gaps.indexOf(this.#blind) : gaps.length, 1, gap)
    this.#blind = gap
  }

  #trustEdges(): void {
    const gaps = this.#options.report.suspectedGaps
    if (this.#blind) gaps.splice(gaps.indexOf(this.#blind), 1)
    this.#blind = null
    this.#keepsEdges = true
  }

  #circle(): SourceError {
    return new SourceError('source_protocol', this.#options.source, 'the pages lead in a circle: a cursor came again, or newer rows after older ones. '
      + 'Try again; if it stays so, narrow "filters" and tell publica.la.')
  }
}
