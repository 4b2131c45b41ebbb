/** Parquet, one row group after the other. Loaded only where such a file is read. */
import { parquetMetadataAsync, parquetRead, parquetSchema, type FileMetaData, type RowGroup } from 'hyparquet'
import { newRow } from '../../record/row.js'
import { FormatFault } from '../format-fault.js'
import type { RandomAccess } from '../random-access.js'
import { compressors, PARSERS } from './parquet-codecs.js'
import { columnOf, type ParquetColumn } from './parquet-values.js'
import type { RecordSink } from './records.js'

/** A row group is held in memory decoded. Writers make them of 128 MB at most; this leaves room for unusual ones. */
export const MAX_ROW_GROUP_BYTES = 2 ** 30
const MAX_ROWS = 2 ** 24
/** Rows between two stops for the consumer. */
const ROWS_PER_TURN = 1_000

/**
 * Reads all rows into `sink`. Throws FormatFault for a file that is no Parquet file, is damaged or has a row group over the limits
 */
export async function* readParquet(file: RandomAccess, sink: RecordSink): AsyncGenerator<void> {
  const { metadata, columns } = await openParquet(file)
  let first = 0
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = checkSize(group, index)
    const values = await attempt(`row group ${index}`, () => readGroup(file, metadata, group, rows, columns))
    for (let row = 0; row < rows; row++) {
      const record = newRow() as Record<string, unknown>
      for (let i = 0; i < columns.length; i++) record[columns[i]!.name] = values[i]![row]
      sink.record(record, first + row + 1, first + row + 1)
      if (row % ROWS_PER_TURN === ROWS_PER_TURN - 1) yield
    }
    first += rows
    yield
  }
}

async function openParquet(file: RandomAccess): Promise<{ metadata: FileMetaData, columns: readonly ParquetColumn[] }> {
  if (file.byteLength < 12) throw new FormatFault(`${file.byteLength} bytes are no Parquet file; it may have been cut off`)
  const magic = Buffer.from(await file.slice(file.byteLength - 4)).toString('latin1')
  if (magic === 'PARE') throw new FormatFault('the Parquet file is encrypted; write it without encryption')
  if (magic !== 'PAR1') throw new FormatFault(`the Parquet file does not end with PAR1, at byte ${file.byteLength}; it may have been cut off`)
  const metadata = await attempt('the footer', () => parquetMetadataAsync(file, { parsers: PARSERS, geoparquet: false }))
  const columns = await attempt('the schema', async () => parquetSchema(metadata).children.map(columnOf))
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new FormatFault(`the Parquet file has two columns ${JSON.stringify(twice)}`)
  return { metadata, columns }
}

function checkSize(group: RowGroup, index: number): number {
  const rows = Number(group.num_rows)
  const bytes = Number(group.total_byte_size)
  if (rows >= 0 && rows <= MAX_ROWS && bytes <= MAX_ROW_GROUP_BYTES) return rows
  throw new FormatFault(`row group ${index} of the Parquet file has ${rows.toLocaleString('en-US')} rows of ${bytes.toLocaleString('en-US')} bytes; the limits are `
    + `${MAX_ROWS.toLocaleString('en-US')} and ${MAX_ROW_GROUP_BYTES.toLocaleString('en-US')}: write it with smaller row groups`)
}

/** Values of every column, converted. */
async function readGroup(
  file: RandomAccess, metadata: FileMetaData, group: RowGroup, rows: number, columns: readonly ParquetColumn[]
): Promise<readonly (readonly unknown[])[]> {
  const positions = new Map(columns.map(({ name }, position) => [name, position]))
  const values: unknown[][] = columns.map(() => [])
  if (rows === 0) return values
  await parquetRead({
    file,
    metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
    compressors,
    parsers: PARSERS,
    utf8: false,
    geoparquet: false,
    onChunk({ columnName, columnData }) {
      const position = positions.get(columnName)
      if (position === undefined) return
      const { convert } = columns[position]!
      const column = values[position]!
      for (let i = 0; i < columnData.length; i++) {
        const value = columnData[i] as unknown
        column.push(value === undefined || value === null ? null : convert(value))
      }
    }
  })
  const short = values.findIndex(column => column.length !== rows)
  if (short >= 0) throw new Error(`${values[short]!.length} values in the column ${JSON.stringify(columns[short]!.name)}, ${rows} rows`)
  return values
}

/** Whatever the reader throws at damaged bytes. */
async function attempt<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof FormatFault) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatFault(`${what} of the Parquet file cannot be read (${reason}); it may be damaged: copy or write it again`, { cause: error })
  }
}
