/** The rows of a snapshot as plain sessions again. */
import { hasBit } from '../column/bitset.js'
import type { Column } from '../column/column.js'
import type { ColumnInfo } from '../column/derived.js'
import type { Session } from '../session.js'
import type { Part, Snapshot } from './table.js'

/** Sessions that are handed over at once. */
const BATCH_SESSIONS = 4096

type Value = string | number | string[]

/** Segment by segment, each in the order of starts. `started_at` is ISO-8601; columns without a value are left out. */
export function* sessionsOf({ parts }: Snapshot, infos: ReadonlyMap<string, ColumnInfo>): Generator<Session[], void, void> {
  const ordered = [...parts].sort((a, b) => a.segment.startOf(a.first) - b.segment.startOf(b.first))
  for (const part of ordered) yield* sessionsOfPart(part, infos)
}

function* sessionsOfPart({ segment, first, deleted }: Part, infos: ReadonlyMap<string, ColumnInfo>): Generator<Session[], void, void> {
  const { starts } = segment
  const columns = [...infos].flatMap(([name]): [string, Column][] => {
    const column = name === 'started_at' ? undefined : segment.columns.get(name)
    return column === undefined ? [] : [[name, column]]
  })
  let sessions: Session[] = []
  for (let row = first; row < segment.rows; row++) {
    if (deleted !== null && hasBit(deleted, row)) continue
    const session = Object.create(null) as Record<string, Value>
    session.started_at = new Date(starts[row]).toISOString()
    for (const [name, column] of columns) {
      const value = valueOf(column, row)
      if (value !== null) session[name] = value
    }
    sessions.push(session as unknown as Session)
    if (sessions.length < BATCH_SESSIONS) continue
    yield sessions
    sessions = []
  }
  if (sessions.length > 0) yield sessions
}

function valueOf(column: Column, row: number): Value | null {
  switch (column.type) {
    case 'string': return column.codes[row] === 0 ? null : column.dictionary.decode(column.codes[row])
    case 'number': return column.valid !== null && !hasBit(column.valid, row) ? null : column.values[row]
    case 'strings': {
      const texts: string[] = []
      for (let item = column.offsets[row]; item < column.offsets[row + 1]; item++) texts.push(column.dictionary.decode(column.codes[item]))
      return texts.length === 0 ? null : texts
    }
  }
}
