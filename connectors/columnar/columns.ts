/** Rows on their way into a columnar file. */

/** `integer` holds safe integers, `time` epoch milliseconds (UTC), `strings` arrays of strings. */
export type OutputType = 'string' | 'number' | 'integer' | 'strings' | 'time'

export interface OutputColumn {
  readonly name: string
  readonly type: OutputType
}

/** Of the column's type; null and undefined are missing. */
export type OutputValue = string | number | readonly string[] | null | undefined

/** Some rows, column by column: `columns[i]` has `rows` values of the column `i`. Read before the next batch is asked for. */
export interface OutputBatch {
  readonly rows: number
  readonly columns: readonly ArrayLike<OutputValue>[]
}

export type OutputBatches = Iterable<OutputBatch> | AsyncIterable<OutputBatch>

/** Rows of a row group, and of a record batch: DuckDB's and Arrow's own measure. */
const ROWS_PER_BATCH = 65_536

/** Rows, as lists of values in the order of the columns, in batches. */
export function* batchesOfRows(columns: readonly OutputColumn[], rows: readonly (readonly OutputValue[])[]): Generator<OutputBatch> {
  for (let from = 0; from < rows.length; from += ROWS_PER_BATCH) {
    const part = rows.slice(from, from + ROWS_PER_BATCH)
    yield { rows: part.length, columns: columns.map((_, index) => part.map(row => row[index])) }
  }
}

/** Sessions in batches. A value that is not of its column's type is made one: texts of numbers, lists of one. */
export async function* batchesOfSessions(
  columns: readonly OutputColumn[], sessions: Iterable<Readonly<Record<string, unknown>>> | AsyncIterable<Readonly<Record<string, unknown>>>
): AsyncGenerator<OutputBatch> {
  let values: OutputValue[][] = columns.map(() => [])
  let rows = 0
  for await (const session of sessions) {
    for (const [index, { name, type }] of columns.entries()) values[index]!.push(valueOf(Object.hasOwn(session, name) ? session[name] : null, type))
    if (++rows < ROWS_PER_BATCH) continue
    yield { rows, columns: values }
    values = columns.map(() => [])
    rows = 0
  }
  if (rows > 0) yield { rows, columns: values }
}

function valueOf(value: unknown, type: OutputType): OutputValue {
  if (value === null || value === undefined) return null
  if (type === 'strings') {
    const list = (Array.isArray(value) ? value : [value]) as readonly unknown[]
    const texts = list.filter(item => item !== null && item !== undefined).map(String)
    return texts.length === 0 ? null : texts
  }
  if (type === 'string') return typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value)
  const number = type === 'time' && !(typeof value === 'number') ? Date.parse(value instanceof Date ? value.toISOString() : String(value)) : Number(value)
  return Number.isFinite(number) ? number : null
}
