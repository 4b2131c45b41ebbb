/** What a worker thread does: its share of the plans that it is told of. */
import { Execution, type GatheredShare } from '../execute.js'
import { Grouper } from '../group/grouper.js'
import { keysOf } from '../group/keys/registry.js'
import type { Plan } from '../plan/plan.js'
import { openSessions, type SharedSessions } from './job.js'
import { Shares } from './shares.js'
import { buffersOf } from './transfer.js'
import type { Message } from './workers.js'

/** A query, for one of its threads. */
export interface Job {
  readonly id: number
  readonly thread: number
  readonly threads: number
  readonly shares: SharedArrayBuffer
  readonly plan: Omit<Plan, 'parts'>
  readonly sessions: SharedSessions
  /** Bytes that all threads may take. */
  readonly memory: number
  /** Of groups that are merged: each one's group, -1 where it has none, and their number. */
  readonly merging: { readonly groupOf: Int32Array, readonly groups: number } | null
}

/** Takes jobs, and posts what it made of each that it took part in. */
export function serve(post: (message: Message, transfer: ArrayBuffer[]) => void): (job: Job) => void {
  post({ kind: 'ready' }, [])
  return job => {
    const shares = new Shares(job.shares, job.threads)
    if (!shares.begin(job.thread)) return
    let made: GatheredShare | null = null
    let failure: string | null = null
    try {
      made = work(job, shares)
    } catch (error) {
      // The one thread that the query is then left to meets it again, and says it.
      failure = String(error)
      shares.stop()
    }
    post({ kind: 'made', id: job.id, made, failure }, buffersOf(made))
  }
}

/** null where nobody waits for it any more. */
function work({ thread, plan, sessions, memory, merging }: Job, shares: Shares): GatheredShare | null {
  const { columns, pieces } = openSessions(sessions)
  const own: Plan = { ...plan, parts: [] }
  const grouper = merging === null ? null : new Grouper(plan.grouping, keysOf(plan.query.groupBy, name => columns.get(name)!.dictionary))
  const execution = new Execution(own, columns, memory, merging && { ...merging, grouper: grouper! })
  execution.elsewhere = () => shares.heldByOthers(thread)
  for (let piece = shares.take(thread); piece >= 0; piece = shares.take(thread)) {
    for (const part of pieces[piece]) {
      for (const _ of execution.run(part)) if (shares.stopped) return null
    }
    shares.hold(thread, execution.bytes)
  }
  return execution.handOver()
}
