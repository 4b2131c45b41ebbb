/** Parquet, written row group by row group. Loaded only where it is written. */
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { OutputBatches, OutputColumn, OutputType, OutputValue } from './columns.js'

/**
 * A Parquet file in pieces, for a consumer that sets the pace: one row group for each batch, which is all that is held in memory.
 * Snappy, with dictionaries where they are of use; every column may have missing values.
 */
export async function* writeParquet(columns: readonly OutputColumn[], batches: OutputBatches): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: 'sessionql' })
  for await (const batch of batches) {
    if (batch.rows === 0) continue
    const columnData = columns.map(({ name, type }, index) => ({ name, data: dataOf(batch.columns[index]!, type) }))
    await parquet.write({ columnData, rowGroupSize: batch.rows })
    yield taken(writer)
  }
  await parquet.finish()
  yield taken(writer)
}

/** The bytes so far; the writer keeps counting them. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}

function schemaOf(columns: readonly OutputColumn[]): SchemaElement[] {
  return [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(({ name, type }) => elementsOf(name, type))]
}

function elementsOf(name: string, type: OutputType): SchemaElement[] {
  const element = { name, repetition_type: 'OPTIONAL' } as const
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const
  switch (type) {
    case 'string': return [{ ...element, ...text }]
    case 'number': return [{ ...element, type: 'DOUBLE' }]
    case 'integer': return [{ ...element, type: 'INT64' }]
    case 'time': return [{
      ...element, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' }
    }]
    case 'strings': return [
      { ...element, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', ...text }
    ]
  }
}

function dataOf(values: ArrayLike<OutputValue>, type: OutputType): unknown[] {
  if (type === 'integer') return Array.from(values, value => typeof value === 'number' ? BigInt(value) : null)
  if (type === 'time') return Array.from(values, value => typeof value === 'number' ? new Date(value) : null)
  return Array.from(values, value => value ?? null)
}
