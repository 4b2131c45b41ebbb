import { newRow, RecordFault, type Row } from './row.js'

/** Deeper than any session or recorded page, and far from where recursion ends. */
export const MAX_DEPTH = 32
/** Columns of one record: more is a document, not a session. */
export const MAX_FIELDS = 2_000

type Scalar = string | number | boolean | null

/** Which paths of a record go to which column; a mapped path no longer appears under its own name. */
export class Renames {
  readonly #columns: ReadonlyMap<string, readonly string[]>
  readonly #targets: ReadonlySet<string>
  /** Paths that no record has had so far. */
  readonly unseen: Set<string>

  /** `map` is {column: path}. */
  constructor(map: Iterable<readonly [string, string]>) {
    const columns = new Map<string, string[]>()
    const targets = new Set<string>()
    for (const [column, path] of map) {
      columns.set(path, [...columns.get(path) ?? [], column])
      targets.add(column)
    }
    this.#columns = columns
    this.#targets = targets
    this.unseen = new Set(columns.keys())
  }

  has(column: string): boolean {
    return this.#targets.has(column)
  }

  mapsPath(path: string): boolean {
    return this.#columns.has(path)
  }

  /** The columns of a path: its own name where it is not mapped, none where that name is taken by another path. */
  columnsOf(path: string): readonly string[] {
    const columns = this.#columns.get(path)
    if (columns === undefined) return this.#targets.has(path) ? [] : [path]
    this.unseen.delete(path)
    return columns
  }
}

/**
 * A record as one flat row: nested objects become `outer.inner`, booleans "true" and "false", objects inside arrays their JSON text.
 * Throws RecordFault for what no column can hold.
 */
export function flatten(record: object, renames: Renames | null, row: Row = newRow()): Row {
  copyFields(row, record as Readonly<Record<string, unknown>>, '', renames, 1, { left: MAX_FIELDS })
  return row
}

function copyFields(
  row: Row, object: Readonly<Record<string, unknown>>, prefix: string, renames: Renames | null, depth: number, fields: { left: number }
): void {
  if (depth > MAX_DEPTH) throw new RecordFault(`nested deeper than ${MAX_DEPTH} levels`)
  for (const key of Object.keys(object)) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    const value = object[key]
    if (--fields.left < 0) throw new RecordFault(`more than ${MAX_FIELDS.toLocaleString('en-US')} fields in one record`)
    if (renames === null) copyValue(row, path, value, renames, depth, fields)
    else for (const column of renames.columnsOf(path)) copyValue(row, column, value, renames, depth, fields)
  }
}

function copyValue(row: Row, column: string, value: unknown, renames: Renames | null, depth: number, fields: { left: number }): void {
  if (typeof value === 'string' || value === null) row[column] = value
  else if (typeof value === 'number') row[column] = finite(value, column)
  else if (typeof value === 'boolean') row[column] = value ? 'true' : 'false'
  else if (Array.isArray(value)) row[column] = value.map(element => elementOf(element, column, depth))
  else if (value !== undefined) copyFields(row, value as Readonly<Record<string, unknown>>, column, renames, depth + 1, fields)
}

function elementOf(element: unknown, column: string, depth: number): Scalar {
  if (typeof element === 'number') return finite(element, column)
  if (typeof element === 'boolean') return element ? 'true' : 'false'
  if (typeof element !== 'object' || element === null) return element as Scalar
  checkDepth(element, column, depth + 1)
  return JSON.stringify(element)
}

function checkDepth(value: object, column: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new RecordFault(`${JSON.stringify(column)} is nested deeper than ${MAX_DEPTH} levels`)
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) checkDepth(inner, column, depth + 1)
    else if (typeof inner === 'number') finite(inner, column)
  }
}

function finite(value: number, column: string): number {
  if (Number.isFinite(value)) return value
  throw new RecordFault(`${JSON.stringify(column)} is a number beyond the range of a double`)
}
