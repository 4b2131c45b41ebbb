/** Runs a plan, alone or together with worker threads: the answer is the same to the last bit. */
import { LimitError } from '../../dsl/errors.js'
import type { Aggregation } from '../../dsl/query.js'
import type { CountTask, Helpers } from '../aggregate/helpers.js'
import type { ColumnInfo } from '../column/derived.js'
import { Execution, type GatheredShare, type Grouped, type Merging } from '../execute.js'
import type { Keys } from '../group/keys/keys.js'
import type { Plan, PlannedPart } from '../plan/plan.js'
import { TimeSlice } from '../time-slice.js'
import { boardOf, meetsAfter } from './board.js'
import { piecesOf, shareSessions, type SharedSessions } from './job.js'
import type { CountJob, Done, ScanJob } from './serve.js'
import { Shares } from './shares.js'
import type { Member, Sharing, Workers } from './workers.js'

/** Who runs a plan, and within which bounds. */
export interface Bounds {
  /** Bytes that it may take. */
  readonly memory: number
  readonly signal: AbortSignal | undefined
  /** null where there is one thread. */
  readonly workers: Workers | null
}

/** What a plan has in common with one that was run over the same snapshot. */
export interface Again {
  /** The groups of the first one are merged. */
  readonly merging?: Merging
  /** Its keys: the same numbers are then the same values. */
  readonly keys?: readonly Keys[]
}

/** So many light rows count as one. */
const LIGHT = 4
const LIGHT_TYPES: ReadonlySet<Aggregation['type']> = new Set(['count', 'sum', 'avg', 'min', 'max'])

export async function execute(plan: Plan, columns: ReadonlyMap<string, ColumnInfo>, running: Bounds, again: Again = {}): Promise<Grouped> {
  const { memory, signal, workers } = running
  const slice = new TimeSlice(signal)
  const make = (shared: readonly PlannedPart[] | null): Execution => new Execution(plan, columns, memory, again.merging ?? null, again.keys ?? null, false, shared)
  const members = workers === null ? [] : workers.join(Math.ceil(plan.rows / (isLight(plan) ? LIGHT : 1)))
  if (members.length > 0) {
    const grouped = await new Together(plan, columns, members, workers!.nextJob(), workers!.sharing, memory, again.merging ?? null).run(make, slice, signal)
    if (grouped !== null) return grouped
  }
  const execution = make(null)
  for (const part of plan.parts) await runPart(execution, part, slice)
  await slice.run(execution.finish())
  return execution.grouped()
}

/** Rows that are only counted or added up, without groups, are done in less time than is saved by handing some of them over. */
function isLight({ query, grouping }: Plan): boolean {
  return grouping.kind === 'buckets' && query.aggregations.every(({ type }) => LIGHT_TYPES.has(type))
}

async function runPart(execution: Execution, part: PlannedPart, slice: TimeSlice): Promise<void> {
  for (const _ of execution.run(part)) if (slice.over) await slice.yield()
  if (slice.over) await slice.yield()
}

/** One plan, shared with workers that join in as they are free. */
class Together implements Helpers {
  private readonly plan: Plan
  private readonly columns: ReadonlyMap<string, ColumnInfo>
  private readonly members: readonly Member[]
  private readonly id: number
  private readonly sharing: Sharing
  private readonly memory: number
  private readonly merging: Merging | null

  constructor(
    plan: Plan, columns: ReadonlyMap<string, ColumnInfo>, members: readonly Member[], id: number, sharing: Sharing, memory: number, merging: Merging | null
  ) {
    this.plan = plan
    this.columns = columns
    this.members = members
    this.id = id
    this.sharing = sharing
    this.memory = memory
    this.merging = merging
  }

  /** null where it is to be run alone: the plan cannot be shared, a worker failed, or the state of all threads together takes too much. */
  async run(make: (shared: readonly PlannedPart[]) => Execution, slice: TimeSlice, signal: AbortSignal | undefined): Promise<Grouped | null> {
    // Groups that were numbered as they came are known to one thread.
    if (this.merging !== null && this.plan.grouping.kind !== 'dense') return this.alone('groups are numbered as they come')
    const threads = this.members.length + 1
    const pieces = piecesOf(this.plan, threads, this.sharing.piece)
    const shares = Shares.of(pieces.length, threads)
    const sessions = await slice.run(shareSessions(this.plan, pieces, this.columns, this.memory))
    if (sessions === null) return this.alone('columns or texts are not shared')
    const board = boardOf(this.plan)
    this.post(sessions, shares, threads, board)
    const replies = this.members.map(member => member.reply(this.id))
    /** Counts of each worker, when they have been added to those of this thread. */
    const counted: (Uint32Array<ArrayBuffer> | undefined)[] = []
    try {
      const execution = make(pieces.flat())
      execution.elsewhere = () => shares.heldByOthers(0)
      while (this.sharing.waits && !shares.begun() && !this.members.some(({ isEnded }) => isEnded)) await slice.yield()
      let done = 0
      for (let piece = shares.take(0); piece >= 0; piece = shares.take(0)) {
        for (const part of pieces[piece]) await runPart(execution, part, slice)
        shares.hold(0, execution.bytes)
        if (board !== null && meetsAfter(++done)) execution.exchange(board)
      }
      await slice.run(execution.anticipate())
      for (const [i, reply] of replies.entries()) {
        if (shares.refuse(i + 1)) continue
        const made = await orAborted(reply, signal) as GatheredShare | null
        if (made === null) return this.alone(this.members[i].failure ?? 'a worker ended')
        shares.hold(i + 1, 0)
        await slice.run(execution.takeOver(made))
        counted[i] = made.rows
      }
      this.sharing.note?.('together', '')
      await slice.run(execution.finish(this))
      return execution.grouped()
    } catch (error) {
      if (error instanceof LimitError && error.limitName === 'memory_budget') return this.alone(error.message)
      throw error
    } finally {
      shares.stop()
      for (const [i, member] of this.members.entries()) {
        const rows = counted[i] ?? null
        member.forget(this.id)
        member.post({ kind: 'done', id: this.id, rows } satisfies Done, rows === null ? [] : [rows.buffer])
      }
    }
  }

  get leastPairs(): number {
    return this.sharing.pairs
  }

  *share(task: CountTask, pieces: number, own: (piece: number) => Generator<void, void, void>): Generator<void, boolean, void> {
    const threads = this.members.length + 1
    const shares = Shares.of(pieces, threads)
    try {
      for (const [i, member] of this.members.entries()) {
        member.post({ kind: 'count', id: this.id, thread: i + 1, threads, shares: shares.buffer, task } satisfies CountJob)
      }
      for (let piece = shares.take(0); piece >= 0; piece = shares.take(0)) yield* own(piece)
      for (const [i, member] of this.members.entries()) {
        if (shares.refuse(i + 1)) continue
        while (!shares.awaitEnd(i + 1)) {
          if (member.isEnded) return false
          yield
        }
      }
      return !shares.stopped
    } finally {
      shares.stop()
    }
  }

  private alone(why: string): null {
    this.sharing.note?.('alone', why)
    return null
  }

  private post(sessions: SharedSessions, shares: Shares, threads: number, board: Uint8Array | null): void {
    const { parts: _, ...plan } = this.plan
    const merging = this.merging && { groupOf: this.merging.groupOf, groups: this.merging.groups }
    for (const [i, member] of this.members.entries()) {
      const job: ScanJob = { kind: 'scan', area: member.area, id: this.id, thread: i + 1, threads, shares: shares.buffer, plan, sessions, memory: this.memory, merging, board }
      member.post(job)
    }
  }
}

/** @throws the signal's reason */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
