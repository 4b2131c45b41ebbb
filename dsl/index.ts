/** The query language: JSON in, a checked query out; and time cut into buckets. */
export { bucketer, bucketStarts, type Bucketer } from './buckets.js'
export * from './errors.js'
export type * from './input.js'
export { parseQuery, parseQueryText } from './parse.js'
export type * from './query.js'
export { QUERY_SCHEMA } from './schema.js'
export { stampFormatter } from './stamp.js'
