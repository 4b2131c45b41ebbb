import { createHash } from 'node:crypto'

/** Digits of a hash: 128 bits tell any number of records apart. */
const HASH_DIGITS = 32

/**
 * The key of a record without a `session_id`: its stream and the values of its primary key; the hash of the record where it has none,
 * so that reading it again changes nothing.
 * @param paths of the fields of the key, outermost first
 */
export function recordKey(stream: string, data: unknown, paths: readonly (readonly string[])[]): string {
  const values = paths.map(path => valueAt(data, path))
  const isWhole = values.length > 0 && values.every(value => value !== null && value !== undefined && value !== '')
  if (!isWhole) return `${stream}#${createHash('sha256').update(JSON.stringify(data) ?? '').digest('hex').slice(0, HASH_DIGITS)}`
  return `${stream}:${values.map(value => typeof value === 'string' ? value : JSON.stringify(value)).join(':')}`
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce((value: unknown, name) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
  }, data)
}
