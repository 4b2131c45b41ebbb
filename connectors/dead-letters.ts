import { SourceError } from './errors.js'
import { RecordFault } from './record/row.js'
import type { DeadLetter, SourceReport } from './source.js'

/** So many unreadable records are no reason to stop, however few the readable ones. */
const ALWAYS_TOLERATED = 10
const TOLERATED_SHARE = 0.01
/** Before so many records the share says nothing yet. */
const FIRST_VERDICT = 1_000

export interface DeadLetters {
  /** What `map` gives; null where the record cannot be read, which is then counted and handed on. Other errors pass. */
  attempt<T>(record: unknown, map: () => T): T | null
  /** Throws source_data where too many could not be read. `last` judges however few records there were. */
  judge(last: boolean): void
}

/** `shown` is what of a record may be seen by others. */
export function collectDeadLetters(
  source: string, report: SourceReport, onDeadLetter: ((letter: DeadLetter) => void) | undefined, shown: (record: unknown) => unknown = record => record
): DeadLetters {
  const before = report.deadLetters
  let seen = 0
  let example = ''
  return {
    attempt(record, map) {
      seen++
      try {
        return map()
      } catch (error) {
        if (!(error instanceof RecordFault)) throw error
        example ||= error.message
        report.deadLetters++
        onDeadLetter?.({ source, reason: error.message, record: shown(record) })
        return null
      }
    },
    judge(last) {
      const dead = report.deadLetters - before
      if (dead <= ALWAYS_TOLERATED || dead <= seen * TOLERATED_SHARE || (!last && seen < FIRST_VERDICT)) return
      throw new SourceError('source_data', source, `${dead} of ${seen} records could not be read; the first: ${example}. `
        + 'Look at the dead letters; a changed format needs a newer connector.')
    }
  }
}
