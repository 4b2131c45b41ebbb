/** What happened to the sessions of a table, as it is told to all standing queries. */
import type { Changes } from '../table/journal.js'
import type { Table } from '../table/table.js'
import { Replaced } from './replaced.js'

export interface News {
  readonly changes: Changes
  /** null where no session came in the place of another. */
  readonly replaced: Replaced | null
}

/** null where nothing happened. */
export function newsOf(table: Table): News | null {
  const changes = table.changes()
  const { added, removed, unknown } = changes
  if (!unknown && added === null && removed === null) return null
  return { changes, replaced: added === null || removed === null ? null : new Replaced(added, removed, name => table.columns.get(name)!) }
}
