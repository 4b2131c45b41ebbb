/** One query that is left standing, and the frames that somebody takes from it, at their own pace. */
import type { QueryResult } from '../../dsl/input.js'
import type { AnyQuery } from '../../dsl/query.js'
import type { Running } from '../running.js'
import { changeFrame, frameBetween, type Frame, type Progress } from './frame.js'
import type { Lateness } from './lateness.js'
import type { News } from './news.js'
import { columnsToldTo, stand } from './stand.js'
import type { Standing } from './standing.js'

/** After a frame its watch rests for so many times the time that it took. */
const REST = 2

/** What a watch asks of the engine. */
export interface WatchHost {
  /** The query as of now: an interval such as the last hour moves. @throws QueryError where a column's type has changed under it */
  query(): AnyQuery
  /** The sessions of this moment. */
  running(signal: AbortSignal): Running
  /** Columns of which news must tell from now on. */
  reads(names: Iterable<string>): void
  /** Numbers the news up to this moment; returns the number of the next one. */
  pull(): number
  /** Some that a watch needs. */
  news(number: number): News
  /** No frame is taken from this watch any more. */
  ended(watch: Watch): void
}

/** Frames as they are asked for: `for await`, or `stream()`. A slow taker gets fewer and newer ones; nothing piles up. */
export class Watch implements AsyncIterableIterator<Frame> {
  private readonly host: WatchHost
  private readonly lateness: Lateness | null
  private readonly abort = new AbortController()
  private readonly outer: AbortSignal | undefined
  private standing: Standing | null = null
  private query: AnyQuery | null = null
  /** Number of the first change that the standing query has not taken in. */
  private position = 0
  private last: QueryResult | null = null
  /** Whether no two rows of `last` are of one group. */
  private wasKeyed = false
  private lastProgress = ''
  private hasNews = true
  private failure: { readonly error: unknown } | null = null
  private finishing = false
  private done = false
  private wake: (() => void) | null = null
  private willCatchUp = false
  private isBehind = false
  /** How often the answer was worked out from all sessions; other frames cost what came since. */
  rebuilds = 0
  /** How often some of its buckets were worked out from the sessions in them. */
  repairs = 0
  /** Clock of `performance`. */
  private restsUntil = 0
  /** Frames and changes are worked on one after the other. */
  private work: Promise<unknown> = Promise.resolve()

  constructor(host: WatchHost, lateness: Lateness | null, signal: AbortSignal | undefined) {
    signal?.throwIfAborted()
    this.host = host
    this.lateness = lateness
    this.outer = signal
    signal?.addEventListener('abort', this.onAbort)
  }

