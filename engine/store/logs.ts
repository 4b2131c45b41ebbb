/** The logs of a folder that are not in its segments: opened together, so that a reader has what belongs to its manifest. */
import { join } from 'node:path'
import { SessionqlError } from '../../dsl/errors.js'
import { logName, logNumber, MANIFEST_FILE, tableFileNumber } from './file-names.js'
import type { FileSystem, WritableFile } from './file-system.js'
import { LogReader, type LogStart } from './log-reader.js'
import { LogWriter } from './log-writer.js'
import type { Manifest } from './manifest.js'
import { storeDamaged, storeFailed } from './store-error.js'
import type { StoredBatch } from './storage.js'

interface OpenLog {
  readonly number: number
  readonly path: string
  readonly file: WritableFile
  readonly reader: LogReader
  /** null: it was never begun. */
  readonly start: LogStart | null
}

export class Logs {
  readonly #files: FileSystem
  readonly #folder: string
  readonly #logs: readonly OpenLog[]
  /** The number of the first log where there is none yet. */
  readonly #first: number
  #kept: WritableFile | null = null

  private constructor(files: FileSystem, folder: string, logs: readonly OpenLog[], first: number) {
    this.#files = files
    this.#folder = folder
    this.#logs = logs
    this.#first = first
  }

  static async open(files: FileSystem, folder: string, manifest: Manifest | null, readOnly: boolean): Promise<Logs> {
    const names = await files.list(folder).catch((error: unknown) => { throw storeFailed('read', folder, error) })
    const numbers = names.map(logNumber).filter(number => number !== null && number >= (manifest?.log ?? 0)) as number[]
    numbers.sort((a, b) => a - b)
    expectAll(folder, names, numbers, manifest)
    const logs: OpenLog[] = []
    try {
      for (const number of numbers) logs.push(await openLog(files, folder, number, readOnly))
      if (manifest === null && logs.length > 0 && (logs[0].start?.after ?? null) !== null) throw storeDamaged(join(folder, MANIFEST_FILE), 0, 'the manifest is missing')
      return new Logs(files, folder, logs, manifest?.log ?? 1)
    } catch (error) {
      for (const { file } of logs) await file.close()
      throw error
    }
  }

  get bytes(): number {
    return this.#logs.reduce((sum, { reader }) => sum + reader.end, 0)
  }

  /** Everything acknowledged, in order; then `writer` can be called. */
  async *batches(): AsyncGenerator<StoredBatch, void, void> {
    for (const [i, { path, reader, start }] of this.#logs.entries()) {
      const next = this.#logs[i + 1]
      if (start === null) {
        if (next !== undefined) throw storeDamaged(path, 0, 'its beginning is cut short, and there is a log after it')
        return
      }
      // A log that was never begun says nothing about the one before it.
      yield* reader.batches(next?.start?.after ?? null)
    }
  }

  /** Appends go on behind the last whole record. */
  async writer(): Promise<LogWriter> {
    const last = this.#logs.at(-1)
    if (last === undefined) return new LogWriter(this.#files, this.#folder, { number: this.#first, file: null, end: null })
    const { number, path, file, reader, start } = last
    if (start === null) {
      const before = this.#logs.at(-2)
      return new LogWriter(this.#files, this.#folder, { number, file: null, end: before?.reader.end ?? null })
    }
    if (number === 0) return new LogWriter(this.#files, this.#folder, { number: 1, file: null, end: reader.end })
    try {
      if (await file.size() > reader.end) await file.truncate(reader.end)
      // Also what a killed process left in the cache of the machine: it was replayed, so it must stay.
      await file.sync()
    } catch (error) {
      throw storeFailed('write', path, error)
    }
    this.#kept = file
    return new LogWriter(this.#files, this.#folder, { number, file, end: reader.end })
  }

  /** Closes what the writer does not go on with. */
  async close(): Promise<void> {
    for (const { file } of this.#logs) if (file !== this.#kept) await file.close()
  }
}

async function openLog(files: FileSystem, folder: string, number: number, readOnly: boolean): Promise<OpenLog> {
  const path = join(folder, logName(number))
  try {
    const file = await files.open(path, readOnly ? 'read' : 'edit')
    try {
      const reader = new LogReader(file, path, await file.size())
      return { number, path, file, reader, start: await reader.start(number === 0 ? 1 : 2) }
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    throw storeFailed('open', path, error)
  }
}

/** @throws where files are missing that must have been there */
function expectAll(folder: string, names: readonly string[], logs: readonly number[], manifest: Manifest | null): void {
  const path = join(folder, MANIFEST_FILE)
  if (manifest === null) {
    if (logs.length === 0 ? names.some(name => tableFileNumber(name) !== null) : logs[0] > 1) throw storeDamaged(path, 0, 'the manifest is missing')
  } else if (logs[0] !== manifest.log) {
    const log = join(folder, logName(manifest.log))
    throw new SessionqlError('store_damaged', `${log} is missing, and the manifest says that sessions are in it. Restore it from a copy`)
  }
  logs.forEach((number, i) => {
    if (number !== logs[0] + i) throw new SessionqlError('store_damaged', `${join(folder, logName(logs[0] + i))} is missing, and there is a log after it. Restore it from a copy`)
  })
}
