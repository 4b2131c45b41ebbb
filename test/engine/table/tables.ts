/** A table with its rows read back in the plainest way. */
import { hasBit } from '../../../engine/column/bitset.js'
import type { Snapshot, Table } from '../../../engine/table/table.js'
import { Writer } from '../../../engine/table/writer.js'

export function write(table: Table, sessions: readonly object[], source = 'default'): void {
  const writer = new Writer(table)
  for (const session of sessions) writer.write(session, source)
}

/** "source/session_id" with start and `v`, of every live row. */
export function contents(snapshot: Snapshot): Map<string, readonly [number, number]> {
  const found = new Map<string, readonly [number, number]>()
  for (const { segment, first, deleted } of snapshot.parts) {
    const sources = segment.column('source', 'string', null)
    const ids = segment.column('session_id', 'string', null)
    const values = segment.column('v', 'number', null)
    if (sources.type !== 'string' || ids.type !== 'string' || values.type !== 'number') throw new Error('a column of another type')
    for (let row = first; row < segment.rows; row++) {
      if (deleted !== null && hasBit(deleted, row)) continue
      const key = `${sources.dictionary.decode(sources.codes[row]!)}/${ids.dictionary.decode(ids.codes[row]!)}`
      if (found.has(key)) throw new Error(`${key} is there twice`)
      found.set(key, [segment.starts[row]!, values.values[row]!])
    }
  }
  return found
}

/** Times that each part covers, ascending. */
export function spans(snapshot: Snapshot): [number, number][] {
  return snapshot.parts.map(({ segment, first }): [number, number] => [segment.starts[first]!, segment.last]).sort((a, b) => a[0] - b[0] || a[1] - b[1])
}
