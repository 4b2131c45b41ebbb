/**
 * Writes session objects into the table: keys to columns, values to codes and numbers.
 */
import type { ColumnType } from '../../dsl/query.js'
import { parseStart } from './start.js'
import type { Table, TableColumn } from './table.js'

/** Longest text kept of one value: anything longer is not a dimension. */
export const MAX_TEXT = 1 << 20

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
    const keys = Object.keys(fields)
    const columns = this.check(keys, fields)
    const row = this.table.begin(start)
    try {
      for (let i = 0; i < keys.length; i++) {
        const value = fields[keys[i]]
        if (value === null || value === undefined || RESERVED.has(keys[i])) continue
        const column = columns[i] ?? this.columnFor(keys[i], value)
        if (column !== null) this.writeValue(row, column, value)
      }
      return this.table.commit(row, this.table.encodeSource(source), this.table.columns.get('session_id')!.dictionary!.encode(id))
    } catch (error) {
      this.table.rollback(row)
      throw error
    }
  }

  /** The columns of the keys, undefined where there is none yet. @throws Rejection before anything was changed */
  private check(keys: readonly string[], fields: Record<string, unknown>): readonly (TableColumn | undefined)[] {
    let known = keys.length === this.lastKeys.length
    for (let i = 0; known && i < keys.length; i++) known = this.lastKeys[i] === keys[i]
    if (!known) {
      this.lastKeys = keys
      this.lastColumns = keys.map(key => this.table.columns.get(key))
    }
    const columns = this.lastColumns
    for (let i = 0; i < keys.length; i++) {
      const value = fields[keys[i]]
      if (value === null || value === undefined || RESERVED.has(keys[i])) continue
      columns[i] ??= this.table.columns.get(keys[i])
      if (Array.isArray(value)) checkArray(keys[i], columns[i], value)
      else checkScalar(keys[i], columns[i], value)
    }
    return columns
  }

  /** The column of a key, made where the value tells its type; an empty array tells none. */
  private columnFor(name: string, value: unknown): TableColumn | null {
    const column = this.table.columns.get(name)
    if (column !== undefined) return column
    const type = typeOf(value)
    return type === null ? null : this.table.addColumn(name, type, false)
  }

  private writeValue(row: number, column: TableColumn, value: unknown): void {
    const { table } = this
    if (Array.isArray(value)) {
      if (value.length > 0) this.writeArray(row, column, value)
      return
    }
    if (column.type === 'number' && typeof value !== 'number' && !column.declared) table.promote(column, 'string')
    if (!column.kept) return
    const head = table.headOf(column)
    switch (column.type) {
      case 'string': return head.setCode(row, column.dictionary!.encode(scalarText(value)))
      case 'strings': return head.addItem(row, column.dictionary!.encode(scalarText(value)))
      // Adding 0 turns -0 into 0: one number, one group.
      case 'number': return head.setNumber(row, Number(value) + 0)
    }
  }

  private writeArray(row: number, column: TableColumn, values: readonly unknown[]): void {
    if (column.type !== 'strings') this.table.promote(column, 'strings')
    if (!column.kept) return
    const head = this.table.headOf(column)
    for (const value of values) {
      if (value !== null && value !== undefined) head.addItem(row, column.dictionary!.encode(scalarText(value)))
    }
  }
}

function checkScalar(name: string, column: TableColumn | undefined, value: unknown): void {
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) throw new Rejection(`${name}: a text of ${value.length} characters, the limit is ${MAX_TEXT}`)
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Rejection(`${name}: ${value} is not a finite number`)
    return
  } else if (typeof value !== 'boolean' && typeof value !== 'bigint' && !(value instanceof Date && !Number.isNaN(value.getTime()))) {
    throw new Rejection(`${name}: ${describe(value)} where a text, number, boolean or array of these is expected`)
  }
  if (column?.type !== 'number' || !column.declared) return
  if (typeof value !== 'string' || value.trim() === '' || !Number.isFinite(Number(value))) {
    throw new Rejection(`${name}: ${describe(value)} is not a number`)
  }
}

function checkArray(name: string, column: TableColumn | undefined, values: readonly unknown[]): void {
  if (values.length > 0 && column !== undefined && column.declared && column.type !== 'strings') {
    throw new Rejection(`${name}: an array where one ${column.type} is expected`)
  }
  for (const value of values) if (value !== null && value !== undefined) checkScalar(name, undefined, value)
}

function typeOf(value: unknown): ColumnType | null {
  if (Array.isArray(value)) return value.length === 0 ? null : 'strings'
  return typeof value === 'number' ? 'number' : 'string'
}

function keyText(value: unknown, name: string): string {
  if (typeof value === 'string') {
    checkScalar(name, undefined, value)
    return value
  }
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new Rejection(`${name}: ${describe(value)} where a text is expected`)
}

/** The text of a value that passed its check. */
function scalarText(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Date ? value.toISOString() : String(value)
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'missing'
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return Array.isArray(value) ? 'an array' : `an ${typeof value}`.replace('an function', 'a function').replace('an symbol', 'a symbol')
}
