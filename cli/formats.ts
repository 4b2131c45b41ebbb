/** The names of `--format`. */
import { COLUMNAR_FORMATS, type ColumnarFormat } from './columnar-formats.js'

const TEXT_FORMATS = ['json', 'ndjson', 'csv', 'table', 'chart'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

export const FORMATS = [...TEXT_FORMATS, ...COLUMNAR_FORMATS] as const
export type Format = (typeof FORMATS)[number]

export function isColumnar(format: Format): format is ColumnarFormat {
  return COLUMNAR_FORMATS.some(name => name === format)
}

/** Formats of which a program reads one line after the other: there an error is a line as well. */
export function isLineFormat(format: Format): boolean {
  return format === 'json' || format === 'ndjson'
}
