/** Worker threads of an engine: started when queries have enough rows for them to pay, and again when one has died. */
import { SessionqlError } from '../../dsl/errors.js'

/** A thread, as its host gives it: node-worker.ts is Node's. */
export interface Port {
  post(message: object): void
  /** Whether the process waits for it. */
  hold(isAwaited: boolean): void
  end(): Promise<void>
}

export interface Listener {
  message(message: unknown): void
  /** It is there no more, for whatever reason. */
  ended(): void
}

export type OpenPort = (listener: Listener) => Port

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
  /** Queries wait until every worker takes part. */
  readonly waits: boolean
  /** Where workers come from; null: from the engine's host. */
  readonly load: (() => Promise<OpenPort>) | null
  /** Hears how each plan that might have been shared was run. */
  readonly note: ((run: 'together' | 'alone', why: string) => void) | null
}

let current: Sharing = { rows: 2 ** 18, start: 2 ** 22, pairs: 2 ** 17, piece: 2 ** 14, waits: false, load: null, note: null }

export function sharing(): Sharing {
  return current
}

/** For tests, whose tables are small and whose sources no worker can read. Returns what was. */
export function changeSharing(changed: Partial<Sharing>): Sharing {
  const before = current
  current = { ...current, ...changed }
  return before
}

/** A worker that dies again and again is not started any more. */
const MOST_STARTS = 8

/** Far more than machines have that one process has for itself. */
export const MOST_THREADS = 64

/** null for one thread. @throws SessionqlError for a number that is none of threads */
export function openWorkers(threads: number, load: () => Promise<OpenPort>): Workers | null {
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new SessionqlError('invalid_config', `threads is ${threads}; it must be a whole number from 1 to ${MOST_THREADS}`)
  }
  return threads === 1 ? null : new Workers(threads, load)
}

export class Workers {
  /** With the one that asks. */
  readonly threads: number
  private readonly load: () => Promise<OpenPort>
  private readonly members: Member[] = []
  private starting: Promise<void> | null = null
  private starts = 0
  private rows = 0
  private jobs = 0
  private closed = false
  private cannotStart = false

  constructor(threads: number, load: () => Promise<OpenPort>) {
    this.threads = threads
    this.load = load
  }

  /** Those that a query over so many rows is shared with; none where that does not pay. */
  async join(rows: number): Promise<readonly Member[]> {
    const { rows: least, start, waits } = current
    if (rows < least) return []
    this.rows += rows
    if (this.members.length < this.threads - 1 && this.rows >= start && !this.cannotStart) {
      this.starting ??= this.start().finally(() => { this.starting = null })
      if (waits) await this.starting
    }
    return this.members.slice()
  }

  nextJob(): number {
    return ++this.jobs
  }

  async close(): Promise<void> {
    this.closed = true
    await this.starting
    await Promise.all(this.members.splice(0).map(member => member.end()))
  }

  private async start(): Promise<void> {
    const open = await (current.load ?? this.load)().catch(() => null)
    if (open === null) {
      this.cannotStart = true
      return
    }
    while (!this.closed && this.members.length < this.threads - 1 && !this.cannotStart) {
      if (++this.starts >= this.threads + MOST_STARTS) this.cannotStart = true
      const member: Member = new Member(open, wasReady => {
        const at = this.members.indexOf(member)
        if (at >= 0) this.members.splice(at, 1)
        // Where one does not come up none will.
        if (!wasReady && !this.closed) this.cannotStart = true
      })
      this.members.push(member)
    }
  }
}

export class Member {
  private readonly port: Port
  private readonly waiting = new Map<number, (made: unknown) => void>()
  private readonly onEnd: (wasReady: boolean) => void
  private isReady = false
  isEnded = false
  /** Why its last job came to nothing. */
  failure: string | null = null

  constructor(open: OpenPort, onEnd: (wasReady: boolean) => void) {
    this.onEnd = onEnd
    this.port = open({ message: message => this.take(message as Message), ended: () => this.ended() })
  }

  post(message: object): void {
    if (!this.isEnded) this.port.post(message)
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
