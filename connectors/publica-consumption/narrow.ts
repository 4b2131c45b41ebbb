/** A second with more sessions than a page holds: looked into by filters, since no cursor leads into it. */
import { isRecord, textOf } from '../record/fields.js'
import { secondOf, uuidOf } from './page.js'
import type { AskPage } from './page.js'

/** Requests for one such second; publica.la allows a few hundred a minute. */
const MAX_NARROWINGS = 64
const FILTERS = ['reason_type', 'issue_id', 'user_id'] as const

/** Values seen so far that a full second can be asked by. */
export class Narrowings {
  readonly #reasonTypes = new Set<string>()

  note(rows: readonly unknown[]): void {
    for (const row of rows) {
      const reason = isRecord(row) ? textOf(row['reason_type']) : null
      if (reason && this.#reasonTypes.size < MAX_NARROWINGS) this.#reasonTypes.add(reason)
    }
  }

  /** One filter a time: the reasons known, then issues and users of the second itself. */
  filtersFor(rows: readonly unknown[]): readonly Readonly<Record<string, string>>[] {
    const filters: Readonly<Record<string, string>>[] = []
    for (const name of FILTERS) {
      const values = new Set(name === 'reason_type' ? this.#reasonTypes : [])
      for (const row of rows) {
        const value = isRecord(row) ? textOf(row[name]) : null
        if (value) values.add(value)
      }
      for (const value of values) filters.push({ [name]: value })
    }
    return filters.slice(0, MAX_NARROWINGS)
  }

  /** Rows of this second that the plain pages did not have. `cursor` leads to its begin. */
  async search(ask: AskPage, cursor: string, second: number, seen: ReadonlyMap<string, unknown>): Promise<unknown[]> {
    const found = new Map<string, unknown>()
    for (const filter of this.filtersFor([...seen.values()])) {
      const { rows } = await ask(cursor, filter)
      for (const row of rows) {
        const uuid = uuidOf(row)
        if (uuid !== null && secondOf(row) === second && !seen.has(uuid)) found.set(uuid, row)
      }
    }
    return [...found.values()]
  }
}
