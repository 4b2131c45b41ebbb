import type { SchemaElement, SchemaTree } from 'hyparquet'
import { bigIntOf, bytesValue, clockText, decimalValue, floatValue, integerValue, plainValue } from './values.js'

type Convert = (value: unknown) => unknown

/** A column at the top of the schema. */
export interface ParquetColumn {
  readonly name: string
  /** Of a value that is there. */
  readonly convert: Convert
}

/**
 * Prepares a column: decimals of plain columns and of lists are taken over from hyparquet, which reads them as inexact floats.
 * For that the element loses its logical type.
 */
export function columnOf(node: SchemaTree): ParquetColumn {
  const { name } = node.element
  const leaf = leafOf(node)
  if (leaf === null) return { name, convert: plainValue }
  const convert = leafConverter(leaf.element)
  return { name, convert: leaf === node && leaf.element.repetition_type !== 'REPEATED' ? convert : value => deep(value, convert) }
}

/** The one leaf below a list, or the column itself; null for structs and maps. */
function leafOf(node: SchemaTree): SchemaTree | null {
  const [child] = node.children
  if (child === undefined) return node
  const { converted_type, logical_type } = node.element
  const isList = converted_type === 'LIST' || logical_type?.type === 'LIST' || node.element.repetition_type === 'REPEATED'
  return isList && node.children.length === 1 ? leafOf(child) : null
}

function deep(value: unknown, convert: Convert): unknown {
  if (Array.isArray(value)) return value.map(item => deep(item, convert))
  return value === null || value === undefined ? null : convert(value)
}

function leafConverter(element: SchemaElement): Convert {
  const { logical_type: logical, converted_type: converted, type } = element
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0)
    delete element.logical_type
    delete element.converted_type
    return value => decimalValue(value instanceof Uint8Array ? bigIntOf(value) : BigInt(value as number | bigint), scale)
  }
  const perSecond = timeUnit(element)
  if (perSecond !== null) return value => clockText(value as number | bigint, perSecond)
  if (type === 'INT64' && logical?.type !== 'TIMESTAMP') return value => typeof value === 'bigint' ? integerValue(value) : value
  if (type === 'FLOAT' || type === 'DOUBLE') return value => floatValue(value as number)
  if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY') return value => value instanceof Uint8Array ? bytesValue(value) : plainValue(value)
  return value => value
}

/** Units in a second of a time of day; null for all else. */
function timeUnit({ logical_type: logical, converted_type: converted }: SchemaElement): number | null {
  if (logical?.type === 'TIME') return logical.unit === 'MILLIS' ? 1e3 : logical.unit === 'MICROS' ? 1e6 : 1e9
  if (converted === 'TIME_MILLIS') return 1e3
  return converted === 'TIME_MICROS' ? 1e6 : null
}
