/** Worker threads of an engine: started when queries have enough rows for them to pay, or loads enough lines, and again when one has died. */
import { SessionqlError } from '../../dsl/errors.js'

/** A thread, as its host gives it. */
export interface Port {
  /** @param moved buffers of the message that are not used here any more */
  post(message: object, moved?: ArrayBuffer[]): void
  /** Whether the process waits for it. */
  hold(isAwaited: boolean): void
  end(): Promise<void>
}

export interface Listener {
  message(message: unknown): void
  /** It is there no more, for whatever reason. */
  ended(): void
}

/** Starts a thread. May throw where there are none. */
export type OpenPort = (listener: Listener) => Port

/** Threads for an engine, of its host: `workerThreads` of sessionql/threads are Node's. */
export interface Threads {
  /** That a large query or load runs in, the one that asks among them: whole, from 1 to 64. */
  readonly count: number
  readonly open: OpenPort
  /** When queries are shared, where it differs from what pays as a rule. */
  readonly sharing?: Partial<Sharing>
}

/** What a worker says: that it is there, or what it made of a job, null where it failed. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'made', readonly id: number, readonly made: unknown, readonly failure: string | null }

/** When queries are shared. */
export interface Sharing {
  /** Queries of fewer rows are answered by one thread. */
  readonly rows: number
  /** Workers are started when queries have read so many rows altogether: a start takes some 50 ms of another core. */
  readonly start: number
  /** Pairs of groups and items that are counted by all threads at least. */
  readonly pairs: number
  /** Rows of a piece of work at least. */
  readonly piece: number
  /** Blocks of lines of fewer bytes are scanned by one thread. */
  readonly lines: number
  /** Workers are started when such blocks have had so many bytes altogether. */
  readonly load: number
  /** Queries wait until every worker takes part. */
  readonly waits: boolean
  /** Hears how each plan that might have been shared was run. */
  readonly note: ((run: 'together' | 'alone', why: string) => void) | null
}

export const USUAL_SHARING: Sharing = { rows: 2 ** 21, start: 2 ** 22, pairs: 2 ** 17, piece: 2 ** 14, lines: 2 ** 20, load: 2 ** 29, waits: false, note: null }

/** A worker that dies again and again is not started any more. */
const MOST_STARTS = 8

/** Far more than machines have that one process has for itself. */
export const MOST_THREADS = 64

/** null for one thread. @throws SessionqlError for what gives no threads, or a number that is none of threads */
export function openWorkers(threads: Threads | undefined): Workers | null {
  if (threads === undefined) return null
  if (typeof threads !== 'object' || threads === null || typeof threads.open !== 'function') {
    throw new SessionqlError('invalid_config', `threads is ${JSON.stringify(threads)}; give workerThreads(count) of "sessionql/threads"`)
  }
  const { count, open, sharing } = threads
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
    throw new SessionqlError('invalid_config', `threads is for ${count}; it must be a whole number from 1 to ${MOST_THREADS}`)
  }
  return count === 1 ? null : new Workers(count, open, { ...USUAL_SHARING, ...sharing })
}

export class Workers {
  /** With the one that asks. */
  readonly threads: number
  readonly sharing: Sharing
  private readonly open: OpenPort
  private readonly members: Member[] = []
  private starts = 0
  private rows = 0
  private bytes = 0
  private jobs = 0
  private closed = false
  private cannotStart = false

  constructor(threads: number, open: OpenPort, sharing: Sharing) {
    this.threads = threads
    this.open = open
    this.sharing = sharing
  }

  /** Those that a query over so many rows is shared with; none where that does not pay. */
  join(rows: number): readonly Member[] {
    const { rows: least, start } = this.sharing
    if (rows < least) return []
    this.rows += rows
    if (this.rows >= start) this.start()
    return this.members.slice()
  }

  /** Those that lines of so many bytes are shared with, as far as they are there already. */
  enlist(bytes: number): readonly Member[] {
    const { lines, load } = this.sharing
    if (bytes < lines) return []
    this.bytes += bytes
    if (this.bytes >= load) this.start()
    return this.members.filter(({ isReady }) => isReady)
  }

  nextJob(): number {
    return ++this.jobs
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.all(this.members.splice(0).map(member => member.end()))
  }

  private start(): void {
    try {
      while (!this.closed && this.members.length < this.threads - 1 && !this.cannotStart) {
        if (++this.starts >= this.threads + MOST_STARTS) this.cannotStart = true
        this.members.push(this.newMember())
      }
    } catch {
      // The host has none: queries are answered without.
      this.cannotStart = true
    }
  }

  private newMember(): Member {
    // The first is of the thread that asks.
    let area = 1
    while (this.members.some(other => other.area === area)) area++
    const member: Member = new Member(this.open, area, wasReady => {
      const at = this.members.indexOf(member)
      if (at >= 0) this.members.splice(at, 1)
      // Where one does not come up none will.
      if (!wasReady && !this.closed) this.cannotStart = true
    })
    return member
  }
}

export class Member {
  /** Of the memory that columns lie in (engine/kernels/arena.ts). */
  readonly area: number
  private readonly port: Port
  private readonly waiting = new Map<number, (made: unknown) => void>()
  private readonly onEnd: (wasReady: boolean) => void
  isReady = false
  isEnded = false
  /** Why its last job came to nothing. */
  failure: string | null = null

  constructor(open: OpenPort, area: number, onEnd: (wasReady: boolean) => void) {
    this.area = area
    this.onEnd = onEnd
    this.port = open({ message: message => this.take(message as Message), ended: () => this.ended() })
  }

  post(message: object, moved: ArrayBuffer[] = []): void {
    if (!this.isEnded) this.port.post(message, moved)
  }

  /** What it makes of a job that was posted; null where it fails or ends. */
  reply(id: number): Promise<unknown> {
    return new Promise(resolve => {
      if (this.isEnded) {
        resolve(null)
        return
      }
      if (this.waiting.size === 0) this.port.hold(true)
      this.waiting.set(id, resolve)
    })
  }

  /** Nobody waits for the job any more. */
  forget(id: number): void {
    const resolve = this.waiting.get(id)
    if (resolve === undefined) return
    this.settle(id)
    resolve(null)
  }

  async end(): Promise<void> {
    await this.port.end()
    this.ended()
  }

  private take(message: Message): void {
    if (message.kind === 'ready') {
      this.isReady = true
      return
    }
    const resolve = this.waiting.get(message.id)
    if (resolve === undefined) return
    this.settle(message.id)
    this.failure = message.failure
    resolve(message.made)
  }

  private settle(id: number): void {
    this.waiting.delete(id)
    if (this.waiting.size === 0 && !this.isEnded) this.port.hold(false)
  }

  private ended(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.onEnd(this.isReady)
    for (const id of this.waiting.keys()) this.forget(id)
  }
}
