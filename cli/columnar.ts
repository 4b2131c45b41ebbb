/** Results as Parquet and Arrow: each column with the one type that holds all its values. */
import { batchesOfRows, type OutputColumn, type OutputType, type OutputValue } from '../connectors/columnar/columns.js'
import { parseInstant } from '../dsl/instant.js'
import { TIME } from './cells.js'
import type { ColumnarFormat } from './columnar-formats.js'
import type { Cell, ResultTable } from './result.js'

/** The bytes of one file, or of one stream, piece by piece. The writers are loaded here. */
export async function* encodeResult({ fields, data }: ResultTable, format: ColumnarFormat): AsyncGenerator<Uint8Array> {
  const names = distinctNames(fields.map(({ name }) => name))
  const types = fields.map(({ type }, index) => typeOf(data.map(row => row[index] ?? null), fields[index]!.name, type))
  const columns: OutputColumn[] = names.map((name, index) => ({ name, type: types[index]! }))
  const rows = data.map(row => row.map((value, index) => valueOf(value, types[index]!)))
  const batches = batchesOfRows(columns, rows)
  if (format === 'parquet') yield* (await import('../connectors/columnar/parquet-writer.js')).writeParquet(columns, batches)
  else yield* (await import('../connectors/columnar/arrow-writer.js')).writeArrow(columns, batches)
}

function typeOf(values: readonly Cell[], name: string, kind: 'dimension' | 'metric'): OutputType {
  const present = values.filter(value => value !== null)
  if (present.length === 0) return kind === 'metric' ? 'number' : 'string'
  if (present.every(value => typeof value === 'number')) return present.every(value => Number.isSafeInteger(value)) ? 'integer' : 'number'
  if (present.every(isTexts)) return 'strings'
  if (name === TIME && present.every(value => typeof value === 'string' && !Number.isNaN(parseInstant(value)))) return 'time'
  return 'string'
}

function valueOf(value: Cell, type: OutputType): OutputValue {
  if (value === null) return null
  if (type === 'time') return parseInstant(value as string)
  if (type === 'string') return typeof value === 'string' ? value : JSON.stringify(value)
  return isTexts(value) || typeof value !== 'object' ? value : JSON.stringify(value)
}

/** An array of texts; one of numbers is a histogram, which is written as JSON. */
function isTexts(value: Cell): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

/** A dimension may be grouped by twice; the columns of a file have names of their own. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map(name => {
    let free = name
    for (let i = 2; taken.has(free); i++) free = `${name}_${i}`
    taken.add(free)
    return free
  })
}
