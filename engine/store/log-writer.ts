/**
 * Appends to the newest log. All appends that wait are written and made durable at once, however many they are (group commit).
 * After a failure nobody knows what the disk holds behind the last acknowledged byte: the next append begins a new log, which says
 * where the old one ends. So work goes on when there is room again.
 */
import { join } from 'node:path'
import { logName } from './file-names.js'
import type { FileSystem, WritableFile } from './file-system.js'
import { encodeLogStart } from './log-format.js'
import { storeFailed } from './store-error.js'

/** Most bytes of a group: more only wait for each other. */
const GROUP_BYTES = 32 << 20

interface Append {
  readonly kind: 'append'
  readonly records: readonly Buffer[]
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Rotation {
  readonly kind: 'rotation'
  readonly resolve: (number: number) => void
  readonly reject: (error: unknown) => void
}

/** Where appending goes on: in log `number` at `end`; where `file` is null that log must be begun first, and `end` is of the log before it, if any. */
export interface LogEnd {
  readonly number: number
  readonly file: WritableFile | null
  readonly end: number | null
}

export class LogWriter {
  readonly #files: FileSystem
  readonly #folder: string
  #number: number
  #file: WritableFile | null
  /** Acknowledged bytes of the log in `#file`; without a file, those of the log before the one to be begun, null where there is none. */
  #end: number | null
  #failed = false
  readonly #queue: (Append | Rotation)[] = []
  #running: Promise<void> | null = null
  /** Bytes of the log that is written. */
  bytes: number

  constructor(files: FileSystem, folder: string, { number, file, end }: LogEnd) {
    this.#files = files
    this.#folder = folder
    this.#number = number
    this.#file = file
    this.#end = end
    this.bytes = file === null ? 0 : end ?? 0
  }

  /** Resolves when the records are durable. They are written in the order of the calls. */
  append(records: readonly Buffer[]): Promise<void> {
    const bytes = records.reduce((sum, record) => sum + record.length, 0)
    return new Promise((resolve, reject) => this.#push({ kind: 'append', records, bytes, resolve, reject }))
  }

  /** Everything that is appended from now on goes to a later log than everything before. Resolves with its number when it is there. */
  rotate(): Promise<number> {
    return new Promise((resolve, reject) => this.#push({ kind: 'rotation', resolve, reject }))
  }

  /** Waits for what was asked for, and closes the file. */
  async close(): Promise<void> {
    await this.#running
    await this.#file?.close()
  }

  #push(entry: Append | Rotation): void {
    this.#queue.push(entry)
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Calls of the same turn belong together.
    await Promise.resolve()
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.kind === 'rotation') {
        this.#queue.shift()
        await this.#begin().then(() => next.resolve(this.#number), next.reject)
        continue
      }
      const group = this.#takeGroup()
      await this.#write(group).then(() => group.forEach(({ resolve }) => resolve()), error => group.forEach(({ reject }) => reject(error)))
    }
    this.#running = null
  }

  #takeGroup(): Append[] {
    const group: Append[] = []
    let bytes = 0
    for (let next = this.#queue[0]; next?.kind === 'append' && bytes < GROUP_BYTES; next = this.#queue[0]) {
      group.push(next)
      bytes += next.bytes
      this.#queue.shift()
    }
    return group
  }

  async #write(group: readonly Append[]): Promise<void> {
    if (this.#file === null || this.#failed) await this.#begin()
    const bytes = Buffer.concat(group.flatMap(({ records }) => records))
    try {
      await this.#file!.write(bytes, this.#end!)
      await this.#file!.sync()
    } catch (error) {
      this.#failed = true
      throw storeFailed('write', join(this.#folder, logName(this.#number)), error)
    }
    this.#end! += bytes.length
    this.bytes += bytes.length
  }

  /** Begins the next log. When it fails it must be begun again, because it may be there and say where the one before ends. */
  async #begin(): Promise<void> {
    const number = this.#file === null ? this.#number : this.#number + 1
    const path = join(this.#folder, logName(number))
    const start = encodeLogStart(this.#end)
    let file: WritableFile | null = null
    try {
      file = await this.#files.open(path, 'create')
      await file.write(start, 0)
      await file.sync()
      await this.#files.syncFolder(this.#folder)
    } catch (error) {
      this.#failed = true
      await file?.close().catch(() => { /* the first error is told */ })
      throw storeFailed('begin', path, error)
    }
    const before = this.#file
    this.#number = number
    this.#file = file
    this.#end = start.length
    this.#failed = false
    this.bytes = 0
    await before?.close().catch(() => { /* all that counts of it is durable */ })
  }
}
