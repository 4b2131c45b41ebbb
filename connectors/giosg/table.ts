import type { ColumnDescription, Session } from '../../engine/session.js'
import { numberOf, textOf } from '../record/fields.js'
import type { Table } from '../record/pages.js'
import { asSession, newRow, RecordFault, type Row } from '../record/row.js'
import { parseTime } from '../record/time.js'

const NUMBERS = [
  { name: 'session_duration_secs', description: 'Length of the session in seconds.' },
  { name: 'distinct_visited_urls_count', description: 'How many different URLs were visited.' }
] as const

const SCALARS = [
  { name: 'visitor_id', description: 'The visitor, over all sessions.' },
  { name: 'browser_name', description: 'Browser.' },
  { name: 'browser_version', description: 'Version of the browser.' },
  { name: 'city', description: 'City.' },
  { name: 'country', description: 'Country.' },
  { name: 'device_type', description: 'Kind of device.' },
  { name: 'ip_organization', description: 'Organization that the address belongs to.' },
  { name: 'os_name', description: 'Operating system.' }
] as const

const ARRAYS = [
  { name: 'distinct_visited_urls', description: 'URLs visited, at most 100 of them.' },
  { name: 'distinct_landing_urls', description: 'First URLs of the session.' },
  { name: 'distinct_referrer_urls', description: 'Where the visitor came from.' },
  { name: 'distinct_search_terms', description: 'Search terms that led here.' },
  { name: 'rooms', description: 'Rooms that the session was in.' }
] as const

export const GIOSG_COLUMNS: readonly ColumnDescription[] = [
  { name: 'session_id', type: 'string', description: 'The session.' },
  { name: 'started_at', type: 'number', description: 'Start of the session, UTC, to the minute.' },
  ...SCALARS.map(column => ({ ...column, type: 'string' as const })),
  ...NUMBERS.map(column => ({ ...column, type: 'number' as const })),
  ...ARRAYS.map(column => ({ ...column, type: 'strings' as const }))
]

export const GIOSG_SCALARS: readonly string[] = SCALARS.map(column => column.name)
export const GIOSG_ARRAYS: readonly string[] = ARRAYS.map(column => column.name)
export const GIOSG_NUMBERS: readonly string[] = NUMBERS.map(column => column.name)

const AVERAGE = /_avg$/
const METRICS = /_hyper_unique$|^count$/

/** Runs `read` for one row; a RecordFault that it throws makes a dead letter of the row. */
export type AttemptRow = (row: unknown, read: () => void) => unknown

/** Puts sessions together from grouped answers: columns go by their names in `fields`, never by position. */
export class GiosgSessions {
  readonly #source: string
  readonly #rows = new Map<string, Row>()

  constructor(source: string) {
    this.#source = source
  }

  get size(): number {
    return this.#rows.size
  }

  /**
   * Adds an answer grouped by session_id. An array dimension repeats its session, once per value. `expected` names dimensions that
   * the answer must have; gives back those that it lacks, and names that nobody asked for. Without `mayBegin` only sessions that are
   * known already take values: one that began between two queries would be half a session. Throws RecordFault without session_id or timestamp.
   */
  add({ fields, data }: Table, expected: readonly string[], attempt: AttemptRow, mayBegin = true): { missing: string[]; unknown: string[] } {
    const names = fields.map(field => field.name)
    const idAt = names.indexOf('session_id')
    const timeAt = names.indexOf('timestamp')
    if (idAt < 0 || timeAt < 0) throw new RecordFault(`an answer without the column "${idAt < 0 ? 'session_id' : 'timestamp'}"; it has ${names.join(', ')}`)
    const cells = names.map((name, index) => ({ name: name.replace(AVERAGE, ''), index })).filter(({ name, index }) => {
      return index !== idAt && index !== timeAt && !METRICS.test(name)
    })
    for (const values of data) {
      attempt(values, () => {
        const id = textOf(values[idAt])
        const time = parseTime(values[timeAt])
        if (id === null || id === '' || time === null) throw new RecordFault(`a row without a ${time === null ? 'timestamp' : 'session_id'}`)
        if (mayBegin || this.#rows.has(id)) this.#merge(this.#row(id, time), cells, values)
      })
    }
    const known = new Set<string>([...GIOSG_SCALARS, ...GIOSG_ARRAYS, ...GIOSG_NUMBERS])
    return {
      missing: expected.filter(name => !cells.some(cell => cell.name === name)),
      unknown: cells.map(cell => cell.name).filter(name => !known.has(name))
    }
  }

  /** The sessions so far, in the order in which they were first met; begins anew. */
  take(): Session[] {
    const sessions = [...this.#rows.values()].map(asSession)
    this.#rows.clear()
    return sessions
  }

  #row(id: string, time: number): Row {
    const known = this.#rows.get(id)
    if (known) {
      // a session belongs to the instant it started
      known['started_at'] = Math.min(known['started_at'] as number, time)
      return known
    }
    const row = newRow()
    row['session_id'] = id
    row['started_at'] = time
    row['source'] = this.#source
    this.#rows.set(id, row)
    return row
  }

  #merge(row: Row, cells: readonly { name: string; index: number }[], values: readonly unknown[]): void {
    for (const { name, index } of cells) {
      const value = values[index]
      if (GIOSG_ARRAYS.includes(name)) row[name] = withElement(row[name] as string[] | undefined, textOf(value))
      else if (GIOSG_NUMBERS.includes(name)) row[name] = numberOf(value)
      else row[name] = typeof value === 'number' ? value : textOf(value)
    }
  }
}

/** Null stands for a session without any value. */
function withElement(elements: string[] | undefined, element: string | null): string[] {
  const list = elements ?? []
  if (element !== null && !list.includes(element)) list.push(element)
  return list
}
