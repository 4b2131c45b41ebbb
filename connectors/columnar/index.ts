/** Rows and sessions as Parquet files and Arrow IPC streams. */
export { batchesOfRows, batchesOfSessions } from './columns.js'
export type { OutputBatch, OutputBatches, OutputColumn, OutputType, OutputValue } from './columns.js'
export { writeArrow } from './arrow-writer.js'
export { writeParquet } from './parquet-writer.js'