  /** Number of the first change that is still of use here. */
  get needs(): number {
    return this.isBehind || this.standing === null && (this.lateness === null || this.last === null) ? Infinity : this.position
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Frame, undefined>> {
    for (;;) {
      if (this.failure !== null) this.throwFailure()
      if (this.done) return { done: true, value: undefined }
      const { finishing } = this
      const frame = this.hasNews && !this.mustRest() ? await this.inTurn(() => this.frame()) : null
      if (frame !== null) return { done: false, value: frame }
      if (finishing && !this.hasNews && this.failure === null) this.close()
      if (!this.done && this.failure === null && (!this.hasNews || this.mustRest())) await this.sleep()
    }
  }

  async return(): Promise<IteratorResult<Frame, undefined>> {
    this.close()
    return { done: true, value: undefined }
  }

  /** The same frames as a Web stream; cancelling it ends the watch. */
  stream(): ReadableStream<Frame> {
    return new ReadableStream<Frame>({
      pull: async controller => {
        const { done, value } = await this.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => { this.close() }
    }, { highWaterMark: 0 })
  }

  /** Ends it after the frame that leads to the answer of this moment, where one is due. */
  finish(): void {
    this.finishing = true
    this.hasNews = true
    this.wakeUp()
  }

  /** Ends it: whoever waits for a frame gets none. */
  close(): void {
    if (this.done) return
    this.done = true
    this.outer?.removeEventListener('abort', this.onAbort)
    this.abort.abort()
    this.standing = null
    this.last = null
    this.host.ended(this)
    this.wakeUp()
  }

  /** Something happened: it is taken in soon, whether somebody waits for a frame or not, so that it need not be kept. */
  changed(): void {
    if (this.done) return
    this.hasNews = true
    this.wakeUp()
    if (this.standing === null || this.willCatchUp) return
    this.willCatchUp = true
    void this.inTurn(async () => {
      this.willCatchUp = false
      await this.catchUp()
      return null
    })
  }

  /** Too much has happened for one that is busy: its answer is worked out anew. */
  fallBehind(): void {
    this.isBehind = true
  }

  private readonly onAbort = (): void => {
    this.failure ??= { error: this.outer!.reason as unknown }
    this.close()
  }

  private throwFailure(): never {
    const { error } = this.failure!
    this.failure = null
    this.close()
    throw error
  }

  /** A frame that took long is not followed by another one at once: the rest of the process wants its share. */
  private mustRest(): boolean {
    return this.failure === null && performance.now() < this.restsUntil
  }

  /** Until something happens, or the rest is over. */
  private sleep(): Promise<void> {
    return new Promise(resolve => {
      const timer = this.hasNews ? setTimeout(() => { this.wakeUp() }, Math.max(1, this.restsUntil - performance.now())) : undefined
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private wakeUp(): void {
    this.wake?.()
    this.wake = null
  }

  private async inTurn<Value>(task: () => Promise<Value | null>): Promise<Value | null> {
    const turn = this.work.then(async () => {
      if (this.done) return null
      try {
        return await task()
      } catch (error) {
        if (!this.done) this.failure ??= { error }
        this.wakeUp()
        return null
      }
    })
    this.work = turn
    return turn
  }

  private catchUp(): Promise<void> {
    return this.takeUpTo(this.host.pull())
  }

  /** All news up to the moment of the sessions that are looked at must be in. */
  private async repair(): Promise<void> {
    const end = this.host.pull()
    const running = this.host.running(this.abort.signal)
    await this.takeUpTo(end)
    if (this.standing === null) return
    this.repairs++
    await this.standing.repair(running)
  }

  private async takeUpTo(end: number): Promise<void> {
    if (this.isBehind) this.standing = null
    while (this.standing !== null && this.position < end) {
      const news = this.host.news(this.position++)
      this.lateness?.take(news.changes)
      if (!await this.standing.apply(news) || this.isBehind) this.standing = null
    }
  }

  private async frame(): Promise<Frame | null> {
    const started = performance.now()
    const frame = await this.nextFrame()
    const ended = performance.now()
    this.restsUntil = ended + (ended - started) * REST
    return frame
  }

  private async nextFrame(): Promise<Frame | null> {
    this.hasNews = false
    const query = this.host.query()
    if (query !== this.query && JSON.stringify(query) !== JSON.stringify(this.query)) this.standing = null
    if (this.standing !== null) await this.catchUp()
    if (this.standing?.isSpoiled === true) await this.repair()
    const standing = this.standing ??= await this.begin(query)
    const { result: answer, difference } = await standing.answer()
    const before = this.last
    const { result, progress } = this.lateness === null ? { result: answer, progress: undefined } : this.lateness.settle(query, before, answer)
    const isKnown = before !== null && difference !== undefined && this.lateness === null
    const frame = isKnown ? changeFrame(difference) : before === null ? { type: 'result' as const, ...result } : frameBetween(before, result, standing.isKeyed && this.wasKeyed)
    this.last = result
    this.wasKeyed = standing.isKeyed
    return this.withProgress(frame, progress)
  }

  /** Progress alone is news too. */
  private withProgress(frame: Frame | null, progress: Progress | undefined): Frame | null {
    if (progress === undefined) return frame
    const text = JSON.stringify(progress)
    if (frame === null && text === this.lastProgress) return null
    this.lastProgress = text
    return { ...frame ?? { type: 'change', changed: [], removed: [] }, progress }
  }

  /** All changes so far are in the sessions of this moment. */
  private begin(query: AnyQuery): Promise<Standing> {
    this.host.reads(columnsToldTo(query))
    const end = this.host.pull()
    const running = this.host.running(this.abort.signal)
    if (this.last === null) this.lateness?.begin(running)
    else if (this.lateness !== null && !this.isBehind) for (let at = this.position; at < end; at++) this.lateness.take(this.host.news(at).changes)
    this.position = end
    this.isBehind = false
    this.query = query
    this.rebuilds++
    return stand(query, running)
  }
}
