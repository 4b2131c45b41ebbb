import { SourceError } from './errors.js'
import { RecordFault } from './record/row.js'
import type { DeadLetter, SourceReport } from './source.js'

/** Share of unreadable records above which a source fails, unless its config says otherwise. */
export const DEFAULT_BAD_SHARE = 0.01
/** Fewer unreadable records than this are no reason to stop, however few records there are. */
const MIN_BAD_RECORDS = 10
/** Unreadable records after which a source that is plainly something else is not read to its end. */
const EARLY_BAD_RECORDS = 1_000

export interface DeadLetterOptions {
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined
  /** 0..1 */
  readonly maxBadShare?: number
  /** What of a record may be seen by others; all of it where absent. */
  readonly shown?: (record: unknown) => unknown
}

/** Counts what of one source could be read and what not, hands dead letters on, and judges whether there were too many. */
export class DeadLetters {
  readonly #source: string
  readonly #report: SourceReport
  readonly #onDeadLetter: ((letter: DeadLetter) => void) | undefined
  readonly #maxBadShare: number
  readonly #shown: (record: unknown) => unknown
  #firstBad = ''
  good = 0
  bad = 0

  constructor(source: string, report: SourceReport, { onDeadLetter, maxBadShare = DEFAULT_BAD_SHARE, shown = whole }: DeadLetterOptions = {}) {
    this.#source = source
    this.#report = report
    this.#onDeadLetter = onDeadLetter
    this.#maxBadShare = maxBadShare
    this.#shown = shown
  }

  /** What `map` gives; null where the record cannot be read, which is then counted and handed on. Other errors pass. */
  attempt<T>(record: unknown, map: () => T): T | null {
    try {
      const mapped = map()
      this.good++
      return mapped
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error
      this.bury(error.message, record)
      return null
    }
  }

  bury(reason: string, record: unknown): void {
    this.bad++
    this.#report.deadLetters++
    if (this.bad === 1) this.#firstBad = reason
    this.#onDeadLetter?.({ source: this.#source, reason, record: this.#shown(record) })
  }

  /** Throws SourceError source_data once it is plain, before the end, that too many records cannot be read. */
  checkEarly(): void {
    if (this.bad >= EARLY_BAD_RECORDS) this.finish()
  }

  /** Whether reading could end here without failing. */
  get isAcceptable(): boolean {
    const all = this.bad + this.good
    return (this.bad < MIN_BAD_RECORDS || this.bad <= this.#maxBadShare * all) && (this.good > 0 || this.bad === 0)
  }

  /** At the end. Throws SourceError source_data when too many records could not be read. */
  finish(): void {
    const all = this.bad + this.good
    if (this.bad < MIN_BAD_RECORDS || this.bad <= this.#maxBadShare * all) return
    this.#reject(`${this.bad.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} records could not be read`)
  }

  /** As `finish`, and throws also when there were records, and not a single one could be read. */
  finishWhole(): void {
    this.finish()
    if (this.good === 0 && this.bad > 0) this.#reject('none of its records could be read')
  }

  #reject(what: string): never {
    throw new SourceError('source_data', this.#source, `${what}; the first one is ${this.#firstBad}. Look at these records: their format may have changed.`)
  }
}

function whole(record: unknown): unknown {
  return record
}
