/** Records that could not be read, as lines of JSON: source, time, reason and the record itself. */
import { appendFileSync, statSync } from 'node:fs'
import type { DeadLetter } from '../connectors/source.js'
import { UsageError } from './exit.js'

/** Records that stay unreadable come again with every sync: past this nothing is added, so that the file cannot fill a disk. */
const MAX_FILE_BYTES = 64 * 2 ** 20

export class DeadLetterFile {
  readonly #path: string
  #bytes: number

  constructor(path: string) {
    this.#path = path
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** On disk before the state that passes the record. @throws UsageError where the file cannot be written */
  add({ source, reason, record }: DeadLetter): void {
    if (this.#bytes >= MAX_FILE_BYTES) return
    const line = `${JSON.stringify({ source, at: new Date().toISOString(), reason, record })}\n`
    try {
      appendFileSync(this.#path, line)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new UsageError(`the file for unreadable records, ${this.#path}, cannot be written (${code ?? 'unknown'})`, { cause: error })
    }
    this.#bytes += Buffer.byteLength(line)
  }
}
