import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionqlError } from '../../dsl/errors.js'
import { nodeFileSystem, type FileSystem } from './file-system.js'
import { storeFailed } from './store-error.js'

/** Two that come at the same moment both step back; these few tries at random moments tell them apart. */
const ATTEMPTS = 6
const LONGEST_PAUSE_MS = 40
/** Two readings of when this process started differ by less, even on a busy machine; a restart takes longer. */
const START_TOLERANCE_MS = 100
/** pid, start and host are in the name, so that a lock is complete the moment it appears. */
const LOCK_NAME = /^lock-(\d+)-(\d+)-([^-]*)-[0-9a-f-]{36}$/

interface Holder {
  readonly path: string
  readonly pid: number
  /** Start of the process, in ms of the machine's monotonic clock. */
  readonly start: number
  readonly host: string
}

/**
 * Makes this process the only user of a folder, until `release`. Everybody first shows a lock file of their own and then looks
 * for others, so of two at least one sees the other. No name is ever used twice: deleting that of a dead process is safe.
 */
export class FolderLock {
  readonly #path: string
  readonly #files: FileSystem

  private constructor(path: string, files: FileSystem) {
    this.#path = path
    this.#files = files
  }

  /** Throws `store_failed` naming the process that uses the folder. Locks of dead processes are removed. */
  static async take(folder: string, files: FileSystem = nodeFileSystem): Promise<FolderLock> {
    const path = join(folder, `lock-${process.pid}-${Math.round(startOfThisProcess())}-${thisHost()}-${randomUUID()}`)
    for (let attempt = 1; ; attempt++) {
      const other = await show(files, folder, path)
      if (other === null) return new FolderLock(path, files)
      if (attempt === ATTEMPTS) throw inUse(folder, other)
      await sleep(Math.random() * LONGEST_PAUSE_MS)
    }
  }

  async release(): Promise<void> {
    await this.#files.remove(this.#path)
  }
}

/** Leaves our lock file there and returns null, or takes it away again and returns who else uses the folder. */
async function show(files: FileSystem, folder: string, path: string): Promise<Holder | null> {
  try {
    await files.touch(path)
    const other = await findOther(files, folder, path)
    if (other !== null) await files.remove(path)
    return other
  } catch (error) {
    await files.remove(path).catch(() => {})
    throw storeFailed('lock', folder, error)
  }
}

/** Whether a process holds the lock of a folder at this moment. Changes nothing. */
export async function isLocked(folder: string, files: FileSystem = nodeFileSystem): Promise<boolean> {
  return (await holders(files, folder)).some(isAlive)
}

async function findOther(files: FileSystem, folder: string, path: string): Promise<Holder | null> {
  for (const holder of await holders(files, folder)) {
    if (holder.path === path) continue
    if (isAlive(holder)) return holder
    await files.remove(holder.path)
  }
  return null
}

async function holders(files: FileSystem, folder: string): Promise<Holder[]> {
  return (await files.list(folder)).flatMap(name => {
    const match = LOCK_NAME.exec(name)
    return match === null ? [] : [{ path: join(folder, name), pid: Number(match[1]), start: Number(match[2]), host: match[3]! }]
  })
}

function isAlive({ pid, start, host }: Holder): boolean {
  // Of another machine's processes nothing can be known here.
  if (host !== thisHost()) return true
  // In a container the next process often has the pid of the dead one.
  if (pid === process.pid) return Math.abs(start - startOfThisProcess()) < START_TOLERANCE_MS
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** The same in all threads of the process. */
function startOfThisProcess(): number {
  return Number(process.hrtime.bigint()) / 1e6 - process.uptime() * 1000
}

function thisHost(): string {
  return hostname().replaceAll(/[^\w.]/g, '_')
}

function inUse(folder: string, { path, pid, host }: Holder): SessionqlError {
  const who = host !== thisHost() ? `process ${pid} on host ${JSON.stringify(host)}` : pid === process.pid ? 'this process' : `process ${pid}`
  return new SessionqlError('store_failed', `the data folder ${folder} is in use by ${who}; close it there first, or delete ${path} if that process no longer runs`)
}
