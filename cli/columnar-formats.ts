export const COLUMNAR_FORMATS = ['parquet', 'arrow'] as const
/** Binary formats of results: a Parquet file, and an Arrow IPC stream. */
export type ColumnarFormat = (typeof COLUMNAR_FORMATS)[number]
