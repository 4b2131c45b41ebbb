/**
 * Writes session objects into the table: keys to columns, values to codes and numbers.
 */
import type { ColumnType } from '../../dsl/query.js'
import { parseStart } from './start.js'
import type { Table, TableColumn } from './table.js'

/** Longest text kept of one value: anything longer is not a dimension. */
const MAX_TEXT = 1 << 20

/** Written by `write` itself. */
const RESERVED: ReadonlySet<string> = new Set(['session_id', 'source', 'started_at'])

/** A session that cannot be stored; the message says which value and why. */
export class Rejection extends Error {}

export class Writer {
  private readonly table: Table
  /** Keys of the last session with their columns: sessions of a source nearly always have the same keys in the same order. */
  private lastKeys: readonly string[] = []
  private lastColumns: (TableColumn | undefined)[] = []

  constructor(table: Table) {
    this.table = table
  }

  /**
   * Inserts or replaces one session. Returns true where it replaced one.
   * @throws Rejection; the table is then as it was.
   */
  write(session: object, defaultSource: string): boolean {
    const fields = session as Record<string, unknown>
    const id = keyText(fields.session_id, 'session_id')
    const source = fields.source === undefined || fields.source === null ? defaultSource : keyText(fields.source, 'source')
    const start = parseStart(fields.started_at)
    if (start !== start) throw new Rejection(`started_at: ${describe(fields.started_at)} is not a time (ISO-8601, epoch milliseconds or a Date)`)
    const row = this.table.begin(start)
    try {
      this.writeFields(row, fields)
      return this.table.commit(row, source, id)
    } catch (error) {
      this.table.rollback(row)
      throw error
    }
  }

  private writeFields(row: number, fields: Record<string, unknown>): void {
    const keys = Object.keys(fields)
    let known = keys.length === this.lastKeys.length
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]
      const same = this.lastKeys[i] === key
      known &&= same
      const value = fields[key]
      if (value === null || value === undefined || RESERVED.has(key)) continue
      const column = (same ? this.lastColumns[i] : undefined) ?? this.columnFor(key, value)
      if (column !== null) this.writeValue(row, column, value)
    }
    if (known) return
    this.lastKeys = keys
    this.lastColumns = keys.map(key => this.table.columns.get(key))
  }

  /** The column of a key, made where the value tells its type; an empty array tells none. */
  private columnFor(name: string, value: unknown): TableColumn | null {
    const column = this.table.columns.get(name)
    if (column !== undefined) return column
    const type = typeOf(value)
    return type === null ? null : this.table.addColumn(name, type, false)
  }

  private writeValue(row: number, column: TableColumn, value: unknown): void {
    if (Array.isArray(value)) {
      this.writeArray(row, column, value)
      return
    }
    if (column.type === 'string') {
      const text = typeof value === 'string' ? checkLength(value, column) : scalarText(value, column)
      this.table.headOf(column).setCode(row, column.dictionary!.encode(text))
    } else if (column.type === 'number') {
      this.writeNumber(row, column, value)
    } else {
      this.table.headOf(column).addItem(row, column.dictionary!.encode(scalarText(value, column)))
    }
  }

  private writeNumber(row: number, column: TableColumn, value: unknown): void {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw new Rejection(`${column.name}: ${value} is not a finite number`)
      this.table.headOf(column).setNumber(row, value + 0)
      return
    }
    if (column.declared) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN
      if (!Number.isFinite(number)) throw new Rejection(`${column.name}: ${describe(value)} is not a number`)
      this.table.headOf(column).setNumber(row, number + 0)
      return
    }
    const text = scalarText(value, column)
    this.table.promote(column, 'string')
    this.table.headOf(column).setCode(row, column.dictionary!.encode(text))
  }

  private writeArray(row: number, column: TableColumn, values: readonly unknown[]): void {
    if (column.type !== 'strings') {
      if (values.length === 0) return
      if (column.declared) throw new Rejection(`${column.name}: an array where one ${column.type} is expected`)
      this.table.promote(column, 'strings')
    }
    const head = this.table.headOf(column)
    for (const value of values) {
      if (value !== null && value !== undefined) head.addItem(row, column.dictionary!.encode(scalarText(value, column)))
    }
  }
}

function typeOf(value: unknown): ColumnType | null {
  if (Array.isArray(value)) return value.length === 0 ? null : 'strings'
  return typeof value === 'number' ? 'number' : 'string'
}

function keyText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new Rejection(`${name}: ${describe(value)} where a text is expected`)
}

function scalarText(value: unknown, column: TableColumn): string {
  switch (typeof value) {
    case 'string': return checkLength(value, column)
    case 'boolean': return value ? 'true' : 'false'
    case 'bigint': return String(value)
    case 'number':
      if (Number.isFinite(value)) return String(value)
      throw new Rejection(`${column.name}: ${value} is not a finite number`)
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  throw new Rejection(`${column.name}: ${describe(value)} where a text, number, boolean or array of these is expected`)
}

function checkLength(text: string, column: TableColumn): string {
  if (text.length > MAX_TEXT) throw new Rejection(`${column.name}: a text of ${text.length} characters, the limit is ${MAX_TEXT}`)
  return text
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'missing'
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return Array.isArray(value) ? 'an array' : `an ${typeof value}`.replace('an function', 'a function').replace('an symbol', 'a symbol')
}
