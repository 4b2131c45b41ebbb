/** Plain sentences about what came of reading sources. */
import { SessionqlError } from '../dsl/errors.js'
import { displayable } from './displayable.js'
import { messageOf } from './exit.js'
import { plural } from './plural.js'
import type { Reading } from './reading.js'
import { truncate } from './text.js'

const MAX_GAPS_SHOWN = 5
const MAX_SENTENCE = 400

/** What a person must know about a reading: failures, unreadable records, gaps, warnings. One sentence each, none where all is well. */
export function notesOf({ source, report, examples, rejected, ending, error }: Reading): string[] {
  const bad = report.deadLetters + rejected
  const stopped = (): string => `source ${JSON.stringify(source.name)}: stopped after ${plural(report.rows, 'session')}`
  const notes = error === null ? [] : [ending === 'stopped' ? stopped() : messageOf(error)]
  // An error of this code counts the records itself.
  const counted = error instanceof SessionqlError && error.code === 'source_data'
  if (bad > 0 && !counted) {
    notes.push(`source ${JSON.stringify(source.name)}: ${plural(bad, 'record')} could not be read and ${bad === 1 ? 'was' : 'were'} left out: `
      + `${examples.join('; ')}${bad > examples.length ? '; …' : ''}`)
  }
  for (const { from, to, reason, atLeast } of report.suspectedGaps.slice(0, MAX_GAPS_SHOWN)) {
    const many = atLeast === undefined ? 'sessions may be missing' : `at least ${plural(atLeast, 'session')} missing`
    notes.push(`source ${JSON.stringify(source.name)}: ${many} between ${stamp(from)} and ${stamp(to)}: ${reason}`)
  }
  const more = report.suspectedGaps.length - MAX_GAPS_SHOWN
  if (more > 0) notes.push(`source ${JSON.stringify(source.name)}: ${plural(more, 'more suspected gap')}`)
  for (const warning of report.warnings) notes.push(`source ${JSON.stringify(source.name)}: ${warning}`)
  return notes.map(note => truncate(displayable(note), MAX_SENTENCE))
}

function stamp(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'unknown'
}
