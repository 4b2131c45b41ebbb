/** What a worker thread does: its share of the plans, of the counts and of the lines that it is told of. */
import { countList, type CountTask } from '../aggregate/helpers.js'
import { readerOf } from '../aggregate/pairs.js'
import { RunCounter } from '../aggregate/run-counter.js'
import { giveBack } from '../aggregate/spare-arrays.js'
import { Execution, type GatheredShare } from '../execute.js'
import { Grouper } from '../group/grouper.js'
import { keysOf } from '../group/keys/registry.js'
import { OtherArenas } from '../kernels/arena.js'
import type { Plan } from '../plan/plan.js'
import { AheadScanner, type LinesJob } from '../scan/scan-ahead.js'
import { meetsAfter } from './board.js'
import { openSessions, type SharedSessions } from './job.js'
import { Shares } from './shares.js'
import { buffersOf } from './transfer.js'
import type { Message } from './workers.js'

/** Work for one of the threads of a query. */
interface Work {
  /** Of the query. */
  readonly id: number
  readonly thread: number
  readonly threads: number
  readonly shares: SharedArrayBuffer
}

/** Rows to be gathered. */
export interface ScanJob extends Work {
  readonly kind: 'scan'
  /** Of this thread, in arenas. */
  readonly area: number
  readonly plan: Omit<Plan, 'parts'>
  readonly sessions: SharedSessions
  /** Bytes that all threads may take. */
  readonly memory: number
  /** null where threads have nothing to tell each other on the way (board.ts). */
  readonly board: Uint8Array | null
  /** Of groups that are merged: each one's group, -1 where it has none, and their number. */
  readonly merging: { readonly groupOf: Int32Array, readonly groups: number } | null
}

/** Pairs to be counted, of which the threads have handed over their parts. */
export interface CountJob extends Work {
  readonly kind: 'count'
  readonly task: CountTask
}

/** The query is over. */
export interface Done {
  readonly kind: 'done'
  readonly id: number
  /** Counts that were handed over, for other queries; null where there were none. */
  readonly rows: Uint32Array | null
}

export type Job = ScanJob | CountJob | LinesJob | Done

/** Takes jobs, and posts what it made of each scan that it took part in. */
export function serve(post: (message: Message, transfer: ArrayBuffer[]) => void): (job: Job) => void {
  /** Executions whose arrays others may read. */
  const lent = new Map<number, Execution>()
  const lines = new AheadScanner()
  let arenas: OtherArenas | null = null
  post({ kind: 'ready' }, [])
  return job => {
    if (job.kind === 'done') {
      lent.get(job.id)?.release()
      lent.delete(job.id)
      if (job.rows !== null) giveBack(job.rows)
      return
    }
    if (job.kind === 'lines') {
      lines.scan(job)
      return
    }
    const shares = new Shares(job.shares, job.threads)
    if (!shares.begin(job.thread)) return
    let made: GatheredShare | null = null
    let failure: string | null = null
    try {
      if (job.kind === 'count') countShare(job, shares)
      else {
        arenas ??= new OtherArenas(job.area)
        arenas.open(job.sessions.arenas)
        const execution = executionOf(job, shares)
        lent.set(job.id, execution.execution)
        made = scanShare(job, shares, execution)
      }
    } catch (error) {
      // The one thread that the query is then left to meets it again, and says it.
      failure = String(error)
      shares.stop()
    }
    shares.end(job.thread)
    if (job.kind === 'scan') post({ kind: 'made', id: job.id, made, failure }, buffersOf(made))
  }
}

interface Opened {
  readonly execution: Execution
  readonly pieces: ReturnType<typeof openSessions>['pieces']
}

function executionOf({ thread, plan, sessions, memory, merging }: ScanJob, shares: Shares): Opened {
  const { columns, pieces } = openSessions(sessions)
  const grouper = merging === null ? null : new Grouper(plan.grouping, keysOf(plan.query.groupBy, name => columns.get(name)!.dictionary))
  const execution = new Execution({ ...plan, parts: [] }, columns, memory, merging && { ...merging, grouper: grouper! }, null, false, pieces.flat())
  execution.elsewhere = () => shares.heldByOthers(thread)
  return { execution, pieces }
}

/** null where nobody waits for it any more. */
function scanShare({ thread, board }: ScanJob, shares: Shares, { execution, pieces }: Opened): GatheredShare | null {
  let done = 0
  for (let piece = shares.take(thread); piece >= 0; piece = shares.take(thread)) {
    for (const part of pieces[piece]) {
      for (const _ of execution.run(part)) if (shares.stopped) return null
    }
    shares.hold(thread, execution.bytes)
    if (board !== null && meetsAfter(++done)) execution.exchange(board)
  }
  for (const _ of execution.anticipate()) if (shares.stopped) return null
  return execution.handOver()
}

function countShare({ thread, task }: CountJob, shares: Shares): void {
  const reader = readerOf(task.parts, task.sketch)
  const counter = new RunCounter(task.sketch, task.results, task.estimated)
  for (let list = shares.take(thread); list >= 0; list = shares.take(thread)) {
    for (const _ of countList(task, list, reader, counter)) if (shares.stopped) return
  }
  reader.drop()
}
